"""Places as officials arrange them: added, renamed, moved, put in order, retired and brought back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Column, ColumnElement, Connection, Row, and_, exists, func, select, union_all

from ikm.domain.errors import Refusal
from ikm.domain.filled import Filled
from ikm.domain.organisation import PARENT, Level, Node
from ikm.domain.period import TimeZone
from ikm.domain.questionnaire import Text
from ikm.server import tables as t
from ikm.server.store.columns import NAMES
from ikm.server.store.deeds import Doer, note
from ikm.server.store.part import Part


@dataclass(frozen=True, slots=True)
class Place:
    """A place as it is arranged: `names` are those of other languages than Indonesian, `revision` counts changes."""

    node: Node
    names: Text
    revision: int
    retired_ms: int | None


class PlacesPart(Part):
    """The tree, as people change it. Every call is written down, and a form sent twice is refused the second time."""

    def place(self, code: str) -> Place:
        """One place, retired or not. Raises Refusal (`not_found`)."""
        row = self._glance(lambda connection: connection.execute(select(t.node).where(t.node.c.code == code)).first())
        if row is None:
            raise Refusal("not_found", code)
        return place_of_row(row)

    def places_below(self, code: str) -> Sequence[Place]:
        """The places right below one, retired ones too, in their order."""
        c = t.node.c
        query = select(t.node).where(c.parent == code).order_by(c.position, c.code)
        return [place_of_row(row) for row in self._glance(lambda connection: connection.execute(query).all())]

    def add_place(
        self, node: Node, names: Text, by: Doer, *, zone: TimeZone | None = None, address: str = "", phone: str = ""
    ) -> None:
        """Add a place, last among its siblings; a unit with its time zone, which never changes.

        Raises:
            Refusal: `place_invalid`, `code_taken`, `done_already`.
        """

        def write(connection: Connection) -> None:
            facts = {"name": node.name, "level": node.level.value}
            note(connection, by, "place.added", node=node.parent, subject=node.code, facts=facts)
            insert_place(connection, node, names, zone=zone, address=address, phone=phone)

        self._write(write)

    def rename_place(self, code: str, name: str, names: Text, revision: int, by: Doer) -> None:
        """Name a place anew in all languages. Raises Refusal (`not_found`, `changed_meanwhile`, `done_already`)."""

        def write(connection: Connection) -> None:
            held = place_of(connection, code)
            facts = differences({"name": held.node.name, **held.names}, {"name": name, **names})
            note(connection, by, "place.renamed", node=code, facts=facts)
            update_place(connection, code, revision, name=name, names=text_of(names))

        self._write(write)

    def move_place(self, code: str, parent: str, revision: int, by: Doer) -> None:
        """Put a unit under another agency, with all it has; it becomes the last there.

        Raises:
            Refusal: `not_found`, `place_invalid`, `changed_meanwhile`, `done_already`.
        """

        def write(connection: Connection) -> None:
            held = place_of(connection, code)
            note(connection, by, "place.moved", node=code, facts={"parent": [held.node.parent, parent]})
            if held.node.level is not Level.UNIT:
                raise Refusal("place_invalid", "Hanya unit yang dapat dipindah ke perangkat daerah lain.")
            if held.node.retired:
                raise Refusal("place_invalid", "Buka kembali dahulu unit ini.")
            if parent == code:
                raise Refusal("place_invalid", "Sebuah unit tidak dapat menjadi induknya sendiri.")
            _check_parent(connection, Level.UNIT, parent)
            update_place(connection, code, revision, parent=parent, position=_last(connection, parent))

        self._write(write)

    def shift_place(self, code: str, steps: int, revision: int, by: Doer) -> None:
        """Put a place so many steps further down among its siblings, or up.

        Raises:
            Refusal: `not_found`, `changed_meanwhile`, `done_already`.
        """

        def write(connection: Connection) -> None:
            held = place_of(connection, code)
            note(connection, by, "place.ordered", node=held.node.parent, subject=code, facts={"steps": steps})
            update_place(connection, code, revision)
            c = t.node.c
            siblings = select(c.code, c.position).where(c.parent == held.node.parent, c.retired_ms.is_(None))
            rows = connection.execute(siblings.order_by(c.position, c.code)).all()
            for position, moved in enumerate(shifted([row.code for row in rows], code, steps)):
                connection.execute(t.node.update().where(c.code == moved).values(position=position))

        self._write(write)

    def retire_place(self, code: str, revision: int, by: Doer) -> None:
        """Offer a place and all below it no longer; its answers stay, and no open code makes a kiosk there any more.

        Raises:
            Refusal: `not_found`, `place_invalid` for the regency, `in_use` while kiosks stand there,
                `changed_meanwhile`, `done_already`.
        """

        def write(connection: Connection) -> None:
            held = place_of(connection, code)
            note(connection, by, "place.retired", node=code)
            if held.node.level is Level.REGENCY:
                raise Refusal("place_invalid", "Kabupaten atau kota tidak dapat ditutup.")
            if held.node.retired:
                raise Refusal("changed_meanwhile", code)
            below = below_of(connection, code)
            # before kiosks are counted: who is enrolling by one of these codes right now is waited for
            e = t.enrolment_code.c
            still = t.enrolment_code.update().where(e.counter.in_(below), e.used_by.is_(None), e.revoked_ms.is_(None))
            connection.execute(still.values(revoked_ms=by.at_ms))
            kiosks = select(func.count()).where(t.device.c.counter.in_(below), t.device.c.revoked_ms.is_(None))
            if number := connection.execute(kiosks).scalar_one():
                told = "Masih ada %(n)s kios aktif di sini. Cabut dahulu di halaman Kios."
                raise Refusal("in_use", Filled(told, n=number))
            update_place(connection, code, revision, retired_ms=by.at_ms)
            # what was retired earlier keeps its own day, so that bringing back brings back no more than went
            standing = t.node.c.code.in_(below) & t.node.c.retired_ms.is_(None)
            connection.execute(t.node.update().where(standing).values(retired_ms=by.at_ms, revision=_NEXT))

        self._write(write)

    def restore_place(self, code: str, revision: int, by: Doer) -> None:
        """Offer a retired place again, and what was retired with it.

        Raises:
            Refusal: `not_found`, `place_invalid` where the place above is retired, `changed_meanwhile`, `done_already`.
        """

        def write(connection: Connection) -> None:
            held = place_of(connection, code)
            note(connection, by, "place.restored", node=code)
            if held.retired_ms is None:
                raise Refusal("changed_meanwhile", code)
            if held.node.parent is not None and place_of(connection, held.node.parent).retired_ms is not None:
                raise Refusal("place_invalid", "Buka kembali dahulu tempat di atasnya.")
            together = t.node.c.code.in_(below_of(connection, code)) & (t.node.c.retired_ms == held.retired_ms)
            update_place(connection, code, revision, retired_ms=None)
            connection.execute(
                t.node.update().where(together, t.node.c.code != code).values(retired_ms=None, revision=_NEXT)
            )

        self._write(write)

    def delete_place(self, code: str, revision: int, by: Doer) -> None:
        """Forget a place to which nothing was ever attached, such as one added by mistake.

        Raises:
            Refusal: `not_found`, `in_use`, `changed_meanwhile`, `done_already`.
        """

        def write(connection: Connection) -> None:
            held = place_of(connection, code)
            note(connection, by, "place.deleted", node=held.node.parent, subject=code, facts={"name": held.node.name})
            if attached(connection, code) or held.node.level is Level.REGENCY:
                raise Refusal("in_use", "Sudah ada yang tercatat di sini; tutup saja, jangan dihapus.")
            update_place(connection, code, revision)
            erase_place(connection, code)

        self._write(write)

    def deletable(self, code: str) -> bool:
        """Whether nothing was ever attached to a place."""
        return not self._read(lambda connection: attached(connection, code))


_NEXT: Any = t.node.c.revision + 1


def insert_place(
    connection: Connection, node: Node, names: Text, *, zone: TimeZone | None, address: str = "", phone: str = ""
) -> None:
    """Write a new place, last among its siblings. Raises Refusal (`place_invalid`, `code_taken`)."""
    if connection.execute(select(t.node.c.code).where(t.node.c.code == node.code)).first() is not None:
        raise Refusal("code_taken", node.code)
    _check_parent(connection, node.level, node.parent)
    if (node.level is Level.UNIT) != (zone is not None):
        raise Refusal("place_invalid", "Sebuah unit perlu zona waktu, dan hanya unit yang mempunyainya.")
    connection.execute(
        t.node.insert().values(
            code=node.code, level=node.level.value, parent=node.parent, name=node.name, names=text_of(names),
            position=_last(connection, node.parent),
        )
    )  # fmt: skip
    if zone is not None:
        connection.execute(t.unit.insert().values(code=node.code, time_zone=zone.name, address=address, phone=phone))


def update_place(connection: Connection, code: str, revision: int, **values: Any) -> None:
    """Change a place that nobody changed since. Raises Refusal (`changed_meanwhile`)."""
    statement = t.node.update().where(t.node.c.code == code, t.node.c.revision == revision)
    if connection.execute(statement.values(**values, revision=revision + 1)).rowcount == 0:
        raise Refusal("changed_meanwhile", code)


def erase_place(connection: Connection, code: str) -> None:
    """Forget a place."""
    connection.execute(t.unit.delete().where(t.unit.c.code == code))
    connection.execute(t.node.delete().where(t.node.c.code == code))


def place_of(connection: Connection, code: str) -> Place:
    """One place. Raises Refusal (`not_found`)."""
    row = connection.execute(select(t.node).where(t.node.c.code == code)).first()
    if row is None:
        raise Refusal("not_found", code)
    return place_of_row(row)


def below_of(connection: Connection, code: str) -> list[str]:
    """The codes of a place and all below it."""
    found = [code]
    layer = [code]
    while layer:
        rows = connection.execute(select(t.node.c.code).where(t.node.c.parent.in_(layer)))
        layer = [row.code for row in rows if row.code not in found]
        found += layer
    return found


_HANGING = frozenset({"unit", "counter", "node"})
"""What columns that name a place are called where no foreign key says so."""


def hanging_columns() -> tuple[Column[Any], ...]:
    """Every column of another table that can name a place; of the log too, where a place may be named for ever."""
    own = {t.unit.name, t.deed.name}
    return tuple(
        column
        for table in t.metadata.sorted_tables
        if table.name not in own
        for column in table.columns
        if column.name in _HANGING or any(key.column.table in (t.node, t.unit) for key in column.foreign_keys)
    )


def attached(connection: Connection, code: str) -> bool:
    """Whether anything was ever attached to a place: places below, services, kiosks, answers, people, settings."""
    looks = [select(exists().where(_names(column, code)).label("there")) for column in hanging_columns()]
    together = union_all(*looks).subquery()
    return bool(connection.execute(select(func.count()).select_from(together).where(together.c.there)).scalar_one())


def _names(column: Column[Any], code: str) -> ColumnElement[bool]:
    """Whether a row names that place in that column."""
    if column is not t.response.c.counter:
        return column == code
    # no index holds the counters of millions of responses; that of their unit does
    unit = select(t.node.c.parent).where(t.node.c.code == code).scalar_subquery()
    return and_(t.response.c.unit == unit, column == code)


def shifted(codes: Sequence[str], code: str, steps: int) -> list[str]:
    """Codes with one of them so many steps later, or earlier; at most to an end."""
    order = list(codes)
    if code in order:
        place = order.index(code)
        order.insert(max(0, place + steps), order.pop(place))
    return order


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[Any]]:
    """What changes, name -> before and after, as the log wants it."""
    names = {**before, **after}
    return {name: [before.get(name), after.get(name)] for name in names if before.get(name) != after.get(name)}


def text_of(text: Text) -> str:
    """A text in several languages, as its column holds it."""
    return msgspec.json.encode({locale: words for locale, words in text.items() if words}, order="sorted").decode()


def _check_parent(connection: Connection, level: Level, parent: str | None) -> None:
    above = connection.execute(select(t.node).where(t.node.c.code == parent)).first()
    wanted = PARENT[level]
    if (above is None) != (wanted is None) or (above is not None and above.level != wanted):
        raise Refusal("place_invalid", _WHERE[level])
    if above is not None and above.retired_ms is not None:
        raise Refusal("place_invalid", "Tempat di atasnya sudah ditutup.")
    if above is None and connection.execute(select(func.count()).select_from(t.node)).scalar_one():
        raise Refusal("place_invalid", "Kabupaten atau kota sudah ada.")


_WHERE = {
    Level.REGENCY: "Kabupaten atau kota tidak berada di bawah tempat lain.",
    Level.AGENCY: "Perangkat daerah berada langsung di bawah kabupaten atau kota.",
    Level.UNIT: "Unit berada langsung di bawah perangkat daerah.",
    Level.COUNTER: "Loket berada langsung di bawah unit.",
}


def _last(connection: Connection, parent: str | None) -> int:
    last = connection.execute(select(func.max(t.node.c.position)).where(t.node.c.parent == parent)).scalar()
    return 0 if last is None else last + 1


def place_of_row(row: Row[Any]) -> Place:
    """The place of a row."""
    node = Node(row.code, Level(row.level), row.parent, row.name, row.retired_ms is not None)
    return Place(node, NAMES.decode(row.names), row.revision, row.retired_ms)
