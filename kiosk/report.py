"""A running account of what the screen shows and where it can be tapped, for a player of demonstrations and for tests.

It holds no answer, and is written only when the settings name a file for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from msgspec import json

from kiosk.model import Place

Box = tuple[int, int, int, int]
"""x, y, width, height in window pixels, from the top left."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What can be seen and tapped at one moment; `ring` is what stands under the ring of keyboard and switch users."""

    place: Place
    accepts: bool
    targets: Mapping[str, Box]
    ring: tuple[str, ...] = ()


class Report:
    """Appends a JSON line whenever what is shown, or whether taps are accepted, has changed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._count = 0
        self._last: Sight | None = None

    def tell(self, sight: Sight) -> None:
        """Write a line unless the last one said the same."""
        if sight == self._last:
            return
        self._last = sight
        self._count += 1
        line = json.encode(
            {
                "n": self._count,
                "screen": sight.place.screen.value,
                "subject": sight.place.subject,
                "accepts": sight.accepts,
                "targets": dict(sight.targets),
                "ring": sight.ring,
            }
        )
        with self._path.open("ab") as stream:
            stream.write(line + b"\n")
