"""The one way to bring a database to its newest tables."""

from importlib.resources import as_file, files

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, text

from ikm.server import migrations
from ikm.server.store.engine import is_sqlite, writing

# any fixed number: whoever holds it migrates, others wait
_LOCK = 1_229_671_757


class NewerDatabase(Exception):
    """The database was written by a newer version of this software; it is left untouched."""


def migrate(engine: Engine) -> None:
    """Bring the database to the newest tables, in one transaction; processes that start together take turns.

    Raises:
        NewerDatabase: The database is ahead of this software.
    """
    with as_file(files(migrations)) as folder:
        config = Config()
        config.set_main_option("script_location", str(folder))
        with writing(engine) as connection:
            _take_turns(connection)
            config.attributes["connection"] = connection
            try:
                command.upgrade(config, "head")
            except CommandError as error:
                raise NewerDatabase from error


def _take_turns(connection: Connection) -> None:
    # SQLite's writers already do: the transaction began with the write lock
    if not is_sqlite(connection.engine.url):
        connection.execute(text("SELECT set_config('lock_timeout', '0', true)"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
