"""What places decide about the kiosks below them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, select, update

from ikm.domain.errors import Refusal
from ikm.domain.organisation import Level
from ikm.server import tables as t
from ikm.server.configuring.settings import KioskSettings, decoded, encoded, merged
from ikm.server.store.deeds import Doer, check_once, note, take_turns
from ikm.server.store.part import Part, insert


@dataclass(frozen=True, slots=True)
class HeldSettings:
    """What a place decides, and how often that was changed: 0 for never."""

    settings: KioskSettings
    revision: int


class SettingsPart(Part):
    """Settings of kiosks, by place."""

    def kiosk_settings(self, node: str) -> HeldSettings:
        """What a place itself decides."""
        row = self._glance(
            lambda connection: connection.execute(select(t.kiosk_setting).where(t.kiosk_setting.c.node == node)).first()
        )
        return HeldSettings(KioskSettings(), 0) if row is None else HeldSettings(decoded(row.body), row.revision)

    def all_kiosk_settings(self) -> Mapping[str, KioskSettings]:
        """What every place decides that decides anything."""
        rows = self._glance(lambda connection: connection.execute(select(t.kiosk_setting)).all())
        return {row.node: decoded(row.body) for row in rows}

    def put_kiosk_settings(self, node: str, settings: KioskSettings, revision: int, by: Doer) -> None:
        """Replace what a place decides, if it is still as that revision had it.

        Raises:
            Refusal: `not_found`; `configuration_invalid` when it speaks of services and is no counter, names one its
                unit does not have, or languages and default language do not fit; `changed_meanwhile`; `done_already`.
        """

        def write(connection: Connection) -> None:
            take_turns(connection)
            check_once(connection, by)
            _check(connection, node, settings)
            held = connection.execute(select(t.kiosk_setting).where(t.kiosk_setting.c.node == node)).first()
            before = KioskSettings() if held is None else decoded(held.body)
            if held is None:
                statement = insert(connection)(t.kiosk_setting).values(node=node, body=encoded(settings))
                done = statement.on_conflict_do_nothing().returning(t.kiosk_setting.c.node)
                if revision != 0 or connection.execute(done).first() is None:
                    raise Refusal("changed_meanwhile")
            else:
                this = update(t.kiosk_setting).where(
                    t.kiosk_setting.c.node == node, t.kiosk_setting.c.revision == revision
                )
                if not connection.execute(this.values(body=encoded(settings), revision=revision + 1)).rowcount:
                    raise Refusal("changed_meanwhile")
            note(connection, by, "kiosk.settings_changed", node=node, subject=node, facts=_facts(before, settings))

        self._write(write)

    def fill_kiosk_settings(self, node: str, settings: KioskSettings) -> None:
        """Decide for a place that decided nothing; for programs that fill a server."""

        def write(connection: Connection) -> None:
            statement = insert(connection)(t.kiosk_setting).values(node=node, body=encoded(settings))
            connection.execute(statement.on_conflict_do_nothing())

        self._write(write)


def _facts(before: KioskSettings, after: KioskSettings) -> dict[str, Any]:
    """What changed, before and after; of a PIN only that it did."""
    was, becomes = before.said(), after.said()
    changed = [name for name in KioskSettings.__struct_fields__ if was.get(name) != becomes.get(name)]
    return {
        name: "changed" if name == "staff_pin" else msgspec.to_builtins([was.get(name), becomes.get(name)])
        for name in changed
    }


def _check(connection: Connection, node: str, settings: KioskSettings) -> None:
    row = connection.execute(select(t.node).where(t.node.c.code == node)).first()
    if row is None:
        raise Refusal("not_found", node)
    if settings.services is not None:
        query = select(t.service.c.code).where(t.service.c.unit == row.parent, t.service.c.retired_ms.is_(None))
        known = set(connection.execute(query).scalars())
        if row.level != Level.COUNTER or not set(settings.services) <= known:
            raise Refusal("configuration_invalid", "Layanan yang dipilih tidak ada di unit loket ini.")
    whole = merged([*_above(connection, row.parent), settings])
    languages = whole.languages or ()
    if "id" not in languages or len(set(languages)) != len(languages):
        raise Refusal("configuration_invalid", "Bahasa Indonesia selalu ditawarkan.")
    if whole.default_language not in languages:
        raise Refusal("configuration_invalid", "Bahasa awal harus salah satu bahasa yang ditawarkan.")


def _above(connection: Connection, code: str | None) -> list[KioskSettings]:
    """What the places above decide, from the topmost down."""
    found: list[KioskSettings] = []
    seen: set[str] = set()
    while code is not None and code not in seen:
        seen.add(code)
        query = (
            select(t.node.c.parent, t.kiosk_setting.c.body)
            .join(t.kiosk_setting, t.kiosk_setting.c.node == t.node.c.code, isouter=True)
            .where(t.node.c.code == code)
        )
        row = connection.execute(query).first()
        if row is None:
            break
        if row.body is not None:
            found.insert(0, decoded(row.body))
        code = row.parent
    return found
