"""Reads an organisation sheet out of a CSV file or a workbook: where its headings are, and what each row says."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from ikm.domain.errors import Refusal
from ikm.domain.filled import Filled
from ikm.server.answers.kinds import Kind, kind_of
from ikm.server.answers.separated import SeparatedTable, separated_tables
from ikm.server.answers.sheet import Hidden
from ikm.server.answers.table import Cell, NumberedRow, letter, shown
from ikm.server.answers.workbook import SheetTable, counts_from_1904, opened, sheets
from ikm.server.importing import cells
from ikm.server.importing.records import COLUMNS, MEANINGS, Fault, Field, Record, Table, same

LARGEST_BYTES = 5 * 1024**2
_LARGEST_UNPACKED = 64 * 1024**2
_SEARCHED = 25
_MOST_ROWS = 5_000
_TOTALS = ("jumlah", "total", "grand total", "subtotal", "rata-rata")
_NAMES = (Field.AGENCY, Field.UNIT, Field.SERVICE)
_READ: Mapping[Field, Callable[[Cell], str]] = {
    Field.AGENCY: cells.name, Field.AGENCY_CODE: cells.code, Field.UNIT: cells.name, Field.UNIT_CODE: cells.code,
    Field.UNIT_EN: cells.name, Field.ZONE: cells.zone, Field.ADDRESS: cells.name, Field.PHONE: cells.phone,
    Field.SERVICE: cells.name, Field.SERVICE_CODE: cells.code, Field.SERVICE_EN: cells.name,
}  # fmt: skip
_SENTENCES = {
    "sheet_empty": "Berkas ini kosong. Unduh berkas contoh, isi, lalu unggah.",
    "file_too_large": "Berkas ini terlalu besar: paling banyak 5 MB dan 5.000 baris. Bagi menjadi beberapa berkas.",
}
"""What is told instead of what readers of answers would say."""
_SEVERAL = "Lembar %(names)s sama-sama berisi daftar tempat. Sisakan satu saja."
_NO_PLACES = 'Kolom "Perangkat daerah" dan "Unit pelayanan" tidak ditemukan. Tajuk yang ada: %(seen)s.'


@dataclass(frozen=True, slots=True)
class _Head:
    """Where the headings of a sheet end, and the column of each field."""

    row: int
    columns: Mapping[Field, int]
    unknown: tuple[str, ...]
    twice: tuple[str, ...]

    @property
    def size(self) -> int:
        return len(self.columns)


def read_table(path: Path) -> Table:
    """What a file says, its bad cells told with it.

    Raises:
        Refusal: The file cannot be read (`file_unreadable`, `file_kind_wrong`, `file_encrypted`, `file_damaged`,
            `file_too_large`, `sheet_stray_cell`), holds nothing (`sheet_empty`), or it is not clear where (
            `sheet_ambiguous`, `column_missing`, `column_ambiguous`); its detail is a sentence.
    """
    try:
        return _read(path)
    except Refusal as refusal:
        raise Refusal(refusal.code, _SENTENCES.get(refusal.code, refusal.detail)) from None


def _read(path: Path) -> Table:
    # kind_of has the sentence for a file that is not there
    kind = kind_of(path)
    if path.stat().st_size > LARGEST_BYTES:
        raise Refusal("file_too_large")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if kind is Kind.TEXT:
        tables = [(table, _head(table)) for table in separated_tables(path)]
        table, head = max(tables, key=lambda pair: pair[1].size)
        records, notes = _records(table, head, {}, from_1904=False)
        return Table(path.name, digest, records, notes)
    with opened(path) as archive:
        if sum(part.file_size for part in archive.infolist()) > _LARGEST_UNPACKED:
            raise Refusal("file_too_large")
    sheet, head, aside = _chosen(sheets(path))
    spans = {of: sheet.merged_rows(head.columns[of]) for of in (Field.AGENCY, Field.UNIT) if of in head.columns}
    joined = {
        of: {row: span.top for span in found for row in range(span.top, span.bottom + 1)} for of, found in spans.items()
    }
    records, notes = _records(sheet, head, joined, from_1904=counts_from_1904(path))
    return Table(path.name, digest, records, (*aside, *_unseen(sheet.hidden_parts(), records, head), *notes))


def _unseen(hidden: Hidden, records: Sequence[Record], head: _Head) -> Iterator[str]:
    """Sentences that name the hidden rows and columns that were read: whoever opens the file does not see them."""
    rows = set(hidden.rows) & {record.row for record in records}
    if rows:
        yield f"Baris tersembunyi ikut dibaca: {_ranges(sorted(rows))}."
    columns = [letter(place) for place in hidden.columns if place in head.columns.values()]
    if columns:
        yield f"Kolom tersembunyi ikut dibaca: {', '.join(columns)}."


def _ranges(numbers: Sequence[int]) -> str:
    """Numbers in few signs: '4, 7–9'."""
    found: list[list[int]] = []
    for number in numbers:
        if found and number == found[-1][1] + 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return ", ".join(str(first) if first == last else f"{first}–{last}" for first, last in found)


def _chosen(every: Sequence[SheetTable]) -> tuple[SheetTable, _Head, tuple[str, ...]]:
    seen = [(sheet, _head(sheet)) for sheet in every if not sheet.hidden]
    hidden = ", ".join(sheet.sheet for sheet in every if sheet.hidden)
    aside = (f"Lembar tersembunyi tidak dibaca: {hidden}.",) if hidden else ()
    promising = [(sheet, head) for sheet, head in seen if head.size >= 2]
    if len(promising) > 1:
        names = ", ".join(f'"{sheet.sheet}"' for sheet, _ in promising)
        raise Refusal("sheet_ambiguous", Filled(_SEVERAL, names=names))
    if not seen or not any(head.row for _, head in seen):
        raise Refusal("sheet_empty")
    sheet, head = promising[0] if promising else max(seen, key=lambda pair: pair[1].size)
    return sheet, head, aside


def _head(table: SheetTable | SeparatedTable) -> _Head:
    """The row, or the two rows, among the first that name the most fields; its row is 0 where there is nothing."""
    try:
        first = [(number, [shown(cell) for cell in row]) for number, row in islice(table.rows(), _SEARCHED)]
    except Refusal:
        if isinstance(table, SeparatedTable):
            # quotation marks pair up under the right separator only
            return _Head(0, {}, (), ())
        raise
    best = _Head(first[0][0], {}, tuple(first[0][1]), ()) if first else _Head(0, {}, (), ())
    for place, (number, texts) in enumerate(first):
        single = _meant(number, texts)
        best = single if single.size > best.size else best
        if place + 1 < len(first) and single.size:
            below_number, below = first[place + 1]
            width = max(len(texts), len(below))
            above, under = (row + [""] * (width - len(row)) for row in (texts, below))
            both = [low if same(low) in MEANINGS else high for high, low in zip(above, under, strict=True)]
            double = _meant(below_number, both)
            best = double if double.size > best.size else best
    return best


def _meant(number: int, texts: Sequence[str]) -> _Head:
    columns: dict[Field, int] = {}
    unknown, twice = [], []
    for place, text in enumerate(texts):
        of = MEANINGS.get(same(text))
        if of is None:
            unknown += [text] if text else []
        elif of in columns:
            twice.append(text)
        else:
            columns[of] = place
    return _Head(number, columns, tuple(unknown), tuple(twice))


def _records(
    table: SheetTable | SeparatedTable, head: _Head, joined: Mapping[Field, Mapping[int, int]], *, from_1904: bool
) -> tuple[tuple[Record, ...], tuple[str, ...]]:
    if not head.columns.keys() & {Field.AGENCY, Field.AGENCY_CODE, Field.UNIT, Field.UNIT_CODE}:
        seen = ", ".join(f'"{text[:30]}"' for text in head.unknown[:8]) or "tidak ada"
        raise Refusal("column_missing", Filled(_NO_PLACES, seen=seen))
    if head.twice:
        raise Refusal(
            "column_ambiguous", Filled('Dua kolom berarti sama: "%(name)s". Sisakan satu.', name=head.twice[0][:40])
        )
    notes = [f"Kolom tidak dibaca: {', '.join(text[:40] for text in head.unknown)}."] if head.unknown else []
    found: list[Record] = []
    above: dict[Field, dict[int, Cell]] = {of: {} for of in joined}
    for number, row in _below(table, head):
        line = _filled(number, row, head, joined, above)
        if skipped := _skipped(line, head):
            notes.append(f"Baris {number} tidak dibaca: {skipped}.")
            continue
        if len(found) >= _MOST_ROWS:
            raise Refusal("file_too_large")
        found.append(_record(number, line, head, from_1904=from_1904))
    if not found:
        raise Refusal("sheet_empty")
    return tuple(found), tuple(notes)


def _below(table: SheetTable | SeparatedTable, head: _Head) -> Iterator[NumberedRow]:
    for number, row in table.rows():
        if number > head.row and any(shown(cell) for cell in row):
            yield number, row


def _filled(
    number: int, row: Sequence[Cell], head: _Head, joined: Mapping[Field, Mapping[int, int]],
    above: dict[Field, dict[int, Cell]],
) -> dict[Field, Cell]:  # fmt: skip
    """A row by its fields, with the text of cells that are merged with those above."""
    line = {of: row[place] if place < len(row) else "" for of, place in head.columns.items()}
    for of, tops in joined.items():
        top = tops.get(number)
        if top == number:
            above[of][number] = line[of]
        elif top is not None:
            line[of] = above[of].get(top, "")
    return line


def _skipped(line: Mapping[Field, Cell], head: _Head) -> str:
    texts = {of: shown(cell) for of, cell in line.items()}
    if texts.get(Field.NUMBER, "").casefold().startswith("contoh"):
        return "contoh"
    if head.size > 1 and sum(MEANINGS.get(same(text)) is of for of, text in texts.items() if text) == len(
        [text for text in texts.values() if text]
    ):
        return "tajuk yang terulang"
    first = next((texts[of] for of in (Field.NUMBER, *_NAMES) if texts.get(of)), "")
    return "baris jumlah" if first.casefold().startswith(_TOTALS) else ""


def _record(number: int, line: Mapping[Field, Cell], head: _Head, *, from_1904: bool) -> Record:
    columns = {of.value: letter(place) for of, place in head.columns.items()}
    faults: list[Fault] = []

    def read(of: Field, how: Callable[[Cell], Any]) -> Any:
        try:
            return how(line.get(of, ""))
        except ValueError as error:
            faults.append(Fault(number, columns.get(of, ""), str(error)))
            return None

    said = {of.value: read(of, how) or "" for of, how in _READ.items() if of in line}
    users = read(Field.USERS, cells.users) or 0
    period = read(Field.PERIOD, cells.period)
    starts = read(Field.STARTS, lambda cell: cells.day(cell, from_1904=from_1904))
    last = read(Field.ENDS, lambda cell: cells.day(cell, from_1904=from_1904))
    if period is None and starts and last:
        if last < starts:
            faults.append(Fault(number, columns.get(Field.ENDS, ""), "tanggal terakhir sebelum tanggal pertama"))
        begins, ends = starts.isoformat(), (last + timedelta(days=1)).isoformat()
    else:
        begins, ends = (period.start.isoformat(), period.end.isoformat()) if period else ("", "")
    if not faults and bool(users) != bool(begins) and (users or starts or last):
        of, told = (Field.PERIOD, "tulis untuk periode mana jumlah pengguna ini") if users else (
            Field.USERS, "periode tertulis, tetapi jumlah penggunanya kosong",
        )  # fmt: skip
        faults.append(Fault(number, columns.get(of, ""), told))
    if not users:
        begins = ends = ""
    return Record(number, {of: text for of, text in said.items() if text}, begins, ends, users, tuple(faults), columns)


def template_headings() -> tuple[str, ...]:
    """The headings of the template, in its order."""
    return tuple(column.heading for column in COLUMNS)
