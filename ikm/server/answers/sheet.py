"""The cells of one sheet, row by row, from the XML of a workbook."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from zipfile import ZipFile

from ikm.domain.errors import Refusal
from ikm.server.answers.table import Cell, NumberedRow, Odd, OddKind
from ikm.server.answers.xml import Attributes, Damaged, Handler, parse, run

_WIDEST = 1_000
_WIDEST_GAP = 10_000
_LONGEST_TEXT = 1024**2
_LAST_ROW, _LAST_COLUMN = 1_048_576, 16_384
_LETTERS = {chr(ord("A") + k): k + 1 for k in range(26)}
_ODD = {"e": OddKind.ERROR, "d": OddKind.DATE}
_SPAN = re.compile(r"([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})")
_CHUNK = 1024**2
_MERGED, _HIDDEN = (
    tuple(word.encode(encoding) for encoding in ("utf-8", "utf-16-le", "utf-16-be")) for word in ("mergeCell", "hidden")
)
_LONGEST_WORD = max(map(len, (*_MERGED, *_HIDDEN)))
_DAY_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 -- a spreadsheet's dates have no zone


class _Texts(Handler):
    """What texts and cells share: pieces of text are put together, without the reading aids (phonetics) some carry."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._length = 0
        self._taken = self._aside = False

    def start(self, name: str, attributes: Attributes) -> None:  # noqa: ARG002 -- a text has none that matter
        if name in ("v", "t"):
            self._taken = not self._aside
        elif name == "rPh":
            self._aside = True

    def end(self, name: str) -> None:
        if name in ("v", "t"):
            self._taken = False
        elif name == "rPh":
            self._aside = False

    def text(self, text: str) -> None:
        if self._taken:
            self._pieces.append(text)
            self._length += len(text)
            if self._length > _LONGEST_TEXT:
                raise Damaged("a text without end")

    def taken(self) -> str:
        """The text put together since it was last asked for."""
        text = "".join(self._pieces)
        self._pieces.clear()
        self._length = 0
        return text


