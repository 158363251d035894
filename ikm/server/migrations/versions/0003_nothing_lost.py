"""Openings of epochs, rows kept aside, forks, boots, backups, keys; when a response was given and whether it is held.

Responses that are there already keep the date of their device's clock, by which they were counted.

Revision: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _keys()
    _chains()
    _backups()
    _columns()
    _fill()


def _keys() -> None:
    op.create_table(
        "server_key",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("private_key", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=True),
        sa.Column("since_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("(number = 1) = (signature IS NULL)", name=op.f("ck_server_key_signature")),
        sa.CheckConstraint("length(private_key) = 32", name=op.f("ck_server_key_private_key")),
        sa.CheckConstraint("length(public_key) = 32", name=op.f("ck_server_key_public_key")),
        sa.CheckConstraint("number >= 1", name=op.f("ck_server_key_number")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_server_key")),
    )
    op.create_table(
        "device_key",
        sa.Column("device", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("since_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("length(public_key) = 32", name=op.f("ck_device_key_public_key")),
        sa.ForeignKeyConstraint(["device"], ["device.id"], name=op.f("fk_device_key_device")),
        sa.PrimaryKeyConstraint("device", "number", name=op.f("pk_device_key")),
    )
    op.create_table(
        "enrolment_try",
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("since_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_enrolment_try")),
    )


def _chains() -> None:
    op.create_table(
        "opening",
        sa.Column("device", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("epoch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("reason", sa.String(length=8), nullable=False),
        sa.Column("previous_epoch", sa.BigInteger(), nullable=False),
        sa.Column("previous_seq", sa.BigInteger(), nullable=False),
        sa.Column("previous_hash", sa.LargeBinary(), nullable=False),
        sa.Column("known_seq", sa.BigInteger(), nullable=False),
        sa.Column("salvaged", sa.BigInteger(), nullable=False),
        sa.Column("head_seq_before", sa.BigInteger(), nullable=False),
        sa.Column("opened_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("reason IN ('damaged', 'fork', 'lost', 'rollback')", name=op.f("ck_opening_reason")),
        sa.CheckConstraint("epoch >= 2 AND previous_epoch BETWEEN 1 AND epoch - 1", name=op.f("ck_opening_epoch")),
        sa.CheckConstraint("length(previous_hash) = 32", name=op.f("ck_opening_previous_hash")),
        sa.ForeignKeyConstraint(["device"], ["device.id"], name=op.f("fk_opening_device")),
        sa.PrimaryKeyConstraint("device", "epoch", name=op.f("pk_opening")),
    )
    op.create_table(
        "quarantine",
        sa.Column("device", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("epoch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("prev_hash", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("detail", sa.Text(), server_default="", nullable=False),
        sa.Column("chained", sa.Boolean(), nullable=False),
        sa.Column("received_ms", sa.BigInteger(), nullable=False),
        sa.Column("decided_ms", sa.BigInteger(), nullable=True),
        sa.Column("decision", sa.String(length=8), nullable=True),
        sa.Column("decided_by", sa.String(length=200), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "NOT chained OR decision IS NULL OR decision <> 'released'", name=op.f("ck_quarantine_released")
        ),
        sa.CheckConstraint("decision IN ('released', 'rejected', 'settled')", name=op.f("ck_quarantine_decision")),
        sa.CheckConstraint("(decision IS NULL) = (decided_ms IS NULL)", name=op.f("ck_quarantine_decided")),
        sa.CheckConstraint("length(hash) = 32", name=op.f("ck_quarantine_hash")),
        sa.CheckConstraint("length(prev_hash) = 32", name=op.f("ck_quarantine_prev_hash")),
        sa.CheckConstraint("seq >= 1", name=op.f("ck_quarantine_seq")),
        sa.ForeignKeyConstraint(["device"], ["device.id"], name=op.f("fk_quarantine_device")),
        sa.PrimaryKeyConstraint("device", "epoch", "seq", "hash", name=op.f("pk_quarantine")),
    )
    op.create_table(
        "fork",
        sa.Column("device", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("epoch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("seen_ms", sa.BigInteger(), nullable=False),
        sa.Column("decided_ms", sa.BigInteger(), nullable=True),
        sa.Column("decision", sa.String(length=8), nullable=True),
        sa.Column("decided_by", sa.String(length=200), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint("decision IN ('count', 'discard')", name=op.f("ck_fork_decision")),
        sa.CheckConstraint("kind IN ('conflict', 'closed', 'opening', 'after')", name=op.f("ck_fork_kind")),
        sa.CheckConstraint("(decision IS NULL) = (decided_ms IS NULL)", name=op.f("ck_fork_decided")),
        sa.CheckConstraint("seq >= 1", name=op.f("ck_fork_seq")),
        sa.ForeignKeyConstraint(["device"], ["device.id"], name=op.f("fk_fork_device")),
        sa.PrimaryKeyConstraint("device", "epoch", "seq", name=op.f("pk_fork")),
    )
    op.create_table(
        "boot",
        sa.Column("device", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("boot_id", sa.String(length=36), nullable=False),
        sa.Column("offset_ms", sa.BigInteger(), nullable=False),
        sa.Column("seen_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["device"], ["device.id"], name=op.f("fk_boot_device")),
        sa.PrimaryKeyConstraint("device", "boot_id", name=op.f("pk_boot")),
    )


def _backups() -> None:
    op.create_table(
        "durable",
        sa.Column("device", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("epoch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("seq >= 1", name=op.f("ck_durable_seq")),
        sa.ForeignKeyConstraint(["device"], ["device.id"], name=op.f("fk_durable_device")),
        sa.PrimaryKeyConstraint("device", "epoch", name=op.f("pk_durable")),
    )
    op.create_table(
        "backup",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("made_ms", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("responses", sa.BigInteger(), nullable=False),
        sa.Column("verified_ms", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("length(sha256) = 32", name=op.f("ck_backup_sha256")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_backup")),
    )


def _columns() -> None:
    op.add_column("device", sa.Column("revoked_epoch", sa.BigInteger(), nullable=True))
    op.add_column("device", sa.Column("revoked_after_seq", sa.BigInteger(), nullable=True))
    op.add_column("device", sa.Column("revoked_by", sa.String(length=200), nullable=True))
    op.add_column("device", sa.Column("revoked_reason", sa.Text(), nullable=True))
    op.add_column("device", sa.Column("disputed", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("device", sa.Column("latest_epoch", sa.BigInteger(), server_default="1", nullable=False))
    op.add_column("enrolment_code", sa.Column("made_ms", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("enrolment_code", sa.Column("tries", sa.Integer(), server_default="0", nullable=False))
    op.add_column("enrolment_code", sa.Column("revoked_ms", sa.BigInteger(), nullable=True))
    op.add_column("response", sa.Column("occurred_ms", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("response", sa.Column("clock", sa.String(length=9), server_default="device", nullable=False))
    op.add_column("response", sa.Column("held", sa.Boolean(), server_default=sa.false(), nullable=False))


def _fill() -> None:
    op.execute("UPDATE response SET occurred_ms = wall_ms")
    op.execute(
        "UPDATE device SET latest_epoch = coalesce((SELECT max(epoch) FROM head WHERE head.device = device.id), 1)"
    )
    op.execute("INSERT INTO device_key SELECT id, 1, public_key, enrolled_ms FROM device")
