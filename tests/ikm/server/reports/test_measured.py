"""Months of whole units give what the cells of their services give, computed once and never stale."""

import pytest

from ikm.domain.errors import Refusal
from ikm.domain.organisation import Level
from ikm.domain.period import parse_period
from ikm.server.reports.cockpit import State, by_months, cockpit
from ikm.server.reports.figures import regency_figures
from ikm.server.reports.measured import Memo
from ikm.server.reports.ports import Filter
from ikm.server.store.deeds import Doer
from ikm.server.store.population import Population, Users
from tests.ikm.server.web.answered import answer
from tests.support.desk import FOREIGN_UNIT, UNIT

PERIODS = [parse_period(code) for code in ("2026", "2026-S1", "2026-Q3", "2026-05", "2025")]


@pytest.fixture
def answered(store):
    answer(store, UNIT, 60, 1)
    answer(store, FOREIGN_UNIT, 25, 2)
    return store


def pairs(store):
    nodes = {node.code: node for node in store.organisation()}
    return [(node, nodes[node.parent]) for node in nodes.values() if node.level is Level.UNIT]


@pytest.mark.parametrize("period", PERIODS, ids=lambda period: period.label)
def test_months_of_units_give_what_all_their_cells_give(answered, period):
    quick = regency_figures(answered, period, by_months(answered, Memo()))
    slow = regency_figures(answered, period)
    assert [(line.unit, line.result.score) for line in quick.units] == [
        (line.unit, line.result.score) for line in slow.units
    ]
    assert (quick.pooled.score, quick.unit_mean) == (slow.pooled.score, slow.unit_mean)


def test_another_answer_is_seen_at_once_and_the_same_numbers_are_not_computed_again(answered):
    memo, period = Memo(), PERIODS[0]
    first = cockpit(answered, pairs(answered), period, Filter(), memo)
    again = cockpit(answered, pairs(answered), period, Filter(), memo)
    found = {stand.unit.code: stand.measured for stand in first.stands}
    assert all(stand.measured is found[stand.unit.code] for stand in again.stands if stand.measured.result.responses)
    answer(answered, UNIT, 5, 3, counter="dukcapil-2")
    later = {stand.unit.code: stand for stand in cockpit(answered, pairs(answered), period, Filter(), memo).stands}
    assert later[UNIT].measured.result.responses == 65
    assert later[FOREIGN_UNIT].measured is found[FOREIGN_UNIT]


def test_a_population_makes_a_target_and_one_too_small_is_doubted(answered):
    period, by = PERIODS[0], Doer("uji", 1)
    states = {}
    for number in (2_000, 70, 10):
        held = next((one.users.number for one in answered.populations(UNIT)), None)
        answered.set_population(UNIT, Population("", Users(period.start, period.end, number)), held, by)
        stand = next(
            one for one in cockpit(answered, pairs(answered), period, Filter(), Memo()).stands if one.unit.code == UNIT
        )
        states[number] = (stand.state, stand.measured.doubted)
    assert states == {2_000: (State.TOO_FEW, False), 70: (State.TOO_FEW, False), 10: (State.NO_TARGET, True)}


def test_a_filter_by_service_adds_up_to_all(answered):
    period, memo = PERIODS[0], Memo()
    whole = cockpit(answered, pairs(answered), period, Filter(), memo)
    codes = [code for code, _ in answered.services_used([UNIT, FOREIGN_UNIT])]
    parts = [cockpit(answered, pairs(answered), period, Filter(service=code), memo) for code in codes]
    assert sum(part.pooled.result.responses for part in parts) == whole.pooled.result.responses == 85


@pytest.mark.parametrize("said", [{}, {"": 900}, {"ktp": 50}, {"ktp": 50, "kk": 70}, {"": 900, "ktp": 50}], ids=str)
def test_users_read_at_once_are_those_read_one_by_one(sqlite_store, said):
    store, by = sqlite_store, Doer("uji", 1)
    for service, number in said.items():
        for period in PERIODS[1:4]:
            try:
                store.set_population(UNIT, Population(service, Users(period.start, period.end, number)), None, by)
            except Refusal:
                # spans of one service may not overlap; what was said first stays
                continue
    for service in ("", "ktp"):
        found = store.populations_by_period(UNIT, PERIODS, service)
        assert found == {period: store.population(UNIT, period, service or None) for period in PERIODS}
    together = {period: store.populations_in(period, [UNIT]).get(UNIT) for period in PERIODS}
    assert together == store.populations_by_period(UNIT, PERIODS)
