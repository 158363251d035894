"""The made-up regency: agencies, units, services with what they promise, counters, users by the month."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from ikm.domain.configuration import Opening, Service
from ikm.domain.errors import Refusal
from ikm.domain.organisation import Level, Node
from ikm.domain.questionnaire import Instrument, Text
from ikm.server.seeding.names import AGENCIES, DISTRICTS, KINDS, REGENCY, SINGLE, Kind

ROOT = "tirtaraya"
MOST_UNITS = len(SINGLE) + 2 * 12 * len(DISTRICTS)
_FRIDAY = 5
# Roman, so that no unit's code ends as a counter's does
_WARDS = ("", " II", " III", " IV", " V", " VI", " VII", " VIII", " IX", " X", " XI", " XII")
_SILENT = 0.05
_ROTATING = 0.3


@dataclass(frozen=True, slots=True)
class Counter:
    """A counter with its kiosk; `share` is how much of the unit's answers it gets."""

    node: Node
    instrument: Instrument
    share: float


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit; `share` is how much of all answers it gets, 0 where it never began; `users` those of a middling month."""

    node: Node
    kind: Kind
    services: tuple[Service, ...]
    weights: tuple[int, ...]
    counters: tuple[Counter, ...]
    opening: tuple[Opening, ...]
    pledge: tuple[Text, ...]
    complaints: tuple[Text, ...]
    users: int
    share: float


@dataclass(frozen=True, slots=True)
class Regency:
    """The whole: `nodes` from the regency down to the units."""

    nodes: tuple[Node, ...]
    units: tuple[Unit, ...]


def regency(units: int, kiosks: int, chance: Random) -> Regency:
    """A regency with that many units and kiosks. Raises Refusal (`seed_invalid`) where that cannot be."""
    if not 1 <= units <= MOST_UNITS or not units <= kiosks <= 30 * units:
        raise Refusal("seed_invalid", f"1 sampai {MOST_UNITS} unit, dan 1 sampai 30 kios tiap unit")
    named = _named(units)
    agencies = {agency: AGENCIES[agency] for agency in AGENCIES if any(one[0] == agency for one in named)}
    root = Node(ROOT, Level.REGENCY, None, REGENCY)
    above = [Node(code, Level.AGENCY, ROOT, name) for code, name in agencies.items()]
    busy = [KINDS[kind].services[0][2] * chance.uniform(0.5, 1.6) for _, _, kind, _ in named]
    made = tuple(
        _unit(one, count, busyness, chance)
        for one, count, busyness in zip(named, _spread(kiosks, busy), busy, strict=True)
    )
    return Regency((root, *above, *(unit.node for unit in made)), made)


def _named(units: int) -> list[tuple[str, str, str, str]]:
    """Agency, name, kind and code of each unit: those of which there is one, then health centres and districts."""
    found = list(SINGLE[:units])
    number = 0
    while len(found) < units:
        ward, place = divmod(number // 2, len(DISTRICTS))
        name = DISTRICTS[place] + _WARDS[ward]
        code = name.lower().replace(" ", "-")
        if number % 2:
            found.append(("setda", f"Kecamatan {name}", "kecamatan", f"kec-{code}"))
        else:
            found.append(("dinkes", f"Puskesmas {name}", "pkm", f"pkm-{code}"))
        number += 1
    return found


def _spread(kiosks: int, busy: Sequence[float]) -> list[int]:
    """How many kiosks each unit has: one at least, the rest by how busy it is."""
    counts = [1] * len(busy)
    for _ in range(kiosks - len(busy)):
        place = max(range(len(busy)), key=lambda at: busy[at] / (counts[at] + 0.5))
        counts[place] += 1
    return counts


def _unit(named: tuple[str, str, str, str], kiosks: int, busy: float, chance: Random) -> Unit:
    agency, name, kind_code, code = named
    kind = KINDS[kind_code]
    first, last = kind.hours
    week = tuple(
        Opening(day, hour_from * 60, hour_to * 60)
        for day in range(1, 6)
        for hour_from, hour_to in (((first, 11), (13, last)) if day == _FRIDAY else ((first, last),))
    )
    cut = sorted(chance.uniform(0.5, 2) for _ in range(kiosks))
    shortened = kiosks >= 4 and chance.random() < _ROTATING
    counters = tuple(
        Counter(
            Node(f"{code}-{number}", Level.COUNTER, code, f"Loket {number}"),
            Instrument.ROTATING if shortened and number == kiosks else Instrument.FULL,
            share / sum(cut),
        )
        for number, share in enumerate(cut, 1)
    )
    return Unit(
        node=Node(code, Level.UNIT, agency, name),
        kind=kind,
        services=tuple(_service(row, chance) for row in kind.services),
        weights=tuple(row[2] for row in kind.services),
        counters=counters,
        opening=week,
        pledge=(
            {"id": f"Dengan ini kami, {name}, sanggup melayani sesuai standar pelayanan yang telah ditetapkan."},
            {"id": "Kami melayani semua orang tanpa membeda-bedakan dan tanpa imbalan."},
        ),
        complaints=({"id": "Ditanggapi dalam 3 hari kerja."}, {"id": "Kotak saran di pintu keluar."}),
        users=round(busy * sum(row[2] for row in kind.services) / kind.services[0][2]),
        share=0.0 if len(named[3]) % 7 == 3 and chance.random() < 4 * _SILENT else busy,
    )


def _service(row: tuple[str, str, int, str, str], chance: Random) -> Service:
    code, name, _, duration, fee = row
    standard = {
        "REQ": ({"id": "Kartu tanda penduduk"}, {"id": "Formulir yang sudah diisi"}),
        "PROC": ({"id": "1. Ambil nomor antrean."}, {"id": "2. Serahkan berkas di loket."}, {"id": "3. Terima hasil."}),
        "TIME": ({"id": duration},),
        "COST": ({"id": fee},),
        "PROD": ({"id": name},),
    }
    # some units have yet to write a standard down, which the list of units without one is to show
    return Service(code, {"id": name}, {} if chance.random() < 0.06 else standard)
