"""The services of units as officials arrange them, each with the standard it is promised by."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, exists, func, or_, select

from ikm.domain.configuration import Service
from ikm.domain.errors import Refusal
from ikm.domain.questionnaire import Text
from ikm.domain.standard import Standard
from ikm.server import tables as t
from ikm.server.store.deeds import Doer, note
from ikm.server.store.organisation import service_of, standard_text
from ikm.server.store.part import Part
from ikm.server.store.places import differences, place_of, shifted, text_of


@dataclass(frozen=True, slots=True)
class Offered:
    """A service as it is arranged; `revision` counts its changes."""

    service: Service
    revision: int
    retired_ms: int | None


class ServicesPart(Part):
    """Services, as people change them. Every call is written down."""

    def offered(self, unit: str) -> Sequence[Offered]:
        """The services of a unit in their order, retired ones last."""
        c = t.service.c
        query = select(t.service).where(c.unit == unit).order_by(c.retired_ms.is_not(None), c.position, c.code)
        return [offered_of_row(row) for row in self._glance(lambda connection: connection.execute(query).all())]

    def offered_service(self, unit: str, code: str) -> Offered:
        """One service. Raises Refusal (`not_found`)."""
        return self._read(lambda connection: offered_of(connection, unit, code))

    def add_service(self, unit: str, service: Service, by: Doer) -> None:
        """Add a service to a unit, as its last. Raises Refusal (`code_taken`, `place_invalid`, `done_already`)."""

        def write(connection: Connection) -> None:
            note(connection, by, "service.added", node=unit, subject=service.code, facts={"name": dict(service.name)})
            insert_service(connection, unit, service)

        self._write(write)

    def rename_service(self, unit: str, code: str, name: Text, revision: int, by: Doer) -> None:
        """Name a service anew. Raises Refusal (`not_found`, `changed_meanwhile`, `done_already`)."""

        def write(connection: Connection) -> None:
            held = offered_of(connection, unit, code)
            facts = differences(held.service.name, name)
            note(connection, by, "service.renamed", node=unit, subject=code, facts=facts)
            update_service(connection, unit, code, revision, name=text_of(name))

        self._write(write)

    def promise(self, unit: str, code: str, standard: Standard, revision: int, by: Doer) -> None:
        """Replace the standard of a service. Raises Refusal (`not_found`, `changed_meanwhile`, `done_already`)."""

        def write(connection: Connection) -> None:
            held = offered_of(connection, unit, code)
            before = {element: [dict(line) for line in lines] for element, lines in held.service.standard.items()}
            after = {element: [dict(line) for line in lines] for element, lines in standard.items() if lines}
            note(connection, by, "service.promised", node=unit, subject=code, facts=differences(before, after))
            update_service(connection, unit, code, revision, standard=standard_text(standard))

        self._write(write)

    def shift_service(self, unit: str, code: str, steps: int, revision: int, by: Doer) -> None:
        """Put a service so many steps later among those of its unit, or earlier.

        Raises:
            Refusal: `not_found`, `changed_meanwhile`, `done_already`.
        """

        def write(connection: Connection) -> None:
            note(connection, by, "service.ordered", node=unit, subject=code, facts={"steps": steps})
            update_service(connection, unit, code, revision)
            c = t.service.c
            query = select(c.code).where(c.unit == unit, c.retired_ms.is_(None)).order_by(c.position, c.code)
            order = list(connection.execute(query).scalars())
            for position, moved in enumerate(shifted(order, code, steps)):
                statement = t.service.update().where(c.unit == unit, c.code == moved)
                connection.execute(statement.values(position=position))

        self._write(write)

    def retire_service(self, unit: str, code: str, revision: int, by: Doer) -> None:
        """Offer a service no longer; its answers stay. Raises Refusal (`changed_meanwhile`, `done_already`)."""

        def write(connection: Connection) -> None:
            note(connection, by, "service.retired", node=unit, subject=code)
            if offered_of(connection, unit, code).retired_ms is not None:
                raise Refusal("changed_meanwhile", code)
            update_service(connection, unit, code, revision, retired_ms=by.at_ms)

        self._write(write)

    def restore_service(self, unit: str, code: str, revision: int, by: Doer) -> None:
        """Offer a retired service again. Raises Refusal (`changed_meanwhile`, `done_already`)."""

        def write(connection: Connection) -> None:
            note(connection, by, "service.restored", node=unit, subject=code)
            update_service(connection, unit, code, revision, retired_ms=None)

        self._write(write)

    def delete_service(self, unit: str, code: str, revision: int, by: Doer) -> None:
        """Forget a service that nobody ever answered for and no kiosk ever offered.

        Raises:
            Refusal: `in_use`, `changed_meanwhile`, `done_already`.
        """

        def write(connection: Connection) -> None:
            name = dict(offered_of(connection, unit, code).service.name)
            note(connection, by, "service.deleted", node=unit, subject=code, facts={"name": name})
            if service_used(connection, unit, code):
                raise Refusal("in_use", "Sudah ada yang tercatat untuk layanan ini; tutup saja, jangan dihapus.")
            update_service(connection, unit, code, revision)
            erase_service(connection, unit, code)

        self._write(write)

    def service_deletable(self, unit: str, code: str) -> bool:
        """Whether nothing was ever attached to a service."""
        return not self._read(lambda connection: service_used(connection, unit, code))


def insert_service(connection: Connection, unit: str, service: Service) -> None:
    """Write a new service, last of its unit. Raises Refusal (`code_taken`, `place_invalid`, `not_found`)."""
    if place_of(connection, unit).node.retired:
        raise Refusal("place_invalid", "Unit ini sudah ditutup.")
    c = t.service.c
    if connection.execute(select(c.code).where(c.unit == unit, c.code == service.code)).first() is not None:
        raise Refusal("code_taken", service.code)
    last = connection.execute(select(func.max(c.position)).where(c.unit == unit)).scalar()
    connection.execute(
        t.service.insert().values(
            unit=unit, code=service.code, position=0 if last is None else last + 1, name=text_of(service.name),
            standard=standard_text(service.standard),
        )
    )  # fmt: skip


def update_service(connection: Connection, unit: str, code: str, revision: int, **values: Any) -> None:
    """Change a service that nobody changed since. Raises Refusal (`changed_meanwhile`)."""
    c = t.service.c
    statement = t.service.update().where(c.unit == unit, c.code == code, c.revision == revision)
    if connection.execute(statement.values(**values, revision=revision + 1)).rowcount == 0:
        raise Refusal("changed_meanwhile", code)


def erase_service(connection: Connection, unit: str, code: str) -> None:
    """Forget a service."""
    c = t.service.c
    connection.execute(t.service.delete().where(c.unit == unit, c.code == code))


def offered_of(connection: Connection, unit: str, code: str) -> Offered:
    """One service. Raises Refusal (`not_found`)."""
    c = t.service.c
    row = connection.execute(select(t.service).where(c.unit == unit, c.code == code)).first()
    if row is None:
        raise Refusal("not_found", code)
    return offered_of_row(row)


def service_used(connection: Connection, unit: str, code: str) -> bool:
    """Whether anything was ever attached to a service: answers, users, a kiosk that offers it."""
    tables = (t.response, t.tally, t.tally_facet, t.remark, t.population)
    looks = [exists().where(table.c.unit == unit, table.c.service == code) for table in tables]
    counters = select(t.node.c.code).where(t.node.c.parent == unit)
    # what a kiosk was told stands in its configuration, spelt canonically
    told = t.configuration.c.body.contains(f'"code":"{code}"', autoescape=True)
    looks.append(exists().where(t.configuration.c.counter.in_(counters), told))
    return bool(connection.execute(select(or_(*looks))).scalar_one())


def offered_of_row(row: Row[Any]) -> Offered:
    """The service of a row."""
    return Offered(service_of(row), row.revision, row.retired_ms)
