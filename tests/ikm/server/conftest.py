"""One store on each database, with the sample regency in it; what is tested on it is tested on both."""

from collections.abc import Iterator

import pytest
from sqlalchemy import URL, make_url

from ikm.server.ingest import Ingest
from ikm.server.store import Store
from tests.ikm.server.kiosk_device import NOW_MS, KioskDevice
from tests.support.sample_database import sample_store


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest, tmp_path) -> URL:
    """The address of a fresh, empty database of each kind."""
    if request.param == "sqlite":
        return URL.create("sqlite", database=str(tmp_path / "empty.db"))
    return make_url(request.getfixturevalue("postgres_url"))


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def store(request: pytest.FixtureRequest, tmp_path) -> Iterator[Store]:
    """The sample regency on each database."""
    if request.param == "sqlite":
        opened = sample_store(tmp_path / "ikm.db")
    else:
        opened = Store.open(make_url(request.getfixturevalue("sample_postgres_url")))
    yield opened
    opened.close()


@pytest.fixture
def sqlite_store(tmp_path) -> Iterator[Store]:
    """The sample regency on SQLite alone, for what does not depend on the database."""
    opened = sample_store(tmp_path / "ikm.db")
    yield opened
    opened.close()


@pytest.fixture
def ingest(store):
    return Ingest(store, lambda: NOW_MS)


@pytest.fixture
def device(store):
    return KioskDevice.enrolled(store)
