"""Service standards: the six components every provider publishes, and what is still missing of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ikm.domain.configuration import Service
from ikm.domain.questionnaire import Text

COMPLAINTS = "CMPL"


@dataclass(frozen=True, slots=True)
class Component:
    """One published component: the element it is the promise of, its name, and what belongs in it."""

    element: str
    name: str
    asks: str


COMPONENTS: tuple[Component, ...] = (
    Component("REQ", "Persyaratan", "Berkas dan syarat yang dibawa warga."),
    Component("PROC", "Sistem, mekanisme, dan prosedur", "Langkah pelayanan dari datang sampai selesai."),
    Component("TIME", "Jangka waktu pelayanan", "Berapa lama sampai selesai."),
    Component("COST", "Biaya/tarif", "Berapa yang dibayar, atau gratis."),
    Component("PROD", "Produk pelayanan", "Apa yang diterima warga."),
    Component(COMPLAINTS, "Penanganan pengaduan, saran, dan masukan", "Ke mana mengadu, dan kapan dijawab."),
)
"""The six that Law 25/2009 and PermenPAN-RB 15/2014 have every provider publish, in the regulation's order."""

Standard = Mapping[str, Sequence[Text]]


def promised(service: Service, complaints: Sequence[Text]) -> dict[str, tuple[Text, ...]]:
    """What is promised for a service, element -> lines: its own; on complaints the unit's word where it has none."""
    own = {code: tuple(lines) for code, lines in service.standard.items() if lines}
    return {COMPLAINTS: tuple(complaints), **own} if complaints else own


def missing(service: Service, complaints: Sequence[Text]) -> tuple[Component, ...]:
    """The components a service has no promise for, in the regulation's order."""
    held = promised(service, complaints)
    return tuple(component for component in COMPONENTS if component.element not in held)
