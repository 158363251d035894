"""Workbooks (.xlsx): what is in the archive is checked before anything is unpacked, then its sheets are listed."""

import posixpath
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile

from ikm.domain.errors import Refusal
from ikm.server.answers.kinds import unreadable
from ikm.server.answers.sheet import Hidden, Span, hidden_parts, merged_rows, read_rows, read_strings
from ikm.server.answers.styles import dated_styles
from ikm.server.answers.table import NumberedRow
from ikm.server.answers.xml import Attributes, Damaged, run

_LARGEST_SHEET = 1024**3
_LARGEST_OTHER = 64 * 1024**2
_MOST_PARTS = 10_000
_SMALL = 8 * 1024**2
_RATIO = 200
_ENCRYPTED = 0x1


@dataclass(frozen=True, slots=True)
class SheetTable:
    """The rows of one sheet, read afresh each time. `strings` is the part with the workbook's texts, if any."""

    path: Path
    sheet: str
    hidden: bool
    part: str
    strings: str | None
    dated: frozenset[int]

    @property
    def separated(self) -> bool:
        """False: a sheet's cells have their column written on them."""
        return False

    def rows(self) -> Iterator[NumberedRow]:
        """Rows that hold anything, with their numbers.

        Raises:
            Refusal: `file_damaged`, `file_unreadable`, `sheet_stray_cell`.
        """
        with opened(self.path) as archive:
            strings = read_strings(archive, self.strings) if self.strings else []
            yield from read_rows(archive, self.part, strings, self.dated, f'{self.path.name}, lembar "{self.sheet}"')

    def hidden_parts(self) -> Hidden:
        """The rows and columns that whoever made it hid. Raises as `rows`."""
        with opened(self.path) as archive:
            return hidden_parts(archive, self.part)

    def merged_rows(self, place: int) -> tuple[Span, ...]:
        """The merged cells that join rows of a column, from 0. Raises as `rows`."""
        with opened(self.path) as archive:
            return merged_rows(archive, self.part, place)


@contextmanager
def opened(path: Path) -> Iterator[ZipFile]:
    """The archive of a workbook, open and checked.

    Raises:
        Refusal: `file_damaged`, `file_unreadable`, `file_encrypted`, `file_too_large`.
    """
    try:
        with ZipFile(path) as archive:
            _check(path, archive)
            yield archive
    # a RuntimeError is zipfile's word for a way of packing that it does not know
    except (BadZipFile, zlib.error, EOFError, Damaged, RuntimeError, ValueError) as error:
        raise _damaged(path) from error
    except OSError as error:
        raise unreadable(path, error) from None


def sheets(path: Path) -> tuple[SheetTable, ...]:
    """The sheets of a workbook with cells in them, in the order of their tabs; charts are no sheets here.

    Raises:
        Refusal: `file_kind_wrong` for an archive that is no workbook; as `opened`.
    """
    with opened(path) as archive:
        book = _book_part(path, archive)
        related = _relations(archive, book)
        listed: list[tuple[str, str, bool]] = []

        def started(name: str, attributes: Attributes) -> None:
            if name == "sheet":
                key = next((value for key, value in attributes.items() if key.rpartition("}")[2] == "id"), "")
                hidden = attributes.get("state", "visible") != "visible"
                listed.append((attributes.get("name", ""), key, hidden))

        run(archive, book, started)
        parts = dict(related.values())
        strings = parts.get("sharedStrings")
        dated = dated_styles(archive, parts["styles"]) if "styles" in parts else frozenset[int]()
        return tuple(
            SheetTable(path, name, hidden, related[key][1], strings, dated)
            for name, key, hidden in listed
            if key in related and related[key][0] == "worksheet"
        )


def counts_from_1904(path: Path) -> bool:
    """Whether a workbook counts its days from 1904, as those of old Macs do. Raises as `sheets`."""
    with opened(path) as archive:
        found: list[bool] = []

        def started(name: str, attributes: Attributes) -> None:
            if name == "workbookPr":
                found.append(attributes.get("date1904", "0").lower() in ("1", "true", "on"))

        run(archive, _book_part(path, archive), started)
        return any(found)


def _check(path: Path, archive: ZipFile) -> None:
    """Refuses what would not fit. Reading stays within the sizes told here: zipfile unpacks no more of a part."""
    parts = archive.infolist()
    if any(part.flag_bits & _ENCRYPTED for part in parts):
        raise Refusal("file_encrypted", f"{path.name}: hapus kata sandi arsipnya, simpan, lalu coba lagi.")
    if any(part.compress_type not in (ZIP_STORED, ZIP_DEFLATED) for part in parts):
        raise _damaged(path)
    for part in parts:
        sheet = part.filename.lower().startswith("xl/worksheets/")
        swollen = part.file_size > _SMALL and part.file_size > _RATIO * max(1, part.compress_size)
        if swollen or part.file_size > (_LARGEST_SHEET if sheet else _LARGEST_OTHER):
            raise _too_large(path)
    if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > 2 * _LARGEST_SHEET:
        raise _too_large(path)


def _book_part(path: Path, archive: ZipFile) -> str:
    names = set(archive.namelist())
    found = dict(_relations(archive, "").values()) if "_rels/.rels" in names else {}
    part = found.get("officeDocument", "xl/workbook.xml")
    ours = part.startswith("xl/") or posixpath.basename(part).startswith("workbook")
    if part not in names or not part.endswith(".xml") or not ours:
        raise Refusal(
            "file_kind_wrong",
            f"{path.name}: isinya arsip ZIP, tetapi bukan buku kerja .xlsx. Buka di Excel atau LibreOffice, "
            "simpan sebagai .xlsx, lalu coba lagi.",
        )
    return part


def _relations(archive: ZipFile, part: str) -> dict[str, tuple[str, str]]:
    """What a part of the archive refers to: id -> (kind, part)."""
    folder, name = posixpath.split(part)
    found: dict[str, tuple[str, str]] = {}

    def started(tag: str, attributes: Attributes) -> None:
        if tag == "Relationship" and attributes.get("TargetMode") != "External":
            target = posixpath.normpath(posixpath.join("/", folder, attributes.get("Target", ""))).lstrip("/")
            found[attributes.get("Id", "")] = (attributes.get("Type", "").rpartition("/")[2], target)

    run(archive, posixpath.join(folder, "_rels", f"{name}.rels"), started)
    return found


def _damaged(path: Path) -> Refusal:
    return Refusal("file_damaged", f"{path.name}: buka dan simpan ulang di Excel, atau mintalah salinan yang utuh.")


def _too_large(path: Path) -> Refusal:
    return Refusal(
        "file_too_large",
        f"{path.name}: isinya mengembang terlalu besar. Salin jawabannya saja ke buku kerja baru.",
    )
