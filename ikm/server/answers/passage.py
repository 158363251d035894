"""One reading of a file from top to bottom: who is a respondent, and what else was met."""

from collections.abc import Iterable, Iterator, Mapping
from operator import getitem, itemgetter
from pathlib import Path

from ikm.domain.regulation import RATINGS
from ikm.server.answers.cells import above_scale, rating
from ikm.server.answers.columns import Columns
from ikm.server.answers.faults import BadCells, Fault, Gathered
from ikm.server.answers.footers import Figures, Label, label_of
from ikm.server.answers.sheet import Span
from ikm.server.answers.table import Cell, NumberedRow, Table, letter, shown
from ikm.server.answers.tail import Judged, Ratings, Row, Tail

NO_GROUP = "(kosong)"
"""The group of respondents whose cell in the column to group by is blank."""

_REMEMBERED = 10_000


class Passage:
    """One reading of a table, and what it met besides respondents; `rows` is to be called once."""

    def __init__(
        self, where: str, table: Table, columns: Columns, spans: Iterable[Span] = (), *, skip_bad_rows: bool
    ) -> None:
        self.tail = Tail(where, columns.lead, columns.headings, self._figures)
        self.blank_rows = 0
        self.silent: list[str] = []
        self.skipped = 0
        self.gathered = Gathered(len(columns.places))
        self._where = where
        self._table = table
        self._columns = columns
        self._skip = skip_bad_rows
        self._reached = columns.header_row
        digits: dict[Cell, int | None] = {"": None, **{str(value): value for value in RATINGS}}
        self._known: tuple[dict[Cell, int | None], ...] = tuple(dict(digits) for _ in columns.places)
        self._plain: dict[Cell, bool] = {}
        self._groups: dict[Cell, str] = {}
        self._spellings: dict[str, str] = {}
        self._spans: Mapping[int, Span] = {span.top: span for span in spans}
        self._carried: tuple[int, Cell] = (0, "")

    def rows(self) -> Iterator[Row]:
        """The respondents in file order. Raises as `Answers.rows`."""
        places = self._columns.places
        # of a single place itemgetter would give the cell alone
        pick = itemgetter(*places) if len(places) > 1 else itemgetter(slice(places[0], places[0] + 1))
        known, plain = self._known, self._plain
        group = self._columns.group
        widest = len(self._columns.headings) if self._table.separated else 2**31
        nothing: Ratings = (None,) * len(places)
        number = self._reached
        lead = self._columns.lead
        behind = lead if lead is not None and lead.place else None
        for number, cells in self._below() if not self._spans else self._carrying():
            first = cells[0] if cells else ""
            # nearly every row: no label comes first, and all cells have been met before
            usual = self.tail.quiet and len(cells) <= widest and (plain.get(first) or self._is_plain(first))
            if usual and (behind is None or (behind.place < len(cells) and behind.fits(cells[behind.place]))):
                try:
                    ratings = tuple(map(getitem, known, pick(cells)))
                except (KeyError, IndexError):
                    ratings = nothing
                if ratings != nothing:
                    yield Row(number, None if group is None else self._group(cells, number), ratings)
                    continue
            self._reached = number
            yield from self._judged(number, cells)
        self._reached = number
        yield from self._confirmed(self.tail.close())
        if self.gathered.cells and not self._skip:
            raise self._bad_cells()

    def faults(self) -> tuple[Fault, ...]:
        """The faults met so far."""
        return self.gathered.told(self._reached - self._columns.header_row)

    def _below(self) -> Iterator[NumberedRow]:
        last, numbering = self._columns.header_row, self._columns.numbering
        for number, cells in self._table.rows():
            if number > last and number != numbering:
                yield number, cells

    def _carrying(self) -> Iterator[NumberedRow]:
        """The rows; the text of merged cells in the column to group by is kept for those below the first."""
        for number, cells in self._below():
            if span := self._spans.get(number):
                self._carried = (span.bottom, cells[span.left] if span.left < len(cells) else "")
            yield number, cells

    def _is_plain(self, first: Cell) -> bool:
        """Whether a row's first cell holds a respondent's number, or, where they have none, no label of a footer."""
        lead = self._columns.lead
        if lead is not None and lead.place == 0:
            plain = lead.fits(first)
        else:
            text = shown(first)
            plain = bool(text) and (text[0].isdigit() or label_of(text) is Label.NONE)
        if len(self._plain) < _REMEMBERED:
            self._plain[first] = plain
        return plain

    def _judged(self, number: int, cells: list[Cell]) -> list[Row]:
        """The respondents that are known from this row on; what else it is has been noted."""
        texts = [shown(cell) for cell in cells]
        label = next(filter(None, texts), "")
        if not label or self._repeats_headings(texts):
            return []
        row = self._read(number, cells, texts, label)
        sign = label_of(label)
        if sign is Label.STRONG or (sign is Label.WEAK and (row.oddity is not None or not row.answered)):
            return self._confirmed(self.tail.labelled(number, label))
        if self.tail.below(row):
            return []
        if row.faults or (row.oddity is not None and row.answered):
            return self._confirmed(self.tail.hold(row))
        if not row.answered:
            self.blank_rows += 1
            lead = self._columns.lead
            # a signature stands where units do, but where respondents are numbered it has no number
            if lead is None or any(texts[lead.place : lead.place + 1]):
                self._note_silent(row)
            return []
        return [*self._confirmed(self.tail.release()), row.respondent]

    def _read(self, number: int, cells: list[Cell], texts: list[str], label: str) -> Judged:
        values = [cells[place] if place < len(cells) else "" for place in self._columns.places]
        ratings, faults = self._ratings(number, values)
        faults += self._shifted(number, cells)
        group = None if self._columns.group is None else self._group(cells, number)
        return Judged(Row(number, group, ratings), label, values, faults, self.tail.oddity(number, texts))

    def _note_silent(self, row: Judged) -> None:
        """Remembers the group of a row without answers: a unit nobody rated is listed, not forgotten."""
        group = row.respondent.group
        if group is not None and group != NO_GROUP:
            self.silent.append(group)

    def _ratings(self, number: int, values: list[Cell]) -> tuple[Ratings, list[Fault]]:
        found: list[int | None] = []
        faults = []
        columns = self._columns
        for place, cell, labels, known in zip(columns.places, values, columns.labels, self._known, strict=True):
            try:
                value = rating(cell, labels)
            except ValueError as error:
                heading, above = columns.headings[place], above_scale(cell)
                faults.append(Fault(number, heading, letter(place), str(error), above_scale=above))
                value = None
            else:
                if len(known) < _REMEMBERED:
                    known[cell] = value
            found.append(value)
        return tuple(found), faults

    def _shifted(self, number: int, cells: list[Cell]) -> list[Fault]:
        width = len(self._columns.headings)
        if not self._table.separated or not any(map(shown, cells[width:])):
            return []
        what = "ada lebih banyak sel daripada tajuk; beri tanda kutip pada tulisan yang memuat tanda pemisah kolom"
        return [Fault(number, "(tanpa tajuk)", letter(width), what)]

    def _repeats_headings(self, texts: list[str]) -> bool:
        headings = self._columns.headings
        return all(place < len(texts) and texts[place] == headings[place] for place in self._columns.places)

    def _group(self, cells: list[Cell], number: int) -> str:
        place = self._columns.group
        cell = cells[place] if place is not None and place < len(cells) else ""
        if number <= self._carried[0]:
            cell = self._carried[1]
        found = self._groups.get(cell)
        if found is None:
            text = shown(cell) or NO_GROUP
            found = self._groups[cell] = self._spellings.setdefault(text.casefold(), text)
        return found

    def _confirmed(self, rows: Iterable[Judged]) -> list[Row]:
        """The respondents among rows that are no footers; the faulty ones are noted instead."""
        good = []
        for row in rows:
            if row.faults:
                self.skipped += 1
                self.gathered.add(row.faults)
            else:
                good.append(row.respondent)
        if not self._skip and self.gathered.enough:
            raise self._bad_cells()
        return good

    def _bad_cells(self) -> BadCells:
        return BadCells(self._where, self.faults(), cells=self.gathered.cells, more=self.gathered.enough)

    def _figures(self, above: int) -> Figures:
        """The figures of the rows above one; they take a pass of their own."""
        figures = Figures(len(self._columns.places))
        for number, cells in self._below():
            if number >= above:
                break
            figures.add([cells[place] if place < len(cells) else "" for place in self._columns.places])
        return figures


def place_of(path: Path, sheet: str | None) -> str:
    """What a sentence about a file begins with: its name, and the sheet's."""
    return path.name if sheet is None else f'{path.name}, lembar "{sheet}"'
