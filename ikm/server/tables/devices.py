"""Devices, their keys, how far they came, what is kept aside; and the server's own keys and backups."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    false,
)

from ikm.server.tables.base import Code, Id, metadata

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
    # the version it said it runs on, and the hour (of those since 1970) of which `contact` knows already
    Column("configuration", BigInteger),
    Column("contact_hour", BigInteger),
    CheckConstraint("length(public_key) = 32", name="public_key"),
)

# in which hours of a day (days since 1970, UTC) a device was heard of: bit 0 is the hour after midnight
contact = Table(
    "contact",
    metadata,
    Column("device", Id, ForeignKey("device.id"), primary_key=True),
    Column("day", BigInteger, primary_key=True, autoincrement=False),
    Column("hours", BigInteger, nullable=False),
    CheckConstraint("hours BETWEEN 1 AND 16777215", name="hours"),
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
