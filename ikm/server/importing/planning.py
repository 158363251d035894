"""What an organisation sheet would change, row by row; pure, so that it can be made again when it is confirmed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from msgspec.structs import replace

from ikm.domain.filled import Filled
from ikm.domain.organisation import Level, proposed_code
from ikm.domain.population import Users
from ikm.domain.questionnaire import OFFICIAL_LOCALE
from ikm.server.importing.plan import Outcome, Plan, PlanLine
from ikm.server.importing.records import Field, Record, Table, same
from ikm.server.importing.spots import Spot, Wrong, called, moved, renamed
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


@dataclass(slots=True)
class _Planning:
    state: State
    may: May
    places: dict[str, Spot] = field(default_factory=dict)
    services: dict[str, dict[str, Spot]] = field(default_factory=dict)
    named: dict[tuple[Level, str], list[str]] = field(default_factory=dict)
    codes: set[str] = field(default_factory=set)
    added: dict[tuple[str, str], AnyChange] = field(default_factory=dict)
    changed: dict[tuple[str, str], AnyChange] = field(default_factory=dict)
    users: dict[tuple[str, str], dict[tuple[date, date], Users]] = field(default_factory=dict)
    rows: dict[tuple[str, str, date, date], int] = field(default_factory=dict)
    told: list[SetUsers] = field(default_factory=list)
    parents: dict[str, str] = field(default_factory=dict)
    regency: str | None = None

    def plan(self, records: Sequence[Record]) -> Plan:
        self.codes = set(self.state.places)
        for code, place in self.state.places.items():
            self.parents[code] = str(place.node.parent)
            self.named.setdefault((place.node.level, same(place.node.name)), []).append(code)
            if place.node.level is Level.REGENCY:
                self.regency = code
        lines = [self._line(record) for record in records]
        wrong = any(line.outcome is Outcome.WRONG for line in lines)
        changes = () if wrong else (*self.added.values(), *self.changed.values(), *self.told)
        return Plan(tuple(lines), tuple(changes))

    def _line(self, record: Record) -> PlanLine:
        about = " › ".join(filter(None, (record.says(of) for of in (Field.AGENCY, Field.UNIT, Field.SERVICE)))) or "–"
        if record.faults:
            return PlanLine(record.row, about, Outcome.WRONG, (), record.faults)
        before = len(self.added)
        try:
            details = self._row(record)
        except Wrong as wrong:
            return PlanLine(record.row, about, Outcome.WRONG, (), (record.wrong(wrong.of, wrong.told),))
        # whatever changes is told
        other = Outcome.CHANGED if details else Outcome.SAME
        return PlanLine(record.row, about, Outcome.NEW if len(self.added) > before else other, tuple(details))

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
        if self.regency is None:
            raise Wrong(Field.AGENCY, "belum ada kabupaten atau kota di server ini")
        found = self._place(Field.AGENCY, name, code, self.regency)
        if found is not None:
            self._rename(record, found, Field.AGENCY, name, "", details)
            return found
        if not name:
            raise Wrong(Field.AGENCY, Filled("perangkat daerah baru %(code)s belum bernama", code=code))
        self._check_right(self.regency, Field.AGENCY)
        new = self._code(code, name, Field.AGENCY_CODE)
        added = AddPlace(code=new, level=Level.AGENCY, parent=self.regency, name=name)
        self._add(added, details, "perangkat daerah baru: %(name)s (kode %(code)s)")
        return new

    def _unit(self, record: Record, agency: str | None, details: list[str]) -> str | None:
        name, code = record.says(Field.UNIT), record.says(Field.UNIT_CODE)
        if not name and not code:
            if any(record.says(of) for of in (Field.SERVICE, Field.SERVICE_CODE)) or record.users:
                raise Wrong(Field.UNIT, "unit kosong, padahal baris ini menyebut layanan atau jumlah pengguna")
            if agency is None:
                raise Wrong(Field.AGENCY, "baris ini tidak menyebut tempat")
            return None
        found = self._place(Field.UNIT, name, code, agency)
        english = record.says(Field.UNIT_EN)
        if found is not None:
            self._rename(record, found, Field.UNIT, name, english, details)
            self._reach(record, found, details)
            return found
        if not name:
            raise Wrong(Field.UNIT, Filled("unit baru %(code)s belum bernama", code=code))
        if agency is None:
            raise Wrong(Field.AGENCY, "perangkat daerah kosong; sel kosong tidak dianggap sama dengan baris di atasnya")
        self._check_right(agency, Field.UNIT)
        zone = record.says(Field.ZONE) or self._usual_zone()
        if not zone:
            raise Wrong(Field.ZONE, "zona waktu perlu untuk unit baru: WIB, WITA, atau WIT")
        new = self._code(code, name, Field.UNIT_CODE)
        names = {"en": english} if english else {}
        address, phone = record.says(Field.ADDRESS), record.says(Field.PHONE)
        added = AddPlace(
            code=new, level=Level.UNIT, parent=agency, name=name, names=names, zone=zone, address=address, phone=phone
        )
        self._add(added, details, "unit baru: %(name)s (kode %(code)s)")
        self.places[new].said |= {"address": address, "phone": phone}
        details.append(Filled("zona waktu %(zone)s", zone=zone))
        return new

    def _service(self, record: Record, unit: str | None, details: list[str]) -> str | None:
        name, code = record.says(Field.SERVICE), record.says(Field.SERVICE_CODE)
        if unit is None or (not name and not code):
            return None
        english = record.says(Field.SERVICE_EN)
        held = self._held(unit)
        spot = held.get(code) if code else next((one for one in held.values() if same(one.name) == same(name)), None)
        if spot is not None:
            self._check_open(unit, spot.code)
            self._rename_service(unit, spot, name, english, details)
            return spot.code
        if not name:
            raise Wrong(Field.SERVICE, Filled("layanan baru %(code)s belum bernama", code=code))
        self._check_zeros(code, held, Field.SERVICE_CODE)
        self._check_right(unit, Field.SERVICE)
        new = code or proposed_code(name, held)
        held[new] = Spot(new, name, english, fresh=True)
        text = {OFFICIAL_LOCALE: name, **({"en": english} if english else {})}
        self.added[f"service {unit}", new] = AddService(unit=unit, code=new, name=text)
        details.append(Filled("layanan baru: %(name)s (kode %(code)s)", name=name, code=new))
        return new

    def _population(self, record: Record, unit: str | None, service: str | None, details: list[str]) -> None:
        if not record.users or unit is None:
            return
        self._check_right(unit, Field.USERS)
        users = Users(date.fromisoformat(record.starts), date.fromisoformat(record.ends), record.users)
        of = (unit, service or "")
        if of not in self.users:
            here = [one.users for one in self.state.populations.get(unit, ()) if one.service == of[1]]
            self.users[of] = {(one.start, one.end): one for one in here}
        said, key = self.users[of], (users.start, users.end)
        mine = (*of, *key)
        if mine in self.rows:
            if self.rows[mine] != users.number:
                told = "baris lain menyebut %(n)s pengguna untuk masa yang sama"
                raise Wrong(Field.USERS, Filled(told, n=count(self.rows[mine])))
            return
        equal = said.get(key)
        for other in said.values():
            if other is not equal and other.start < users.end and users.start < other.end:
                told = "tumpang tindih dengan %(other)s yang sudah diisi"
                raise Wrong(Field.USERS, Filled(told, other=other.period.label))
        self.rows[mine], said[key] = users.number, users
        if equal is not None and equal.number == users.number:
            return
        before = None if equal is None else equal.number
        self.told.append(
            SetUsers(unit=unit, service=of[1], starts=users.start, ends=users.end, before=before, after=users.number)
        )
        told = f"{count(before)} → {count(users.number)}" if before is not None else count(users.number)
        details.append(Filled("pengguna %(period)s: %(told)s", period=users.period.label, told=told))

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
                raise Wrong(of, Filled("kode %(code)s sudah dipakai tempat lain", code=code))
            self._check_standing(code, of)
            return code
        alike = self.named.get((level, same(name)), ())
        found = [one for one in alike if parent is None or self.parents[one] == parent]
        if len(found) > 1:
            raise Wrong(of, "ada beberapa tempat bernama sama; tulis kodenya")
        if found:
            self._check_standing(found[0], of)
            return found[0]
        return None

    def _known(self, code: str) -> Spot | None:
        spot = self.places.get(code)
        if spot is None and code in self.state.places:
            place = self.state.places[code]
            spot = self.places[code] = Spot(code, place.node.name, place.names.get("en", ""), fresh=False)
        return spot

    def _held(self, unit: str) -> dict[str, Spot]:
        """The services of a unit, as it offers them and rows before added."""
        if unit not in self.services:
            texts = {one.service.code: one.service.name for one in self.state.services.get(unit, ())}
            self.services[unit] = {
                code: Spot(code, text.get(OFFICIAL_LOCALE, ""), text.get("en", ""), fresh=False)
                for code, text in texts.items()
            }
        return self.services[unit]

    def _level(self, code: str) -> Level:
        added = self.added.get(("place", code))
        return added.level if isinstance(added, AddPlace) else self.state.places[code].node.level

    def _usual_zone(self) -> str:
        zones = {facts.time_zone.name for facts in self.state.facts.values()}
        return zones.pop() if len(zones) == 1 else ""

    def _code(self, code: str, name: str, of: Field) -> str:
        if code and code in self.codes:
            raise Wrong(of, Filled("kode %(code)s sudah dipakai tempat lain", code=code))
        return code or proposed_code(name, self.codes)

    # -- what may not be --------------------------------------------------------------------------------------------

    def _check_right(self, code: str, of: Field) -> None:
        # what a row above adds is theirs who may add it
        if code in self.state.places and not self.may(code):
            raise Wrong(of, "di luar wewenang Anda")

    def _check_standing(self, code: str, of: Field) -> None:
        self._check_right(code, of) if of is Field.UNIT else None
        place = self.state.places.get(code)
        if place is not None and place.node.retired:
            raise Wrong(of, "sudah ditutup; buka kembali dahulu")

    def _check_open(self, unit: str, code: str) -> None:
        offered = {one.service.code: one for one in self.state.services.get(unit, ())}
        if code in offered and offered[code].retired_ms is not None:
            raise Wrong(Field.SERVICE, "layanan ini sudah ditutup; buka kembali dahulu")

    def _check_zeros(self, code: str, held: Mapping[str, object] | set[str], of: Field) -> None:
        plain = code.lstrip("0") if code.isdecimal() else ""
        alike = next((one for one in held if one != code and one.lstrip("0") == plain), None) if plain else None
        if alike is not None:
            told = "kode %(code)s mirip %(other)s; nol di depannya mungkin hilang"
            raise Wrong(of, Filled(told, code=code, other=alike))

    # -- changing ---------------------------------------------------------------------------------------------------

    def _add(self, change: AddPlace, details: list[str], told: str) -> None:
        self.added["place", change.code] = change
        self.codes.add(change.code)
        self.parents[change.code] = change.parent
        self.named.setdefault((change.level, same(change.name)), []).append(change.code)
        self.places[change.code] = Spot(change.code, change.name, change.names.get("en", ""), fresh=True)
        details.append(Filled(told, name=change.name, code=change.code))

    def _rename(self, record: Record, code: str, of: Field, name: str, english: str, details: list[str]) -> None:  # noqa: PLR0917
        spot = self._known(code)
        assert spot is not None  # noqa: S101 - its code was found
        zone = record.says(Field.ZONE)
        if of is Field.UNIT and zone and zone != self._zone(code):
            told = "zona waktu unit ini %(zone)s dan tidak dapat diubah"
            raise Wrong(Field.ZONE, Filled(told, zone=self._zone(code)))
        self._differs(spot, "name", name, of)
        self._differs(spot, "en", english, Field.UNIT_EN)
        place = self.state.places.get(code)
        if place is None:
            self._complete(spot, details)
            return
        before = {OFFICIAL_LOCALE: place.node.name, **place.names}
        after = called(spot, before)
        held = self.changed.get(("name", code))
        known = held.after if isinstance(held, RenamePlace) else before
        if after == known:
            return
        self._check_right(code, of)
        self.changed["name", code] = RenamePlace(code=code, revision=place.revision, before=before, after=after)
        details.extend(renamed(known, after))

    def _complete(self, spot: Spot, details: list[str]) -> None:
        """Take what a row says of a place that a row before it adds and did not say."""
        held = self.added["place", spot.code]
        assert isinstance(held, AddPlace)  # noqa: S101 - it is no place yet
        english = spot.said.get("en")
        names = {**held.names, "en": english} if english else held.names
        address, phone = (spot.said.get(what) or getattr(held, what) for what in ("address", "phone"))
        self.added["place", spot.code] = replace(held, names=names, address=address, phone=phone)
        details += [*renamed(held.names, names), *moved((held.address, held.phone), (address, phone))]

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
        if code not in self.state.places:
            self._complete(spot, details)
            return
        facts = self.state.facts.get(code)
        if facts is None:
            return
        before = (facts.address, facts.phone)
        after = (spot.said.get("address") or facts.address, spot.said.get("phone") or facts.phone)
        held = self.changed.get(("unit", code))
        told = held.after if isinstance(held, ReachUnit) else before
        if after == told:
            return
        self._check_right(code, Field.ADDRESS)
        self.changed["unit", code] = ReachUnit(code=code, revision=facts.revision, before=before, after=after)
        details += moved(told, after)

    def _rename_service(self, unit: str, spot: Spot, name: str, english: str, details: list[str]) -> None:
        self._differs(spot, "name", name, Field.SERVICE)
        self._differs(spot, "en", english, Field.SERVICE_EN)
        key = (f"service {unit}", spot.code)
        added = self.added.get(key)
        if isinstance(added, AddService):
            names = called(spot, added.name)
            self.added[key] = replace(added, name=names)
            details.extend(renamed(added.name, names))
            return
        offered = next(one for one in self.state.services[unit] if one.service.code == spot.code)
        before = dict(offered.service.name)
        after = called(spot, before)
        held = self.changed.get(key)
        told = held.after if isinstance(held, RenameService) else before
        if after == told:
            return
        self._check_right(unit, Field.SERVICE)
        self.changed[key] = RenameService(
            unit=unit, code=spot.code, revision=offered.revision, before=before, after=after
        )
        details.extend(renamed(told, after))

    @staticmethod
    def _differs(spot: Spot, what: str, text: str, of: Field) -> None:
        """Remembers what a row says; refuses a second row that says something else."""
        if not text:
            return
        first = {"name": spot.name, "en": spot.english} if spot.fresh else {}
        held = spot.said.get(what) or first.get(what)
        if held and held != text:
            raise Wrong(of, Filled('baris lain menulis "%(held)s"', held=held[:60]))
        spot.said[what] = text
