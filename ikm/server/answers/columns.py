"""Which columns of a table hold the answers to which element, and which one the groups: found in its first rows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from types import MappingProxyType

from ikm.domain.errors import Refusal
from ikm.server.answers.headings import Certainty, Meaning, meaning, number_meaning
from ikm.server.answers.layout import Layout
from ikm.server.answers.table import Table, letter, shown

SEARCHED = 40
"""Rows from the top among which the headings must be: above them stand titles, the unit's name and the period."""

_BARE_RUN = 5
"""So many bare numbers from 1 on make a row of headings: a row of ratings cannot reach 5."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Where what stands in a table.

    `header_row` is the number of the last row of headings, as the file shows it, and `headings` their texts, those of
    several rows joined. `places` are the columns, from 0, of `questions`, in the same order; `asked` says which
    questions ask about which element; `group` is the column to group by. `order_assumed`: annex and form disagree on a
    number that stands in a heading without a name, and the layout does not say whose it is. `numbering` is a row below
    the headings that only counts the columns.
    """

    header_row: int
    headings: tuple[str, ...]
    questions: tuple[str, ...]
    places: tuple[int, ...]
    asked: Mapping[str, tuple[str, ...]]
    group: int | None
    order_assumed: bool
    numbering: int | None


@dataclass(frozen=True, slots=True)
class Top:
    """The best guess at a table's headings, from its first rows.

    `width` is the number of cells in the longest of them; `number` that of the row the headings end in, 0 where there
    is nothing at all; `meanings` by column of the headings.
    """

    width: int
    number: int
    headings: tuple[str, ...]
    meanings: Mapping[int, Meaning]
    numbering: int | None

    @property
    def recognised(self) -> int:
        """How many different elements the headings name."""
        return len({code for found in self.meanings.values() for code in found.codes})

    def promising(self, layout: Layout) -> bool:
        """Whether this looks like a table of answers, be it a faulty one: half of the elements are named."""
        return 2 * self.recognised >= len(layout.rule.elements)


def survey(table: Table, layout: Layout) -> Top:
    """The first rows of a table and the row of them that names the most elements."""
    rows = tuple((number, tuple(map(shown, cells))) for number, cells in islice(table.rows(), SEARCHED))
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
    return Top(width, rows[last][0], headings, told, _numbering(rows[last + 1 :], told))


def columns(top: Top, layout: Layout, where: str) -> Columns:
    """The columns that the headings name.

    Raises:
        Refusal: `sheet_empty`, `column_missing`, `column_ambiguous` or `column_unknown`; `where` begins its sentence.
    """
    if not top.number:
        raise Refusal("sheet_empty", f"{where}: tidak ada isinya. Pilih berkas atau lembar yang berisi jawaban.")
    _refuse_unknown(top, layout, where)
    chosen = {code: _chosen(code, top, layout, where) for code in layout.rule.codes}
    if missing := [code for code, found in chosen.items() if not found]:
        raise Refusal("column_missing", f"{where}: {_missing(missing, top, layout)}")
    _refuse_ambiguous(chosen, top, layout, where)
    asked = {code: tuple(_question(code, top.meanings[place].part) for place in chosen[code]) for code in chosen}
    places = tuple(place for found in chosen.values() for place in found)
    return Columns(
        header_row=top.number,
        headings=top.headings,
        questions=tuple(question for found in asked.values() for question in found),
        places=places,
        asked=MappingProxyType(asked),
        group=_group(top, layout, where),
        order_assumed=layout.order is None and any(top.meanings[place].by_order for place in places),
        numbering=top.numbering,
    )


def _meanings(texts: Sequence[str], layout: Layout) -> dict[int, Meaning]:
    told = {_same(heading): code for code, heading in layout.columns.items()}
    found = {}
    for place, text in enumerate(texts):
        if code := told.get(_same(text)):
            found[place] = Meaning((code,), Certainty.TOLD)
        elif (read := meaning(text, layout.rule, layout.order)) is not None:
            found[place] = _without(read, layout.columns)
    return found


def _without(read: Meaning, told: Mapping[str, str]) -> Meaning:
    """What a heading says of the elements whose column was not named outright."""
    return replace(read, codes=tuple(code for code in read.codes if code not in told))


