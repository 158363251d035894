from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import inspect, text

from ikm.domain.configuration import Service
from ikm.domain.errors import Refusal
from ikm.domain.organisation import Level, Node
from ikm.domain.period import Period, TimeZone, parse_period
from ikm.domain.questionnaire import Instrument
from ikm.domain.tally import tally_of
from ikm.server import tables
from ikm.server.example import install_example
from ikm.server.ingest import Ingest
from ikm.server.store import Store
from ikm.server.store.migrate import NewerDatabase
from tests.ikm.server.kiosk_device import NOW_MS, KioskDevice, counted
from tests.support.samples import body, response

# -- migrations ----------------------------------------------------------------------------------------------------


def test_the_migrations_make_exactly_the_tables_the_store_uses(store):
    with store._engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, tables.metadata) == []
        checks = {
            table.name: {check["name"] for check in inspect(connection).get_check_constraints(table.name)}
            for table in tables.metadata.sorted_tables
        }
    for table in tables.metadata.sorted_tables:
        declared = {c.name for c in table.constraints if c.__visit_name__.endswith("check_constraint")}
        assert checks[table.name] == declared


def test_a_server_keeps_its_id_when_opened_again(database):
    first = Store.open(database)
    again = Store.open(database)
    assert first.server_id() == again.server_id()
    first.close()
    again.close()


def test_processes_that_start_together_take_turns(database):
    with ThreadPoolExecutor(4) as pool:
        opened = list(pool.map(Store.open, [database] * 4))
    assert len({store.server_id() for store in opened}) == 1
    for store in opened:
        store.close()


def test_a_newer_database_is_refused_and_left_alone(database):
    store = Store.open(database)
    with store._engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(NewerDatabase):
        Store.open(database)
    with store._engine.connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one() == "9999"
    store.close()


def test_the_tables_themselves_refuse_nonsense(store):
    from sqlalchemy.exc import IntegrityError

    cell = {"unit": "dukcapil", "grain": "day", "starts_on": date(2026, 1, 1), "service": "ktp",
            "questionnaire": "q", "channel": "kiosk"}  # fmt: skip
    for statement in (
        tables.tally.insert().values(**cell, responses=1, complete=2),
        tables.tally.insert().values(**cell, responses=-1, complete=0),
        tables.tally.insert().values(**cell | {"grain": "week"}, responses=1, complete=1),
        tables.server.insert().values(one=2, id=store.server_id(), created_ms=0),
        tables.node.insert().values(code="x", level="unit", parent=None, position=0, name="x", names="{}"),
    ):
        with pytest.raises(IntegrityError), store._engine.begin() as connection:
            connection.execute(statement)


# -- organisation --------------------------------------------------------------------------------------------------


def test_the_sample_is_a_whole_regency_and_installing_it_again_changes_nothing(store):
    before = (store.organisation(), store.services("dukcapil"), store.configuration("dukcapil-1"))
    counters = install_example(store)
    assert (store.organisation(), store.services("dukcapil"), store.configuration("dukcapil-1")) == before
    assert [node.level for node in before[0]] == sorted((node.level for node in before[0]), key=list(Level).index)
    assert len([node for node in before[0] if node.level is Level.UNIT]) == 5
    assert store.names("dukcapil")["en"] == "Population and Civil Registry Office"
    for counter in counters:
        assert store.configuration(counter).to_domain().version == 1
    assert len(store.configuration("dukcapil-1").services) == 4
    assert [service.code for service in store.configuration("dukcapil-2").services] == ["kia"]


def test_a_configuration_gets_a_new_number_only_for_new_content(store):
    held = store.configuration("dukcapil-1").to_domain()
    assert store.put_configuration(held) == 1
    assert store.put_configuration(replace(held, idle_s=30)) == 2
    assert store.put_configuration(replace(held, idle_s=30)) == 2
    assert store.put_configuration(held) == 3
    assert store.configuration("dukcapil-1").version == 3


def test_a_questionnaire_version_is_never_edited(store):
    held = store.questionnaire("skm-14-2017-v2")
    store.put_questionnaire(held)
    with pytest.raises(Refusal) as caught:
        store.put_questionnaire(replace(held, title={"id": "Lain"}))
    assert caught.value.code == "questionnaire_invalid"
    assert store.questionnaire("skm-14-2017-v2") == held


@pytest.mark.parametrize(
    "node",
    [
        Node("new", Level.UNIT, "contoh", "x"),
        Node("new", Level.COUNTER, "nowhere", "x"),
        Node("new", Level.AGENCY, None, "x"),
        Node("dukcapil", Level.UNIT, "dinkes", "x"),
        Node("dukcapil", Level.AGENCY, "contoh", "x"),
    ],
)
def test_a_place_that_does_not_fit_the_tree_is_refused(sqlite_store, node):
    before = sqlite_store.organisation()
    with pytest.raises(Refusal) as caught:
        sqlite_store.put_node(node, {}, 0)
    assert caught.value.code == "configuration_invalid"
    assert sqlite_store.organisation() == before


