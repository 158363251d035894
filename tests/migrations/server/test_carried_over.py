"""A server from before places spoke for themselves keeps every kiosk exactly as it was."""

import pytest
from sqlalchemy import URL, make_url, text

from ikm.server.example import install_example
from ikm.server.migrations.carried_over import carry_over
from ikm.server.store import Store
from tests.ikm.server.kiosk_device import NOW_MS


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def store(request, tmp_path):
    """The sample regency as 0003 knew it: all that its kiosks show stands in their configurations alone."""
    sqlite = URL.create("sqlite", database=str(tmp_path / "ikm.db"))
    opened = Store.open(sqlite if request.param == "sqlite" else make_url(request.getfixturevalue("postgres_url")))
    install_example(opened)
    with opened._engine.begin() as connection:
        for table in ("holiday", "kiosk_setting", "questionnaire_schedule"):
            connection.execute(text(f"DELETE FROM {table}"))
        connection.execute(text("UPDATE unit SET opening = '[]', pledge = '[]', complaints = '[]'"))
        connection.execute(text("UPDATE service SET standard = '{}'"))
    yield opened
    opened.close()


def test_no_kiosk_changes_by_being_compiled_from_what_was_carried_over(store):
    assert len(store.plan("contoh", NOW_MS).changing) == 7
    with store._engine.begin() as connection:
        carry_over(connection)
    plan = store.plan("contoh", NOW_MS)
    assert (plan.changing, plan.faulty, plan.current) == ((), (), 7)


def test_what_all_share_stands_at_the_regency(store):
    with store._engine.begin() as connection:
        carry_over(connection)
    assert store.kiosk_settings("contoh").settings.idle_s == 40
    assert store.kiosk_settings("dukcapil").revision == 0
    assert len(store.holidays("contoh")) == 3
    (entry,) = store.schedule()
    assert (entry.node, entry.questionnaire, entry.applied_ms) == ("contoh", "skm-14-2017-v2", 0)
    assert store.unit_facts("dukcapil").complaints != ()
    assert "CMPL" not in store.services("dukcapil")[0].standard


def test_a_server_without_kiosks_is_left_as_it_is(tmp_path):
    store = Store.open(URL.create("sqlite", database=str(tmp_path / "ikm.db")))
    with store._engine.begin() as connection:
        carry_over(connection)
    assert store.all_kiosk_settings() == {}
    store.close()
