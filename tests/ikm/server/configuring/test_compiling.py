"""What counters' kiosks run on, from everything that decides about them."""

from dataclasses import replace
from datetime import date

import msgspec
import pytest

from ikm import wire
from ikm.domain.configuration import Aid
from ikm.domain.errors import Refusal
from ikm.domain.organisation import Level
from ikm.domain.questionnaire import Instrument
from ikm.server.configuring.changes import changes
from ikm.server.configuring.compiling import Scheduled, compiled
from ikm.server.configuring.settings import DEFAULTS, KioskSettings, decoded, encoded, merged
from tests.ikm.server.kiosk_device import NOW_MS


@pytest.fixture
def world(sqlite_store):
    return sqlite_store.world()


def test_the_compiler_gives_every_counter_of_the_sample_exactly_what_it_has(sqlite_store, world):
    for node in world.tree.below("contoh", Level.COUNTER):
        held = sqlite_store.configuration(node.code).to_domain()
        assert compiled(world, node.code, NOW_MS, held.published) == replace(held, version=0)


def test_the_lowest_place_that_says_something_decides(world):
    settings = {
        "contoh": KioskSettings(idle_s=50, thanks_s=9, languages=("id", "jv")),
        "dukcapil": KioskSettings(idle_s=60),
        "dukcapil-1": KioskSettings(instrument=Instrument.ONE_TAP, aids=(Aid.LARGE,)),
    }
    found = compiled(replace(world, settings=settings), "dukcapil-1", NOW_MS)
    assert (found.idle_s, found.thanks_s, found.languages) == (60, 9, ("id", "jv"))
    assert (found.instrument, found.aids) == (Instrument.ONE_TAP, frozenset({Aid.LARGE}))
    assert compiled(replace(world, settings=settings), "dukcapil-2", NOW_MS).instrument is Instrument.FULL


def test_a_decision_for_no_differs_from_none():
    above, below = KioskSettings(asks_comment=True, always_open=True), KioskSettings(asks_comment=False)
    found = merged([above, below])
    assert (found.asks_comment, found.always_open) == (False, True)
    assert merged([]) == DEFAULTS


def test_settings_are_kept_as_they_were():
    held = KioskSettings(asks_comment=False, services=("ktp",), aids=(), instrument=Instrument.ROTATING)
    assert decoded(encoded(held)) == held
    with pytest.raises(Refusal):
        decoded('{"idle_s": 0}')


def test_an_always_open_counter_never_sleeps(world):
    found = compiled(replace(world, settings={"dukcapil-1": KioskSettings(always_open=True)}), "dukcapil-1", NOW_MS)
    assert (found.opening, found.closed_on) == ((), ())


def test_days_off_come_from_every_place_above_and_those_of_past_years_are_left_out(world):
    days = {
        "contoh": [date(2026, 12, 25), date(2025, 12, 25)],
        "dukcapil": [date(2026, 12, 1)],
        "pkm-harapan": [date(2026, 5, 5)],
    }
    found = compiled(replace(world, holidays=days), "dukcapil-1", NOW_MS)
    assert found.closed_on == ("2026-12-01", "2026-12-25")


def test_the_newest_questionnaire_that_began_is_asked_of_the_lowest_place_that_has_one(world):
    v1 = replace(world.standard, code="a")
    v2 = replace(world.standard, code="b")
    known = replace(world, questionnaires={"a": v1, "b": v2})
    schedule = {"contoh": [Scheduled(date(2026, 1, 1), "a"), Scheduled(date(2026, 7, 1), "b")]}
    at = replace(known, schedule=schedule)
    assert at.questionnaire_at("dukcapil-1", date(2026, 6, 30)).code == "a"
    assert at.questionnaire_at("dukcapil-1", date(2026, 7, 1)).code == "b"
    own = replace(known, schedule={**schedule, "dukcapil": [Scheduled(date(2026, 8, 1), "a")]})
    assert own.questionnaire_at("dukcapil-1", date(2026, 7, 31)).code == "b"
    assert own.questionnaire_at("dukcapil-1", date(2026, 8, 1)).code == "a"
    assert own.questionnaire_at("pkm-1", date(2026, 8, 1)).code == world.standard.code
    assert replace(known, schedule={}).questionnaire_at("dukcapil-1", date(2026, 8, 1)) == world.standard


def test_what_is_missing_is_said_in_a_sentence(world):
    bare = {**world.units, "dukcapil": replace(world.units["dukcapil"], services=())}
    with pytest.raises(Refusal) as caught:
        compiled(replace(world, units=bare), "dukcapil-1", NOW_MS)
    assert caught.value.detail == "Unit ini belum mempunyai layanan."
    with pytest.raises(Refusal) as caught:
        compiled(replace(world, settings={"dukcapil-1": KioskSettings(services=("gone",))}), "dukcapil-1", NOW_MS)
    assert caught.value.detail == "Layanan loket ini tidak ada lagi."
    with pytest.raises(Refusal) as caught:
        compiled(replace(world, units={}), "dukcapil-1", NOW_MS)
    assert caught.value.detail == "Zona waktu unit belum diisi."


def test_kiosks_lead_to_the_servers_own_pages_where_no_other_are_named(world):
    bare = replace(world, settings={}, base_url="https://skm.example")
    assert compiled(bare, "dukcapil-1", NOW_MS).public_url == "https://skm.example/unit/dukcapil"
    assert compiled(replace(bare, base_url=""), "dukcapil-1", NOW_MS).public_url == ""


def test_every_member_of_a_configuration_that_changes_is_told(world):
    before = compiled(world, "dukcapil-1", NOW_MS)
    more = {
        "regency": "Kabupaten Lain",
        "unit_name": {"id": "Lain"},
        "counter_name": "Loket 9",
        "services": before.services[:1],
        "questionnaire": replace(before.questionnaire, code="x"),
        "languages": ("id",),
        "idle_s": 41,
        "countdown_s": 16,
        "thanks_s": 13,
        "instrument": Instrument.ONE_TAP,
        "questions_each": 4,
        "asks_comment": False,
        "aids": frozenset({Aid.LOW}),
        "pledge": (),
        "public_url": "",
        "opening": (),
        "closed_on": (),
        "staff_pin": "$argon2id$x",
    }
    for member, value in more.items():
        found = changes(before, replace(before, **{member: value}))
        assert [change.kind for change in found] == [member]
    assert changes(before, before) == ()
    assert [change.kind for change in changes(None, before)] == ["first"]
    promised = replace(before.services[0], standard={"TIME": ({"id": "2 hari"},)})
    found = changes(before, replace(before, services=(promised, *before.services[1:])))
    assert [(change.kind, change.after) for change in found] == [("standard", "KTP elektronik")]


def test_a_changed_wording_is_told_even_where_nothing_else_shows_it(world):
    before = compiled(world, "dukcapil-1", NOW_MS)
    names = {**before.services[0].name, "en": "Another name"}
    found = changes(before, replace(before, services=(replace(before.services[0], name=names), *before.services[1:])))
    assert [change.kind for change in found] == ["standard"]
    pledge = ({**before.pledge[0], "en": "Other"}, *before.pledge[1:])
    assert [change.kind for change in changes(before, replace(before, pledge=pledge))] == ["wording"]


def test_what_is_compiled_can_be_sent(world):
    for node in world.tree.below("contoh", Level.COUNTER):
        message = wire.configuration_message(compiled(world, node.code, NOW_MS))
        assert wire.decode(wire.canonical(message), wire.ConfigurationMessage) == message
        assert msgspec.json.encode(message)