def test_a_place_and_a_service_can_be_renamed(store):
    store.put_node(Node("dukcapil", Level.UNIT, "disdukcapil", "Nama Baru"), {"en": "New"}, 5)
    store.put_service("dukcapil", Service("ktp", {"id": "KTP"}), 0)
    assert store.node("dukcapil").name == "Nama Baru"
    assert store.names("dukcapil") == {"id": "Nama Baru", "en": "New"}
    assert store.services("dukcapil")[0].name == {"id": "KTP"}


def test_a_time_zone_does_not_move_once_set(store):
    store.put_time_zone("dukcapil", TimeZone.WIT)
    assert store.time_zone("dukcapil") is TimeZone.WIB


def test_what_does_not_exist_is_told(sqlite_store):
    for ask in (sqlite_store.node, sqlite_store.names, sqlite_store.time_zone, sqlite_store.configuration):
        with pytest.raises(Refusal) as caught:
            ask("nowhere")
        assert caught.value.code == "not_found"
    with pytest.raises(Refusal) as caught:
        sqlite_store.questionnaire("nothing")
    assert caught.value.code == "questionnaire_unknown"


# -- figures -------------------------------------------------------------------------------------------------------

DAY_MS = 86_400_000
FIRST = date(2026, 1, 1)
FIRST_MS = 1_767_247_200_000  # 2026-01-01T13:00 +07:00
LENGTH = 500
LAST_RECEIVED_MS = FIRST_MS + LENGTH * DAY_MS


@pytest.fixture
def filled(store):
    """A response every day of sixteen months, its ratings told by its day."""
    # received when the last was given, for nothing is believed to come from the future
    device, ingest = KioskDevice.enrolled(store), Ingest(store, lambda: LAST_RECEIVED_MS)
    bodies = [
        body(*([1 + day % 4] * (1 + day % 9)), wall_ms=FIRST_MS + day * DAY_MS, service="ktp" if day % 3 else "kk")
        for day in range(LENGTH)
    ]
    rows = device.add(*bodies)
    for start in range(0, LENGTH, 200):
        ingest.accept(device.call(rows[start : start + 200]))
    return store


@given(st.integers(-40, LENGTH + 40), st.integers(1, 300))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_period_is_summed_from_months_and_days_without_gap_or_overlap(filled, start, length):
    period = Period(FIRST + timedelta(start), FIRST + timedelta(start + length))
    days = range(max(0, start), min(LENGTH, start + length))
    expected = {}
    for service in ("kk", "ktp"):
        chosen = [response(*([1 + d % 4] * (1 + d % 9))) for d in days if ("ktp" if d % 3 else "kk") == service]
        if chosen:
            expected["dukcapil", service] = tally_of(chosen)
    assert counted(filled, period) == expected


def test_figures_can_be_asked_of_one_unit(filled):
    assert filled.cells(parse_period("2026"), "dukcapil") == filled.cells(parse_period("2026"))
    assert filled.cells(parse_period("2026"), "pkm-harapan") == []


def test_the_forms_of_a_period_are_those_its_responses_came_on_whatever_a_comment_says(store):
    device, ingest = KioskDevice.enrolled(store), Ingest(store, lambda: NOW_MS)
    short = {"answers": {"COST": 4}, "asked": ["COST"], "status": "partial"}
    ingest.accept(
        device.call(
            device.add(
                body(comment='"instrument":"one_tap"', wall_ms=FIRST_MS),
                body(**short, instrument="one_tap", comment='"instrument":"rotating"', wall_ms=FIRST_MS + DAY_MS),
                body(**short, instrument="rotating", wall_ms=FIRST_MS + 2 * DAY_MS),
            )
        )
    )

    def of(first: int, days: int, unit: str = "dukcapil") -> frozenset[Instrument]:
        return store.instruments(Period(FIRST + timedelta(first), FIRST + timedelta(first + days)), unit)

    assert [of(day, 1) for day in range(-1, 4)] == [
        frozenset(),
        {Instrument.FULL},
        {Instrument.ONE_TAP},
        {Instrument.ROTATING},
        frozenset(),
    ]
    assert of(0, 3) == {Instrument.FULL, Instrument.ONE_TAP, Instrument.ROTATING}
    assert of(0, 3, "pkm-harapan") == frozenset()


def test_a_whole_regency_may_be_read_without_sums_and_products(filled):
    whole, counts = filled.cells(parse_period("2026")), filled.cells(parse_period("2026"), counts_only=True)
    assert any(cell.tally.products for cell in whole)
    assert counts == [replace(cell, tally=replace(cell.tally, sums={}, products={})) for cell in whole]
    assert filled.last_received_ms() == filled.last_received_ms("dukcapil") == LAST_RECEIVED_MS
    assert filled.last_received_ms("pkm-harapan") is None
