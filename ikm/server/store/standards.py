"""What a unit says of itself: address, telephone, opening hours, service pledge, how complaints are taken."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, select

from ikm.domain.configuration import Opening
from ikm.domain.errors import Refusal
from ikm.domain.period import TimeZone
from ikm.domain.questionnaire import Text
from ikm.server import tables as t
from ikm.server.store.columns import HOURS, LINES
from ikm.server.store.deeds import Doer, note
from ikm.server.store.part import Part
from ikm.server.store.places import differences


@dataclass(frozen=True, slots=True)
class Facts:
    """What a unit can say of itself, all of it open to change."""

    address: str = ""
    phone: str = ""
    opening: tuple[Opening, ...] = ()
    pledge: tuple[Text, ...] = ()
    complaints: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class UnitFacts(Facts):
    """What a unit says of itself. Its time zone never changes; `revision` counts the changes of the rest."""

    time_zone: TimeZone = TimeZone.WIB
    revision: int = 1


class StandardsPart(Part):
    """What units say of themselves."""

    def unit_facts(self, unit: str) -> UnitFacts:
        """What a unit says of itself. Raises Refusal (`not_found`)."""
        row = self._glance(lambda connection: connection.execute(select(t.unit).where(t.unit.c.code == unit)).first())
        if row is None:
            raise Refusal("not_found", unit)
        return facts_of(row)

    def put_unit_facts(self, unit: str, facts: Facts) -> None:
        """Replace what a unit that has its time zone says of itself; for programs that fill a server."""

        def write(connection: Connection) -> None:
            statement = t.unit.update().where(t.unit.c.code == unit)
            connection.execute(statement.values(**columns_of(facts), revision=t.unit.c.revision + 1))

        self._write(write)

    def change_unit(self, unit: str, revision: int, by: Doer, **said: Any) -> None:
        """Replace some of what a unit says of itself, by the names of `Facts`.

        Raises:
            Refusal: `not_found`, `changed_meanwhile`, `done_already`.
        """

        def write(connection: Connection) -> None:
            row = connection.execute(select(t.unit).where(t.unit.c.code == unit)).first()
            if row is None:
                raise Refusal("not_found", unit)
            held = facts_of(row)
            before = {name: msgspec.to_builtins(getattr(held, name)) for name in said}
            after = {name: msgspec.to_builtins(value) for name, value in said.items()}
            note(connection, by, "unit.changed", node=unit, facts=differences(before, after))
            columns = columns_of(replace(held, **said))
            statement = t.unit.update().where(t.unit.c.code == unit, t.unit.c.revision == revision)
            if connection.execute(statement.values(**columns, revision=revision + 1)).rowcount == 0:
                raise Refusal("changed_meanwhile", unit)

        self._write(write)


def facts_of(row: Row[Any]) -> UnitFacts:
    """The facts of a unit's row."""
    return UnitFacts(
        address=row.address,
        phone=row.phone,
        opening=HOURS.decode(row.opening),
        pledge=lines_of(row.pledge),
        complaints=lines_of(row.complaints),
        time_zone=TimeZone[row.time_zone],
        revision=row.revision,
    )


def columns_of(facts: Facts) -> dict[str, str]:
    """The columns that hold what a unit can say of itself."""
    return {
        "address": facts.address,
        "phone": facts.phone,
        "opening": msgspec.json.encode(facts.opening).decode(),
        "pledge": lines_text(facts.pledge),
        "complaints": lines_text(facts.complaints),
    }


def lines_of(text: str) -> tuple[Text, ...]:
    """Lines in several languages, as a column holds them."""
    return tuple(LINES.decode(text))


def lines_text(lines: Sequence[Text]) -> str:
    """The column's text of lines in several languages."""
    return msgspec.json.encode([dict(line) for line in lines], order="sorted").decode()
