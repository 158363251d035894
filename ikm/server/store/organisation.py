"""The organisation, its services, questionnaires and kiosk configurations."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, func, select

from ikm import wire
from ikm.domain.configuration import Configuration, Service
from ikm.domain.errors import Refusal
from ikm.domain.organisation import PARENT, Level, Node, Tree
from ikm.domain.period import TimeZone
from ikm.domain.questionnaire import OFFICIAL_LOCALE, Questionnaire, Text
from ikm.server import tables as t
from ikm.server.store.columns import NAMES, STANDARD
from ikm.server.store.part import Part, insert


class OrganisationPart(Part):
    """Who serves whom, where, with which questions."""

    def organisation(self, *, retired: bool = False) -> Sequence[Node]:
        """The tree from the regency down, siblings in the order they were organised in; with retired places or not."""
        query = select(t.node).order_by(t.node.c.position, t.node.c.code)
        if not retired:
            query = query.where(t.node.c.retired_ms.is_(None))

        def read(connection: Connection) -> list[Node]:
            return [_node(row) for row in connection.execute(query)]

        tree = Tree(self._glance(read))
        return [node for top in tree.nodes.values() if top.parent is None for node in tree.below(top.code)]

    def organisation_stamp(self) -> tuple[int, ...]:
        """What is another whenever the tree was changed: people's changes are deeds, programs' count in revisions."""
        c = t.node.c
        newest = select(func.coalesce(func.max(t.deed.c.seq), 0)).scalar_subquery()
        query = select(newest, func.count(), func.coalesce(func.sum(c.revision), 0)).select_from(t.node)
        return tuple(int(number) for number in self._glance(lambda connection: connection.execute(query).one()))

    def node(self, code: str) -> Node:
        """One place. Raises Refusal (`not_found`)."""
        row = self._glance(lambda connection: connection.execute(select(t.node).where(t.node.c.code == code)).first())
        if row is None:
            raise Refusal("not_found", code)
        return _node(row)

    def names(self, code: str) -> Text:
        """The name of a place in all its languages. Raises Refusal (`not_found`)."""
        row = self._glance(lambda connection: connection.execute(select(t.node).where(t.node.c.code == code)).first())
        if row is None:
            raise Refusal("not_found", code)
        return {**NAMES.decode(row.names), OFFICIAL_LOCALE: row.name}

    def put_node(self, node: Node, names: Text, position: int) -> None:
        """Add a place or rename it; `names` are the other languages'. Its level and parent stay what they were.

        Raises:
            Refusal: `configuration_invalid` when the tree would not hold together.
        """

        def write(connection: Connection) -> None:
            held = connection.execute(select(t.node).where(t.node.c.code == node.code)).first()
            if held is not None and (held.level, held.parent) != (node.level.value, node.parent):
                raise Refusal("configuration_invalid", f"{node.code}: letak tidak dapat diubah")
            above = connection.execute(select(t.node.c.level).where(t.node.c.code == node.parent)).scalar()
            if above != PARENT[node.level]:
                raise Refusal("configuration_invalid", f"{node.code}: induk {node.parent}")
            facts = {"name": node.name, "names": _text(names), "position": position}
            statement = insert(connection)(t.node).values(
                code=node.code, level=node.level.value, parent=node.parent, **facts
            )
            counted = {**facts, "revision": t.node.c.revision + 1}
            connection.execute(statement.on_conflict_do_update(index_elements=["code"], set_=counted))

        self._write(write)

    def time_zone(self, unit: str) -> TimeZone:
        """The zone whose dates a unit's periods are counted in. Raises Refusal (`not_found`)."""
        name = self._glance(
            lambda connection: connection.execute(select(t.unit.c.time_zone).where(t.unit.c.code == unit)).scalar()
        )
        if name is None:
            raise Refusal("not_found", unit)
        return TimeZone[name]

    def put_time_zone(self, unit: str, zone: TimeZone) -> None:
        """Set a unit's zone, once: the dates its responses were counted on do not move. Later calls change nothing."""

        def write(connection: Connection) -> None:
            statement = insert(connection)(t.unit).values(code=unit, time_zone=zone.name)
            connection.execute(statement.on_conflict_do_nothing())

        self._write(write)

    def services(self, unit: str, *, retired: bool = False) -> Sequence[Service]:
        """The services of a unit with what was promised for each, in their order; with retired ones or not.

        A promise on complaints that a service does not make itself is the unit's: `ikm.domain.standard.promised`.
        """
        query = select(t.service).where(t.service.c.unit == unit).order_by(t.service.c.position, t.service.c.code)
        if not retired:
            query = query.where(t.service.c.retired_ms.is_(None))
        return self._glance(lambda connection: [service_of(row) for row in connection.execute(query)])

    def put_service(self, unit: str, service: Service, position: int) -> None:
        """Add a service to a unit, or replace what is said of it."""

        def write(connection: Connection) -> None:
            facts = {"name": _text(service.name), "standard": standard_text(service.standard), "position": position}
            statement = insert(connection)(t.service).values(unit=unit, code=service.code, **facts)
            counted = {**facts, "revision": t.service.c.revision + 1}
            connection.execute(statement.on_conflict_do_update(index_elements=["unit", "code"], set_=counted))

        self._write(write)

    def questionnaire(self, code: str) -> Questionnaire:
        """A questionnaire version. Raises Refusal (`questionnaire_unknown`)."""
        body = self._glance(
            lambda connection: connection.execute(
                select(t.questionnaire.c.body).where(t.questionnaire.c.code == code)
            ).scalar()
        )
        if body is None:
            raise Refusal("questionnaire_unknown", code)
        return wire.decode(body.encode(), wire.QuestionnaireMessage).to_domain()

    def put_questionnaire(self, questionnaire: Questionnaire) -> None:
        """Add a questionnaire version; the same again is nothing new.

        Raises:
            Refusal: `questionnaire_invalid` when that code names other words already: a version is never edited.
        """
        body = wire.canonical(wire.questionnaire_message(questionnaire)).decode()

        def write(connection: Connection) -> None:
            statement = insert(connection)(t.questionnaire).values(code=questionnaire.code, body=body)
            connection.execute(statement.on_conflict_do_nothing())
            query = select(t.questionnaire.c.body).where(t.questionnaire.c.code == questionnaire.code)
            if connection.execute(query).scalar_one() != body:
                raise Refusal("questionnaire_invalid", f"{questionnaire.code}: versi yang sudah dipakai tidak berubah")

        self._write(write)

    def configuration(self, counter: str) -> wire.ConfigurationMessage:
        """The newest configuration of a counter. Raises Refusal (`not_found`)."""
        found = self._glance(lambda connection: newest_configuration(connection, counter))
        if found is None:
            raise Refusal("not_found", counter)
        return found

    def put_configuration(self, configuration: Configuration) -> int:
        """The number under which a counter's configuration is held: a new one only when its content is new.

        The number the caller gives is not used.
        """

        def write(connection: Connection) -> int:
            newest = newest_configuration(connection, configuration.counter)
            held = 0 if newest is None else newest.version
            if newest == wire.configuration_message(replace(configuration, version=held)):
                return held
            return add_configuration(connection, configuration, released_ms=0)

        return self._write(write)


