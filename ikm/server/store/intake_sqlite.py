"""Taking many rows on SQLite: one prepared statement each for rows, cells and ratings."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.exc import IntegrityError

from ikm.domain.errors import Refusal
from ikm.server import tables as t
from ikm.server.store.cells import CellKey, Counts
from ikm.server.store.delivery import Accepted, Delivery
from ikm.server.store.rows import rating_values, response_values, tally_values

_TAKEN = ("SQLITE_CONSTRAINT_PRIMARYKEY", "SQLITE_CONSTRAINT_UNIQUE")
_RESPONSE = t.response.insert()


def _adding(table: Table) -> Any:
    statement = insert(table)
    return statement.on_conflict_do_update(
        index_elements=list(table.primary_key),
        set_={c.name: c + statement.excluded[c.name] for c in table.c if not c.primary_key},
    )


_TALLY, _RATING = _adding(t.tally), _adding(t.tally_rating)


class SqliteWriter:
    """SQLite's way."""

    def add_responses(self, connection: Connection, delivery: Delivery, fresh: Sequence[Accepted]) -> None:
        """Insert them. Raises Refusal (`response_conflict`) when an id is known or comes twice."""
        names = t.response.c.keys()
        values = response_values(delivery, fresh)
        try:
            # plain, so that a known id is an error and never a row left out in silence
            connection.execute(_RESPONSE, [dict(zip(names, row, strict=True)) for row in values])
        except IntegrityError as error:
            if getattr(error.orig, "sqlite_errorname", "") not in _TAKEN:
                raise
            raise Refusal("response_conflict") from None

    def add_cells(self, connection: Connection, found: Mapping[CellKey, Counts]) -> None:
        """Add the numbers to the cells, in the order given."""
        tallies = [tally_values(key, counts) for key, counts in found.items()]
        ratings = [row for key, counts in found.items() for row in rating_values(key, counts)]
        for statement, table, rows in ((_TALLY, t.tally, tallies), (_RATING, t.tally_rating, ratings)):
            names = table.c.keys()
            connection.execute(statement, [dict(zip(names, row, strict=True)) for row in rows])
