"""People, what they may do, how they come in, and the log of what they did."""

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text

from ikm.server.tables.base import Code, Id, metadata

_ROLES = "role IN ('superadmin', 'agency_admin', 'unit_officer', 'publisher', 'verifier')"

# `email` is in lower case. Without a password the person has not come in yet; `totp_step` is the last step used;
# `seen_ms` is when they were here last, to the minute
person = Table(
    "person",
    metadata,
    Column("id", Id, primary_key=True),
    Column("email", String(200), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    Column("language", String(3), nullable=False, server_default="id"),
    Column("digest", String(6), nullable=False, server_default="daily"),
    Column("password_hash", Text),
    Column("totp_secret", String(64)),
    Column("totp_step", BigInteger),
    Column("made_ms", BigInteger, nullable=False),
    Column("seen_ms", BigInteger),
    Column("disabled_ms", BigInteger),
    Column("digested_ms", BigInteger),
    Column("revision", Integer, nullable=False, server_default="1"),
    CheckConstraint("digest IN ('none', 'daily', 'weekly')", name="digest"),
)

recovery_code = Table(
    "recovery_code",
    metadata,
    Column("person", Id, ForeignKey("person.id"), primary_key=True),
    Column("code_hash", LargeBinary, primary_key=True),
    Column("used_ms", BigInteger),
    CheckConstraint("length(code_hash) = 32", name="code_hash"),
)

# a role on a place and all below it
role_grant = Table(
    "role_grant",
    metadata,
    Column("person", Id, ForeignKey("person.id"), primary_key=True),
    Column("role", String(16), primary_key=True),
    Column("node", Code, ForeignKey("node.code"), primary_key=True),
    Column("since_ms", BigInteger, nullable=False),
    CheckConstraint(_ROLES, name="role"),
)

# the hash of what the browser's cookie holds; `step` is 'password' until the second factor was given, then 'in'
session = Table(
    "session",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("person", Id, ForeignKey("person.id"), nullable=False, index=True),
    Column("step", String(8), nullable=False),
    Column("csrf", String(64), nullable=False),
    Column("made_ms", BigInteger, nullable=False),
    Column("seen_ms", BigInteger, nullable=False),
    # when password or code was given last: what hurts asks for it anew
    Column("proved_ms", BigInteger, nullable=False),
    Column("address", String(64), nullable=False),
    Column("agent", String(200), nullable=False),
    CheckConstraint("step IN ('password', 'in')", name="step"),
    CheckConstraint("length(token_hash) = 32", name="token_hash"),
)

# one-time links: 'setup' makes the first superadmin, 'invite' a person with a role, 'reset' a new password, 'anew' a
# new password and a new second factor
invitation = Table(
    "invitation",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("kind", String(6), nullable=False),
    Column("person", Id, ForeignKey("person.id")),
    Column("email", String(200), nullable=False, server_default=""),
    Column("name", String(200), nullable=False, server_default=""),
    Column("role", String(16)),
    Column("node", Code, ForeignKey("node.code")),
    Column("made_ms", BigInteger, nullable=False),
    Column("made_by", String(200), nullable=False),
    # by whose rights it serves; nobody's for one of the command line
    Column("maker", Id, ForeignKey("person.id")),
    Column("expires_ms", BigInteger, nullable=False),
    Column("used_ms", BigInteger),
    Column("revoked_ms", BigInteger),
    CheckConstraint("kind IN ('setup', 'invite', 'reset', 'anew')", name="kind"),
    CheckConstraint(f"role IS NULL OR {_ROLES}", name="role"),
    CheckConstraint("length(token_hash) = 32", name="token_hash"),
)

# attempts to come in that failed, by account and by address, so that a restart forgives nobody; `since_ms` is when the
# last one was. With no tries it is an address from which the account came in
login_try = Table(
    "login_try",
    metadata,
    Column("who", String(200), primary_key=True),
    Column("tries", Integer, nullable=False),
    Column("since_ms", BigInteger, nullable=False),
)

api_token = Table(
    "api_token",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("name", String(200), nullable=False),
    Column("node", Code, ForeignKey("node.code"), nullable=False),
    Column("made_by", Id, ForeignKey("person.id"), nullable=False),
    Column("made_ms", BigInteger, nullable=False),
    Column("expires_ms", BigInteger, nullable=False),
    Column("used_ms", BigInteger),
    Column("revoked_ms", BigInteger),
    CheckConstraint("length(token_hash) = 32", name="token_hash"),
)

# every change people make, each row hashed over the one before; never updated, never deleted. `once` is the form it
# came from, so that the same form sent twice changes nothing twice
deed = Table(
    "deed",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("person", Id),
    Column("who", String(200), nullable=False),
    Column("address", String(64), nullable=False),
    Column("act", Code, nullable=False),
    Column("node", Code),
    Column("subject", String(200), nullable=False),
    Column("facts", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("once", String(64), unique=True),
    Column("prev_hash", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    CheckConstraint("seq >= 1", name="seq"),
    CheckConstraint("length(hash) = 32", name="hash"),
    CheckConstraint("length(prev_hash) = 32", name="prev_hash"),
)
Index("ix_deed_node_seq", deed.c.node, deed.c.seq)
