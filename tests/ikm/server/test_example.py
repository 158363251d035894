"""The regency to try things with: whole, honest about being an example, and fit for every screen of a kiosk."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from ikm.assets import asset
from ikm.domain.errors import Refusal
from ikm.domain.questionnaire import Instrument
from ikm.domain.regulations import REGULATIONS
from ikm.domain.tally import tally_of
from ikm.server import example
from ikm.server.example import install_example
from ikm.server.reports.pooling import pool
from tests.support.samples import response, version

LANGUAGES = ("id", "en", "jv", "su")
COMPONENTS = {"REQ", "PROC", "TIME", "COST", "PROD", "CMPL"}
COUNTERS = (
    "dukcapil-1", "dukcapil-2", "pkm-harapan-1", "pkm-harapan-2", "dpmptsp-1", "kec-sukamaju-1", "kec-tirtasari-1",
)  # fmt: skip


@pytest.fixture
def held(sqlite_store):
    return {code: sqlite_store.configuration(code).to_domain() for code in COUNTERS}


def test_it_has_a_counter_for_each_instrument_and_the_rest_ask_everything(held):
    assert {code: one.instrument for code, one in held.items() if one.instrument is not Instrument.FULL} == {
        "pkm-harapan-2": Instrument.ONE_TAP,
        "kec-tirtasari-1": Instrument.ROTATING,
    }
    assert len(held["pkm-harapan-2"].services) == 1
    assert held["kec-tirtasari-1"].questions_each == 3


@pytest.mark.parametrize("counter", COUNTERS)
def test_every_counter_speaks_four_languages_and_leaves_time_to_read(held, counter):
    one = held[counter]
    assert (one.languages, one.default_language) == (LANGUAGES, "id")
    assert (one.idle_s, one.countdown_s, one.thanks_s) == (40, 15, 12)
    assert one.questionnaire.code == "skm-14-2017-v2"
    assert set(one.unit_name) == set(LANGUAGES)


@pytest.mark.parametrize("counter", COUNTERS)
def test_every_service_promises_the_six_components_that_must_be_published(held, counter):
    for service in held[counter].services:
        assert set(service.name) == set(LANGUAGES)
        assert set(service.standard) == COMPONENTS
        for lines in service.standard.values():
            assert all({"id", "en"} <= set(line) for line in lines)
            # it stands beside the question, after "Dijanjikan: "
            assert max(len(words) for words in lines[0].values()) <= 45


@pytest.mark.parametrize("counter", COUNTERS)
def test_every_unit_pledges_in_all_languages_and_names_the_page_of_its_figures(held, counter):
    one = held[counter]
    assert len(one.pledge) == 3
    assert all(set(line) == set(LANGUAGES) for line in one.pledge)
    assert one.public_url == f"https://skm.kabupaten-contoh.example/unit/{one.unit}"


def test_published_figures_carry_the_grade_their_rule_gives_them(held):
    published = {one.unit: one.published for one in held.values()}
    assert published["kec-tirtasari"] is None
    for one in published.values():
        if one is not None:
            index = Decimal(one.index_hundredths) / 100
            assert REGULATIONS["permenpanrb-14-2017"].grade(index).grade == one.grade
    assert sum(one is not None for one in published.values()) == 4


def test_offices_close_at_night_but_the_counter_of_the_demonstration_never_does(held):
    # Wednesday 25 November 2026, 09:00 and 20:00 at +07:00
    morning, evening = (int(datetime(2026, 11, 25, hour, tzinfo=UTC).timestamp() * 1000) for hour in (2, 13))
    christmas = int(datetime(2026, 12, 25, 2, tzinfo=UTC).timestamp() * 1000)
    for code, one in held.items():
        always = code == "dukcapil-2"
        assert (one.is_open(morning), one.is_open(evening), one.is_open(christmas)) == (True, always, always)


def test_installing_it_again_makes_no_new_configuration_and_other_content_makes_one(sqlite_store, held):
    sqlite_store.put_configuration(replace(held["dukcapil-1"], pledge=held["dukcapil-1"].pledge[:1]))
    assert sqlite_store.configuration("dukcapil-1").version == 2
    assert install_example(sqlite_store) == list(COUNTERS)
    assert {code: sqlite_store.configuration(code).version for code in COUNTERS} == {
        code: 3 if code == "dukcapil-1" else 1 for code in COUNTERS
    }


def test_answers_to_the_version_before_and_to_this_one_add_up_in_one_index():
    old, new = version("skm-14-2017-v1"), version("skm-14-2017-v2")
    result = pool([(old, tally_of([response(*[4] * 9)])), (new, tally_of([response(*[2] * 9)]))])
    assert (result.responses, result.incomparable) == (2, False)
    assert result.scored.index == Decimal("75.00")


@pytest.mark.parametrize("place", ["regency", "kiosk", "unit", "counter", "service", "opening"])
def test_a_member_nobody_knows_is_refused_and_nothing_installed(sqlite_store, monkeypatch, tmp_path, place):
    file = json.loads(asset("samples/organisation.json").read_text(encoding="utf-8"))
    unit = file["agencies"][0]["units"][0]
    places = {
        "regency": file["regency"], "kiosk": file["kiosk"], "unit": unit, "counter": unit["counters"][0],
        "service": unit["services"][0], "opening": unit["opening"][0],
    }  # fmt: skip
    places[place]["colour"] = "teal"
    unit["pledge"] = []
    changed = tmp_path / "organisation.json"
    changed.write_text(json.dumps(file), encoding="utf-8")
    monkeypatch.setattr(example, "asset", lambda name: changed if name == "samples/organisation.json" else asset(name))
    with pytest.raises(Refusal) as refusal:
        install_example(sqlite_store)
    assert refusal.value.code == "configuration_invalid"
    assert len(sqlite_store.configuration("dukcapil-1").pledge) == 3
