"""The first rows of a table: which of them are its headings, and what each heading may speak of."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice

from ikm.domain.errors import Refusal
from ikm.server.answers.headings import Certainty, Meaning, meaning, number_meaning
from ikm.server.answers.layout import Layout
from ikm.server.answers.sample import SAMPLED, Sample
from ikm.server.answers.table import NumberedRow, Table, shown

SEARCHED = 40
"""Rows from the top among which the headings must be: above them stand titles, the unit's name and the period."""

_BARE_RUN = 5
"""So many bare numbers from 1 on make a row of headings: a row of ratings cannot reach 5."""

_OWN_TITLE = "Data jawaban responden"
"""What the sheet of answers in a workbook of ours begins with."""

_OWN_COLUMNS = frozenset(("Baris di berkas", "Kode nomor kelompok", "Lengkap 1 lengkap, 0 sebagian"))

_NO_SAMPLE = Sample(())


@dataclass(frozen=True, slots=True)
class Top:
    """The best guess at a table's headings, from its first rows.

    `width` is the number of cells in the longest of them; `number` that of the row the headings end in, 0 where there
    is nothing at all; `meanings` by column of the headings; `sample` the first rows below; `title` the first text.
    """

    width: int
    number: int
    headings: tuple[str, ...]
    meanings: Mapping[int, Meaning]
    numbering: int | None
    sample: Sample
    title: str = ""

    @property
    def recognised(self) -> int:
        """How many different elements the headings name."""
        return len({code for found in self.meanings.values() for code in found.codes})

    @property
    def ours(self) -> bool:
        """Whether this is the sheet of answers in a workbook that `ikm score --xlsx` wrote."""
        return self.title == _OWN_TITLE

    def own_column(self, place: int) -> bool:
        """Whether a column is one that our workbook adds to the answers."""
        return self.ours and self.headings[place] in _OWN_COLUMNS

    def promising(self, layout: Layout) -> bool:
        """Whether this looks like a table of answers, be it a faulty one: half of the elements are named."""
        return 2 * self.recognised >= len(layout.rule.elements)


def survey(table: Table, layout: Layout) -> Top:
    """The first rows of a table and the row of them that names the most elements."""
    rows = iter(table.rows())
    taken = list(islice(rows, SEARCHED))
    found = _headings(taken, layout)
    # damage further down is told when the answers are read, by the row it stands in
    with suppress(Refusal):
        taken.extend(islice(rows, SAMPLED))
    below = [row for row in taken if row[0] > found.number and row[0] != found.numbering]
    title = next((text for _, cells in taken for text in map(shown, cells) if text), "")
    return replace(found, sample=Sample(below[:SAMPLED]), title=title)


def _headings(taken: Sequence[NumberedRow], layout: Layout) -> Top:
    rows = tuple((number, tuple(map(shown, cells))) for number, cells in taken)
    width = max((len(texts) for _, texts in rows), default=0)
    rows = tuple((number, texts) for number, texts in rows if any(texts))
    read = [_meanings(texts, layout) for _, texts in rows]
    sizes = [len({code for found in row.values() for code in found.codes}) for row in read]
    if max(sizes, default=0) < 2:
        return _bare(rows, width, layout)
    best = sizes.index(max(sizes))
    last = best
    # headings on two lines: numbers above names, or the other way round
    if best + 1 < len(rows) and 2 * sizes[best + 1] >= sizes[best]:
        last = best + 1
    lines = [texts for _, texts in rows[best : last + 1]]
    if not any(found.by_number for found in read[best].values()):
        # "Saran dan masukan" above "U8" is read as "U8 Saran dan masukan"
        lines.reverse()
    headings = _joined(lines)
    told = _meanings(headings, layout)
    if best:
        headings = _filled(headings, rows[best - 1][1], told)
        told = _meanings(headings, layout) if layout.columns else told
    return Top(width, rows[last][0], headings, told, _numbering(rows[last + 1 :], told), _NO_SAMPLE)


def same_heading(heading: str) -> str:
    """What two headings share that are the same but for case and spaces."""
    return "".join(heading.casefold().split())


def _meanings(texts: Sequence[str], layout: Layout) -> dict[int, Meaning]:
    told = {same_heading(heading): code for code, heading in layout.columns.items()}
    found = {}
    for place, text in enumerate(texts):
        if code := told.get(same_heading(text)):
            found[place] = Meaning((code,), Certainty.TOLD)
        elif (read := meaning(text, layout.rule, layout.order)) is not None:
            found[place] = _without(read, layout.columns)
    return found


def _without(read: Meaning, told: Mapping[str, str]) -> Meaning:
    """What a heading says of the elements whose column was not named outright."""
    return replace(read, codes=tuple(code for code in read.codes if code not in told))


def _joined(lines: Sequence[Sequence[str]]) -> tuple[str, ...]:
    width = max(map(len, lines))
    padded = [(*line, *[""] * (width - len(line))) for line in lines]
    return tuple(" ".join(filter(None, parts)) for parts in zip(*padded, strict=True))


def _filled(headings: tuple[str, ...], above: Sequence[str], told: Mapping[int, Meaning]) -> tuple[str, ...]:
    """The headings, with those of merged cells that begin a row higher."""
    width = max(len(headings), len(above))
    lower = (*headings, *[""] * (width - len(headings)))
    upper = (*above, *[""] * (width - len(above)))
    return tuple(
        low or ("" if place in told else high) for place, (low, high) in enumerate(zip(lower, upper, strict=True))
    )


def _bare(rows: Sequence[tuple[int, tuple[str, ...]]], width: int, layout: Layout) -> Top:
    """The headings where they are bare numbers from 1 on; else the fullest row, to tell what was seen."""
    for number, texts in rows:
        start = next((place for place, text in enumerate(texts) if text == "1"), None)
        if start is None:
            continue
        run = 0
        while start + run < len(texts) and texts[start + run] == str(run + 1):
            run += 1
        if run >= min(_BARE_RUN, len(layout.rule.elements)) and run >= 3:
            found = {start + k: number_meaning(k + 1, layout.rule, layout.order) for k in range(run)}
            told = {**_meanings(texts, layout), **{p: _without(m, layout.columns) for p, m in found.items()}}
            return Top(width, number, texts, told, None, _NO_SAMPLE)
    number, texts = max(rows, key=lambda row: sum(map(bool, row[1])), default=(0, ()))
    return Top(width, number, texts, _meanings(texts, layout), None, _NO_SAMPLE)


def _numbering(below: Sequence[tuple[int, tuple[str, ...]]], told: Mapping[int, Meaning]) -> int | None:
    """The row right below the headings if it only counts the columns, as printed tables do: (1) (2) (3)."""
    if not below or len(told) < _BARE_RUN:
        return None
    number, texts = below[0]
    counts = [texts[place].strip("()") if place < len(texts) else "" for place in sorted(told)]
    first = int(counts[0]) if counts[0].isdecimal() else 0
    return number if first and counts == [str(first + k) for k in range(len(counts))] else None
