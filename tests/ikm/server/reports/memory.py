"""A source in memory: responses by date, counted when asked."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from ikm.assets import asset
from ikm.domain.configuration import Service
from ikm.domain.organisation import Level, Node
from ikm.domain.period import Period, TimeZone
from ikm.domain.questionnaire import Instrument, Questionnaire
from ikm.domain.regulations import PERMENPANRB_14_2017 as RULE
from ikm.domain.response import Response
from ikm.domain.tally import Tally, tally_of
from ikm.server.reports.ports import Cell
from tests.support.samples import CODES, response, skm

DAY = date(2026, 11, 5)
REGENCY = Node("contoh", Level.REGENCY, None, "Kabupaten Contoh")
TREE = (
    REGENCY,
    Node("dinas-dukcapil", Level.AGENCY, "contoh", "Dinas Kependudukan dan Pencatatan Sipil"),
    Node("dukcapil", Level.UNIT, "dinas-dukcapil", "Pelayanan Administrasi Kependudukan"),
    Node("dukcapil-1", Level.COUNTER, "dukcapil", "Loket 1"),
    Node("dinas-kesehatan", Level.AGENCY, "contoh", "Dinas Kesehatan"),
    Node("puskesmas", Level.UNIT, "dinas-kesehatan", "Puskesmas Harapan"),
    Node("labkes", Level.UNIT, "dinas-kesehatan", "Laboratorium Kesehatan Daerah"),
)
SERVICES = {
    "dukcapil": (
        Service("ktp", {"id": "KTP elektronik", "en": "Identity card"}),
        Service("kk", {"id": "Kartu Keluarga"}),
    ),
    "puskesmas": (Service("umum", {"id": "Poli umum"}),),
}


@dataclass
class MemorySource:
    tree: Sequence[Node] = TREE
    offered: dict[str, tuple[Service, ...]] = field(default_factory=lambda: dict(SERVICES))
    versions: dict[str, Questionnaire] = field(default_factory=lambda: {skm().code: skm()})
    received: list[tuple[date, Response]] = field(default_factory=list)
    counted: list[tuple[date, Cell]] = field(default_factory=list)
    last_ms: int | None = None
    without_date: int = 0
    readings: int = 0

    def add(self, *responses: Response, on: date = DAY) -> "MemorySource":
        self.received += [(on, one) for one in responses]
        return self

    def add_tally(self, tally: Tally, unit="dukcapil", service="ktp", questionnaire="skm-14-2017-v2", on: date = DAY):
        self.counted.append((on, Cell(unit, service, questionnaire, tally)))
        return self

    def organisation(self, *, retired: bool = False) -> Sequence[Node]:
        return self.tree

    def services(self, unit: str, *, retired: bool = False) -> Sequence[Service]:
        return self.offered.get(unit, ())

    def time_zone(self, unit: str) -> TimeZone:
        return TimeZone.WITA

    def questionnaire(self, code: str) -> Questionnaire:
        return self.versions[code]

    def cells(self, period: Period, unit: str | None = None, *, counts_only: bool = False) -> Sequence[Cell]:
        self.readings += 1
        groups: dict[tuple[str, str, str], list[Response]] = {}
        for day, one in self.received:
            if day in period and unit in (None, one.unit):
                groups.setdefault((one.unit, one.service, one.questionnaire), []).append(one)
        ready = [cell for day, cell in self.counted if day in period and unit in (None, cell.unit)]
        found = [Cell(*key, tally_of(responses)) for key, responses in groups.items()] + ready
        if counts_only:
            return [replace(cell, tally=replace(cell.tally, sums={}, products={})) for cell in found]
        return found

    def last_received_ms(self, unit: str | None = None) -> int | None:
        return self.last_ms

    def undated(self, period: Period, unit: str) -> int:
        return self.without_date

    def instruments(self, period: Period, unit: str) -> frozenset[Instrument]:
        return frozenset(one.instrument for day, one in self.received if day in period and one.unit == unit)


def points(respondents: int, total: int) -> Tally:
    """That many whole responses whose ratings sum to that many points."""
    spread, extra = divmod(total, respondents * len(CODES))
    ratings = [spread + 1] * extra + [spread] * (respondents * len(CODES) - extra)
    rows = [ratings[start : start + len(CODES)] for start in range(0, len(ratings), len(CODES))]
    return tally_of(response(*row) for row in rows)


def sekadau() -> list[Response]:
    """The 49 published answer sheets of Sekadau regency, first semester 2019."""
    annex = [element.code for element in RULE.elements]
    _, *lines = asset("samples/sekadau-2019-s1.csv").read_text().split()
    sheets = [dict(zip(annex, map(int, line.split(",")[1:]), strict=True)) for line in lines]
    return [response(*[sheet[code] for code in CODES]) for sheet in sheets]
