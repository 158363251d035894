"""People and what they may do, the log of what they did, what places decide about their kiosks, remarks, voids, facets.

Responses that are there already keep the form their body names.

Revision: 0004
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from operator import add
from typing import Any

import sqlalchemy as sa
from alembic import op

from ikm.server.migrations.carried_over import carry_over

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _people()
    _places()
    _answers()
    _columns()
    _guard()
    _fill()


def _people() -> None:
    op.create_table(
        "deed",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("person", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("who", sa.String(length=200), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("act", sa.String(length=64), nullable=False),
        sa.Column("node", sa.String(length=64), nullable=True),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("once", sa.String(length=64), nullable=True),
        sa.Column("prev_hash", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("length(hash) = 32", name=op.f("ck_deed_hash")),
        sa.CheckConstraint("length(prev_hash) = 32", name=op.f("ck_deed_prev_hash")),
        sa.CheckConstraint("seq >= 1", name=op.f("ck_deed_seq")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_deed")),
        sa.UniqueConstraint("once", name=op.f("uq_deed_once")),
    )
    op.create_index("ix_deed_node_seq", "deed", ["node", "seq"], unique=False)
    op.create_table(
        "login_try",
        sa.Column("who", sa.String(length=200), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("since_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("who", name=op.f("pk_login_try")),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("email", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("language", sa.String(length=3), server_default="id", nullable=False),
        sa.Column("digest", sa.String(length=6), server_default="daily", nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("totp_secret", sa.String(length=64), nullable=True),
        sa.Column("totp_step", sa.BigInteger(), nullable=True),
        sa.Column("made_ms", sa.BigInteger(), nullable=False),
        sa.Column("seen_ms", sa.BigInteger(), nullable=True),
        sa.Column("disabled_ms", sa.BigInteger(), nullable=True),
        sa.Column("digested_ms", sa.BigInteger(), nullable=True),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("digest IN ('none', 'daily', 'weekly')", name=op.f("ck_person_digest")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("email", name=op.f("uq_person_email")),
    )
    op.create_table(
        "api_token",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("node", sa.String(length=64), nullable=False),
        sa.Column("made_by", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("made_ms", sa.BigInteger(), nullable=False),
        sa.Column("expires_ms", sa.BigInteger(), nullable=False),
        sa.Column("used_ms", sa.BigInteger(), nullable=True),
        sa.Column("revoked_ms", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("length(token_hash) = 32", name=op.f("ck_api_token_token_hash")),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_api_token_made_by")),
        sa.ForeignKeyConstraint(["node"], ["node.code"], name=op.f("fk_api_token_node")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_api_token")),
    )
    op.create_table(
        "invitation",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.String(length=6), nullable=False),
        sa.Column("person", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("email", sa.String(length=200), server_default="", nullable=False),
        sa.Column("name", sa.String(length=200), server_default="", nullable=False),
        sa.Column("role", sa.String(length=16), nullable=True),
        sa.Column("node", sa.String(length=64), nullable=True),
        sa.Column("made_ms", sa.BigInteger(), nullable=False),
        sa.Column("made_by", sa.String(length=200), nullable=False),
        sa.Column("maker", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("expires_ms", sa.BigInteger(), nullable=False),
        sa.Column("used_ms", sa.BigInteger(), nullable=True),
        sa.Column("revoked_ms", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("kind IN ('setup', 'invite', 'reset', 'anew')", name=op.f("ck_invitation_kind")),
        sa.CheckConstraint(
            "role IS NULL OR role IN ('superadmin', 'agency_admin', 'unit_officer', 'publisher', 'verifier')",
            name=op.f("ck_invitation_role"),
        ),
        sa.CheckConstraint("length(token_hash) = 32", name=op.f("ck_invitation_token_hash")),
        sa.ForeignKeyConstraint(["maker"], ["person.id"], name=op.f("fk_invitation_maker")),
        sa.ForeignKeyConstraint(["node"], ["node.code"], name=op.f("fk_invitation_node")),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=op.f("fk_invitation_person")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_invitation")),
    )
    op.create_table(
        "recovery_code",
        sa.Column("person", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("used_ms", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("length(code_hash) = 32", name=op.f("ck_recovery_code_code_hash")),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=op.f("fk_recovery_code_person")),
        sa.PrimaryKeyConstraint("person", "code_hash", name=op.f("pk_recovery_code")),
    )
    op.create_table(
        "role_grant",
        sa.Column("person", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("node", sa.String(length=64), nullable=False),
        sa.Column("since_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "role IN ('superadmin', 'agency_admin', 'unit_officer', 'publisher', 'verifier')",
            name=op.f("ck_role_grant_role"),
        ),
        sa.ForeignKeyConstraint(["node"], ["node.code"], name=op.f("fk_role_grant_node")),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=op.f("fk_role_grant_person")),
        sa.PrimaryKeyConstraint("person", "role", "node", name=op.f("pk_role_grant")),
    )
    op.create_table(
        "session",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("person", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("step", sa.String(length=8), nullable=False),
        sa.Column("csrf", sa.String(length=64), nullable=False),
        sa.Column("made_ms", sa.BigInteger(), nullable=False),
        sa.Column("seen_ms", sa.BigInteger(), nullable=False),
        sa.Column("proved_ms", sa.BigInteger(), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("agent", sa.String(length=200), nullable=False),
        sa.CheckConstraint("step IN ('password', 'in')", name=op.f("ck_session_step")),
        sa.CheckConstraint("length(token_hash) = 32", name=op.f("ck_session_token_hash")),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=op.f("fk_session_person")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_session")),
    )
    op.create_index(op.f("ix_session_person"), "session", ["person"], unique=False)


def _places() -> None:
    op.create_table(
        "questionnaire_draft",
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.Column("changed_ms", sa.BigInteger(), nullable=False),
        sa.Column("changed_by", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_questionnaire_draft")),
    )
    op.create_table(
        "holiday",
        sa.Column("node", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["node"], ["node.code"], name=op.f("fk_holiday_node")),
        sa.PrimaryKeyConstraint("node", "day", name=op.f("pk_holiday")),
    )
    op.create_table(
        "kiosk_setting",
        sa.Column("node", sa.String(length=64), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["node"], ["node.code"], name=op.f("fk_kiosk_setting_node")),
        sa.PrimaryKeyConstraint("node", name=op.f("pk_kiosk_setting")),
    )
    op.create_table(
        "questionnaire_schedule",
        sa.Column("node", sa.String(length=64), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("questionnaire", sa.String(length=64), nullable=False),
        sa.Column("applied_ms", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["node"], ["node.code"], name=op.f("fk_questionnaire_schedule_node")),
        sa.ForeignKeyConstraint(
            ["questionnaire"], ["questionnaire.code"], name=op.f("fk_questionnaire_schedule_questionnaire")
        ),
        sa.PrimaryKeyConstraint("node", "starts_on", name=op.f("pk_questionnaire_schedule")),
    )
    op.create_table(
        "rollout",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("node", sa.String(length=64), nullable=False),
        sa.Column("made_ms", sa.BigInteger(), nullable=False),
        sa.Column("made_by", sa.String(length=200), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("waves", sa.Integer(), nullable=False),
        sa.Column("reached", sa.Integer(), server_default="0", nullable=False),
        sa.Column("ended_ms", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.String(length=8), nullable=True),
        sa.CheckConstraint("outcome IN ('done', 'halted', 'returned')", name=op.f("ck_rollout_outcome")),
        sa.CheckConstraint("(outcome IS NULL) = (ended_ms IS NULL)", name=op.f("ck_rollout_ended")),
        sa.CheckConstraint("waves >= 1 AND reached BETWEEN 0 AND waves", name=op.f("ck_rollout_waves")),
        sa.ForeignKeyConstraint(["node"], ["node.code"], name=op.f("fk_rollout_node")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_rollout")),
    )
    op.create_table(
        "contact",
        sa.Column("device", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("day", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hours", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("hours BETWEEN 1 AND 16777215", name=op.f("ck_contact_hours")),
        sa.ForeignKeyConstraint(["device"], ["device.id"], name=op.f("fk_contact_device")),
        sa.PrimaryKeyConstraint("device", "day", name=op.f("pk_contact")),
    )
    op.create_table(
        "place_import",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("made_ms", sa.BigInteger(), nullable=False),
        sa.Column("made_by", sa.String(length=200), nullable=False),
        sa.Column("person", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("records", sa.Text(), nullable=False),
        sa.Column("changes", sa.Text(), server_default="[]", nullable=False),
        sa.Column("applied_ms", sa.BigInteger(), nullable=True),
        sa.Column("undone_ms", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("length(sha256) = 32", name=op.f("ck_place_import_sha256")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place_import")),
    )
    op.create_table(
        "population",
        sa.Column("unit", sa.String(length=64), nullable=False),
        sa.Column("service", sa.String(length=64), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("users", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("ends_on > starts_on", name=op.f("ck_population_span")),
        sa.CheckConstraint("users >= 1", name=op.f("ck_population_users")),
        sa.ForeignKeyConstraint(["unit"], ["unit.code"], name=op.f("fk_population_unit")),
        sa.PrimaryKeyConstraint("unit", "service", "starts_on", name=op.f("pk_population")),
    )
    op.create_table(
        "self_assessment",
        sa.Column("unit", sa.String(length=64), nullable=False),
        sa.Column("made_ms", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("made_by", sa.String(length=200), nullable=False),
        sa.Column("vision", sa.Integer(), nullable=False),
        sa.Column("systems", sa.Integer(), nullable=False),
        sa.Column("staff", sa.Integer(), nullable=False),
        sa.Column("facilities", sa.Integer(), nullable=False),
        sa.Column("notes", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(
            "vision BETWEEN 1 AND 4 AND systems BETWEEN 1 AND 4 AND staff BETWEEN 1 AND 4 "
            "AND facilities BETWEEN 1 AND 4",
            name=op.f("ck_self_assessment_factors"),
        ),
        sa.ForeignKeyConstraint(["unit"], ["unit.code"], name=op.f("fk_self_assessment_unit")),
        sa.PrimaryKeyConstraint("unit", "made_ms", name=op.f("pk_self_assessment")),
    )


def _answers() -> None:
    op.create_table(
        "remark",
        sa.Column("response", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("unit", sa.String(length=64), nullable=False),
        sa.Column("service", sa.String(length=64), nullable=False),
        sa.Column("local_date", sa.Date(), nullable=False),
        sa.Column("received_ms", sa.BigInteger(), nullable=False),
        sa.Column("language", sa.String(length=3), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("masked", sa.Text(), server_default="{}", nullable=False),
        sa.Column("category", sa.String(length=16), server_default="", nullable=False),
        sa.Column("status", sa.String(length=10), server_default="new", nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("answer", sa.Text(), server_default="", nullable=False),
        sa.Column("published", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("changed_ms", sa.BigInteger(), nullable=True),
        sa.Column("changed_by", sa.String(length=200), nullable=True),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("status IN ('new', 'open', 'answered', 'closed')", name=op.f("ck_remark_status")),
        sa.PrimaryKeyConstraint("response", name=op.f("pk_remark")),
    )
    op.create_index("ix_remark_unit_status_received_ms", "remark", ["unit", "status", "received_ms"], unique=False)
    op.create_table(
        "tally_facet",
        sa.Column("unit", sa.String(length=64), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("service", sa.String(length=64), nullable=False),
        sa.Column("questionnaire", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("facet", sa.String(length=64), nullable=False),
        sa.Column("value", sa.String(length=130), nullable=False),
        sa.Column("responses", sa.BigInteger(), nullable=False),
        sa.Column("ratings", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("responses >= 0 AND ratings >= 0 AND total >= 0", name=op.f("ck_tally_facet_counts")),
        sa.PrimaryKeyConstraint(
            "unit", "starts_on", "service", "questionnaire", "channel", "facet", "value", name=op.f("pk_tally_facet")
        ),
    )
    op.create_table(
        "tally_month",
        sa.Column("unit", sa.String(length=64), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("questionnaire", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("responses", sa.BigInteger(), nullable=False),
        sa.Column("complete", sa.BigInteger(), nullable=False),
        sa.Column("questions", sa.Text(), nullable=False),
        sa.Column("totals", sa.ARRAY(sa.BigInteger()).with_variant(sa.JSON(), "sqlite"), nullable=False),
        sa.CheckConstraint("complete BETWEEN 0 AND responses", name=op.f("ck_tally_month_complete")),
        sa.PrimaryKeyConstraint("unit", "starts_on", "questionnaire", "channel", name=op.f("pk_tally_month")),
    )
    op.create_index("ix_tally_month_starts_on", "tally_month", ["starts_on"], unique=False)
    op.create_table(
        "void",
        sa.Column("response", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("unit", sa.String(length=64), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("who", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["response"], ["response.id"], name=op.f("fk_void_response")),
        sa.PrimaryKeyConstraint("response", name=op.f("pk_void")),
    )
    op.create_index(op.f("ix_void_unit"), "void", ["unit"], unique=False)


def _columns() -> None:
    op.add_column("configuration", sa.Column("released_ms", sa.BigInteger(), server_default="0", nullable=True))
    op.add_column("configuration", sa.Column("rollout", sa.Integer(), nullable=True))
    op.add_column("configuration", sa.Column("wave", sa.Integer(), nullable=True))
    op.add_column("device", sa.Column("configuration", sa.BigInteger(), nullable=True))
    op.add_column("device", sa.Column("contact_hour", sa.BigInteger(), nullable=True))
    op.add_column("node", sa.Column("revision", sa.Integer(), server_default="1", nullable=False))
    op.add_column("node", sa.Column("retired_ms", sa.BigInteger(), nullable=True))
    op.add_column("response", sa.Column("instrument", sa.String(length=8), server_default="full", nullable=False))
    op.add_column("service", sa.Column("standard", sa.Text(), server_default="{}", nullable=False))
    op.add_column("service", sa.Column("revision", sa.Integer(), server_default="1", nullable=False))
    op.add_column("service", sa.Column("retired_ms", sa.BigInteger(), nullable=True))
    op.add_column("unit", sa.Column("address", sa.Text(), server_default="", nullable=False))
    op.add_column("unit", sa.Column("phone", sa.String(length=50), server_default="", nullable=False))
    op.add_column("unit", sa.Column("opening", sa.Text(), server_default="[]", nullable=False))
    op.add_column("unit", sa.Column("pledge", sa.Text(), server_default="[]", nullable=False))
    op.add_column("unit", sa.Column("complaints", sa.Text(), server_default="[]", nullable=False))
    op.add_column("unit", sa.Column("revision", sa.Integer(), server_default="1", nullable=False))


def _guard() -> None:
    """What people did is written once: the database itself refuses to change or forget it."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER deed_no_{verb.lower()} BEFORE {verb} ON deed "
                "BEGIN SELECT RAISE(ABORT, 'deeds are never changed'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION deed_unchanged() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'deeds are never changed'; END $$"
    )
    op.execute(
        "CREATE TRIGGER deed_unchanged BEFORE UPDATE OR DELETE OR TRUNCATE ON deed "
        "FOR EACH STATEMENT EXECUTE FUNCTION deed_unchanged()"
    )


