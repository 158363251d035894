"""The answers of a file: `Answers` says what its columns are, and reads its rows as often as wanted."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from ikm.domain.regulation import RATINGS, Regulation
from ikm.server.answers.cells import rating
from ikm.server.answers.columns import Columns
from ikm.server.answers.faults import FAULTS_SHOWN, BadCells, Fault
from ikm.server.answers.footers import Figures, Label, label_of
from ikm.server.answers.table import Cell, NumberedRow, Table, letter, shown
from ikm.server.answers.tail import Footer, Tail

Ratings = tuple[int | None, ...]
"""One respondent's ratings, one per question, None where there is no answer."""

NO_GROUP = "(kosong)"
"""The group of respondents whose cell in the column to group by is blank."""

_REMEMBERED = 10_000


class Row(NamedTuple):
    """One respondent: the row as the file shows it, the group, a rating per question.

    A named tuple, for a file may hold a million of them.
    """

    number: int
    group: str | None
    ratings: Ratings


@dataclass(frozen=True, slots=True)
class Reading:
    """All that a file says: `groups` maps each group to how many respondents gave which ratings.

    Groups are in the order of their first respondent, those with nothing but rows without answers last and empty;
    without a column to group by there is one, under None, if there is any respondent at all. `footers` are the rows of
    sums and figures below the answers; `blank_rows` counts rows that hold something, but no answer; `skipped` counts
    rows left out for a fault, when that was asked for, and `faults` are the first of their faults.
    """

    groups: Mapping[str | None, Mapping[Ratings, int]]
    footers: tuple[Footer, ...]
    blank_rows: int
    skipped: int
    faults: tuple[Fault, ...]

    @property
    def respondents(self) -> int:
        """How many respondents were read."""
        return sum(sum(rows.values()) for rows in self.groups.values())

    @property
    def rows(self) -> Mapping[Ratings, int]:
        """How many respondents gave which ratings, all groups together: what `tally_rows` takes."""
        together: Counter[Ratings] = Counter()
        for rows in self.groups.values():
            together.update(rows)
        return together


@dataclass(frozen=True, slots=True)
class Answers:
    """A file whose columns are known. `questions` order the ratings of a row; `asked` goes to `score` as it is.

    A question's key is the code of its element ("REQ"), with the part behind it where several columns ask about one
    element ("REQ.a"). `order_assumed`: annex and form disagree on the number in some heading, and nothing in the file
    or the layout says whose it is, so a person has to be told.
    """

    path: Path
    rule: Regulation
    table: Table = field(repr=False)
    columns: Columns

    @property
    def sheet(self) -> str | None:
        """The sheet's name; None for a CSV file."""
        return self.table.sheet

    @property
    def questions(self) -> tuple[str, ...]:
        """The questions' keys, in the order of the ratings in a row."""
        return self.columns.questions

    @property
    def asked(self) -> Mapping[str, tuple[str, ...]]:
        """Which questions ask about which element: element code -> question keys."""
        return self.columns.asked

    @property
    def order_assumed(self) -> bool:
        """Whether it was assumed whose numbers the headings carry."""
        return self.columns.order_assumed

    @property
    def found(self) -> Mapping[str, str]:
        """For people: question key -> heading and letter of its column."""
        headings = self.columns.headings
        return MappingProxyType(
            {
                question: f"{headings[place]} ({letter(place)})"
                for question, place in zip(self.questions, self.columns.places, strict=True)
            }
        )

    def rows(self, *, skip_bad_rows: bool = False) -> Iterator[Row]:
        """The respondents in file order, read afresh, one at a time.

        Raises:
            BadCells: Cells that hold no rating; only when the file is through, or after `FAULTS_SHOWN` of them.
            Refusal: `footer_ambiguous` for answers below a row of sums; as the readers of the files.
        """
        return _Pass(self, skip_bad_rows=skip_bad_rows).rows()

    def read(self, *, skip_bad_rows: bool = False) -> Reading:
        """All that the file says, in one pass; of a million respondents only the different rows are kept. As `rows`."""
        reading = _Pass(self, skip_bad_rows=skip_bad_rows)
        groups: dict[str | None, Counter[Ratings]] = {}
        for row in reading.rows():
            counts = groups.get(row.group)
            if counts is None:
                counts = groups[row.group] = Counter()
            counts[row.ratings] += 1
        for group in reading.silent:
            groups.setdefault(group, Counter())
        return Reading(
            MappingProxyType({group: MappingProxyType(counts) for group, counts in groups.items()}),
            tuple(reading.tail.footers),
            reading.blank_rows,
            reading.skipped,
            tuple(reading.faults[:FAULTS_SHOWN]),
        )


