"""Service standards: the six components every provider publishes, and what is still missing of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ikm.domain.configuration import Service
from ikm.domain.filled import Filled
from ikm.domain.questionnaire import OFFICIAL_LOCALE, Text

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


LONGEST_LINE = 200
SHORT = 60
"""The first line stands beside a question on the kiosk, where more than this is hard to take in."""

MOST_LINES = 50


def read_lines(texts: Mapping[str, str], *, short: bool = False) -> tuple[Text, ...]:
    """Lines in several languages out of one text a language: the third line of one translates the third of another.

    A dash, or nothing, stands for a line that is not translated. `short`: the first line has to be short.

    Raises:
        ValueError: A sentence on what is wrong.
    """
    official = [line.strip() for line in texts.get(OFFICIAL_LOCALE, "").splitlines() if line.strip()]
    if len(official) > MOST_LINES:
        raise ValueError(Filled("Paling banyak %(n)s baris.", n=MOST_LINES))
    if short and official and len(official[0]) > SHORT:
        raise ValueError(Filled("Baris pertama tampil di samping pertanyaan; paling banyak %(n)s huruf.", n=SHORT))
    found = [{OFFICIAL_LOCALE: line} for line in official]
    for locale, text in texts.items():
        if locale == OFFICIAL_LOCALE:
            continue
        translated = [line.strip() for line in text.splitlines()]
        if len(translated) > len(found):
            raise ValueError(Filled("Terjemahan mempunyai lebih banyak baris daripada teks Indonesia."))
        for line, words in zip(found, translated, strict=False):
            if words not in ("", "-"):
                line[locale] = words
    if any(len(words) > LONGEST_LINE for line in found for words in line.values()):
        raise ValueError(Filled("Setiap baris paling banyak %(n)s huruf.", n=LONGEST_LINE))
    return tuple(found)


def written_lines(lines: Sequence[Text], locale: str) -> str:
    """One language of lines as `read_lines` reads it; '' where nothing is translated."""
    texts = [line.get(locale, "-") for line in lines]
    while texts and texts[-1] == "-":
        texts.pop()
    return "\n".join(texts)
