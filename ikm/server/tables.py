"""The server's tables, the same on SQLite and PostgreSQL. Only the store and the migrations know them.

Texts in several languages and messages are canonical JSON in text columns; hashes are 32 raw bytes; a response's body
is kept in the very bytes it was hashed in. Times are milliseconds since 1970, UTC.
"""

from typing import Any

from sqlalchemy import (
    ARRAY,
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    false,
)

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

Code = String(64)
Id = Uuid(as_uuid=False)
Totals = ARRAY(BigInteger).with_variant(JSON(), "sqlite")

server = Table(
    "server",
    metadata,
    Column("one", Integer, primary_key=True, autoincrement=False),
    Column("id", Id, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    CheckConstraint("one = 1", name="one"),
)

node = Table(
    "node",
    metadata,
    Column("code", Code, primary_key=True),
    Column("level", String(8), nullable=False),
    Column("parent", Code, ForeignKey("node.code"), index=True),
    Column("position", Integer, nullable=False),
    Column("name", String(200), nullable=False),
    Column("names", Text, nullable=False),
    CheckConstraint("level IN ('regency', 'agency', 'unit', 'counter')", name="level"),
    CheckConstraint("(level = 'regency') = (parent IS NULL)", name="parent"),
)

unit = Table(
    "unit",
    metadata,
    Column("code", Code, ForeignKey("node.code"), primary_key=True),
    Column("time_zone", String(4), nullable=False),
    CheckConstraint("time_zone IN ('WIB', 'WITA', 'WIT')", name="time_zone"),
)

service = Table(
    "service",
    metadata,
    Column("unit", Code, ForeignKey("unit.code"), primary_key=True),
    Column("code", Code, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("name", Text, nullable=False),
)

questionnaire = Table(
    "questionnaire",
    metadata,
    Column("code", Code, primary_key=True),
    Column("body", Text, nullable=False),
)

configuration = Table(
    "configuration",
    metadata,
    Column("counter", Code, ForeignKey("node.code"), primary_key=True),
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("body", Text, nullable=False),
    CheckConstraint("version >= 1", name="version"),
)

device = Table(
    "device",
    metadata,
    Column("id", Id, primary_key=True),
    Column("counter", Code, ForeignKey("node.code"), nullable=False, index=True),
    Column("public_key", LargeBinary, nullable=False),
    Column("enrolled_ms", BigInteger, nullable=False),
    Column("revoked_ms", BigInteger),
    Column("last_seen_ms", BigInteger),
    Column("health", Text),
    # the last row that still counts once the device is revoked; NULL: nothing that was not held then
    Column("revoked_epoch", BigInteger),
    Column("revoked_after_seq", BigInteger),
    Column("revoked_by", String(200)),
    Column("revoked_reason", Text),
    # both are read with the device's lock: whether the table of forks says anything against its rows, and its newest
    # epoch; the intake asks further only where they say so
    Column("disputed", Boolean, nullable=False, server_default=false()),
    Column("latest_epoch", BigInteger, nullable=False, server_default="1"),
    CheckConstraint("length(public_key) = 32", name="public_key"),
)

# every key a device ever signed with; the newest one stands in `device` too
device_key = Table(
    "device_key",
    metadata,
    Column("device", Id, ForeignKey("device.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("since_ms", BigInteger, nullable=False),
    CheckConstraint("length(public_key) = 32", name="public_key"),
)

# `signature` is that of the key before, NULL for the first
server_key = Table(
    "server_key",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("private_key", LargeBinary, nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("signature", LargeBinary),
    Column("since_ms", BigInteger, nullable=False),
    CheckConstraint("number >= 1", name="number"),
    CheckConstraint("(number = 1) = (signature IS NULL)", name="signature"),
    CheckConstraint("length(private_key) = 32", name="private_key"),
    CheckConstraint("length(public_key) = 32", name="public_key"),
)

enrolment_code = Table(
    "enrolment_code",
    metadata,
    Column("code_hash", LargeBinary, primary_key=True),
    Column("counter", Code, ForeignKey("node.code"), nullable=False),
    Column("expires_ms", BigInteger, nullable=False),
    Column("used_by", Id, ForeignKey("device.id")),
    Column("made_ms", BigInteger, nullable=False, server_default="0"),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("revoked_ms", BigInteger),
    CheckConstraint("length(code_hash) = 32", name="code_hash"),
)

# wrong codes by who tried them, so that a restart forgives nobody
enrolment_try = Table(
    "enrolment_try",
    metadata,
    Column("address", String(64), primary_key=True),
    Column("tries", Integer, nullable=False),
    Column("since_ms", BigInteger, nullable=False),
)

head = Table(
    "head",
    metadata,
    Column("device", Id, ForeignKey("device.id"), primary_key=True),
    Column("epoch", BigInteger, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    CheckConstraint("seq >= 1", name="seq"),
    CheckConstraint("length(hash) = 32", name="hash"),
)

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
    UniqueConstraint("device", "epoch", "seq"),
    CheckConstraint("seq >= 1", name="seq"),
    CheckConstraint("length(hash) = 32", name="hash"),
    CheckConstraint("length(prev_hash) = 32", name="prev_hash"),
    CheckConstraint("status IN ('complete', 'partial')", name="status"),
)
Index("ix_response_unit_received_ms", response.c.unit, response.c.received_ms)

# what a device said when it began another epoch, and how far the server held the one before at that moment
opening = Table(
    "opening",
    metadata,
    Column("device", Id, ForeignKey("device.id"), primary_key=True),
    Column("epoch", BigInteger, primary_key=True, autoincrement=False),
    Column("reason", String(8), nullable=False),
    Column("previous_epoch", BigInteger, nullable=False),
    Column("previous_seq", BigInteger, nullable=False),
    Column("previous_hash", LargeBinary, nullable=False),
    Column("known_seq", BigInteger, nullable=False),
    Column("salvaged", BigInteger, nullable=False),
    Column("head_seq_before", BigInteger, nullable=False),
    Column("opened_ms", BigInteger, nullable=False),
    CheckConstraint("epoch >= 2 AND previous_epoch BETWEEN 1 AND epoch - 1", name="epoch"),
    CheckConstraint("reason IN ('damaged', 'fork', 'lost', 'rollback')", name="reason"),
    CheckConstraint("length(previous_hash) = 32", name="previous_hash"),
)

# rows that cannot be counted, in the bytes they came in. `chained`: this is the row that holds its place in the chain,
# so per device and epoch head.seq = responses + chained rows here; a released row gives that place to its response
quarantine = Table(
    "quarantine",
    metadata,
    Column("device", Id, ForeignKey("device.id"), primary_key=True),
    Column("epoch", BigInteger, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary, primary_key=True),
    Column("prev_hash", LargeBinary, nullable=False),
    Column("id", Id, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("code", Code, nullable=False),
    Column("detail", Text, nullable=False, server_default=""),
    Column("chained", Boolean, nullable=False),
    Column("received_ms", BigInteger, nullable=False),
    Column("decided_ms", BigInteger),
    Column("decision", String(8)),
    Column("decided_by", String(200)),
    Column("reason", Text),
    CheckConstraint("seq >= 1", name="seq"),
    CheckConstraint("length(hash) = 32", name="hash"),
    CheckConstraint("length(prev_hash) = 32", name="prev_hash"),
    CheckConstraint("decision IN ('released', 'rejected', 'settled')", name="decision"),
    CheckConstraint("(decision IS NULL) = (decided_ms IS NULL)", name="decided"),
    CheckConstraint("NOT chained OR decision IS NULL OR decision <> 'released'", name="released"),
)

# where two claim to be one device: its rows of that epoch from `seq` on are held until decided 'count', for ever when
# decided 'discard'. kinds: 'conflict' (one number, two rows), 'closed' (more rows of an epoch that a later one closed),
# 'opening' (one that contradicts what is held), 'after' (an epoch begun after such a thing and before a decision)
fork = Table(
    "fork",
    metadata,
    Column("device", Id, ForeignKey("device.id"), primary_key=True),
    Column("epoch", BigInteger, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", String(8), nullable=False),
    Column("seen_ms", BigInteger, nullable=False),
    Column("decided_ms", BigInteger),
    Column("decision", String(8)),
    Column("decided_by", String(200)),
    Column("reason", Text),
    CheckConstraint("seq >= 1", name="seq"),
    CheckConstraint("kind IN ('conflict', 'closed', 'opening', 'after')", name="kind"),
    CheckConstraint("decision IN ('count', 'discard')", name="decision"),
    CheckConstraint("(decision IS NULL) = (decided_ms IS NULL)", name="decided"),
)

# the server's time at the moment a device's machine started, never too early: a message is received after it is sent
boot = Table(
    "boot",
    metadata,
    Column("device", Id, ForeignKey("device.id"), primary_key=True),
    Column("boot_id", String(36), primary_key=True),
    Column("offset_ms", BigInteger, nullable=False),
    Column("seen_ms", BigInteger, nullable=False),
)

# how far a verified backup holds an epoch; devices may forget up to there
durable = Table(
    "durable",
    metadata,
    Column("device", Id, ForeignKey("device.id"), primary_key=True),
    Column("epoch", BigInteger, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False),
    CheckConstraint("seq >= 1", name="seq"),
)

backup = Table(
    "backup",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("made_ms", BigInteger, nullable=False),
    Column("place", Text, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("responses", BigInteger, nullable=False),
    Column("verified_ms", BigInteger),
    CheckConstraint("length(sha256) = 32", name="sha256"),
)


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