def _fill() -> None:
    """The form of each response, from its body, where a form that is not the whole one is spelt in one way."""
    body, instrument = sa.column("body", sa.LargeBinary()), sa.column("instrument", sa.String())
    response = sa.table("response", body, instrument)
    place = sa.func.instr if op.get_bind().dialect.name == "sqlite" else sa.func.pg_catalog.position
    for name in ("one_tap", "rotating"):
        # quotes inside a comment stand behind a backslash
        spelling = sa.literal(f'"instrument":"{name}"'.encode(), sa.LargeBinary())
        op.execute(response.update().where(place(body, spelling) > 0).values(instrument=name))
    _fill_facets()
    _fill_months()
    carry_over(op.get_bind())


_CHUNK = 1000
_NUMBERS = ("responses", "ratings", "total")


def _fill_facets() -> None:
    """Who answered and how, from the bodies of the responses that count."""
    names = ("unit", "service", "questionnaire", "channel", "body", "occurred_ms", "clock")
    day, held = sa.column("local_date", sa.Date()), sa.column("held", sa.Boolean())
    response = sa.table("response", *map(sa.column, names), day, held)
    unit = sa.table("unit", sa.column("code"), sa.column("time_zone"))
    query = sa.select(response, unit.c.time_zone).where(~response.c.held)
    query = query.join_from(response, unit, unit.c.code == response.c.unit, isouter=True)
    cells: dict[tuple[Any, ...], list[int]] = {}
    for row in op.get_bind().execute(query, execution_options={"yield_per": _CHUNK}):
        body = json.loads(bytes(row.body))
        ratings = body["answers"].values()
        key = (row.unit, row.local_date.replace(day=1), row.service, row.questionnaire, row.channel)
        for facet, value, numbers in _facets(body, row, (1, len(ratings), sum(ratings))):
            counted = cells.get((*key, facet, value), (0, 0, 0))
            cells[(*key, facet, value)] = list(map(add, counted, numbers))
    place = ("unit", "starts_on", "service", "questionnaire", "channel", "facet", "value")
    _insert("tally_facet", [dict(zip((*place, *_NUMBERS), (*k, *n), strict=True)) for k, n in sorted(cells.items())])