class _Strings(_Texts):
    """The texts that a workbook keeps once for all its sheets."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def end(self, name: str) -> None:
        super().end(name)
        if name == "si":
            self.texts.append(self.taken())


class _Sheet(_Texts):
    """Rows as they are completed, in `rows`; whoever reads takes them from there."""

    def __init__(self, strings: Sequence[str], dated: frozenset[int], where: str) -> None:
        super().__init__()
        self.rows: list[NumberedRow] = []
        self._strings = strings
        self._dated = dated
        self._where = where
        self._columns: dict[str, int] = {}
        self._number = self._last = 0
        self._cells: list[Cell] = []
        self._place = 0
        self._attributes: Attributes = {}
        self._computed = False

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "c":
            self._attributes = attributes
            self._computed = False
        elif name == "f":
            self._computed = True
        elif name == "row":
            self._number = _row_number(attributes.get("r"), self._number)
            self._cells = []
            self._place = 0
        else:
            super().start(name, attributes)

    def end(self, name: str) -> None:
        if name == "c":
            self._cell()
        elif name == "row":
            self._row()
        else:
            super().end(name)

    def _cell(self) -> None:
        reference = self._attributes.get("r")
        self._place = self._column(reference) if reference else self._place + 1
        value = self._value(self.taken())
        if value == "":
            return
        if self._place > _WIDEST:
            raise _stray(self._where, reference or f"kolom ke-{self._place} baris {self._number}")
        missing = self._place - 1 - len(self._cells)
        if missing < 0:
            raise Damaged("cells out of order")
        self._cells.extend([""] * missing)
        self._cells.append(value)

    def _row(self) -> None:
        if not self._cells:
            return
        if self._number - self._last > _WIDEST_GAP:
            raise _stray(self._where, f"baris {self._number}")
        if self._number <= self._last:
            raise Damaged("rows out of order")
        self._last = self._number
        self.rows.append((self._number, self._cells))

    def _column(self, reference: str) -> int:
        letters = reference.rstrip("0123456789")
        column = self._columns.get(letters)
        if column is None:
            column = self._columns[letters] = column_number(letters)
        return column

    def _value(self, text: str) -> Cell:
        kind = self._attributes.get("t", "n")
        if self._computed and not text and kind != "str":
            return Odd(OddKind.UNCOMPUTED, "")
        if not text:
            return ""
        if kind == "n" and self._dated and int(self._attributes.get("s", "0")) in self._dated:
            return _date(text)
        if kind == "s":
            return self._shared(text)
        if kind == "b":
            return Odd(OddKind.BOOLEAN, "TRUE" if text.strip() == "1" else "FALSE")
        return Odd(_ODD[kind], text) if kind in _ODD else text

    def _shared(self, text: str) -> str:
        place = int(text)
        if not 0 <= place < len(self._strings):
            raise Damaged("no such text")
        return self._strings[place]


def read_strings(archive: ZipFile, part: str) -> list[str]:
    """The texts that a workbook keeps once for all its sheets. Raises as `xml.parse`."""
    strings = _Strings()
    for _ in parse(archive, part, strings):
        continue
    return strings.texts


def read_rows(
    archive: ZipFile, part: str, strings: Sequence[str], dated: frozenset[int], where: str
) -> Iterator[NumberedRow]:
    """The rows of a sheet that hold anything; cells up to the last that does.

    Raises:
        Refusal: `sheet_stray_cell`; `where` begins its sentence.
        Damaged: As `xml.parse`, or cells that are out of order or refer to nothing.
    """
    sheet = _Sheet(strings, dated, where)
    for _ in parse(archive, part, sheet):
        rows, sheet.rows = sheet.rows, []
        yield from rows


class Span(NamedTuple):
    """Merged cells: their first and last row, and the column, from 0, of the one cell that holds their text."""

    top: int
    bottom: int
    left: int


class Hidden(NamedTuple):
    """What whoever made a sheet hid in it: numbers of rows, and columns from 0."""

    rows: tuple[int, ...]
    columns: tuple[int, ...]


def hidden_parts(archive: ZipFile, part: str) -> Hidden:
    """The rows and columns that nobody sees who opens that sheet, by hand or by a filter. Raises as `xml.parse`."""
    if not _mentions(archive, part, _HIDDEN):
        return Hidden((), ())
    rows: list[int] = []
    columns: set[int] = set()
    last = 0

    def started(name: str, attributes: Attributes) -> None:
        nonlocal last
        hidden = attributes.get("hidden", "0").lower() in ("1", "true", "on")
        if name == "row":
            last = _row_number(attributes.get("r"), last)
            rows.extend([last] if hidden else ())
        elif name == "col" and hidden:
            first, end = (int(attributes.get(side, "0")) for side in ("min", "max"))
            columns.update(range(max(first, 1) - 1, min(end, _WIDEST)))

    run(archive, part, started, largest=None)
    return Hidden(tuple(rows), tuple(sorted(columns)))


def merged_rows(archive: ZipFile, part: str, place: int) -> tuple[Span, ...]:
    """The merged cells that join rows of a column, from 0. Raises as `xml.parse`."""
    if not _mentions(archive, part, _MERGED):
        return ()
    found: list[Span] = []

    def started(name: str, attributes: Attributes) -> None:
        if name == "mergeCell" and (span := _SPAN.fullmatch(attributes.get("ref", ""))):
            left, top, right, bottom = span.groups()
            first = column_number(left) - 1
            if int(top) < int(bottom) and first <= place < column_number(right):
                found.append(Span(int(top), int(bottom), first))

    run(archive, part, started, largest=None)
    return tuple(found)


def _mentions(archive: ZipFile, part: str, words: Iterable[bytes]) -> bool:
    """Whether any of those words is anywhere in a part: to look for a word is far cheaper than to read the XML."""
    kept = b""
    with archive.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            text = kept + chunk
            if any(word in text for word in words):
                return True
            kept = text[-_LONGEST_WORD:]
    return False


def column_number(letters: str) -> int:
    """The number of a column, from 1, by its letters. Raises Damaged where no sheet has it."""
    column = 0
    for sign in letters[:4]:
        column = 26 * column + _LETTERS.get(sign, _LAST_COLUMN)
    if not 0 < column <= _LAST_COLUMN:
        raise Damaged("no such column")
    return column


def _row_number(text: str | None, last: int) -> int:
    number = int(text) if text else last + 1
    if not 0 < number <= _LAST_ROW:
        raise Damaged("no such row")
    return number


def _date(text: str) -> Odd:
    try:
        moment = _DAY_ZERO + timedelta(days=float(text))
    except (OverflowError, ValueError):
        return Odd(OddKind.ERROR, text)
    moment = moment.replace(microsecond=0)
    return Odd(OddKind.DATE, str(moment.date() if not moment.hour and not moment.minute else moment))


def _stray(where: str, cell: str) -> Refusal:
    return Refusal(
        "sheet_stray_cell",
        f"{where}: {cell} berisi sesuatu, jauh dari tabelnya. Hapus isinya (juga spasi), simpan, lalu coba lagi.",
    )
