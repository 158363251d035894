"""Epochs after the first, forgotten bodies, a key in waiting, the draft of a running visit, and seals on small tables.

A table cannot learn a new constraint, so three are made anew and what they held is copied.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_GENESIS = "0" * 64


def upgrade() -> None:
    for change in ("in_order", "no_update", "no_delete"):
        op.execute(f"DROP TRIGGER responses_{change}")
    for table in ("responses", "epochs", "identity"):
        op.rename_table(table, f"{table}_before")
    _make_identity()
    _make_epochs()
    _make_responses()
    op.execute("INSERT INTO identity SELECT *, '' FROM identity_before")
    copied = sa.text("INSERT INTO epochs SELECT epoch, acknowledged_seq, NULL, 0, :genesis FROM epochs_before")
    op.execute(copied.bindparams(genesis=_GENESIS))
    op.execute("INSERT INTO responses SELECT * FROM responses_before ORDER BY epoch, seq")
    # the one that refers to another first
    for table in ("responses", "epochs", "identity"):
        op.drop_table(f"{table}_before")
    _make_moved()
    _make_triggers()
    _make_small_tables()


def _make_identity() -> None:
    op.create_table(
        "identity",
        sa.Column("one", sa.INTEGER, sa.CheckConstraint("one = 1", "ck_identity_single"), primary_key=True),
        sa.Column("device", sa.TEXT, sa.CheckConstraint("length(device) = 36", "ck_identity_device"), nullable=False),
        sa.Column("server", sa.TEXT, sa.CheckConstraint("length(server) = 36", "ck_identity_server"), nullable=False),
        sa.Column(
            "server_url",
            sa.TEXT,
            sa.CheckConstraint("server_url LIKE 'http%'", "ck_identity_server_url"),
            nullable=False,
        ),
        sa.Column(
            "private_key",
            sa.BLOB,
            sa.CheckConstraint("length(private_key) = 32", "ck_identity_private_key"),
            nullable=False,
        ),
        sa.Column(
            "server_key",
            sa.TEXT,
            sa.CheckConstraint("server_key = '' OR length(server_key) = 44", "ck_identity_server_key"),
            nullable=False,
            server_default=sa.text("''"),
        ),
        sqlite_strict=True,
    )


def _make_epochs() -> None:
    op.create_table(
        "epochs",
        sa.Column("epoch", sa.INTEGER, sa.CheckConstraint("epoch >= 1", "ck_epochs_epoch"), primary_key=True),
        sa.Column(
            "acknowledged_seq",
            sa.INTEGER,
            sa.CheckConstraint("acknowledged_seq >= 0", "ck_epochs_acknowledged"),
            nullable=False,
        ),
        sa.Column("opening", sa.BLOB, sa.CheckConstraint("(opening IS NULL) = (epoch = 1)", "ck_epochs_opening")),
        sa.Column("base_seq", sa.INTEGER, sa.CheckConstraint("base_seq >= 0", "ck_epochs_base_seq"), nullable=False),
        sa.Column(
            "base_hash", sa.TEXT, sa.CheckConstraint("length(base_hash) = 64", "ck_epochs_base_hash"), nullable=False
        ),
        sqlite_strict=True,
    )


def _make_responses() -> None:
    op.create_table(
        "responses",
        sa.Column("epoch", sa.INTEGER, sa.ForeignKey("epochs.epoch", name="fk_responses_epoch"), primary_key=True),
        sa.Column("seq", sa.INTEGER, sa.CheckConstraint("seq >= 1", "ck_responses_seq"), primary_key=True),
        sa.Column("id", sa.TEXT, sa.CheckConstraint("length(id) = 36", "ck_responses_id"), nullable=False),
        sa.Column("body", sa.BLOB, sa.CheckConstraint("body IS NULL OR length(body) > 0", "ck_responses_body")),
        sa.Column(
            "prev_hash", sa.TEXT, sa.CheckConstraint("length(prev_hash) = 64", "ck_responses_prev_hash"), nullable=False
        ),
        sa.Column("hash", sa.TEXT, sa.CheckConstraint("length(hash) = 64", "ck_responses_hash"), nullable=False),
        sa.UniqueConstraint("id", name="uq_responses_id"),
        sqlite_strict=True,
    )


def _make_moved() -> None:
    op.create_table(
        "moved",
        sa.Column("epoch", sa.INTEGER, primary_key=True),
        sa.Column("seq", sa.INTEGER, sa.CheckConstraint("seq >= 1", "ck_moved_seq"), primary_key=True),
        sa.Column("id", sa.TEXT, sa.CheckConstraint("length(id) = 36", "ck_moved_id"), nullable=False),
        sa.Column("hash", sa.TEXT, sa.CheckConstraint("length(hash) = 64", "ck_moved_hash"), nullable=False),
        sqlite_strict=True,
    )


def _make_triggers() -> None:
    # also holds off REPLACE, which removes rows without asking the trigger on DELETE
    op.execute(
        "CREATE TRIGGER responses_in_order BEFORE INSERT ON responses "
        "WHEN NEW.epoch IS NOT (SELECT max(epoch) FROM epochs) "
        "OR NEW.seq IS NOT 1 + coalesce((SELECT max(seq) FROM responses WHERE epoch = NEW.epoch), "
        "(SELECT base_seq FROM epochs WHERE epoch = NEW.epoch)) "
        "OR EXISTS (SELECT 1 FROM responses WHERE id = NEW.id) "
        "BEGIN SELECT RAISE(ABORT, 'a response is new and the next of its epoch'); END"
    )
    op.execute(
        "CREATE TRIGGER responses_no_update BEFORE UPDATE ON responses "
        "WHEN NOT (NEW.body IS NULL AND NEW.epoch IS OLD.epoch AND NEW.seq IS OLD.seq AND NEW.id IS OLD.id "
        "AND NEW.prev_hash IS OLD.prev_hash AND NEW.hash IS OLD.hash "
        "AND OLD.seq <= (SELECT acknowledged_seq FROM epochs WHERE epoch = OLD.epoch)) "
        "BEGIN SELECT RAISE(ABORT, 'a response is never changed, and forgotten only when it was acknowledged'); END"
    )
    op.execute(
        "CREATE TRIGGER responses_no_delete BEFORE DELETE ON responses WHEN NOT EXISTS (SELECT 1 FROM moved "
        "WHERE epoch = OLD.epoch AND seq = OLD.seq AND id = OLD.id AND hash = OLD.hash) "
        "BEGIN SELECT RAISE(ABORT, 'a response is never removed, and moved only into a later epoch'); END"
    )


def _make_small_tables() -> None:
    op.create_table(
        "next_key",
        sa.Column("one", sa.INTEGER, sa.CheckConstraint("one = 1", "ck_next_key_single"), primary_key=True),
        sa.Column(
            "private_key",
            sa.BLOB,
            sa.CheckConstraint("length(private_key) = 32", "ck_next_key_private_key"),
            nullable=False,
        ),
        sqlite_strict=True,
    )
    op.create_table(
        "draft",
        sa.Column("one", sa.INTEGER, sa.CheckConstraint("one = 1", "ck_draft_single"), primary_key=True),
        sa.Column("body", sa.BLOB, sa.CheckConstraint("length(body) > 0", "ck_draft_body"), nullable=False),
        sa.Column(
            "sum", sa.INTEGER, sa.CheckConstraint("sum BETWEEN 0 AND 4294967295", "ck_draft_sum"), nullable=False
        ),
        sqlite_strict=True,
    )
    op.create_table(
        "seals",
        sa.Column("name", sa.TEXT, primary_key=True),
        sa.Column(
            "sum", sa.INTEGER, sa.CheckConstraint("sum BETWEEN 0 AND 4294967295", "ck_seals_sum"), nullable=False
        ),
        sqlite_strict=True,
    )
