"""Check sums of the small tables: a flipped bit in a watermark or a key would otherwise be believed.

Responses need none, their chain shows it; a draft carries its own.
"""

import zlib

from sqlalchemy import Connection, Table, select
from sqlalchemy.dialects.sqlite import insert as upsert

from kiosk.store import tables

SEALED = (
    tables.identity,
    tables.next_key,
    tables.configuration,
    tables.epochs,
    tables.staff,
    tables.local,
    tables.rotation,
)


def seal(connection: Connection, *changed: Table) -> None:
    """Note the check sums of tables that this transaction has changed."""
    for table in changed:
        values = {"sum": _sum(connection, table)}
        connection.execute(
            upsert(tables.seals)
            .values(name=table.name, **values)
            .on_conflict_do_update(index_elements=["name"], set_=values)
        )


def broken(connection: Connection) -> list[str]:
    """Names of tables that do not hold what was sealed."""
    return [table.name for table in SEALED if not is_whole(connection, table)]


def is_whole(connection: Connection, table: Table) -> bool:
    """Whether a table holds what was sealed."""
    noted = connection.scalar(select(tables.seals.c.sum).where(tables.seals.c.name == table.name))
    return noted == _sum(connection, table)


def _sum(connection: Connection, table: Table) -> int:
    total = 0
    for row in connection.execute(select(table).order_by(*table.primary_key.columns)):
        total = zlib.crc32(repr(tuple(row)).encode(), total)
    return total
