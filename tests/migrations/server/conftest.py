"""A server's database as an older version of the software left it, on both databases."""

from collections.abc import Callable, Iterator
from importlib.resources import as_file, files

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import URL, Engine, make_url

from ikm.server import migrations
from ikm.server.store.engine import open_engine, writing


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest, tmp_path) -> URL:
    """The address of a fresh, empty database of each kind."""
    if request.param == "sqlite":
        return URL.create("sqlite", database=str(tmp_path / "ikm.db"))
    return make_url(request.getfixturevalue("postgres_url"))


@pytest.fixture
def at_revision(database: URL) -> Iterator[Callable[[str], Engine]]:
    """Brings the empty database to the tables of a revision and gives its engine."""
    engine = open_engine(database)

    def upgrade(revision: str) -> Engine:
        with as_file(files(migrations)) as folder, writing(engine) as connection:
            config = Config()
            config.set_main_option("script_location", str(folder))
            config.attributes["connection"] = connection
            command.upgrade(config, revision)
        return engine

    yield upgrade
    engine.dispose()
