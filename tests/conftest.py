"""What every test may ask for; what a test needs decides its marks, so `make check` can leave the heavy ones out."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import make_url

from ikm.server import enrol
from ikm.server.example import install_example
from ikm.server.store import Store
from kiosk import pin
from tests.support import browser, postgres, screen
from tests.support.empty_kiosk import remember_the_schema
from tests.support.office import Office
from tests.support.stage import Stage, open_stage

NEEDS = {
    "postgres_url": "postgres",
    "sample_postgres_url": "postgres",
    "chromium": "browser",
    "office": "office",
    "display": "window",
}
"""Fixture -> mark: a test that asks for the one, itself or through another fixture, gets the other."""


LONG = (
    "/e2e/", "/screens/", "/torture/", "ikm/server/answers/", "ikm/server/cli/",
    "ikm/server/reports/test_workbook.py", "ikm/server/reports/test_workbook_recalculated.py",
    "ikm/server/reports/test_chart.py", "ikm/server/store/", "ikm/server/web/", "ikm/server/importing/",
    "ikm/server/mail/", "ikm/server/seeding/", "ikm/server/test_backups.py", "ikm/server/test_ingest",
    "kiosk/bad_settings/", "kiosk/command_line/", "kiosk/store/", "migrations/", "tests/test_house.py",
)  # fmt: skip
"""Places whose tests write hundreds of files, pictures or databases, or start programs: together they take longer than
all of `make check` may."""


EARLY = ("/e2e/", "/torture/", "/screens/", "tests/test_mutants.py", "/test_workbook_recalculated.py")
"""Places whose files take longest: begun last, one of them would run alone at the end while the other cores wait."""


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """True for files that would be read only to be left out afterwards."""
    return ("not long" in config.option.markexpr and _long(collection_path)) or None


def _long(path: Path) -> bool:
    return path.suffix == ".py" and any(place in path.as_posix() for place in LONG)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not any(place in item.path.as_posix() for place in EARLY))
    for item in items:
        if _long(item.path):
            item.add_marker("long")
        for fixture, mark in NEEDS.items():
            if fixture in getattr(item, "fixturenames", ()):
                item.add_marker(mark)


@pytest.fixture(scope="session", autouse=True)
def _cheap_hashes() -> Iterator[pytest.MonkeyPatch]:
    """Enrolment codes and PINs of this process are hashed in no time: thousands of tests hash one by the way."""
    with pytest.MonkeyPatch.context() as patch:
        _make_cheap(patch)
        yield patch


@pytest.fixture(scope="session", autouse=True)
def _remembered_schema() -> Iterator[None]:
    """New kiosks of this process are not migrated anew, which takes longer than most of what is tried on them."""
    with pytest.MonkeyPatch.context() as patch:
        remember_the_schema(patch)
        yield


def _make_cheap(patch: pytest.MonkeyPatch) -> None:
    for module, name, cost in ((enrol, "_COST", 2), (pin, "_TIME_COST", 1), (pin, "_MEMORY_KIB", 8)):
        patch.setattr(module, name, cost)


@pytest.fixture
def dear_hashes(_cheap_hashes: pytest.MonkeyPatch) -> Iterator[None]:
    """Hashes cost again what they cost in service."""
    _cheap_hashes.undo()
    yield
    _make_cheap(_cheap_hashes)


@pytest.fixture(scope="session")
def _postgres_server() -> Iterator[str]:
    with postgres.server(durable=False) as socket:
        yield socket


@pytest.fixture
def postgres_url(_postgres_server: str) -> Iterator[str]:
    """The address of a fresh, empty PostgreSQL database."""
    with postgres.database(_postgres_server) as url:
        yield url


@pytest.fixture(scope="session")
def _sample_template(_postgres_server: str) -> Iterator[str]:
    with postgres.database(_postgres_server) as url:
        store = Store.open(make_url(url))
        install_example(store)
        # whoever copies a database must be alone with it
        store.close()
        yield str(make_url(url).database)


@pytest.fixture
def sample_postgres_url(_postgres_server: str, _sample_template: str) -> Iterator[str]:
    """The address of a fresh PostgreSQL database with the sample regency in it."""
    with postgres.database(_postgres_server, _sample_template) as url:
        yield url


@pytest.fixture(scope="session")
def display() -> Iterator[str]:
    """The DISPLAY of an Xvfb screen, set for this process too."""
    with screen.screen() as name, pytest.MonkeyPatch.context() as patch:
        patch.setenv("DISPLAY", name)
        yield name


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A running Chromium."""
    with browser.chromium() as running:
        yield running


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A fresh page in a context of its own; `page.context` is closed afterwards."""
    context = chromium.new_context(locale="id-ID")
    try:
        yield context.new_page()
    finally:
        context.close()


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """LibreOffice, as a program that recalculates workbooks."""
    return Office(tmp_path_factory.mktemp("office"))


@pytest.fixture(scope="session")
def _stage(display: str, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    return open_stage(tmp_path_factory.mktemp("device"))


@pytest.fixture
def stage(_stage: Stage) -> Stage:
    """The kiosk's window in this process, at 1280x800; taps are noted in `tapped` until something else hears them."""
    _stage.clear()
    return _stage
