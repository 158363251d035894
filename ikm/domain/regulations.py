"""The rules that units were ever measured by, as data. What is not confirmed from a rule's own text is marked so.

Sources, and which of these facts still have to be checked against the state gazette: docs/regulation.md.
"""

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType

from ikm.domain.errors import Refusal
from ikm.domain.regulation import Element, Factor, GradeBand, Regulation

_PURPOSE, _SYSTEMS, _STAFF, _FACILITIES = Factor.PURPOSE, Factor.SYSTEMS, Factor.STAFF, Factor.FACILITIES

KEP_25_2004 = Regulation(
    code="kep-25-2004",
    title="KEP/25/M.PAN/2/2004",
    elements=(
        Element("PROC", 1, 1, "Prosedur pelayanan", "Procedure", _SYSTEMS),
        Element("REQ", 2, 2, "Persyaratan pelayanan", "Requirements", _SYSTEMS),
        Element("CLAR", 3, 3, "Kejelasan petugas pelayanan", "Clarity about who serves", _STAFF),
        Element("DISC", 4, 4, "Kedisiplinan petugas pelayanan", "Staff discipline", _STAFF),
        Element("RESP", 5, 5, "Tanggung jawab petugas pelayanan", "Staff responsibility", _STAFF),
        Element("COMP", 6, 6, "Kemampuan petugas pelayanan", "Staff ability", _STAFF),
        Element("TIME", 7, 7, "Kecepatan pelayanan", "Speed of service", _SYSTEMS),
        Element("FAIR", 8, 8, "Keadilan mendapatkan pelayanan", "Fairness", _PURPOSE),
        Element("BEHV", 9, 9, "Kesopanan dan keramahan petugas", "Courtesy and friendliness", _STAFF),
        Element("COST", 10, 10, "Kewajaran biaya pelayanan", "Fairness of cost", _SYSTEMS),
        Element("FEES", 11, 11, "Kepastian biaya pelayanan", "Certainty of cost", _SYSTEMS),
        Element("PLAN", 12, 12, "Kepastian jadwal pelayanan", "Certainty of schedule", _SYSTEMS),
        Element("COMF", 13, 13, "Kenyamanan lingkungan", "Comfort of the place", _FACILITIES),
        Element("SAFE", 14, 14, "Keamanan pelayanan", "Safety", _FACILITIES),
    ),
    index_factor=25,
    bands=(
        GradeBand("A", Decimal("81.26"), "Sangat baik"),
        GradeBand("B", Decimal("62.51"), "Baik"),
        GradeBand("C", Decimal("43.76"), "Kurang baik"),
        GradeBand("D", Decimal("25.00"), "Tidak baik"),
    ),
    printed_weight=Decimal("0.071"),
    minimum=150,
)

_REQ = Element("REQ", 1, 1, "Persyaratan", "Requirements", _SYSTEMS)
_PROC = Element("PROC", 2, 2, "Sistem, Mekanisme dan Prosedur", "System, mechanism and procedure", _SYSTEMS)
_TIME = Element("TIME", 3, 3, "Waktu Penyelesaian", "Completion time", _SYSTEMS)
_COST = Element("COST", 4, 4, "Biaya/Tarif", "Cost/tariff", _SYSTEMS)
_PROD = Element("PROD", 5, 5, "Produk Spesifikasi Jenis Pelayanan", "Service product", _PURPOSE)
_COMP = Element("COMP", 6, 6, "Kompetensi Pelaksana", "Staff competence", _STAFF)
_BEHV = Element("BEHV", 7, 7, "Perilaku Pelaksana", "Staff conduct", _STAFF)

