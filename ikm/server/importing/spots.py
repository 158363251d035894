"""Places and services as the rows of a file leave them one after the other, and what is told of that."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ikm.domain.filled import Filled
from ikm.domain.questionnaire import OFFICIAL_LOCALE, Text
from ikm.server.importing.records import Field


class Wrong(Exception):
    """A row that cannot be taken: the column it is about, and why."""

    def __init__(self, of: Field, told: str) -> None:
        self.of, self.told = of, told
        super().__init__(told)


@dataclass(slots=True)
class Spot:
    """A place or service as the file leaves it: as it was, and what rows said of it so far."""

    code: str
    name: str
    english: str
    fresh: bool
    said: dict[str, str] = field(default_factory=dict)


def called(spot: Spot, held: Mapping[str, str]) -> dict[str, str]:
    """Those names with what rows said of them."""
    said = {OFFICIAL_LOCALE: spot.said.get("name"), "en": spot.said.get("en")}
    return {**held, **{locale: name for locale, name in said.items() if name}}


def moved(before: tuple[str, str], after: tuple[str, str]) -> list[str]:
    """What is different in address and telephone, as people are told."""
    pairs = zip(("alamat", "telepon"), before, after, strict=True)
    return [
        Filled("%(label)s: %(old)s → %(new)s", label=Filled(label), old=old or "–", new=new)
        for label, old, new in pairs
        if old != new
    ]


def renamed(before: Text, after: Text) -> list[str]:
    """What is different in names, as people are told."""
    own, other = "nama: %(old)s → %(new)s", "nama (%(locale)s): %(old)s → %(new)s"
    return [
        Filled(own if locale == OFFICIAL_LOCALE else other, locale=locale, old=before.get(locale) or "–", new=name)
        for locale, name in after.items()
        if before.get(locale) != name
    ]
