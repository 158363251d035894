"""XML out of a zip archive, as a stream of events: no tree is built, and nothing that a bomb needs is allowed.

Straight on expat rather than by a library for workbooks, because a table must be refused or read in bounded memory
whatever the file holds, and because a formula and its stored result have to be seen together.
"""

from collections.abc import Callable, Iterator, Mapping
from xml.parsers import expat
from zipfile import ZipFile

_CHUNK = 64 * 1024
_LONGEST_TOKEN = 1024**2
_LARGEST_LIST = 8 * 1024**2

Attributes = Mapping[str, str]


class Damaged(Exception):
    """A part of the workbook is missing, or is not what it has to be."""


class _Locals(dict[str, str]):
    """Names without their namespace; transitional and strict files differ in that alone."""

    def __missing__(self, name: str) -> str:
        local = name.rpartition("}")[2]
        # a file that invents names without end must not fill the memory
        if len(self) < 4096:
            self[name] = local
        return local


class Handler:
    """What reads the events of one part; each does nothing here."""

    def start(self, name: str, attributes: Attributes) -> None:
        """An element begins."""

    def end(self, name: str) -> None:
        """An element ends."""

    def text(self, text: str) -> None:
        """Text, in pieces."""


def parse(archive: ZipFile, part: str, handler: Handler, largest: int | None = None) -> Iterator[None]:
    """Nothing, once per piece of the part, after the handler has got the events of that piece.

    Raises:
        Damaged: The part is missing or no well-formed XML, is larger than `largest` bytes, holds a tag or comment of
            a megabyte, or declares a document type, which no workbook needs and every entity bomb does.
        zipfile.BadZipFile, zlib.error, EOFError: The archive is damaged.
    """
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    names = _Locals()
    start, end = handler.start, handler.end

    def begun(name: str, attributes: Attributes) -> None:
        start(names[name], attributes)

    def ended(name: str) -> None:
        end(names[name])

    def doctype(*_: object) -> None:
        raise Damaged(f"{part}: document type")

    parser.StartElementHandler = begun
    parser.EndElementHandler = ended
    parser.CharacterDataHandler = handler.text
    parser.StartDoctypeDeclHandler = doctype
    try:
        with archive.open(part) as stream:
            read = 0
            while chunk := stream.read(_CHUNK):
                parser.Parse(chunk, False)
                read += len(chunk)
                # expat keeps an unfinished tag and, before 2.6, scans it again with every piece
                if read - parser.CurrentByteIndex > _LONGEST_TOKEN or (largest is not None and read > largest):
                    raise Damaged(f"{part}: too long")
                yield
        parser.Parse(b"", True)
        yield
    # LookupError: the part is not in the archive, or is written in an encoding nobody knows
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise Damaged(f"{part}: {error}") from None


class _Starts(Handler):
    def __init__(self, started: Callable[[str, Attributes], None]) -> None:
        self._started = started

    def start(self, name: str, attributes: Attributes) -> None:
        self._started(name, attributes)


def run(
    archive: ZipFile, part: str, started: Callable[[str, Attributes], None], largest: int | None = _LARGEST_LIST
) -> None:
    """Reads a whole part for its elements' beginnings. Raises as `parse`."""
    for _ in parse(archive, part, _Starts(started), largest):
        continue
