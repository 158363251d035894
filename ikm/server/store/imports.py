"""Imports of places: what was uploaded waits here until it is confirmed, and can be undone as a whole afterwards."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, or_, select

from ikm.domain.configuration import Service
from ikm.domain.errors import Refusal
from ikm.domain.filled import Filled
from ikm.domain.organisation import Level, Node
from ikm.domain.period import TimeZone
from ikm.domain.population import Users
from ikm.domain.questionnaire import OFFICIAL_LOCALE, Text
from ikm.server import tables as t
from ikm.server.store.concerned import concerned, note_each
from ikm.server.store.deeds import Doer, check_once, take_turns
from ikm.server.store.part import Part
from ikm.server.store.places import (
    Place,
    attached,
    erase_place,
    insert_place,
    place_of,
    place_of_row,
    text_of,
    update_place,
)
from ikm.server.store.population import Population, erase_population, put_population
from ikm.server.store.services import (
    Offered,
    erase_service,
    insert_service,
    offered_of,
    offered_of_row,
    service_used,
    update_service,
)
from ikm.server.store.standards import UnitFacts, facts_of

KEPT_MS = 24 * 60 * 60_000
"""For so long an upload waits to be confirmed."""


@dataclass(frozen=True, slots=True)
class State:
    """Everything an import is compared with, retired places and services too."""

    places: Mapping[str, Place]
    facts: Mapping[str, UnitFacts]
    services: Mapping[str, Sequence[Offered]]
    populations: Mapping[str, Sequence[Population]]


class Change(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """One thing an import changes, as it is kept so that it can be undone."""


class AddPlace(Change, frozen=True, tag="place", kw_only=True):
    """A place that was not there; `zone` is '' for one that is no unit."""

    code: str
    level: Level
    parent: str
    name: str
    names: dict[str, str] = {}
    zone: str = ""
    address: str = ""
    phone: str = ""


class RenamePlace(Change, frozen=True, tag="name", kw_only=True):
    """Names of a place, those before and those after."""

    code: str
    revision: int
    before: dict[str, str]
    after: dict[str, str]


class ReachUnit(Change, frozen=True, tag="unit", kw_only=True):
    """Address and telephone of a unit, before and after."""

    code: str
    revision: int
    before: tuple[str, str]
    after: tuple[str, str]


class AddService(Change, frozen=True, tag="service", kw_only=True):
    """A service that was not there."""

    unit: str
    code: str
    name: dict[str, str]


class RenameService(Change, frozen=True, tag="service-name", kw_only=True):
    """Names of a service, before and after."""

    unit: str
    code: str
    revision: int
    before: dict[str, str]
    after: dict[str, str]


class SetUsers(Change, frozen=True, tag="users", kw_only=True):
    """Users in a span; `before` is the number it replaces, None where there was none."""

    unit: str
    service: str
    starts: date
    ends: date
    before: int | None
    after: int


AnyChange = AddPlace | RenamePlace | ReachUnit | AddService | RenameService | SetUsers


@dataclass(frozen=True, slots=True)
class Import:
    """One upload. `records` is what the file said, as whoever reads it wrote it down; `changes` are those made."""

    id: str
    made_ms: int
    made_by: str
    person: str | None
    file_name: str
    sha256: str
    records: bytes
    changes: tuple[AnyChange, ...]
    applied_ms: int | None
    undone_ms: int | None


class ImportsPart(Part):
    """Imports of places."""

    def organisation_state(self) -> State:
        """Everything an import is compared with."""
        return self._read(state_of)

    def keep_import(self, id: str, file_name: str, sha256: str, records: bytes, by: Doer) -> None:  # noqa: A002
        """Keep what a file said until it is confirmed; what nobody confirmed for a day goes."""

        def write(connection: Connection) -> None:
            c = t.place_import.c
            stale = t.place_import.delete().where(c.applied_ms.is_(None), c.made_ms < by.at_ms - KEPT_MS)
            connection.execute(stale)
            connection.execute(
                t.place_import.insert().values(
                    id=id, made_ms=by.at_ms, made_by=by.who, person=by.person, file_name=file_name,
                    sha256=bytes.fromhex(sha256), records=records.decode(),
                )
            )  # fmt: skip

        self._write(write)

    def kept_import(self, id: str) -> Import:  # noqa: A002
        """One upload. Raises Refusal (`not_found`)."""
        return self._read(lambda connection: _import_of(connection, id))

    def imports(self, person: str, limit: int = 20) -> Sequence[Import]:
        """The uploads that were confirmed, newest first; with those of that person that wait."""
        c = t.place_import.c
        shown = or_(c.applied_ms.is_not(None), c.person == person)
        query = select(t.place_import).where(shown).order_by(c.made_ms.desc(), c.id).limit(limit)
        return [_import(row) for row in self._glance(lambda connection: connection.execute(query).all())]

    def apply_import(self, id: str, decide: Callable[[State], Sequence[AnyChange]], by: Doer) -> None:  # noqa: A002
        """Make every change that `decide` says of the state in this transaction, or none.

        Raises:
            Refusal: `not_found`, `changed_meanwhile` when it was confirmed before, `done_already`; what `decide`
                raises; what each change may raise.
        """

        def write(connection: Connection) -> None:
            held = _import_of(connection, id)
            # the log's lock comes first, so that the state read after it stays what it is
            take_turns(connection)
            check_once(connection, by)
            c = t.place_import.c
            changes = tuple(decide(state_of(connection)))
            for change in changes:
                _make(connection, change)
            done = msgspec.json.encode(changes).decode()
            statement = t.place_import.update().where(c.id == id, c.applied_ms.is_(None))
            if connection.execute(statement.values(applied_ms=by.at_ms, changes=done)).rowcount == 0:
                raise Refusal("changed_meanwhile", held.file_name)
            # a new unit may be taken back, and what its agency heard of it must not go with it
            fresh = {one.code for one in changes if isinstance(one, AddPlace) and one.level is not Level.AGENCY}
            _note(connection, by, "places.imported", held, concerned(connection, map(_place, changes), fresh))

        self._write(write)

    def undo_import(self, id: str, by: Doer) -> None:  # noqa: A002
        """Take every change of an import back, or none of them.

        Raises:
            Refusal: `not_found`; `in_use` where something was attached or changed since, in `detail` a sentence;
                `changed_meanwhile` where it is undone already; `done_already`.
        """

        def write(connection: Connection) -> None:
            held = _import_of(connection, id)
            take_turns(connection)
            check_once(connection, by)
            if held.applied_ms is None or held.undone_ms is not None:
                raise Refusal("changed_meanwhile", held.file_name)
            added = {change.code for change in held.changes if isinstance(change, AddPlace)}
            # asked before: what the import added lies nowhere any more once it is gone
            places = concerned(connection, map(_place, held.changes), added)
            for change in reversed(held.changes):
                _unmake(connection, change)
            _note(connection, by, "places.import_undone", held, places)
            connection.execute(t.place_import.update().where(t.place_import.c.id == id).values(undone_ms=by.at_ms))

        self._write(write)


def _note(connection: Connection, by: Doer, act: str, held: Import, places: Mapping[str | None, Sequence[str]]) -> None:
    facts = {"file": held.file_name, "sha256": held.sha256}
    note_each(connection, by, act, [(node, held.file_name, facts) for node in places or (None,)])


def _place(change: AnyChange) -> str:
    """The place that a change is about."""
    return change.unit if isinstance(change, AddService | RenameService | SetUsers) else change.code


def state_of(connection: Connection) -> State:
    """Everything an import is compared with."""
    places = {row.code: place_of_row(row) for row in connection.execute(select(t.node))}
    facts = {row.code: facts_of(row) for row in connection.execute(select(t.unit))}
    services: dict[str, list[Offered]] = {}
    for row in connection.execute(select(t.service).order_by(t.service.c.position, t.service.c.code)):
        services.setdefault(row.unit, []).append(offered_of_row(row))
    populations: dict[str, list[Population]] = {}
    for row in connection.execute(select(t.population)):
        one = Population(row.service, Users(row.starts_on, row.ends_on, row.users))
        populations.setdefault(row.unit, []).append(one)
    return State(places, facts, services, populations)


def _make(connection: Connection, change: AnyChange) -> None:
    match change:
        case AddPlace():
            zone = TimeZone[change.zone] if change.zone else None
            node = Node(change.code, change.level, change.parent, change.name)
            insert_place(connection, node, change.names, zone=zone, address=change.address, phone=change.phone)
        case RenamePlace():
            _rename(connection, change.code, change.revision, change.after)
        case ReachUnit():
            _reach(connection, change.code, change.revision, change.after)
        case AddService():
            insert_service(connection, change.unit, Service(change.code, change.name))
        case RenameService():
            update_service(connection, change.unit, change.code, change.revision, name=text_of(change.after))
        case SetUsers():
            put_population(connection, change.unit, _population(change, change.after), change.before)


def _unmake(connection: Connection, change: AnyChange) -> None:
    try:
        _back(connection, change)
    except Refusal:
        what = change.service or change.unit if isinstance(change, SetUsers) else change.code
        told = "Tidak dapat dibatalkan: %(what)s sudah diubah atau dipakai sesudah impor itu."
        raise Refusal("in_use", Filled(told, what=what)) from None


def _back(connection: Connection, change: AnyChange) -> None:
    match change:
        case AddPlace():
            _take_away(connection, change.code)
        case RenamePlace():
            _rename(connection, change.code, change.revision + 1, change.before)
        case ReachUnit():
            _reach(connection, change.code, change.revision + 1, change.before)
        case AddService():
            _take_service_away(connection, change.unit, change.code)
        case RenameService():
            update_service(connection, change.unit, change.code, change.revision + 1, name=text_of(change.before))
        case SetUsers():
            erase_population(connection, change.unit, _population(change, change.after))
            if change.before is not None:
                put_population(connection, change.unit, _population(change, change.before), None)


def _take_away(connection: Connection, code: str) -> None:
    unit = connection.execute(select(t.unit.c.revision).where(t.unit.c.code == code)).scalar()
    if attached(connection, code) or place_of(connection, code).revision != 1 or unit not in (None, 1):
        raise Refusal("in_use", code)
    erase_place(connection, code)


def _take_service_away(connection: Connection, unit: str, code: str) -> None:
    if service_used(connection, unit, code) or offered_of(connection, unit, code).revision != 1:
        raise Refusal("in_use", code)
    erase_service(connection, unit, code)


def _rename(connection: Connection, code: str, revision: int, names: Text) -> None:
    others = {locale: name for locale, name in names.items() if locale != OFFICIAL_LOCALE}
    update_place(connection, code, revision, name=names[OFFICIAL_LOCALE], names=text_of(others))


def _reach(connection: Connection, code: str, revision: int, said: tuple[str, str]) -> None:
    c = t.unit.c
    statement = t.unit.update().where(c.code == code, c.revision == revision)
    values = {"address": said[0], "phone": said[1], "revision": revision + 1}
    if connection.execute(statement.values(**values)).rowcount == 0:
        raise Refusal("changed_meanwhile", code)


def _population(change: SetUsers, number: int) -> Population:
    return Population(change.service, Users(change.starts, change.ends, number))


_CHANGES: msgspec.json.Decoder[tuple[AnyChange, ...]] = msgspec.json.Decoder(tuple[AnyChange, ...])


def _import_of(connection: Connection, id: str) -> Import:  # noqa: A002
    row = connection.execute(select(t.place_import).where(t.place_import.c.id == id)).first()
    if row is None:
        raise Refusal("not_found", id)
    return _import(row)


def _import(row: Row[Any]) -> Import:
    return Import(
        str(row.id), row.made_ms, row.made_by, None if row.person is None else str(row.person), row.file_name,
        bytes(row.sha256).hex(), row.records.encode(), _CHANGES.decode(row.changes), row.applied_ms, row.undone_ms,
    )  # fmt: skip
