"""The device's tables, as the newest migration leaves them. Only this package knows them."""

from sqlalchemy import BLOB, INTEGER, TEXT, CheckConstraint, Column, ForeignKey, MetaData, Table, text

metadata = MetaData(
    naming_convention={
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
    }
)

identity = Table(
    "identity",
    metadata,
    Column("one", INTEGER, CheckConstraint("one = 1", "single"), primary_key=True),
    Column("device", TEXT, CheckConstraint("length(device) = 36", "device"), nullable=False),
    Column("server", TEXT, CheckConstraint("length(server) = 36", "server"), nullable=False),
    Column("server_url", TEXT, CheckConstraint("server_url LIKE 'http%'", "server_url"), nullable=False),
    Column("private_key", BLOB, CheckConstraint("length(private_key) = 32", "private_key"), nullable=False),
    Column(
        "server_key",
        TEXT,
        CheckConstraint("server_key = '' OR length(server_key) = 44", "server_key"),
        nullable=False,
        server_default=text("''"),
    ),
    sqlite_strict=True,
)

next_key = Table(
    "next_key",
    metadata,
    Column("one", INTEGER, CheckConstraint("one = 1", "single"), primary_key=True),
    Column("private_key", BLOB, CheckConstraint("length(private_key) = 32", "private_key"), nullable=False),
    sqlite_strict=True,
)

configuration = Table(
    "configuration",
    metadata,
    Column("one", INTEGER, CheckConstraint("one = 1", "single"), primary_key=True),
    Column("version", INTEGER, CheckConstraint("version >= 0", "version"), nullable=False),
    Column("body", BLOB, nullable=False),
    sqlite_strict=True,
)

epochs = Table(
    "epochs",
    metadata,
    Column("epoch", INTEGER, CheckConstraint("epoch >= 1", "epoch"), primary_key=True),
    Column("acknowledged_seq", INTEGER, CheckConstraint("acknowledged_seq >= 0", "acknowledged"), nullable=False),
    # as every batch of the epoch carries it; none of the first epoch does
    Column("opening", BLOB, CheckConstraint("(opening IS NULL) = (epoch = 1)", "opening")),
    # rows up to here are not on this device and need not be: 0, or what was salvaged begins after them
    Column("base_seq", INTEGER, CheckConstraint("base_seq >= 0", "base_seq"), nullable=False),
    Column("base_hash", TEXT, CheckConstraint("length(base_hash) = 64", "base_hash"), nullable=False),
    sqlite_strict=True,
)

responses = Table(
    "responses",
    metadata,
    Column("epoch", INTEGER, ForeignKey("epochs.epoch"), primary_key=True),
    Column("seq", INTEGER, CheckConstraint("seq >= 1", "seq"), primary_key=True),
    Column("id", TEXT, CheckConstraint("length(id) = 36", "id"), nullable=False, unique=True),
    # NULL once it is forgotten
    Column("body", BLOB, CheckConstraint("body IS NULL OR length(body) > 0", "body")),
    Column("prev_hash", TEXT, CheckConstraint("length(prev_hash) = 64", "prev_hash"), nullable=False),
    Column("hash", TEXT, CheckConstraint("length(hash) = 64", "hash"), nullable=False),
    sqlite_strict=True,
)

moved = Table(
    "moved",
    metadata,
    Column("epoch", INTEGER, primary_key=True),
    Column("seq", INTEGER, CheckConstraint("seq >= 1", "seq"), primary_key=True),
    Column("id", TEXT, CheckConstraint("length(id) = 36", "id"), nullable=False),
    Column("hash", TEXT, CheckConstraint("length(hash) = 64", "hash"), nullable=False),
    sqlite_strict=True,
)
"""Places of an epoch that was closed before them: their responses are rows of a later epoch."""

draft = Table(
    "draft",
    metadata,
    Column("one", INTEGER, CheckConstraint("one = 1", "single"), primary_key=True),
    Column("body", BLOB, CheckConstraint("length(body) > 0", "body"), nullable=False),
    Column("sum", INTEGER, CheckConstraint("sum BETWEEN 0 AND 4294967295", "sum"), nullable=False),
    sqlite_strict=True,
)

seals = Table(
    "seals",
    metadata,
    Column("name", TEXT, primary_key=True),
    Column("sum", INTEGER, CheckConstraint("sum BETWEEN 0 AND 4294967295", "sum"), nullable=False),
    sqlite_strict=True,
)
"""Check sums of the small tables, which no chain protects."""

training = Table(
    "training",
    metadata,
    Column("id", INTEGER, primary_key=True),
    Column("body", BLOB, CheckConstraint("length(body) > 0", "body"), nullable=False),
    sqlite_strict=True,
)

staff = Table(
    "staff",
    metadata,
    Column("one", INTEGER, CheckConstraint("one = 1", "single"), primary_key=True),
    Column(
        "pin_hash", TEXT, CheckConstraint("pin_hash = '' OR pin_hash LIKE '$argon2id$%'", "pin_hash"), nullable=False
    ),
    Column("pin_due", INTEGER, CheckConstraint("pin_due IN (0, 1)", "pin_due"), nullable=False),
    Column("failures", INTEGER, CheckConstraint("failures >= 0", "failures"), nullable=False),
    Column("boot_id", TEXT, nullable=False),
    Column("since_ms", INTEGER, CheckConstraint("since_ms >= 0", "since_ms"), nullable=False),
    sqlite_strict=True,
)

local = Table(
    "local",
    metadata,
    Column("one", INTEGER, CheckConstraint("one = 1", "single"), primary_key=True),
    Column("body", BLOB, CheckConstraint("length(body) > 0", "body"), nullable=False),
    sqlite_strict=True,
)

rotation = Table(
    "rotation",
    metadata,
    Column("questionnaire", TEXT, primary_key=True),
    Column("question", TEXT, primary_key=True),
    Column("answers", INTEGER, CheckConstraint("answers >= 1", "answers"), nullable=False),
    sqlite_strict=True,
)