def newest_configuration(connection: Connection, counter: str) -> wire.ConfigurationMessage | None:
    """The configuration with the highest number of a counter that may be offered, if it has one."""
    c = t.configuration.c
    newest = select(func.max(c.version)).where(c.counter == counter, c.released_ms.is_not(None)).scalar_subquery()
    body = connection.execute(select(c.body).where(c.counter == counter, c.version == newest)).scalar()
    return None if body is None else wire.decode(body.encode(), wire.ConfigurationMessage)


def service_of(row: Row[Any]) -> Service:
    """The service of a row."""
    standard = STANDARD.decode(row.standard)
    name = NAMES.decode(row.name)
    return Service(row.code, name, {code: tuple(lines) for code, lines in standard.items()})


def standard_text(standard: Mapping[str, Sequence[Text]]) -> str:
    """A service standard as its column holds it."""
    plain = {code: [dict(line) for line in lines] for code, lines in standard.items() if lines}
    return msgspec.json.encode(plain, order="sorted").decode()


def _node(row: Row[Any]) -> Node:
    return Node(row.code, Level(row.level), row.parent, row.name, row.retired_ms is not None)


def add_configuration(
    connection: Connection, configuration: Configuration, *, released_ms: int | None, rollout: int | None = None,
    wave: int | None = None,
) -> int:  # fmt: skip
    """The number of a counter's next configuration, which is held now; without `released_ms` it waits for its wave."""
    c = t.configuration.c
    highest = select(func.coalesce(func.max(c.version), 0)).where(c.counter == configuration.counter)
    number: int = connection.execute(highest).scalar_one() + 1
    message = wire.configuration_message(replace(configuration, version=number))
    connection.execute(
        t.configuration.insert().values(
            counter=message.counter, version=number, body=wire.canonical(message).decode(), released_ms=released_ms,
            rollout=rollout, wave=wave,
        )
    )  # fmt: skip
    return number


def _text(text: Text) -> str:
    return msgspec.json.encode(dict(text), order="sorted").decode()
