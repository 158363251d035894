"""The answers of a file: `Answers` says what its columns are, and reads its rows as often as wanted."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from ikm.domain.regulation import Regulation
from ikm.server.answers.columns import Columns
from ikm.server.answers.faults import Fault
from ikm.server.answers.passage import Passage, place_of
from ikm.server.answers.sheet import Span
from ikm.server.answers.table import Table, letter
from ikm.server.answers.tail import Footer, Ratings, Row


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
    or the layout says whose it is, so a person has to be told. `spans` are the merged cells of the column to group by.
    """

    path: Path
    rule: Regulation
    table: Table = field(repr=False)
    columns: Columns
    spans: tuple[Span, ...] = field(default=(), repr=False)

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
        pairs = zip(self.questions, self.columns.places, strict=True)
        return MappingProxyType({question: self._column(place) for question, place in pairs})

    @property
    def unused(self) -> tuple[str, ...]:
        """For people: heading and letter of columns whose first rows hold ratings, but which no element claims."""
        return tuple(self._column(place) for place in self.columns.unused)

    def rows(self, *, skip_bad_rows: bool = False) -> Iterator[Row]:
        """The respondents in file order, read afresh, one at a time.

        Raises:
            BadCells: Cells that hold no rating; only when the file is through, or after many of them.
            Refusal: `footer_ambiguous` for answers below a row of sums, `footer_unclear` for a row that may be either;
                as the readers of the files.
        """
        return self._passage(skip_bad_rows=skip_bad_rows).rows()

    def read(self, *, skip_bad_rows: bool = False) -> Reading:
        """All that the file says, in one pass; of a million respondents only the different rows are kept. As `rows`."""
        reading = self._passage(skip_bad_rows=skip_bad_rows)
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
            reading.faults(),
        )

    def _passage(self, *, skip_bad_rows: bool) -> Passage:
        where = place_of(self.path, self.sheet)
        return Passage(where, self.table, self.columns, self.spans, skip_bad_rows=skip_bad_rows)

    def _column(self, place: int) -> str:
        return f"{self.columns.headings[place]} ({letter(place)})"