class _Pass:
    """One reading of a file from top to bottom, and what it met besides respondents."""

    def __init__(self, answers: Answers, *, skip_bad_rows: bool) -> None:
        self.where = place_of(answers.path, answers.sheet)
        self.tail = Tail(self.where, self._figures)
        self.blank_rows = 0
        self.silent: list[str] = []
        self.skipped = 0
        self.faults: list[Fault] = []
        self._answers = answers
        self._columns = answers.columns
        self._skip = skip_bad_rows
        self._known: dict[Cell, int | None] = {"": None, **{str(value): value for value in RATINGS}}
        self._plain: dict[Cell, bool] = {}
        self._groups: dict[Cell, str] = {}
        self._spellings: dict[str, str] = {}

    def rows(self) -> Iterator[Row]:
        places = self._columns.places
        # of a single place itemgetter would give the cell alone
        pick = itemgetter(*places) if len(places) > 1 else itemgetter(slice(places[0], places[0] + 1))
        known = self._known.__getitem__
        plain = self._plain
        group = self._columns.group
        widest = len(self._columns.headings) if self._answers.table.separated else 2**31
        nothing: Ratings = (None,) * len(places)
        for number, cells in self._below():
            first = cells[0] if cells else ""
            # nearly every row: no label comes first, and all cells have been met before
            if self.tail.quiet and len(cells) <= widest and (plain.get(first) or self._is_plain(first)):
                try:
                    ratings = tuple(map(known, pick(cells)))
                except (KeyError, IndexError):
                    ratings = nothing
                if ratings != nothing:
                    yield Row(number, None if group is None else self._group(cells), ratings)
                    continue
            slow = self._judged(number, cells)
            if slow is not None:
                yield Row(number, None if group is None else self._group(cells), slow)
        self._confirm(self.tail.close())
        if self.faults and not self._skip:
            raise BadCells(self.where, self.faults[:FAULTS_SHOWN], more=False)

    def _below(self) -> Iterator[NumberedRow]:
        last, numbering = self._columns.header_row, self._columns.numbering
        for number, cells in self._answers.table.rows():
            if number > last and number != numbering:
                yield number, cells

    def _is_plain(self, first: Cell) -> bool:
        """Whether a row's first cell holds something that is no label of a footer."""
        text = shown(first)
        plain = bool(text) and (text[0].isdigit() or label_of(text) is Label.NONE)
        if len(self._plain) < _REMEMBERED:
            self._plain[first] = plain
        return plain

    def _judged(self, number: int, cells: list[Cell]) -> Ratings | None:
        """A respondent's ratings, or None for a row that is something else; it has been noted as what it is."""
        texts = [shown(cell) for cell in cells]
        label = next(filter(None, texts), "")
        values = [cells[place] if place < len(cells) else "" for place in self._columns.places]
        if not label or self._repeats_headings(texts):
            return None
        ratings, faults = self._ratings(number, values)
        faults += self._shifted(number, cells)
        valid = not faults and any(ratings)
        sign = label_of(label)
        if sign is Label.STRONG or (sign is Label.WEAK and not valid):
            self._confirm(self.tail.labelled(number, label))
            return None
        if self.tail.below(number, label, values, valid=valid):
            return None
        if faults:
            self._confirm(self.tail.hold(number, label, values, faults))
            return None
        if not any(ratings):
            self.blank_rows += 1
            self._note_silent(cells)
            return None
        self._confirm(self.tail.release())
        return ratings

    def _note_silent(self, cells: list[Cell]) -> None:
        """Remembers the group of a row without answers: a unit nobody rated is listed, not forgotten."""
        if self._columns.group is not None and (group := self._group(cells)) != NO_GROUP:
            self.silent.append(group)

    def _ratings(self, number: int, values: list[Cell]) -> tuple[Ratings, list[Fault]]:
        found: list[int | None] = []
        faults = []
        for place, cell in zip(self._columns.places, values, strict=True):
            try:
                value = rating(cell)
            except ValueError as error:
                faults.append(Fault(number, self._columns.headings[place], letter(place), str(error)))
                value = None
            else:
                if len(self._known) < _REMEMBERED:
                    self._known[cell] = value
            found.append(value)
        return tuple(found), faults

    def _shifted(self, number: int, cells: list[Cell]) -> list[Fault]:
        width = len(self._columns.headings)
        if not self._answers.table.separated or not any(map(shown, cells[width:])):
            return []
        what = "ada lebih banyak sel daripada tajuk; beri tanda kutip pada tulisan yang memuat tanda pemisah kolom"
        return [Fault(number, "(tanpa tajuk)", letter(width), what)]

    def _repeats_headings(self, texts: list[str]) -> bool:
        headings = self._columns.headings
        return all(place < len(texts) and texts[place] == headings[place] for place in self._columns.places)

    def _group(self, cells: list[Cell]) -> str:
        place = self._columns.group
        cell = cells[place] if place is not None and place < len(cells) else ""
        found = self._groups.get(cell)
        if found is None:
            text = shown(cell) or NO_GROUP
            found = self._groups[cell] = self._spellings.setdefault(text.casefold(), text)
        return found

    def _confirm(self, rows: list[list[Fault]]) -> None:
        """Takes rows for faulty respondents."""
        for faults in rows:
            self.skipped += 1
            if len(self.faults) < FAULTS_SHOWN + 1:
                self.faults.extend(faults)
        if not self._skip and len(self.faults) > FAULTS_SHOWN:
            raise BadCells(self.where, self.faults[:FAULTS_SHOWN], more=True)

    def _figures(self, above: int) -> Figures:
        """The sums of the rows above one; they take a pass of their own."""
        figures = Figures.of_nothing(len(self._columns.places))
        for number, cells in self._below():
            if number >= above:
                break
            figures.add([cells[place] if place < len(cells) else "" for place in self._columns.places])
        return figures


def place_of(path: Path, sheet: str | None) -> str:
    """What a sentence about a file begins with: its name, and the sheet's."""
    return path.name if sheet is None else f'{path.name}, lembar "{sheet}"'
