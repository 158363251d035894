from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ikm.domain.errors import Refusal
from ikm.domain.period import PeriodKind, period_of
from ikm.domain.questionnaire import Instrument
from ikm.domain.response import Status
from ikm.domain.tally import Tally
from ikm.server.reports.figures import regency_figures, short_forms, unit_figures
from tests.ikm.server.reports.memory import DAY, MemorySource, points, sekadau
from tests.support.samples import response, skm, tapped

SEMESTER = period_of(DAY, PeriodKind.SEMESTER)
IN_TURN = response(
    answers={"COST": 3}, status=Status.PARTIAL, instrument=Instrument.ROTATING, asked=("COST", "TIME", "REQ")
)


def of_unit(source: MemorySource, unit: str = "dukcapil"):
    return unit_figures(source, unit, SEMESTER)


@pytest.mark.parametrize(
    ("respondents", "total", "index", "grade"),
    [(19, 524, "76.61", "B"), (19, 604, "88.30", "B"), (58, 1357, "64.99", "D")],
)
def test_sums_that_other_software_gets_wrong(respondents, total, index, grade):
    found = of_unit(MemorySource().add_tally(points(respondents, total)))
    assert (str(found.score.index), found.score.band.grade, found.result.responses) == (index, grade, respondents)


def test_a_published_matrix_gives_its_index():
    found = of_unit(MemorySource().add(*sekadau()))
    assert (str(found.score.index), found.score.band.grade, found.result.complete) == ("78.74", "B", 49)


def test_a_unit_stands_in_its_agency_and_regency():
    found = of_unit(MemorySource())
    assert [node.code for node in (found.unit, found.agency, found.regency)] == ["dukcapil", "dinas-dukcapil", "contoh"]


def test_nobody_gives_no_score_and_still_lists_the_services():
    found = of_unit(MemorySource())
    assert (found.score, found.result.responses, found.versions, found.last_received) == (None, 0, (), None)
    assert [(service.name, service.result.score) for service in found.services] == [
        ("KTP elektronik", None),
        ("Kartu Keluarga", None),
    ]


def test_only_answers_of_the_period_and_of_the_unit_count():
    source = MemorySource().add(response(*[4] * 9), on=date(2026, 7, 1)).add(response(*[4] * 9), on=date(2026, 12, 31))
    source.add(response(*[1] * 9), on=date(2026, 6, 30)).add(response(*[1] * 9), on=date(2027, 1, 1))
    source.add(response(*[1] * 9, unit="puskesmas"))
    found = of_unit(source)
    assert (found.result.responses, str(found.score.index)) == (2, "100.00")


def test_every_service_has_its_own_score_and_a_withdrawn_one_keeps_its_line():
    source = MemorySource().add(
        response(*[4] * 9), response(*[2] * 9, service="kk"), response(*[3] * 9, service="lama")
    )
    found = {service.name: str(service.result.score.index) for service in of_unit(source).services}
    assert found == {"KTP elektronik": "100.00", "Kartu Keluarga": "50.00", "lama": "75.00"}


def test_the_newest_answer_is_dated_in_the_zone_of_the_unit():
    # 23.30 in London is the next morning in Makassar
    assert of_unit(MemorySource(last_ms=1_793_921_400_000)).last_received == date(2026, 11, 6)


@pytest.mark.parametrize("code", ["tidak-ada", "contoh", "dinas-dukcapil", "dukcapil-1"])
def test_what_is_not_a_unit_has_no_figures(code):
    with pytest.raises(Refusal) as refusal:
        of_unit(MemorySource(), code)
    assert refusal.value.code == "not_found"


def test_both_roll_ups_are_given_and_silent_units_are_in_neither_denominator():
    source = MemorySource().add(response(*[4] * 9)).add(*[response(*[2] * 9, unit="puskesmas")] * 3)
    found = regency_figures(source, SEMESTER)
    assert (found.unit_mean.units, found.unit_mean.exact, found.unit_mean.band.grade) == (2, 75, "C")
    assert (str(found.pooled.score.index), found.pooled.responses, found.pooled.score.band.grade) == ("62.50", 4, "D")
    assert (len(found.units), found.scored, found.silent) == (3, 2, 1)


