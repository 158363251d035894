"""What was retired keeps its answers: late ones are counted, and figures of its time still show it."""

import pytest
from sqlalchemy import update

from ikm.domain.period import parse_period
from ikm.server import tables
from ikm.server.reports.figures import regency_figures, unit_figures
from ikm.server.store.deeds import Doer
from tests.support.samples import body

BY = Doer("uji", 1)
YEAR = parse_period("2026")


@pytest.fixture
def store(sqlite_store):
    """What is tried here does not depend on the database."""
    return sqlite_store


def test_answers_for_a_service_that_was_retired_meanwhile_are_counted_under_its_name(sqlite_store, device, ingest):
    held = sqlite_store.offered_service("dukcapil", "ktp")
    sqlite_store.retire_service("dukcapil", "ktp", held.revision, BY)
    ingest.accept(device.call(device.add(body(*(4,) * 9, service="ktp"))))
    figures = unit_figures(sqlite_store, "dukcapil", YEAR)
    assert figures.result.responses == 1
    assert [(one.code, one.name) for one in figures.services if one.result.responses] == [("ktp", "KTP elektronik")]
    assert "ktp" not in [one.code for one in unit_figures(sqlite_store, "dukcapil", parse_period("2025")).services]


def test_a_closed_unit_keeps_its_line_where_it_had_answers_and_late_ones_count(sqlite_store, device, ingest):
    ingest.accept(device.call(device.add(body(*(4,) * 9))))
    closed = ["disdukcapil", "dukcapil", "dukcapil-1", "dukcapil-2"]
    with sqlite_store._engine.begin() as connection:
        connection.execute(update(tables.node).where(tables.node.c.code.in_(closed)).values(retired_ms=1))
    ingest.accept(device.call(device.add(body(*(4,) * 9))))
    assert unit_figures(sqlite_store, "dukcapil", YEAR).result.responses == 2
    told = regency_figures(sqlite_store, YEAR)
    assert [line.unit.code for line in told.units if line.result.responses] == ["dukcapil"]
    assert sum(line.result.responses for line in told.units) == told.pooled.responses == 2
    before = regency_figures(sqlite_store, parse_period("2025"))
    assert "dukcapil" not in [line.unit.code for line in before.units]
    assert "disdukcapil" not in [one.agency.code for one in before.agencies]
