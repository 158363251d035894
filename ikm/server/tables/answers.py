"""Responses, the remarks in them, and those an officer declared void."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

from ikm.server.tables.base import Code, Id, metadata

# no foreign keys: a check per row and key would cost as much as the insert, and the device is locked, the unit, service
# and questionnaire were looked up, and nothing of theirs is ever deleted
response = Table(
    "response",
    metadata,
    Column("id", Id, primary_key=True),
    Column("device", Id, nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("prev_hash", LargeBinary, nullable=False),
    Column("unit", Code, nullable=False),
    Column("service", Code, nullable=False),
    Column("counter", Code, nullable=False),
    Column("questionnaire", Code, nullable=False),
    Column("channel", String(16), nullable=False),
    Column("language", String(3), nullable=False),
    Column("status", String(8), nullable=False),
    Column("local_date", Date, nullable=False),
    Column("wall_ms", BigInteger, nullable=False),
    Column("received_ms", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
    # when it was given: `clock` is 'exact' (the server's own reckoning), 'device' (its word), or 'uncertain': then some
    # time between `occurred_ms` and `received_ms`
    Column("occurred_ms", BigInteger, nullable=False, server_default="0"),
    Column("clock", String(9), nullable=False, server_default="device"),
    # in no tally, because of a fork that an officer has not decided, or has decided against it
    Column("held", Boolean, nullable=False, server_default=false()),
    Column("instrument", String(8), nullable=False, server_default="full"),
    UniqueConstraint("device", "epoch", "seq"),
    CheckConstraint("seq >= 1", name="seq"),
    CheckConstraint("length(hash) = 32", name="hash"),
    CheckConstraint("length(prev_hash) = 32", name="prev_hash"),
    CheckConstraint("status IN ('complete', 'partial')", name="status"),
)
Index("ix_response_unit_received_ms", response.c.unit, response.c.received_ms)

# declared void by an officer: held, for ever, whatever is decided about a fork of its device
void = Table(
    "void",
    metadata,
    Column("response", Id, ForeignKey("response.id"), primary_key=True),
    Column("unit", Code, nullable=False, index=True),
    Column("at_ms", BigInteger, nullable=False),
    Column("who", String(200), nullable=False),
    Column("reason", Text, nullable=False),
)

# what citizens wrote, as people may read it: `text` is masked already; the words as given stay in the response's body
remark = Table(
    "remark",
    metadata,
    Column("response", Id, primary_key=True),
    Column("unit", Code, nullable=False),
    Column("service", Code, nullable=False),
    Column("local_date", Date, nullable=False),
    Column("received_ms", BigInteger, nullable=False),
    Column("language", String(3), nullable=False),
    Column("text", Text, nullable=False),
    # what was masked in it, how often: {"phone": 1}
    Column("masked", Text, nullable=False, server_default="{}"),
    Column("category", String(16), nullable=False, server_default=""),
    Column("status", String(10), nullable=False, server_default="new"),
    Column("due_on", Date),
    Column("answer", Text, nullable=False, server_default=""),
    Column("published", Boolean, nullable=False, server_default=false()),
    Column("changed_ms", BigInteger),
    Column("changed_by", String(200)),
    Column("revision", Integer, nullable=False, server_default="1"),
    CheckConstraint("status IN ('new', 'open', 'answered', 'closed')", name="status"),
)
Index("ix_remark_unit_status_received_ms", remark.c.unit, remark.c.status, remark.c.received_ms)