def test_units_come_as_organised_and_not_by_rank():
    source = MemorySource().add(response(*[1] * 9)).add(response(*[4] * 9, unit="labkes"))
    found = regency_figures(source, SEMESTER)
    assert [(agency.agency.code, [line.unit.code for line in agency.units]) for agency in found.agencies] == [
        ("dinas-dukcapil", ["dukcapil"]),
        ("dinas-kesehatan", ["puskesmas", "labkes"]),
    ]


def test_a_regency_without_answers_has_neither_roll_up():
    found = regency_figures(MemorySource(), SEMESTER)
    assert (found.unit_mean, found.pooled.score, found.silent) == (None, None, 3)


def test_a_unit_with_an_unanswered_element_answers_but_is_not_in_the_mean():
    source = MemorySource().add(response(4)).add(response(*[3] * 9, unit="puskesmas"))
    found = regency_figures(source, SEMESTER)
    assert (found.unit_mean.units, str(found.unit_mean.index), found.silent, found.incomplete) == (1, "75.00", 1, 1)


def test_every_unit_is_counted_once_by_what_it_has():
    source = MemorySource().add(response(*[3] * 9)).add(tapped("COST", unit="labkes"))
    source.add(response(*[3] * 9, unit="puskesmas"), response(*[3] * 5, unit="puskesmas", questionnaire="ringkas"))
    source.versions["ringkas"] = replace(skm(), code="ringkas", questions=skm().questions[:5])
    found = regency_figures(source, SEMESTER)
    assert (found.scored, found.incomplete, found.incomparable, found.silent) == (1, 1, 1, 0)
    nobody = regency_figures(MemorySource(), SEMESTER)
    assert (nobody.scored, nobody.incomplete, nobody.incomparable, nobody.silent) == (0, 0, 0, 3)


@pytest.mark.parametrize(
    ("others", "forms"),
    [
        ([], (Instrument.ONE_TAP,)),
        ([IN_TURN], (Instrument.ROTATING, Instrument.ONE_TAP)),
        ([response(3, 3)], ()),
        ([response(*[3] * 9)], ()),
        ([response(3, 3, unit="puskesmas")], (Instrument.ONE_TAP,)),
    ],
)
def test_short_forms_are_told_only_where_nobody_met_the_whole_form(others, forms):
    source = MemorySource().add(tapped("COST"), *others).add(response(3, 3), on=date(2026, 1, 1))
    assert short_forms(source, of_unit(source)) == forms
    assert short_forms(source, of_unit(source, "labkes")) == ()


def test_a_server_without_an_organisation_has_no_regency():
    found = regency_figures(MemorySource(tree=()), SEMESTER)
    assert (found.regency, found.agencies, found.unit_mean) == (None, (), None)


def test_the_mean_of_units_is_of_exact_indices_and_rounded_once():
    # 76.6082 and 100: the mean of the rounded ones would be 88.305, hence 88.31 and an A
    source = MemorySource().add_tally(points(19, 524)).add_tally(points(19, 684), unit="puskesmas")
    mean = regency_figures(source, SEMESTER).unit_mean
    assert mean.exact == Fraction(25 * (524 + 684), 9 * 19 * 2)
    assert (str(mean.index), mean.band.grade) == ("88.30", "B")


def test_the_whole_regency_is_read_at_once_however_many_units_it_has():
    source = MemorySource()
    regency_figures(source, SEMESTER)
    assert source.readings == 1


@given(st.lists(st.tuples(st.sampled_from(["dukcapil", "puskesmas", "labkes"]), st.integers(1, 4)), max_size=30))
def test_units_and_services_add_up_to_the_regency(given_answers):
    source = MemorySource().add(*[response(*[rating] * 9, unit=unit) for unit, rating in given_answers])
    found = regency_figures(source, SEMESTER)
    assert sum(line.result.responses for line in found.units) == found.pooled.responses == len(given_answers)
    indices = [line.result.scored.index_exact for line in found.units if line.result.scored]
    assert (found.unit_mean.exact if found.unit_mean else None) == (sum(indices) / len(indices) if indices else None)
    for code in ("dukcapil", "puskesmas", "labkes"):
        unit = of_unit(source, code)
        assert sum(service.result.responses for service in unit.services) == unit.result.responses


def test_a_tally_of_nobody_is_as_good_as_none():
    assert of_unit(MemorySource().add_tally(Tally())).result.responses == 0