# the band table of this rule is not confirmed from its own text: equal widths, as in 2004
PERMENPANRB_16_2014 = Regulation(
    code="permenpanrb-16-2014",
    title="PermenPAN-RB Nomor 16 Tahun 2014",
    elements=(
        _REQ, _PROC, _TIME, _COST, _PROD, _COMP, _BEHV,
        Element("PLDG", 8, 8, "Maklumat Pelayanan", "Service pledge", _PURPOSE),
        Element("CMPL", 9, 9, "Penanganan Pengaduan, Saran dan Masukan", "Complaint handling", _SYSTEMS),
    ),
    index_factor=25,
    bands=KEP_25_2004.bands,
    printed_weight=Decimal("0.11"),
)  # fmt: skip

PERMENPANRB_14_2017 = Regulation(
    code="permenpanrb-14-2017",
    title="PermenPAN-RB Nomor 14 Tahun 2017",
    elements=(
        _REQ, _PROC, _TIME, _COST, _PROD, _COMP, _BEHV,
        Element("CMPL", 8, 9, "Penanganan Pengaduan, Saran dan Masukan", "Complaint handling", _SYSTEMS),
        Element("FACI", 9, 8, "Sarana dan Prasarana", "Facilities", _FACILITIES),
    ),
    index_factor=25,
    bands=(
        GradeBand("A", Decimal("88.31"), "Sangat baik"),
        GradeBand("B", Decimal("76.61"), "Baik"),
        GradeBand("C", Decimal("65.00"), "Kurang baik"),
        GradeBand("D", Decimal("25.00"), "Tidak baik"),
    ),
    printed_weight=Decimal("0.11"),
)  # fmt: skip


# no letters here, only a threshold for integrity zones on the scale 1-4; neither threshold is confirmed from a rule
def _passing(lower: str) -> tuple[GradeBand, ...]:
    return (
        GradeBand("memenuhi", Decimal(lower), "Memenuhi ambang"),
        GradeBand("belum", Decimal("1.00"), "Belum memenuhi ambang"),
    )


IPKP = Regulation(
    code="ipkp",
    title="IPKP (Indeks Persepsi Kualitas Pelayanan, PermenPAN-RB Nomor 90 Tahun 2021)",
    elements=PERMENPANRB_14_2017.elements,
    index_factor=1,
    bands=_passing("3.20"),
)

IPAK = Regulation(
    code="ipak",
    title="IPAK (Indeks Persepsi Anti Korupsi, PermenPAN-RB Nomor 90 Tahun 2021)",
    elements=(
        Element("DISK", 1, 1, "Tanpa diskriminasi", "No discrimination", _STAFF),
        Element("CHEA", 2, 2, "Tanpa kecurangan", "No cheating", _STAFF),
        Element("GIFT", 3, 3, "Tanpa imbalan uang, barang atau fasilitas", "No gifts or favours", _STAFF),
        Element("LEVY", 4, 4, "Tanpa pungutan liar", "No illegal levies", _STAFF),
        Element("BROK", 5, 5, "Tanpa percaloan", "No brokers", _STAFF),
    ),
    index_factor=1,
    bands=_passing("3.60"),
)

REGULATIONS: Mapping[str, Regulation] = MappingProxyType(
    {rule.code: rule for rule in (PERMENPANRB_14_2017, PERMENPANRB_16_2014, KEP_25_2004, IPKP, IPAK)}
)
"""Every rule this software can score by, by code."""

_SHORT: Mapping[str, str] = MappingProxyType(
    {
        "14/2017": PERMENPANRB_14_2017.code, "2017": PERMENPANRB_14_2017.code,
        "16/2014": PERMENPANRB_16_2014.code, "2014": PERMENPANRB_16_2014.code,
        "25/2004": KEP_25_2004.code, "2004": KEP_25_2004.code,
    }
)  # fmt: skip


def regulation_named(name: str) -> Regulation:
    """The rule of that code or of that usual short name, such as '14/2017' or '2004'.

    Raises:
        Refusal: `regulation_unknown`.
    """
    wanted = name.strip().lower()
    found = REGULATIONS.get(_SHORT.get(wanted, wanted))
    if found is None:
        raise Refusal("regulation_unknown", name)
    return found
