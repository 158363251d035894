"""The made-up regency: whole, the same for the same seed, and nowhere near a database that somebody works with."""

import json
from datetime import date

import pytest
from sqlalchemy import URL, select
from typer.testing import CliRunner

from ikm.domain.errors import Refusal
from ikm.domain.organisation import Level
from ikm.domain.period import Period
from ikm.server import tables as t
from ikm.server.cli import app
from ikm.server.reports.completeness import completeness
from ikm.server.seeding import Wish, sow
from ikm.server.store import Store
from ikm.server.store.deeds import Doer

UNTIL = date(2026, 11, 30)
NOW_MS = 1_796_000_000_000


def wish(**changes):
    facts = {"units": 9, "kiosks": 12, "years": 1, "answers": 400, "seed": 5, "until": UNTIL, "now_ms": NOW_MS}
    return Wish(**facts | changes)


def hashes(store):
    with store._engine.connect() as connection:
        query = select(t.response.c.hash).order_by(t.response.c.device, t.response.c.seq)
        return [bytes(one) for one in connection.execute(query).scalars()]


def test_a_seeded_regency_is_whole_in_chains_and_tallies(database):
    store = Store.open(database)
    sown = sow(store, wish())
    assert (sown.units, sown.kiosks, sown.answers) == (9, 12, 400)
    assert store.differences() == []
    assert completeness(store, thorough=True).complete
    levels = [node.level for node in store.organisation()]
    assert (levels.count(Level.UNIT), levels.count(Level.COUNTER)) == (9, 12)
    cells = store.cells(Period(date(2025, 11, 1), UNTIL))
    assert sum(cell.tally.responses for cell in cells) == 400
    assert any(cell.tally.responses > cell.tally.complete for cell in cells)
    store.close()


def test_the_same_seed_gives_the_same_answers_and_another_gives_others(tmp_path):
    found = []
    for name, seed in (("a", 5), ("b", 5), ("c", 6)):
        store = Store.open(URL.create("sqlite", database=str(tmp_path / f"{name}.db")))
        sow(store, wish(seed=seed, units=3, kiosks=3, answers=60))
        found.append(hashes(store))
        store.close()
    assert found[0] == found[1] != found[2]


@pytest.mark.parametrize("what", ["places", "people"])
def test_a_database_that_holds_anything_is_left_alone(tmp_path, sqlite_store, what):
    store = sqlite_store
    if what == "people":
        store = Store.open(URL.create("sqlite", database=str(tmp_path / "people.db")))
        store.add_person("01a20a2d-7c00-7000-8000-000000000009", "a@contoh.go.id", "A", [], Doer("uji", NOW_MS))
    with pytest.raises(Refusal) as caught:
        sow(store, wish())
    assert caught.value.code == "seed_unwanted"
    assert hashes(store) == []


@pytest.mark.parametrize("changes", [{"units": 0}, {"units": 10_000}, {"kiosks": 3}, {"years": 0}, {"answers": -1}])
def test_a_regency_that_cannot_be_is_refused(tmp_path, changes):
    store = Store.open(URL.create("sqlite", database=str(tmp_path / "ikm.db")))
    with pytest.raises(Refusal) as caught:
        sow(store, wish(**changes))
    assert caught.value.code == "seed_invalid"
    assert store.organisation() == []
    store.close()


def test_the_command_tells_what_it_made_and_refuses_a_second_time(tmp_path, monkeypatch):
    monkeypatch.setenv("IKM_DATABASE_URL", f"sqlite:///{tmp_path / 'ikm.db'}")
    words = ["seed", "--units", "2", "--kiosks", "2", "--years", "1", "--answers", "20", "--json"]
    first = CliRunner().invoke(app, words)
    assert json.loads(first.stdout) == {"units": 2, "kiosks": 2, "answers": 20, "seed": 1}
    second = CliRunner().invoke(app, words)
    assert second.exit_code == 3
    assert "sudah berisi" in second.stderr


def test_what_sown_kiosks_run_on_is_what_was_decided_for_them(tmp_path):
    store = Store.open(URL.create("sqlite", database=str(tmp_path / "ikm.db")))
    sow(store, wish(units=3, kiosks=4, answers=60))
    plan = store.plan(store.organisation()[0].code, NOW_MS)
    assert (plan.changing, plan.faulty, plan.current) == ((), (), 4)
    friday_ms = NOW_MS - 3 * 86_400_000
    assert all(kiosk.coverage.heard for kiosk in store.kiosks(friday_ms))
    store.close()
