"""The desk's menu: the pages an officer can use, in the order of their work."""

from dataclasses import dataclass

from ikm.domain.rights import Act
from ikm.server.web.desk.gate import Officer


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry; `here` where it is the page being shown."""

    key: str
    label: str
    path: str
    here: bool


_ENTRIES = (
    ("figures", "Ringkasan", "/kelola", Act.SEE),
    ("places", "Unit dan layanan", "/kelola/tempat", Act.SEE),
    ("fleet", "Kios", "/kelola/kios", Act.SEE),
    ("questionnaires", "Kuesioner", "/kelola/kuesioner", Act.SEE),
    ("remarks", "Saran", "/kelola/saran", Act.READ),
    ("people", "Pengguna", "/kelola/pengguna", Act.APPOINT),
    ("deeds", "Catatan", "/kelola/catatan", Act.INSPECT),
)
"""Key, label, path, and what one must be able to do somewhere to be offered it."""


def menu(officer: Officer, here: str) -> tuple[Entry, ...]:
    """What that officer is offered; the entry with the key `here` is marked."""
    return tuple(
        Entry(key, label, path, key == here) for key, label, path, act in _ENTRIES if officer.rights.may_somewhere(act)
    )
