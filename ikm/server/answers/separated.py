"""CSV files as offices have them: any of four separators and of four encodings, titles above, "sep=" on top."""

import codecs
import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ikm.domain.errors import Refusal
from ikm.server.answers.kinds import unreadable
from ikm.server.answers.layout import Layout
from ikm.server.answers.survey import survey
from ikm.server.answers.table import Cell, NumberedRow

_LARGEST = 2 * 1024**3
_CHUNK = 1024**2
_SEPARATORS = (";", ",", "\t", "|")
_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\ufffe\uffff]")
_TOLD = re.compile(r"sep=(.)[\r\n]*", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class SeparatedTable:
    """The rows of a CSV file, read afresh each time; `told` when the first line only names the separator."""

    path: Path
    encoding: str
    separator: str
    told: bool = False

    @property
    def sheet(self) -> None:
        """None: a CSV file has no sheets."""
        return

    @property
    def separated(self) -> bool:
        """True: cells are parted by a sign."""
        return True

    def rows(self) -> Iterator[NumberedRow]:
        """Rows with the line they begin on, empty lines left out.

        Raises:
            Refusal: `file_damaged` for quotation marks that do not pair up, `file_unreadable`, `file_kind_wrong`.
        """
        line = 1
        try:
            with self.path.open(encoding=self.encoding, newline="") as stream:
                if self.told:
                    stream.readline()
                skipped = int(self.told)
                # strict: a forgotten quotation mark would otherwise swallow the rows after it without a word
                reader = csv.reader(stream, delimiter=self.separator, strict=True)
                line += skipped
                cells: list[Cell]
                for cells in reader:  # type: ignore[assignment]
                    if cells:
                        yield line, cells
                    line = reader.line_num + skipped + 1
        except csv.Error:
            raise Refusal(
                "file_damaged",
                f"{self.path.name}, baris {line}: ada tanda kutip yang tidak berpasangan. Perbaiki baris itu, atau "
                "simpan ulang dari Excel.",
            ) from None
        except UnicodeError as error:
            raise _not_text(self.path) from error
        except OSError as error:
            raise unreadable(self.path, error) from None


def separated_tables(path: Path) -> tuple[SeparatedTable, ...]:
    """A CSV file as a table, once for each separator it may have; one where its first line names the separator.

    Raises:
        Refusal: `file_too_large`, `file_kind_wrong`, `file_unreadable`.
    """
    try:
        if path.stat().st_size > _LARGEST:
            raise Refusal("file_too_large", f"{path.name}: lebih dari 2 GB. Bagi menjadi beberapa berkas.")
        encoding = _encoding(path)
        with path.open(encoding=encoding, newline="") as stream:
            told = _TOLD.fullmatch(stream.readline(64))
    except OSError as error:
        raise unreadable(path, error) from None
    if told:
        return (SeparatedTable(path, encoding, told[1], told=True),)
    return tuple(SeparatedTable(path, encoding, separator) for separator in _SEPARATORS)


def separated_table(path: Path, layout: Layout) -> SeparatedTable:
    """The table of a CSV file, by the separator under which the most elements are found in its headings.

    Raises:
        Refusal: `file_too_large`, `file_kind_wrong`, `file_unreadable`, `file_damaged`.
    """
    tables = separated_tables(path)
    if len(tables) == 1:
        return tables[0]
    ranked = []
    for table in tables:
        try:
            top = survey(table, layout)
        except Refusal:
            # quotation marks pair up under the right separator only
            continue
        ranked.append((top.recognised, top.width, table))
    if not ranked:
        # says what is wrong
        survey(tables[0], layout)
    return max(ranked, key=lambda entry: entry[:2])[2]


def _encoding(path: Path) -> str:
    """The encoding of a file: by its mark, else UTF-8 if all of it is, else the Windows one of western languages."""
    with path.open("rb") as stream:
        head = stream.read(4)
    marked = next((name for mark, name in _MARKS.items() if head.startswith(mark)), None)
    if marked:
        if not _is_text(path, marked):
            raise _not_text(path)
        return marked
    for name in ("utf-8", "cp1252"):
        if _is_text(path, name):
            return name
    raise _not_text(path)


def _is_text(path: Path, encoding: str) -> bool:
    """Whether all of a file is text in that encoding, in lines of a length that people write."""
    decoder = codecs.getincrementaldecoder(encoding)()
    unbroken = 0
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                text = decoder.decode(chunk)
                if _CONTROL.search(text):
                    raise _not_text(path)
                breaks = max(text.rfind("\n"), text.rfind("\r"))
                unbroken = unbroken + len(text) if breaks < 0 else len(text) - breaks - 1
                if unbroken > 8 * _CHUNK:
                    raise _not_text(path)
            decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True


def _not_text(path: Path) -> Refusal:
    return Refusal(
        "file_kind_wrong",
        f"{path.name}: isinya bukan teks CSV. Di Excel pilih Simpan Sebagai, CSV UTF-8, lalu coba lagi.",
    )