def _same(heading: str) -> str:
    return "".join(heading.casefold().split())


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
            return Top(width, number, texts, told, None)
    number, texts = max(rows, key=lambda row: sum(map(bool, row[1])), default=(0, ()))
    return Top(width, number, texts, _meanings(texts, layout), None)


def _numbering(below: Sequence[tuple[int, tuple[str, ...]]], told: Mapping[int, Meaning]) -> int | None:
    """The row right below the headings if it only counts the columns, as printed tables do: (1) (2) (3)."""
    if not below or len(told) < _BARE_RUN:
        return None
    number, texts = below[0]
    counts = [texts[place].strip("()") if place < len(texts) else "" for place in sorted(told)]
    first = int(counts[0]) if counts[0].isdecimal() else 0
    return number if first and counts == [str(first + k) for k in range(len(counts))] else None


def _refuse_unknown(top: Top, layout: Layout, where: str) -> None:
    unknown = [place for place, found in top.meanings.items() if found.by_number and not found.codes]
    if unknown:
        names = _listed(_named(top, place) for place in unknown)
        raise Refusal(
            "column_unknown",
            f"{where}: kolom {names} bukan unsur {layout.rule.title}. Sebutkan sebagai unsur tambahan, pilih aturan "
            "lain, atau hapus kolom itu dari salinan berkas.",
        )


def _chosen(code: str, top: Top, layout: Layout, where: str) -> tuple[int, ...]:
    """The columns about one element: those whose headings name it the most surely."""
    about = {place: found for place, found in top.meanings.items() if code in found.codes}
    best = max((found.certainty for found in about.values()), default=Certainty.KEYWORD)
    named = [place for place, found in about.items() if found.certainty >= Certainty.NAME]
    if best is Certainty.TOLD:
        named = [place for place in named if about[place].certainty is Certainty.TOLD]
    chosen = sorted(named or [place for place, found in about.items() if found.certainty is best])
    parts = {about[place].part for place in chosen}
    if len(chosen) > 1 and ("" in parts or len(parts) < len(chosen)):
        names = _listed(_named(top, place) for place in chosen)
        raise Refusal(
            "column_ambiguous",
            f"{where}: kolom {names} sama-sama berarti unsur {layout.rule.element(code).name}. Ganti nama atau hapus "
            'salah satunya; bila keduanya pertanyaan untuk unsur itu, beri nama seperti "U1a" dan "U1b".',
        )
    return tuple(chosen)


def _refuse_ambiguous(chosen: Mapping[str, tuple[int, ...]], top: Top, layout: Layout, where: str) -> None:
    owners: dict[int, list[str]] = {}
    for code, places in chosen.items():
        for place in places:
            owners.setdefault(place, []).append(code)
    for place, codes in owners.items():
        if len(codes) > 1:
            names = " atau ".join(layout.rule.element(code).name for code in codes)
            raise Refusal(
                "column_ambiguous",
                f"{where}: kolom {_named(top, place)} dapat berarti unsur {names}. Beri tajuk nama satu unsur saja.",
            )


def _missing(missing: Sequence[str], top: Top, layout: Layout) -> str:
    names = _listed(
        f'{layout.rule.element(code).name} ("{layout.columns[code]}")'
        if code in layout.columns
        else layout.rule.element(code).name
        for code in missing
    )
    seen = _listed(f'"{text[:40]}"' for text in list(filter(None, top.headings))[:30])
    return (
        f"tidak ada kolom untuk unsur {names}. Tajuk yang terbaca di baris {top.number}: {seen}. "
        "Beri tajuk U1, U2, dan seterusnya, atau nama unsurnya."
    )


def _question(code: str, part: str) -> str:
    return f"{code}.{part}" if part else code


def _group(top: Top, layout: Layout, where: str) -> int | None:
    if layout.by is None:
        return None
    found = [place for place, text in enumerate(top.headings) if text and _same(text) == _same(layout.by)]
    if not found:
        seen = _listed(f'"{text[:40]}"' for text in list(filter(None, top.headings))[:30])
        raise Refusal("column_missing", f'{where}: tidak ada kolom "{layout.by}". Tajuk yang terbaca: {seen}.')
    if len(found) > 1:
        names = _listed(_named(top, place) for place in found)
        raise Refusal("column_ambiguous", f"{where}: kolom {names} bertajuk sama. Ganti tajuk salah satunya.")
    return found[0]


def _named(top: Top, place: int) -> str:
    return f'"{top.headings[place][:40]}" ({letter(place)})'


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)
