"""What responses add up to, kept in the transaction that accepts them."""

from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Column, Date, Index, String, Table, Text

from ikm.server.tables.base import Code, Totals, metadata


def _cell() -> tuple[Column[Any], ...]:
    return (
        Column("unit", Code, primary_key=True),
        Column("grain", String(5), primary_key=True),
        Column("starts_on", Date, primary_key=True),
        Column("service", Code, primary_key=True),
        Column("questionnaire", Code, primary_key=True),
        Column("channel", String(16), primary_key=True),
    )


# a cell per day and the same responses again in a cell per month; `starts_on` is its first local date
tally = Table(
    "tally",
    metadata,
    *_cell(),
    Column("responses", BigInteger, nullable=False),
    Column("complete", BigInteger, nullable=False),
    CheckConstraint("grain IN ('day', 'month')", name="grain"),
    CheckConstraint("complete BETWEEN 0 AND responses", name="complete"),
)
Index("ix_tally_grain_starts_on", tally.c.grain, tally.c.starts_on)

tally_rating = Table(
    "tally_rating",
    metadata,
    *_cell(),
    Column("question", Code, primary_key=True),
    Column("rating_1", BigInteger, nullable=False),
    Column("rating_2", BigInteger, nullable=False),
    Column("rating_3", BigInteger, nullable=False),
    Column("rating_4", BigInteger, nullable=False),
    CheckConstraint("grain IN ('day', 'month')", name="grain"),
    CheckConstraint("rating_1 >= 0 AND rating_2 >= 0 AND rating_3 >= 0 AND rating_4 >= 0", name="ratings"),
)
Index("ix_tally_rating_grain_starts_on", tally_rating.c.grain, tally_rating.c.starts_on)

# one row a cell with complete responses: a row a pair makes taking a single response a quarter to a third dearer, this
# a tenth. What stands where in `totals` is told in `ikm.server.store.totals`; `questions` are their codes
tally_product = Table(
    "tally_product",
    metadata,
    *_cell(),
    Column("questions", Text, nullable=False),
    Column("totals", Totals, nullable=False),
    CheckConstraint("grain IN ('day', 'month')", name="grain"),
)
Index("ix_tally_product_grain_starts_on", tally_product.c.grain, tally_product.c.starts_on)

# who answered and how, a cell per month: how many responses had that value, and the ratings they gave; `facet` is one
# of 'language', 'instrument', 'aid', 'hour' (weekday 1-7 and local hour, '1-09'), 'clock' ('uncertain' alone),
# 'left_at', 'reason' (question and reason, 'TIME:slow'), 'unanswered' (visits that gave nothing, by the screen they
# were left at), or 'profile.' and the code of a field of the questionnaire
tally_facet = Table(
    "tally_facet",
    metadata,
    Column("unit", Code, primary_key=True),
    Column("starts_on", Date, primary_key=True),
    Column("service", Code, primary_key=True),
    Column("questionnaire", Code, primary_key=True),
    Column("channel", String(16), primary_key=True),
    Column("facet", Code, primary_key=True),
    Column("value", String(130), primary_key=True),
    Column("responses", BigInteger, nullable=False),
    Column("ratings", BigInteger, nullable=False),
    Column("total", BigInteger, nullable=False),
    CheckConstraint("responses >= 0 AND ratings >= 0 AND total >= 0", name="counts"),
)

# the month of a whole unit in one row, so that a regency's year is read in milliseconds however many services there
# are. `totals`: per question in the order of `questions` how often 1, 2, 3 and 4 were given, then what
# `tally_product.totals` holds
tally_month = Table(
    "tally_month",
    metadata,
    Column("unit", Code, primary_key=True),
    Column("starts_on", Date, primary_key=True),
    Column("questionnaire", Code, primary_key=True),
    Column("channel", String(16), primary_key=True),
    Column("responses", BigInteger, nullable=False),
    Column("complete", BigInteger, nullable=False),
    Column("questions", Text, nullable=False),
    Column("totals", Totals, nullable=False),
    CheckConstraint("complete BETWEEN 0 AND responses", name="complete"),
)
Index("ix_tally_month_starts_on", tally_month.c.starts_on)