def _facets(body: Any, row: Any, numbers: tuple[int, int, int]) -> Iterator[tuple[str, str, tuple[int, int, int]]]:
    visit = body.get("visit") or {}
    found = [("language", body["language"]), ("instrument", body.get("instrument", "full"))]
    if row.clock == "uncertain":
        found.append(("clock", "uncertain"))
    elif row.time_zone is not None:
        hour = row.occurred_ms // 3_600_000 + {"WIB": 7, "WITA": 8, "WIT": 9}[row.time_zone]
        # 1970 began on a Thursday
        found.append(("hour", f"{(hour // 24 + 3) % 7 + 1}-{hour % 24:02}"))
    found += [(f"profile.{field}", choice) for field, choice in body["profile"].items()]
    found += [("reason", f"{question}:{reason}") for question, reason in body.get("reasons", {}).items()]
    found += [("left_at", visit["left_at"])] if visit.get("left_at") else []
    found += [("aid", aid) for aid in visit.get("aids", ())]
    for facet, value in found:
        yield facet, value, numbers
    for screen, times in visit.get("unanswered", {}).items():
        if times:
            yield "unanswered", screen, (times, 0, 0)


def _fill_months() -> None:
    """Each unit's month in one row, from the month cells of its services."""
    ratings = _months("tally_rating", "question", *(f"rating_{rating}" for rating in (1, 2, 3, 4)))
    totals = _months("tally_product", "questions", "totals")
    counts = _months("tally", "responses", "complete")
    asked = {
        code: sorted(question["code"] for question in json.loads(body)["questions"])
        for code, body in op.get_bind().execute(sa.text("SELECT code, body FROM questionnaire"))
    }
    rows = []
    for key, parts in sorted(counts.items()):
        given = ratings.get(key, [])
        # tests and very old servers hold cells of a version that nobody wrote down
        questions = asked.get(key[2]) or sorted({question for question, *_ in given})
        size = len(questions)
        products = [0] * (size + size * (size + 1) // 2)
        for names, more in totals.get(key, []):
            if names == " ".join(questions):
                products = list(map(add, products, json.loads(more) if isinstance(more, str) else more))
        numbers = [*chain.from_iterable(_ratings(given, question) for question in questions), *products]
        place = dict(zip(("unit", "starts_on", "questionnaire", "channel"), key, strict=True))
        responses, complete = map(sum, zip(*parts, strict=True))
        rows.append(
            {**place, "responses": responses, "complete": complete, "questions": " ".join(questions), "totals": numbers}
        )
    _insert("tally_month", rows)


def _ratings(given: Iterable[Sequence[Any]], question: str) -> list[int]:
    columns = list(zip(*(row[1:] for row in given if row[0] == question), strict=True))
    return [int(sum(column)) for column in columns] or [0, 0, 0, 0]


def _months(table: str, *names: str) -> dict[tuple[Any, ...], list[tuple[Any, ...]]]:
    key: tuple[sa.ColumnClause[Any], ...] = (
        sa.column("unit"), sa.column("starts_on", sa.Date()), sa.column("questionnaire"), sa.column("channel"),
    )  # fmt: skip
    query = sa.select(*key, *map(sa.column, names)).select_from(sa.table(table)).where(sa.column("grain") == "month")
    found: dict[tuple[Any, ...], list[tuple[Any, ...]]] = {}
    for row in op.get_bind().execute(query):
        found.setdefault(tuple(row[:4]), []).append(tuple(row[4:]))
    return found


def _insert(table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    kinds: dict[str, Any] = {
        "starts_on": sa.Date(),
        "totals": sa.ARRAY(sa.BigInteger()).with_variant(sa.JSON(), "sqlite"),
    }
    if rows:
        held = sa.table(table, *(sa.column(name, kinds.get(name)) for name in rows[0]))
        for start in range(0, len(rows), _CHUNK):
            op.bulk_insert(held, [dict(row) for row in rows[start : start + _CHUNK]])
