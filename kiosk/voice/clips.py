"""Which sound file says which words: our own clips, and recordings of a real voice wherever an office has made them."""

import logging
import re
import unicodedata
import wave
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from msgspec import DecodeError, Struct, ValidationError, json

from ikm.assets import asset

INDEX = "index.json"
_SLUG_LETTERS = 40
_UNKNOWN_S = 3.0
"""How long a recording is taken to be whose length cannot be read."""

log = logging.getLogger(__name__)


class ClipEntry(Struct, forbid_unknown_fields=True):
    """One clip as the index has it: the words, their SHA-256, and how long it takes to say them."""

    text: str
    sha256: str
    seconds: float


class Index(Struct, forbid_unknown_fields=True):
    """All clips of one language by the name of their file without its ending. `made_by` is the voice's name."""

    made_by: str
    clips: dict[str, ClipEntry]


_READER = json.Decoder(Index)


@dataclass(frozen=True, slots=True)
class Clip:
    """A sound file and its length."""

    path: Path
    seconds: float


def plain(text: str) -> str:
    """The words as they are looked up: spacing does not matter, nor whether a single letter is a capital."""
    joined = " ".join(text.split())
    return joined.lower() if len(joined) == 1 else joined


def digest(text: str) -> str:
    """The SHA-256 of the words, in hexadecimal."""
    return sha256(plain(text).encode()).hexdigest()


def stem(text: str) -> str:
    """The file name, without its ending, of the clip that says these words: readable, and different for each text."""
    bare = unicodedata.normalize("NFKD", plain(text)).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", bare).strip("-")[:_SLUG_LETTERS].strip("-")
    return f"{slug or 'tanda'}-{digest(text)[:8]}"


def read_index(folder: Path) -> Index:
    """The index of a folder of clips."""
    return _READER.decode((folder / INDEX).read_bytes())


class Clips:
    """The clips of every language. Recordings under `recorded`/<locale>/ are found once, when the kiosk starts."""

    def __init__(self, recorded: Path | None = None) -> None:
        self._shipped = _shipped()
        self._recorded = _recorded(recorded) if recorded else {}

    @property
    def voices(self) -> frozenset[str]:
        """The languages that can be read aloud."""
        return frozenset(self._shipped) | frozenset(locale for locale, _stem in self._recorded)

    def find(self, locale: str, text: str) -> Clip | None:
        """The clip that says this text in this language, a recording before a synthetic voice; None without either."""
        name = stem(text)
        if (recording := self._recorded.get((locale, name))) is not None:
            return recording
        folder, index = self._shipped.get(locale, (Path(), Index("", {})))
        entry = index.clips.get(name)
        return None if entry is None else Clip(folder / f"{name}.ogg", entry.seconds)

    def texts(self, locale: str) -> tuple[str, ...]:
        """Everything our own voice can say in that language."""
        return tuple(entry.text for entry in self._shipped[locale][1].clips.values()) if locale in self._shipped else ()


def voices() -> frozenset[str]:
    """The languages our own clips exist in."""
    return frozenset(_shipped())


def _shipped() -> Mapping[str, tuple[Path, Index]]:
    try:
        folder = asset("sounds")
    except FileNotFoundError:
        return {}
    found: dict[str, tuple[Path, Index]] = {}
    for path in sorted(path.parent for path in folder.glob(f"*/{INDEX}")):
        try:
            found[path.name] = (path, read_index(path))
        except (OSError, DecodeError, ValidationError) as trouble:
            # a damaged file costs the language its voice, not the office its kiosk
            log.warning("the clips in %s cannot be used: %s", path, trouble)
    return found


def _recorded(folder: Path) -> dict[tuple[str, str], Clip]:
    found: dict[tuple[str, str], Clip] = {}
    # .wav after .ogg, so that it wins: who has both has just made the uncompressed one
    for ending in ("ogg", "wav"):
        for path in sorted(folder.glob(f"*/*.{ending}")):
            found[path.parent.name, path.stem] = Clip(path, seconds_of(path))
    return found


def seconds_of(path: Path) -> float:
    """How long a recording lasts; a guess where the file does not say."""
    try:
        if path.suffix == ".wav":
            with wave.open(str(path), "rb") as sound:
                return sound.getnframes() / sound.getframerate()
        return _ogg_seconds(path.read_bytes())
    except (OSError, EOFError, wave.Error, ValueError, ZeroDivisionError, IndexError):
        # a broken recording must not keep the kiosk from starting; the player will skip it
        return _UNKNOWN_S


def _ogg_seconds(data: bytes) -> float:
    # Vorbis I, 4.2.2: the rate stands 12 bytes into the identification header; the last page counts all samples
    head = data.index(b"\x01vorbis")
    rate = int.from_bytes(data[head + 12 : head + 16], "little")
    last = data.rindex(b"OggS")
    return int.from_bytes(data[last + 6 : last + 14], "little") / rate
