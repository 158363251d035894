"""Rules by which units are measured, as data: elements, rating scale, index scale, grade bands."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

RATINGS: tuple[int, ...] = (1, 2, 3, 4)
"""The four ratings of every rule in use; there is no neutral one (annex of PermenPAN-RB 14/2017)."""


@dataclass(frozen=True, slots=True)
class Element:
    """One element (unsur) of an index.

    `code` is the key everywhere. The two numbers are labels only: the annex lists complaints eighth and facilities
    ninth, the sample form asks them the other way round, so data must never be joined on "U8".
    """

    code: str
    annex_number: int
    form_number: int
    name: str
    name_en: str


@dataclass(frozen=True, slots=True)
class GradeBand:
    """One grade (mutu pelayanan), known by the lowest rounded index that earns it."""

    grade: str
    lower: Decimal
    label: str


@dataclass(frozen=True, slots=True)
class Regulation:
    """A rule: which elements, how ratings become an index, which index earns which grade.

    `index_factor` converts a mean on the rating scale to the index scale (25 turns 1-4 into 25-100).
    `bands` go from the highest to the lowest.
    """

    code: str
    title: str
    elements: tuple[Element, ...]
    index_factor: int
    bands: tuple[GradeBand, ...]

    def element(self, code: str) -> Element:
        """The element of that code. Raises KeyError when the rule has none."""
        for element in self.elements:
            if element.code == code:
                return element
        raise KeyError(code)

    def grade(self, index: Decimal) -> GradeBand:
        """The band of a rounded index, by lower bound.

        The printed table leaves gaps of 0.01 between bands, so only a figure already rounded half-up to two decimals
        may be looked up (PermenPAN-RB 14/2017, annex, table of perception values).

        Raises:
            ValueError: The figure lies below the scale or carries more than two decimals.
        """
        if index != index.quantize(Decimal("0.01")):
            raise ValueError(f"index {index} is not rounded to two decimals")
        for band in self.bands:
            if index >= band.lower:
                return band
        raise ValueError(f"index {index} lies below the scale of {self.code}")


PERMENPANRB_14_2017 = Regulation(
    code="permenpanrb-14-2017",
    title="PermenPAN-RB Nomor 14 Tahun 2017",
    elements=(
        Element("REQ", 1, 1, "Persyaratan", "Requirements"),
        Element("PROC", 2, 2, "Sistem, Mekanisme dan Prosedur", "System, mechanism and procedure"),
        Element("TIME", 3, 3, "Waktu Penyelesaian", "Completion time"),
        Element("COST", 4, 4, "Biaya/Tarif", "Cost/tariff"),
        Element("PROD", 5, 5, "Produk Spesifikasi Jenis Pelayanan", "Service product"),
        Element("COMP", 6, 6, "Kompetensi Pelaksana", "Staff competence"),
        Element("BEHV", 7, 7, "Perilaku Pelaksana", "Staff conduct"),
        Element("CMPL", 8, 9, "Penanganan Pengaduan, Saran dan Masukan", "Complaint handling"),
        Element("FACI", 9, 8, "Sarana dan Prasarana", "Facilities"),
    ),
    index_factor=25,
    bands=(
        GradeBand("A", Decimal("88.31"), "Sangat baik"),
        GradeBand("B", Decimal("76.61"), "Baik"),
        GradeBand("C", Decimal("65.00"), "Kurang baik"),
        GradeBand("D", Decimal("25.00"), "Tidak baik"),
    ),
)

REGULATIONS: Mapping[str, Regulation] = MappingProxyType({PERMENPANRB_14_2017.code: PERMENPANRB_14_2017})
"""Every rule this software can score by, by code."""
