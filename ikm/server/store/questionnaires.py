"""Questionnaires as people make them: drafts that are edited, versions that never are, and from when each is asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, func, select, update

from ikm import wire
from ikm.domain.errors import Refusal
from ikm.domain.questionnaire import Questionnaire
from ikm.server import tables as t
from ikm.server.store.deeds import Doer, check_once, note, take_turns
from ikm.server.store.part import Part, insert
from ikm.server.store.worlds import questionnaires, standard_questionnaire


@dataclass(frozen=True, slots=True)
class Version:
    """A finished version and how many answers it got; `counters` ask it now, by the configuration they were given."""

    questionnaire: Questionnaire
    responses: int
    counters: int


@dataclass(frozen=True, slots=True)
class Draft:
    """A version that is still edited: a message, since it may be unfinished. `revision` counts its changes."""

    code: str
    message: wire.QuestionnaireMessage
    revision: int
    changed_ms: int
    changed_by: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the schedule: below that place, from that date on. `applied_ms` is when kiosks were given it."""

    node: str
    starts_on: date
    questionnaire: str
    applied_ms: int | None


class QuestionnairesPart(Part):
    """Versions, drafts, schedule."""

    def questionnaire_versions(self) -> Sequence[Version]:
        """Every finished version, the most used first; the one that comes with this software is always there."""

        def read(connection: Connection) -> list[Version]:
            held = dict(questionnaires(connection))
            standard = standard_questionnaire()
            held.setdefault(standard.code, standard)
            answers, asked = _answers(connection), _asked(connection)
            found = [Version(one, answers.get(code, 0), asked.get(code, 0)) for code, one in held.items()]
            return sorted(found, key=lambda one: (-one.counters, -one.responses, one.questionnaire.code))

        return self._read(read)

    def questionnaire_version(self, code: str) -> Questionnaire:
        """A finished version, also the one that comes with this software. Raises Refusal (`not_found`)."""
        standard = standard_questionnaire()
        found = standard if code == standard.code else self._read(questionnaires).get(code)
        if found is None:
            raise Refusal("not_found", code)
        return found

    def drafts(self) -> Sequence[Draft]:
        """Every draft, by code."""
        query = select(t.questionnaire_draft).order_by(t.questionnaire_draft.c.code)
        return [_draft(row) for row in self._glance(lambda connection: connection.execute(query).all())]

    def draft(self, code: str) -> Draft:
        """One draft. Raises Refusal (`not_found`)."""
        query = select(t.questionnaire_draft).where(t.questionnaire_draft.c.code == code)
        row = self._glance(lambda connection: connection.execute(query).first())
        if row is None:
            raise Refusal("not_found", code)
        return _draft(row)

    def begin_draft(self, message: wire.QuestionnaireMessage, source: str, by: Doer) -> None:
        """Keep a new draft, copied from version `source`. Raises Refusal (`code_taken`, `done_already`)."""

        def write(connection: Connection) -> None:
            take_turns(connection)
            check_once(connection, by)
            _check_free(connection, message.code)
            values = {"code": message.code, "body": _body(message), "changed_ms": by.at_ms, "changed_by": by.who}
            statement = insert(connection)(t.questionnaire_draft).values(**values)
            done = statement.on_conflict_do_nothing().returning(t.questionnaire_draft.c.code)
            if connection.execute(done).first() is None:
                raise Refusal("code_taken", message.code)
            note(connection, by, "questionnaire.drafted", node=None, subject=message.code, facts={"from": source})

        self._write(write)

    def put_draft(self, message: wire.QuestionnaireMessage, revision: int, by: Doer, *, what: str = "") -> None:
        """Replace what a draft says, if it is still as that revision had it; `what` names the part that changes.

        Raises:
            Refusal: `changed_meanwhile`, also where the draft was finished or thrown away since; `done_already`.
        """

        def write(connection: Connection) -> None:
            take_turns(connection)
            check_once(connection, by)
            c = t.questionnaire_draft.c
            this = update(t.questionnaire_draft).where(c.code == message.code, c.revision == revision)
            values = {
                "body": _body(message), "revision": revision + 1, "changed_ms": by.at_ms, "changed_by": by.who,
            }  # fmt: skip
            if not connection.execute(this.values(**values)).rowcount:
                raise Refusal("changed_meanwhile")
            note(connection, by, "questionnaire.edited", node=None, subject=message.code, facts={"part": what})

        self._write(write)

    def drop_draft(self, code: str, revision: int, by: Doer) -> None:
        """Throw a draft away. Raises Refusal (`changed_meanwhile`, `done_already`)."""

        def write(connection: Connection) -> None:
            take_turns(connection)
            check_once(connection, by)
            _take(connection, code, revision)
            note(connection, by, "questionnaire.dropped", node=None, subject=code)

        self._write(write)

    def finish_draft(self, code: str, revision: int, by: Doer) -> Questionnaire:
        """The version that a draft becomes; from now on it never changes.

        Raises:
            Refusal: `changed_meanwhile`, `code_taken`, `questionnaire_invalid`, `regulation_invalid`, `done_already`.
        """

        def write(connection: Connection) -> Questionnaire:
            take_turns(connection)
            check_once(connection, by)
            message = _take(connection, code, revision)
            found = message.to_domain()
            if connection.execute(select(t.questionnaire.c.code).where(t.questionnaire.c.code == code)).first():
                raise Refusal("code_taken", code)
            connection.execute(t.questionnaire.insert().values(code=code, body=_body(message)))
            note(connection, by, "questionnaire.finished", node=None, subject=code)
            return found

        return self._write(write)

    def schedule(self) -> Sequence[Entry]:
        """The whole schedule, by place and date."""
        c = t.questionnaire_schedule.c
        query = select(c.node, c.starts_on, c.questionnaire, c.applied_ms).order_by(c.node, c.starts_on)
        return [Entry(*row) for row in self._glance(lambda connection: connection.execute(query).all())]

    def put_schedule(self, node: str, starts_on: date, questionnaire: str, by: Doer, *, today: date) -> None:
        """Have a version asked below a place from that date on; `today` is the date there now.

        Raises:
            Refusal: `not_found`, `schedule_past`; `code_taken` when something is scheduled there for that day already;
                `done_already`.
        """

        def write(connection: Connection) -> None:
            take_turns(connection)
            check_once(connection, by)
            if starts_on < today:
                raise Refusal("schedule_past")
            _check_known(connection, node, questionnaire)
            values = {"node": node, "starts_on": starts_on, "questionnaire": questionnaire}
            statement = insert(connection)(t.questionnaire_schedule).values(**values)
            done = statement.on_conflict_do_nothing().returning(t.questionnaire_schedule.c.node)
            if connection.execute(done).first() is None:
                raise Refusal("code_taken", starts_on.isoformat())
            facts = {"from": starts_on.isoformat()}
            note(connection, by, "questionnaire.scheduled", node=node, subject=questionnaire, facts=facts)

        self._write(write)

    def fill_schedule(self, node: str, starts_on: date, questionnaire: str) -> None:
        """Write down what is asked there already; for programs that fill a server. What is written down stands."""

        def write(connection: Connection) -> None:
            values = {"node": node, "starts_on": starts_on, "questionnaire": questionnaire, "applied_ms": 0}
            statement = insert(connection)(t.questionnaire_schedule).values(**values)
            connection.execute(statement.on_conflict_do_nothing())

        self._write(write)

    def drop_schedule(self, node: str, starts_on: date, by: Doer) -> None:
        """Take a line back that has reached no kiosk yet. Raises Refusal (`changed_meanwhile`, `done_already`)."""

        def write(connection: Connection) -> None:
            take_turns(connection)
            check_once(connection, by)
            c = t.questionnaire_schedule.c
            this = delete(t.questionnaire_schedule).where(
                c.node == node, c.starts_on == starts_on, c.applied_ms.is_(None)
            )
            gone = connection.execute(this.returning(c.questionnaire)).first()
            if gone is None:
                raise Refusal("changed_meanwhile")
            facts = {"from": starts_on.isoformat()}
            note(connection, by, "questionnaire.unscheduled", node=node, subject=gone.questionnaire, facts=facts)

        self._write(write)


