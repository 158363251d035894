"""Sums and cross-products of complete responses in each cell, counted from the responses that are held already.

Revision: 0002
"""

import json
from collections.abc import Iterator
from itertools import combinations_with_replacement
from operator import add
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_CHUNK = 1000
_KEY = ("unit", "grain", "starts_on", "service", "questionnaire", "channel")


def upgrade() -> None:
    table = op.create_table(
        "tally_product",
        sa.Column("unit", sa.String(length=64), nullable=False),
        sa.Column("grain", sa.String(length=5), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("service", sa.String(length=64), nullable=False),
        sa.Column("questionnaire", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("questions", sa.Text(), nullable=False),
        sa.Column("totals", sa.ARRAY(sa.BigInteger()).with_variant(sa.JSON(), "sqlite"), nullable=False),
        sa.CheckConstraint("grain IN ('day', 'month')", name=op.f("ck_tally_product_grain")),
        sa.PrimaryKeyConstraint(*_KEY, name=op.f("pk_tally_product")),
    )
    op.create_index("ix_tally_product_grain_starts_on", "tally_product", ["grain", "starts_on"], unique=False)
    cells: dict[tuple[Any, ...], list[int]] = {}
    for key, totals in _responses():
        held = cells.get(key)
        cells[key] = totals if held is None else list(map(add, held, totals))
    rows = [dict(zip((*_KEY, "questions", "totals"), (*key, totals), strict=True)) for key, totals in cells.items()]
    for start in range(0, len(rows), _CHUNK):
        op.bulk_insert(table, rows[start : start + _CHUNK])


def _responses() -> Iterator[tuple[tuple[Any, ...], list[int]]]:
    """Each complete response's own totals, for the cell of its day and for that of its month."""
    names = ("unit", "service", "questionnaire", "channel", "body")
    columns = [sa.column("local_date", sa.Date()), *map(sa.column, names)]
    query = sa.select(*columns).select_from(sa.table("response")).where(sa.column("status") == "complete")
    for row in op.get_bind().execute(query, execution_options={"yield_per": _CHUNK}):
        answers = sorted(json.loads(bytes(row.body))["answers"].items())
        questions, ratings = " ".join(code for code, _ in answers), [rating for _, rating in answers]
        totals = [*ratings, *(first * second for first, second in combinations_with_replacement(ratings, 2))]
        for grain, starts_on in (("day", row.local_date), ("month", row.local_date.replace(day=1))):
            yield (row.unit, grain, starts_on, row.service, row.questionnaire, row.channel, questions), totals
