"""The first tables: who the device is, what it asks, and the chain of responses."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
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
        sqlite_strict=True,
    )
    op.create_table(
        "configuration",
        sa.Column("one", sa.INTEGER, sa.CheckConstraint("one = 1", "ck_configuration_single"), primary_key=True),
        sa.Column(
            "version", sa.INTEGER, sa.CheckConstraint("version >= 0", "ck_configuration_version"), nullable=False
        ),
        sa.Column("body", sa.BLOB, nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "epochs",
        sa.Column("epoch", sa.INTEGER, sa.CheckConstraint("epoch >= 1", "ck_epochs_epoch"), primary_key=True),
        sa.Column(
            "acknowledged_seq",
            sa.INTEGER,
            sa.CheckConstraint("acknowledged_seq >= 0", "ck_epochs_acknowledged"),
            nullable=False,
        ),
        sqlite_strict=True,
    )
    op.create_table(
        "responses",
        sa.Column("epoch", sa.INTEGER, sa.ForeignKey("epochs.epoch", name="fk_responses_epoch"), primary_key=True),
        sa.Column("seq", sa.INTEGER, sa.CheckConstraint("seq >= 1", "ck_responses_seq"), primary_key=True),
        sa.Column("id", sa.TEXT, sa.CheckConstraint("length(id) = 36", "ck_responses_id"), nullable=False),
        sa.Column("body", sa.BLOB, sa.CheckConstraint("length(body) > 0", "ck_responses_body"), nullable=False),
        sa.Column(
            "prev_hash", sa.TEXT, sa.CheckConstraint("length(prev_hash) = 64", "ck_responses_prev_hash"), nullable=False
        ),
        sa.Column("hash", sa.TEXT, sa.CheckConstraint("length(hash) = 64", "ck_responses_hash"), nullable=False),
        sa.UniqueConstraint("id", name="uq_responses_id"),
        sqlite_strict=True,
    )
    # also holds off REPLACE, which removes rows without asking the trigger on DELETE
    op.execute(
        "CREATE TRIGGER responses_in_order BEFORE INSERT ON responses "
        "WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM responses WHERE epoch = NEW.epoch) "
        "OR EXISTS (SELECT 1 FROM responses WHERE id = NEW.id) "
        "BEGIN SELECT RAISE(ABORT, 'a response is new and the next of its epoch'); END"
    )
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER responses_no_{change.lower()} BEFORE {change} ON responses "
            "BEGIN SELECT RAISE(ABORT, 'a response is never changed'); END"
        )
