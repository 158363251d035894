"""Places and what they offer and ask: the tree, units, services, questionnaires, kiosk configurations."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
)

from ikm.server.tables.base import Code, Id, metadata

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
    # counts its changes, so that whoever edits an older state is told; `retired_ms`: it is no longer offered or counted
    # on, but its answers stay
    Column("revision", Integer, nullable=False, server_default="1"),
    Column("retired_ms", BigInteger),
    CheckConstraint("level IN ('regency', 'agency', 'unit', 'counter')", name="level"),
    CheckConstraint("(level = 'regency') = (parent IS NULL)", name="parent"),
)

unit = Table(
    "unit",
    metadata,
    Column("code", Code, ForeignKey("node.code"), primary_key=True),
    Column("time_zone", String(4), nullable=False),
    Column("address", Text, nullable=False, server_default=""),
    Column("phone", String(50), nullable=False, server_default=""),
    # messages: opening hours, lines of the service pledge, lines on how complaints are taken
    Column("opening", Text, nullable=False, server_default="[]"),
    Column("pledge", Text, nullable=False, server_default="[]"),
    Column("complaints", Text, nullable=False, server_default="[]"),
    Column("revision", Integer, nullable=False, server_default="1"),
    CheckConstraint("time_zone IN ('WIB', 'WITA', 'WIT')", name="time_zone"),
)

service = Table(
    "service",
    metadata,
    Column("unit", Code, ForeignKey("unit.code"), primary_key=True),
    Column("code", Code, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("name", Text, nullable=False),
    # what was promised: element code -> lines
    Column("standard", Text, nullable=False, server_default="{}"),
    Column("revision", Integer, nullable=False, server_default="1"),
    Column("retired_ms", BigInteger),
)

# users of a service in a span of days, the end excluded; service '' is the whole unit
population = Table(
    "population",
    metadata,
    Column("unit", Code, ForeignKey("unit.code"), primary_key=True),
    Column("service", Code, primary_key=True),
    Column("starts_on", Date, primary_key=True),
    Column("ends_on", Date, nullable=False),
    Column("users", BigInteger, nullable=False),
    CheckConstraint("ends_on > starts_on", name="span"),
    CheckConstraint("users >= 1", name="users"),
)

# days on which all below that place are closed
holiday = Table(
    "holiday",
    metadata,
    Column("node", Code, ForeignKey("node.code"), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("name", String(200), nullable=False),
)

# what a unit says of the four factors that carry its service, 1 to 4 each
self_assessment = Table(
    "self_assessment",
    metadata,
    Column("unit", Code, ForeignKey("unit.code"), primary_key=True),
    Column("made_ms", BigInteger, primary_key=True, autoincrement=False),
    Column("made_by", String(200), nullable=False),
    Column("vision", Integer, nullable=False),
    Column("systems", Integer, nullable=False),
    Column("staff", Integer, nullable=False),
    Column("facilities", Integer, nullable=False),
    Column("notes", Text, nullable=False, server_default=""),
    CheckConstraint(
        "vision BETWEEN 1 AND 4 AND systems BETWEEN 1 AND 4 AND staff BETWEEN 1 AND 4 AND facilities BETWEEN 1 AND 4",
        name="factors",
    ),
)

# an upload of places: it waits for whoever made it to confirm it; `changes` are those it made, kept to be undone
place_import = Table(
    "place_import",
    metadata,
    Column("id", Id, primary_key=True),
    Column("made_ms", BigInteger, nullable=False),
    Column("made_by", String(200), nullable=False),
    Column("person", Id),
    Column("file_name", String(200), nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("records", Text, nullable=False),
    Column("changes", Text, nullable=False, server_default="[]"),
    Column("applied_ms", BigInteger),
    Column("undone_ms", BigInteger),
    CheckConstraint("length(sha256) = 32", name="sha256"),
)

questionnaire = Table(
    "questionnaire",
    metadata,
    Column("code", Code, primary_key=True),
    Column("body", Text, nullable=False),
)

# a version that may still be edited; once it is finished it is a questionnaire and never changes
questionnaire_draft = Table(
    "questionnaire_draft",
    metadata,
    Column("code", Code, primary_key=True),
    Column("body", Text, nullable=False),
    Column("revision", Integer, nullable=False, server_default="1"),
    Column("changed_ms", BigInteger, nullable=False),
    Column("changed_by", String(200), nullable=False),
)

# which questionnaire is asked below a place from a date on
questionnaire_schedule = Table(
    "questionnaire_schedule",
    metadata,
    Column("node", Code, ForeignKey("node.code"), primary_key=True),
    Column("starts_on", Date, primary_key=True),
    Column("questionnaire", Code, ForeignKey("questionnaire.code"), nullable=False),
    # when it reached the kiosks: once, whatever is rolled out or back afterwards
    Column("applied_ms", BigInteger),
)

# what a place decides about the kiosks below it; what it does not say, the place above it says
kiosk_setting = Table(
    "kiosk_setting",
    metadata,
    Column("node", Code, ForeignKey("node.code"), primary_key=True),
    Column("body", Text, nullable=False),
    Column("revision", Integer, nullable=False, server_default="1"),
)

# a change of many kiosks' configurations that reaches them in waves
rollout = Table(
    "rollout",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("node", Code, ForeignKey("node.code"), nullable=False),
    Column("made_ms", BigInteger, nullable=False),
    Column("made_by", String(200), nullable=False),
    Column("note", Text, nullable=False, server_default=""),
    Column("waves", Integer, nullable=False),
    Column("reached", Integer, nullable=False, server_default="0"),
    Column("ended_ms", BigInteger),
    # 'done': every wave went out; 'halted': the waves left were given up; 'returned': the kiosks got back what they had
    Column("outcome", String(8)),
    CheckConstraint("outcome IN ('done', 'halted', 'returned')", name="outcome"),
    CheckConstraint("(outcome IS NULL) = (ended_ms IS NULL)", name="ended"),
    CheckConstraint("waves >= 1 AND reached BETWEEN 0 AND waves", name="waves"),
)

configuration = Table(
    "configuration",
    metadata,
    Column("counter", Code, ForeignKey("node.code"), primary_key=True),
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("body", Text, nullable=False),
    # NULL: waits for its wave and is offered to nobody yet
    Column("released_ms", BigInteger, server_default="0"),
    # wave 0: what a kiosk got back when that roll-out was taken back
    Column("rollout", Integer),
    Column("wave", Integer),
    CheckConstraint("version >= 1", name="version"),
)
