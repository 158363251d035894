"""Accepted responses as table rows, in the order of the table's columns."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from sqlalchemy import Column, Table, Text

from ikm.server import tables as t
from ikm.server.store.cells import CellKey, Counts, whole_units
from ikm.server.store.delivery import Accepted

Asked = Callable[[str], Sequence[str]]
"""The questions of a questionnaire version, in alphabetical order."""

CELL_TABLES = (t.tally, t.tally_rating, t.tally_product, t.tally_facet, t.tally_month)
"""The tables that cells are kept in, in the order they are written."""


def response_row(device: str, epoch: int, received_ms: int, accepted: Accepted, held_from: int) -> tuple[Any, ...]:
    """One response as `tables.response` names its columns; held when its number is that or a later one."""
    row, body = accepted.row, accepted.body
    return (
        row.id,
        device,
        epoch,
        row.seq,
        bytes.fromhex(row.hash),
        bytes.fromhex(row.prev_hash),
        body.unit,
        body.service,
        body.counter,
        body.questionnaire,
        body.channel.value,
        body.language,
        body.status.value,
        accepted.local_date,
        body.clock.wall_ms,
        received_ms,
        bytes(row.body),
        accepted.occurred_ms,
        accepted.clock,
        row.seq >= held_from,
        body.instrument.value,
    )


def tally_values(key: CellKey, counts: Counts) -> tuple[Any, ...]:
    """A cell as `tables.tally` names its columns."""
    return (*key[:5], key.channel.value, counts.responses, counts.complete)


def rating_values(key: CellKey, counts: Counts) -> Iterator[tuple[Any, ...]]:
    """A cell's ratings as `tables.tally_rating` names its columns, questions in a fixed order."""
    for question, ratings in sorted(counts.ratings.items()):
        yield (*key[:5], key.channel.value, question, *ratings)


def product_values(key: CellKey, counts: Counts) -> Iterator[tuple[Any, ...]]:
    """A cell's sums and products as `tables.tally_product` names its columns; nothing where no response is complete."""
    if counts.complete:
        yield (*key[:5], key.channel.value, " ".join(counts.questions), counts.totals)


def facet_values(key: CellKey, counts: Counts) -> Iterator[tuple[Any, ...]]:
    """A month's facets as `tables.tally_facet` names its columns, in a fixed order."""
    for (facet, value), numbers in sorted(counts.facets.items()):
        yield (key.unit, *key[2:5], key.channel.value, facet, value, *numbers)


def month_values(key: CellKey, counts: Counts, questions: Sequence[str]) -> tuple[Any, ...]:
    """A unit's month as `tables.tally_month` names its columns."""
    none = (0, 0, 0, 0)
    ratings = chain.from_iterable(counts.ratings.get(question, none) for question in questions)
    # without a complete response there is nothing to multiply, but the places have to be there for what will be added
    size = len(questions)
    totals = counts.totals or [0] * (size + size * (size + 1) // 2)
    place = (key.unit, key.starts_on, key.questionnaire, key.channel.value)
    return (*place, counts.responses, counts.complete, " ".join(questions), [*ratings, *totals])


def cell_rows(found: Mapping[CellKey, Counts], asked: Asked) -> list[tuple[Table, list[dict[str, Any]]]]:
    """The tables that cells are kept in and the rows to add to each, in the order they are to be written."""
    cells = found.items()
    whole = whole_units(found).items()
    return [
        _named(t.tally, (tally_values(key, counts) for key, counts in cells)),
        _named(t.tally_rating, (row for key, counts in cells for row in rating_values(key, counts))),
        _named(t.tally_product, (row for key, counts in cells for row in product_values(key, counts))),
        _named(t.tally_facet, (row for key, counts in cells for row in facet_values(key, counts))),
        _named(t.tally_month, (month_values(key, counts, asked(key.questionnaire)) for key, counts in whole)),
    ]


def adding(table: Table) -> Iterator[Column[Any]]:
    """The columns of a table of cells that grow: all but what says which cell it is and of which questions."""
    return (column for column in table.c if not column.primary_key and not isinstance(column.type, Text))


def _named(table: Table, rows: Iterable[tuple[Any, ...]]) -> tuple[Table, list[dict[str, Any]]]:
    names = table.c.keys()
    return table, [dict(zip(names, row, strict=True)) for row in rows]
