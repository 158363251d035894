"""The first tables.

Revision: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "node",
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("level", sa.String(length=8), nullable=False),
        sa.Column("parent", sa.String(length=64), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("names", sa.Text(), nullable=False),
        sa.CheckConstraint("(level = 'regency') = (parent IS NULL)", name=op.f("ck_node_parent")),
        sa.CheckConstraint("level IN ('regency', 'agency', 'unit', 'counter')", name=op.f("ck_node_level")),
        sa.ForeignKeyConstraint(["parent"], ["node.code"], name=op.f("fk_node_parent")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_node")),
    )
    op.create_index("ix_node_parent", "node", ["parent"], unique=False)
    op.create_table(
        "questionnaire",
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_questionnaire")),
    )
    op.create_table(
        "response",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("device", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("prev_hash", sa.LargeBinary(), nullable=False),
        sa.Column("unit", sa.String(length=64), nullable=False),
        sa.Column("service", sa.String(length=64), nullable=False),
        sa.Column("counter", sa.String(length=64), nullable=False),
        sa.Column("questionnaire", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("language", sa.String(length=3), nullable=False),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("local_date", sa.Date(), nullable=False),
        sa.Column("wall_ms", sa.BigInteger(), nullable=False),
        sa.Column("received_ms", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("status IN ('complete', 'partial')", name=op.f("ck_response_status")),
        sa.CheckConstraint("length(hash) = 32", name=op.f("ck_response_hash")),
        sa.CheckConstraint("length(prev_hash) = 32", name=op.f("ck_response_prev_hash")),
        sa.CheckConstraint("seq >= 1", name=op.f("ck_response_seq")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_response")),
        sa.UniqueConstraint("device", "epoch", "seq", name=op.f("uq_response_device")),
    )
    op.create_index("ix_response_unit_received_ms", "response", ["unit", "received_ms"], unique=False)
    op.create_table(
        "server",
        sa.Column("one", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("one = 1", name=op.f("ck_server_one")),
        sa.PrimaryKeyConstraint("one", name=op.f("pk_server")),
    )
    op.create_table(
        "tally",
        sa.Column("unit", sa.String(length=64), nullable=False),
        sa.Column("grain", sa.String(length=5), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("service", sa.String(length=64), nullable=False),
        sa.Column("questionnaire", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("responses", sa.BigInteger(), nullable=False),
        sa.Column("complete", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("grain IN ('day', 'month')", name=op.f("ck_tally_grain")),
        sa.CheckConstraint("complete BETWEEN 0 AND responses", name=op.f("ck_tally_complete")),
        sa.PrimaryKeyConstraint(
            "unit", "grain", "starts_on", "service", "questionnaire", "channel", name=op.f("pk_tally")
        ),
    )
    op.create_index("ix_tally_grain_starts_on", "tally", ["grain", "starts_on"], unique=False)
    op.create_table(
        "tally_rating",
        sa.Column("unit", sa.String(length=64), nullable=False),
        sa.Column("grain", sa.String(length=5), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("service", sa.String(length=64), nullable=False),
        sa.Column("questionnaire", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("question", sa.String(length=64), nullable=False),
        sa.Column("rating_1", sa.BigInteger(), nullable=False),
        sa.Column("rating_2", sa.BigInteger(), nullable=False),
        sa.Column("rating_3", sa.BigInteger(), nullable=False),
        sa.Column("rating_4", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("grain IN ('day', 'month')", name=op.f("ck_tally_rating_grain")),
        sa.CheckConstraint(
            "rating_1 >= 0 AND rating_2 >= 0 AND rating_3 >= 0 AND rating_4 >= 0", name=op.f("ck_tally_rating_ratings")
        ),
        sa.PrimaryKeyConstraint(
            "unit",
            "grain",
            "starts_on",
            "service",
            "questionnaire",
            "channel",
            "question",
            name=op.f("pk_tally_rating"),
        ),
    )
    op.create_index("ix_tally_rating_grain_starts_on", "tally_rating", ["grain", "starts_on"], unique=False)
    op.create_table(
        "configuration",
        sa.Column("counter", sa.String(length=64), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.CheckConstraint("version >= 1", name=op.f("ck_configuration_version")),
        sa.ForeignKeyConstraint(["counter"], ["node.code"], name=op.f("fk_configuration_counter")),
        sa.PrimaryKeyConstraint("counter", "version", name=op.f("pk_configuration")),
    )
    op.create_table(
        "device",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("counter", sa.String(length=64), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("enrolled_ms", sa.BigInteger(), nullable=False),
        sa.Column("revoked_ms", sa.BigInteger(), nullable=True),
        sa.Column("last_seen_ms", sa.BigInteger(), nullable=True),
        sa.Column("health", sa.Text(), nullable=True),
        sa.CheckConstraint("length(public_key) = 32", name=op.f("ck_device_public_key")),
        sa.ForeignKeyConstraint(["counter"], ["node.code"], name=op.f("fk_device_counter")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device")),
    )
    op.create_index("ix_device_counter", "device", ["counter"], unique=False)
    op.create_table(
        "unit",
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("time_zone", sa.String(length=4), nullable=False),
        sa.CheckConstraint("time_zone IN ('WIB', 'WITA', 'WIT')", name=op.f("ck_unit_time_zone")),
        sa.ForeignKeyConstraint(["code"], ["node.code"], name=op.f("fk_unit_code")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_unit")),
    )
    op.create_table(
        "enrolment_code",
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("counter", sa.String(length=64), nullable=False),
        sa.Column("expires_ms", sa.BigInteger(), nullable=False),
        sa.Column("used_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.CheckConstraint("length(code_hash) = 32", name=op.f("ck_enrolment_code_code_hash")),
        sa.ForeignKeyConstraint(["counter"], ["node.code"], name=op.f("fk_enrolment_code_counter")),
        sa.ForeignKeyConstraint(["used_by"], ["device.id"], name=op.f("fk_enrolment_code_used_by")),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_enrolment_code")),
    )
    op.create_table(
        "head",
        sa.Column("device", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("epoch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("length(hash) = 32", name=op.f("ck_head_hash")),
        sa.CheckConstraint("seq >= 1", name=op.f("ck_head_seq")),
        sa.ForeignKeyConstraint(["device"], ["device.id"], name=op.f("fk_head_device")),
        sa.PrimaryKeyConstraint("device", "epoch", name=op.f("pk_head")),
    )
    op.create_table(
        "service",
        sa.Column("unit", sa.String(length=64), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["unit"], ["unit.code"], name=op.f("fk_service_unit")),
        sa.PrimaryKeyConstraint("unit", "code", name=op.f("pk_service")),
    )