def _answers(connection: Connection) -> Mapping[str, int]:
    c = t.tally.c
    query = select(c.questionnaire, func.sum(c.responses)).where(c.grain == "month").group_by(c.questionnaire)
    return {code: int(responses) for code, responses in connection.execute(query)}


def _asked(connection: Connection) -> Mapping[str, int]:
    """How many counters ask each version, by the newest configuration they were given."""
    c = t.configuration.c
    newest = select(c.counter, func.max(c.version).label("version")).where(c.released_ms.is_not(None))
    latest = newest.group_by(c.counter).subquery()
    query = select(c.body).join(latest, (latest.c.counter == c.counter) & (latest.c.version == c.version))
    found: dict[str, int] = {}
    for body in connection.execute(query).scalars():
        code = _ASKING.decode(body).questionnaire.code
        found[code] = found.get(code, 0) + 1
    return found


class _Coded(msgspec.Struct):
    code: str


class _Asking(msgspec.Struct):
    questionnaire: _Coded


# made once here: two threads must never meet the class half worked out
_ASKING = msgspec.json.Decoder(_Asking)


def _take(connection: Connection, code: str, revision: int) -> wire.QuestionnaireMessage:
    c = t.questionnaire_draft.c
    this = delete(t.questionnaire_draft).where(c.code == code, c.revision == revision)
    row = connection.execute(this.returning(c.body)).first()
    if row is None:
        raise Refusal("changed_meanwhile")
    return wire.decode(row.body.encode(), wire.QuestionnaireMessage, "questionnaire_invalid")


def _check_free(connection: Connection, code: str) -> None:
    taken = connection.execute(select(t.questionnaire.c.code).where(t.questionnaire.c.code == code)).first()
    if taken is not None or code == standard_questionnaire().code:
        raise Refusal("code_taken", code)


def _check_known(connection: Connection, node: str, questionnaire: str) -> None:
    if connection.execute(select(t.node.c.code).where(t.node.c.code == node)).first() is None:
        raise Refusal("not_found", node)
    standard = standard_questionnaire()
    if questionnaire == standard.code:
        body = _body(wire.questionnaire_message(standard))
        statement = insert(connection)(t.questionnaire).values(code=questionnaire, body=body)
        connection.execute(statement.on_conflict_do_nothing())
    query = select(t.questionnaire.c.code).where(t.questionnaire.c.code == questionnaire)
    if connection.execute(query).first() is None:
        raise Refusal("not_found", questionnaire)


def _body(message: wire.QuestionnaireMessage) -> str:
    return wire.canonical(message).decode()


def _draft(row: Any) -> Draft:
    message = wire.decode(row.body.encode(), wire.QuestionnaireMessage, "questionnaire_invalid")
    return Draft(row.code, message, row.revision, row.changed_ms, row.changed_by)
