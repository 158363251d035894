"""What the staff set, their PIN, answers from training, and how many answers each question of a short form has had."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "training",
        sa.Column("id", sa.INTEGER, primary_key=True),
        sa.Column("body", sa.BLOB, sa.CheckConstraint("length(body) > 0", "ck_training_body"), nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "staff",
        sa.Column("one", sa.INTEGER, sa.CheckConstraint("one = 1", "ck_staff_single"), primary_key=True),
        sa.Column(
            "pin_hash",
            sa.TEXT,
            sa.CheckConstraint("pin_hash = '' OR pin_hash LIKE '$argon2id$%'", "ck_staff_pin_hash"),
            nullable=False,
        ),
        sa.Column("pin_due", sa.INTEGER, sa.CheckConstraint("pin_due IN (0, 1)", "ck_staff_pin_due"), nullable=False),
        sa.Column("failures", sa.INTEGER, sa.CheckConstraint("failures >= 0", "ck_staff_failures"), nullable=False),
        sa.Column("boot_id", sa.TEXT, nullable=False),
        sa.Column("since_ms", sa.INTEGER, sa.CheckConstraint("since_ms >= 0", "ck_staff_since_ms"), nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "local",
        sa.Column("one", sa.INTEGER, sa.CheckConstraint("one = 1", "ck_local_single"), primary_key=True),
        sa.Column("body", sa.BLOB, sa.CheckConstraint("length(body) > 0", "ck_local_body"), nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "rotation",
        sa.Column("questionnaire", sa.TEXT, primary_key=True),
        sa.Column("question", sa.TEXT, primary_key=True),
        sa.Column("answers", sa.INTEGER, sa.CheckConstraint("answers >= 1", "ck_rotation_answers"), nullable=False),
        sqlite_strict=True,
    )
