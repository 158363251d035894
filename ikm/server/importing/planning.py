"""What an organisation sheet would change, row by row; pure, so that it can be made again when it is confirmed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from ikm.domain.filled import Filled
from ikm.domain.organisation import Level, proposed_code
from ikm.domain.population import Users
from ikm.domain.questionnaire import OFFICIAL_LOCALE, Text
from ikm.server.importing.plan import Outcome, Plan, PlanLine
from ikm.server.importing.records import Field, Record, Table, same
from ikm.server.reports.wording import count
from ikm.server.store.imports import (
    AddPlace,
    AddService,
    AnyChange,
    ReachUnit,
    RenamePlace,
    RenameService,
    SetUsers,
    State,
)

May = Callable[[str], bool]
"""Whether whoever imports may arrange a place."""


def planned(table: Table, state: State, may: May) -> Plan:
    """The plan of a file, by someone who may arrange those places."""
    return _Planning(state, may).plan(table.records)


class _Wrong(Exception):
    """A row that cannot be taken: the column it is about, and why."""

    def __init__(self, of: Field, told: str) -> None:
        self.of, self.told = of, told
        super().__init__(told)


@dataclass(slots=True)
class _Spot:
    """A place or service as the file leaves it: as it was, and what rows said of it so far."""

    code: str
    name: str
    english: str
    fresh: bool
    said: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Planning:
    state: State
    may: May
    spots: dict[tuple[str, str], _Spot] = field(default_factory=dict)
    codes: set[str] = field(default_factory=set)
    added: dict[tuple[str, str], AnyChange] = field(default_factory=dict)
    changed: dict[tuple[str, str], AnyChange] = field(default_factory=dict)
    users: dict[tuple[str, str, date, date], tuple[int, SetUsers | None]] = field(default_factory=dict)
    parents: dict[str, str] = field(default_factory=dict)

    def plan(self, records: Sequence[Record]) -> Plan:
        self.codes = set(self.state.places)
        self.parents = {code: str(place.node.parent) for code, place in self.state.places.items()}
        lines = [self._line(record) for record in records]
        wrong = any(line.outcome is Outcome.WRONG for line in lines)
        changes = () if wrong else (*self.added.values(), *self.changed.values(), *self._users())
        return Plan(tuple(lines), tuple(changes))

    def _users(self) -> list[AnyChange]:
        return [change for _, change in self.users.values() if change is not None]

    def _line(self, record: Record) -> PlanLine:
        about = " › ".join(filter(None, (record.says(of) for of in (Field.AGENCY, Field.UNIT, Field.SERVICE)))) or "–"
        if record.faults:
            return PlanLine(record.row, about, Outcome.WRONG, (), record.faults)
        before = (len(self.added), dict(self.changed), len(self._users()))
        try:
            details = self._row(record)
        except _Wrong as wrong:
            return PlanLine(record.row, about, Outcome.WRONG, (), (record.wrong(wrong.of, wrong.told),))
        if len(self.added) > before[0]:
            outcome = Outcome.NEW
        elif self.changed != before[1] or len(self._users()) > before[2]:
            outcome = Outcome.CHANGED
        else:
            outcome = Outcome.SAME
        return PlanLine(record.row, about, outcome, tuple(details))

    def _row(self, record: Record) -> list[str]:
        details: list[str] = []
        agency = self._agency(record, details)
        unit = self._unit(record, agency, details)
        service = self._service(record, unit, details)
        self._population(record, unit, service, details)
        return details

    def _agency(self, record: Record, details: list[str]) -> str | None:
        name, code = record.says(Field.AGENCY), record.says(Field.AGENCY_CODE)
        if not name and not code:
            return None
        regency = next(
            (place.node.code for place in self.state.places.values() if place.node.level is Level.REGENCY), None
        )
        if regency is None:
            raise _Wrong(Field.AGENCY, "belum ada kabupaten atau kota di server ini")
        found = self._place(Field.AGENCY, name, code, regency)
        if found is not None:
            self._rename(record, found, Field.AGENCY, name, "", details)
            return found
        if not name:
            raise _Wrong(Field.AGENCY, Filled("perangkat daerah baru %(code)s belum bernama", code=code))
        self._check_right(regency, Field.AGENCY)
        new = self._code(code, name, Field.AGENCY_CODE)
        added = AddPlace(code=new, level=Level.AGENCY, parent=regency, name=name)
        self._add(added, details, "perangkat daerah baru: %(name)s (kode %(code)s)")
        return new

    def _unit(self, record: Record, agency: str | None, details: list[str]) -> str | None:
        name, code = record.says(Field.UNIT), record.says(Field.UNIT_CODE)
        if not name and not code:
            if any(record.says(of) for of in (Field.SERVICE, Field.SERVICE_CODE)) or record.users:
                raise _Wrong(Field.UNIT, "unit kosong, padahal baris ini menyebut layanan atau jumlah pengguna")
            if agency is None:
                raise _Wrong(Field.AGENCY, "baris ini tidak menyebut tempat")
            return None
        found = self._place(Field.UNIT, name, code, agency)
        english = record.says(Field.UNIT_EN)
        if found is not None:
            self._rename(record, found, Field.UNIT, name, english, details)
            self._reach(record, found, details)
            return found
        if not name:
            raise _Wrong(Field.UNIT, Filled("unit baru %(code)s belum bernama", code=code))
        if agency is None:
            raise _Wrong(
                Field.AGENCY, "perangkat daerah kosong; sel kosong tidak dianggap sama dengan baris di atasnya"
            )
        self._check_right(agency, Field.UNIT)
        zone = record.says(Field.ZONE) or self._usual_zone()
        if not zone:
            raise _Wrong(Field.ZONE, "zona waktu perlu untuk unit baru: WIB, WITA, atau WIT")
        new = self._code(code, name, Field.UNIT_CODE)
        names = {"en": english} if english else {}
        address, phone = record.says(Field.ADDRESS), record.says(Field.PHONE)
        added = AddPlace(
            code=new, level=Level.UNIT, parent=agency, name=name, names=names, zone=zone, address=address, phone=phone
        )
        self._add(added, details, "unit baru: %(name)s (kode %(code)s)")
        self.spots[("place", new)].said |= {"address": address, "phone": phone}
        details.append(Filled("zona waktu %(zone)s", zone=zone))
        return new

    def _service(self, record: Record, unit: str | None, details: list[str]) -> str | None:
        name, code = record.says(Field.SERVICE), record.says(Field.SERVICE_CODE)
        if unit is None or (not name and not code):
            return None
        english = record.says(Field.SERVICE_EN)
        key = f"service {unit}"
        if not any(kind == key for kind, _ in self.spots):
            for offered in self.state.services.get(unit, ()):
                text = offered.service.name
                self.spots[key, offered.service.code] = _Spot(
                    offered.service.code, text.get(OFFICIAL_LOCALE, ""), text.get("en", ""), fresh=False
                )
        held = {spot.code: spot for (kind, _), spot in self.spots.items() if kind == key}
        spot = held.get(code) if code else next((one for one in held.values() if same(one.name) == same(name)), None)
        if spot is not None:
            self._check_open(unit, spot.code)
            self._rename_service(unit, spot, name, english, details)
            return spot.code
        if not name:
            raise _Wrong(Field.SERVICE, Filled("layanan baru %(code)s belum bernama", code=code))
        self._check_zeros(code, held, Field.SERVICE_CODE)
        self._check_right(unit, Field.SERVICE)
        new = code or proposed_code(name, held)
        self.spots[key, new] = _Spot(new, name, english, fresh=True)
        text = {OFFICIAL_LOCALE: name, **({"en": english} if english else {})}
        self.added[key, new] = AddService(unit=unit, code=new, name=text)
        details.append(Filled("layanan baru: %(name)s (kode %(code)s)", name=name, code=new))
        return new

    def _population(self, record: Record, unit: str | None, service: str | None, details: list[str]) -> None:
        if not record.users or unit is None:
            return
        self._check_right(unit, Field.USERS)
        users = Users(date.fromisoformat(record.starts), date.fromisoformat(record.ends), record.users)
        key = (unit, service or "", users.start, users.end)
        if key in self.users:
            number, _ = self.users[key]
            if number != users.number:
                told = "baris lain menyebut %(n)s pengguna untuk masa yang sama"
                raise _Wrong(Field.USERS, Filled(told, n=count(number)))
            return
        others = [
            *(one.users for one in self.state.populations.get(unit, ()) if one.service == (service or "")),
            *(
                Users(change.starts, change.ends, change.after)
                for (place, of, *_), (_, change) in self.users.items()
                if change is not None and (place, of) == key[:2]
            ),
        ]
        equal = next((one for one in others if (one.start, one.end) == (users.start, users.end)), None)
        for other in others:
            if other is not equal and other.start < users.end and users.start < other.end:
                told = "tumpang tindih dengan %(other)s yang sudah diisi"
                raise _Wrong(Field.USERS, Filled(told, other=other.period.label))
        change = None
        if equal is None or equal.number != users.number:
            before = None if equal is None else equal.number
            change = SetUsers(
                unit=unit, service=service or "", starts=users.start, ends=users.end, before=before, after=users.number
            )
            told = f"{count(before)} → {count(users.number)}" if before is not None else count(users.number)
            details.append(Filled("pengguna %(period)s: %(told)s", period=users.period.label, told=told))
        self.users[key] = (users.number, change)

    # -- finding ----------------------------------------------------------------------------------------------------

    def _place(self, of: Field, name: str, code: str, parent: str | None) -> str | None:
        """The code of the place a row names, which is there or was added by a row before; None for a new one."""
        level = Level.AGENCY if of is Field.AGENCY else Level.UNIT
        if code:
            known = self._known(code)
            if known is None:
                self._check_zeros(code, self.codes, of)
                return None
            if self._level(code) is not level or (parent is not None and self.parents[code] != parent):
                raise _Wrong(of, Filled("kode %(code)s sudah dipakai tempat lain", code=code))
            self._check_standing(code, of)
            return code
        found = [
            one for one in self._level_codes(level)
            if same(self._known(one).name) == same(name) and (parent is None or self.parents[one] == parent)  # type: ignore[union-attr]
        ]  # fmt: skip
        if len(found) > 1:
            raise _Wrong(of, "ada beberapa tempat bernama sama; tulis kodenya")
        if found:
            self._check_standing(found[0], of)
            return found[0]
        return None

    def _known(self, code: str) -> _Spot | None:
        spot = self.spots.get(("place", code))
        if spot is None and code in self.state.places:
            place = self.state.places[code]
            spot = self.spots["place", code] = _Spot(code, place.node.name, place.names.get("en", ""), fresh=False)
        return spot

    def _level(self, code: str) -> Level:
        added = self.added.get(("place", code))
        return added.level if isinstance(added, AddPlace) else self.state.places[code].node.level

    def _level_codes(self, level: Level) -> list[str]:
        return [code for code in (*self.state.places, *self._fresh()) if self._level(code) is level]

    def _fresh(self) -> list[str]:
        return [code for kind, code in self.added if kind == "place"]

    def _usual_zone(self) -> str:
        zones = {facts.time_zone.name for facts in self.state.facts.values()}
        return zones.pop() if len(zones) == 1 else ""

    def _code(self, code: str, name: str, of: Field) -> str:
        if code and code in self.codes:
            raise _Wrong(of, Filled("kode %(code)s sudah dipakai tempat lain", code=code))
        return code or proposed_code(name, self.codes)

    # -- what may not be --------------------------------------------------------------------------------------------

    def _check_right(self, code: str, of: Field) -> None:
        # what a row above adds is theirs who may add it
        if code in self.state.places and not self.may(code):
            raise _Wrong(of, "di luar wewenang Anda")

    def _check_standing(self, code: str, of: Field) -> None:
        self._check_right(code, of) if of is Field.UNIT else None
        place = self.state.places.get(code)
        if place is not None and place.node.retired:
            raise _Wrong(of, "sudah ditutup; buka kembali dahulu")

    def _check_open(self, unit: str, code: str) -> None:
        offered = {one.service.code: one for one in self.state.services.get(unit, ())}
        if code in offered and offered[code].retired_ms is not None:
            raise _Wrong(Field.SERVICE, "layanan ini sudah ditutup; buka kembali dahulu")

    def _check_zeros(self, code: str, held: Mapping[str, object] | set[str], of: Field) -> None:
        plain = code.lstrip("0")
        alike = next((one for one in held if plain and one != code and one.lstrip("0") == plain), None)
        if code.isdecimal() and alike is not None:
            told = "kode %(code)s mirip %(other)s; nol di depannya mungkin hilang"
            raise _Wrong(of, Filled(told, code=code, other=alike))

    # -- changing ---------------------------------------------------------------------------------------------------

    def _add(self, change: AddPlace, details: list[str], told: str) -> None:
        self.added["place", change.code] = change
        self.codes.add(change.code)
        self.parents[change.code] = change.parent
        self.spots["place", change.code] = _Spot(change.code, change.name, change.names.get("en", ""), fresh=True)
        details.append(Filled(told, name=change.name, code=change.code))

    def _rename(self, record: Record, code: str, of: Field, name: str, english: str, details: list[str]) -> None:  # noqa: PLR0917
        spot = self._known(code)
        assert spot is not None  # noqa: S101 - its code was found
        zone = record.says(Field.ZONE)
        if of is Field.UNIT and zone and zone != self._zone(code):
            told = "zona waktu unit ini %(zone)s dan tidak dapat diubah"
            raise _Wrong(Field.ZONE, Filled(told, zone=self._zone(code)))
        self._differs(spot, "name", name, of)
        self._differs(spot, "en", english, Field.UNIT_EN)
        place = self.state.places.get(code)
        if place is None:
            return
        before = {OFFICIAL_LOCALE: place.node.name, **place.names}
        after = {**before, OFFICIAL_LOCALE: spot.said.get("name") or place.node.name}
        if spot.said.get("en"):
            after["en"] = spot.said["en"]
        if after == before or ("name", code) in self.changed:
            return
        self._check_right(code, of)
        self.changed["name", code] = RenamePlace(code=code, revision=place.revision, before=before, after=after)
        details.extend(_told(before, after))

    def _zone(self, code: str) -> str:
        added = self.added.get(("place", code))
        if isinstance(added, AddPlace):
            return added.zone
        return self.state.facts[code].time_zone.name if code in self.state.facts else ""

    def _reach(self, record: Record, code: str, details: list[str]) -> None:
        spot = self._known(code)
        assert spot is not None  # noqa: S101 - its code was found
        self._differs(spot, "address", record.says(Field.ADDRESS), Field.ADDRESS)
        self._differs(spot, "phone", record.says(Field.PHONE), Field.PHONE)
        facts = self.state.facts.get(code)
        if facts is None:
            return
        before = (facts.address, facts.phone)
        after = (spot.said.get("address") or facts.address, spot.said.get("phone") or facts.phone)
        change = ReachUnit(code=code, revision=facts.revision, before=before, after=after)
        if after == before or self.changed.get(("unit", code)) == change:
            return
        self._check_right(code, Field.ADDRESS)
        self.changed["unit", code] = change
        pairs = zip(("alamat", "telepon"), before, after, strict=True)
        details += [
            Filled("%(label)s: %(old)s → %(new)s", label=Filled(label), old=old or "–", new=new)
            for label, old, new in pairs
            if old != new
        ]

    def _rename_service(self, unit: str, spot: _Spot, name: str, english: str, details: list[str]) -> None:
        self._differs(spot, "name", name, Field.SERVICE)
        self._differs(spot, "en", english, Field.SERVICE_EN)
        offered = {one.service.code: one for one in self.state.services.get(unit, ())}.get(spot.code)
        if offered is None:
            return
        before = dict(offered.service.name)
        after = {**before, OFFICIAL_LOCALE: spot.said.get("name") or spot.name}
        if spot.said.get("en"):
            after["en"] = spot.said["en"]
        key = (f"service {unit}", spot.code)
        if after == before or key in self.changed:
            return
        self._check_right(unit, Field.SERVICE)
        self.changed[key] = RenameService(
            unit=unit, code=spot.code, revision=offered.revision, before=before, after=after
        )
        details.extend(_told(before, after))

    @staticmethod
    def _differs(spot: _Spot, what: str, text: str, of: Field) -> None:
        """Remembers what a row says; refuses a second row that says something else."""
        if not text:
            return
        first = {"name": spot.name, "en": spot.english} if spot.fresh else {}
        held = spot.said.get(what) or first.get(what)
        if held and held != text:
            raise _Wrong(of, Filled('baris lain menulis "%(held)s"', held=held[:60]))
        spot.said[what] = text


def _told(before: Text, after: Text) -> list[str]:
    own, other = "nama: %(old)s → %(new)s", "nama (%(locale)s): %(old)s → %(new)s"
    return [
        Filled(own if locale == OFFICIAL_LOCALE else other, locale=locale, old=before.get(locale) or "–", new=name)
        for locale, name in after.items()
        if before.get(locale) != name
    ]
