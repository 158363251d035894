"""Which columns of a table hold the answers to which element, and which one the groups."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from ikm.domain.errors import Refusal
from ikm.server.answers.choosing import chosen_columns, listed, named, refuse_shared
from ikm.server.answers.faults import shortened
from ikm.server.answers.labels import NO_LABELS, Labels, official_labels
from ikm.server.answers.layout import Layout
from ikm.server.answers.lead import Lead, lead_of
from ikm.server.answers.series import without_rivals
from ikm.server.answers.survey import Top, same_heading

_HEADINGS_TOLD = 30


@dataclass(frozen=True, slots=True)
class Columns:
    """Where what stands in a table.

    `header_row` is the number of the last row of headings, as the file shows it, and `headings` their texts, those of
    several rows joined. `places` are the columns, from 0, of `questions`, in the same order, and `labels` what their
    answers are called; `asked` says which questions ask about which element; `group` is the column to group by.
    `order_assumed`: annex and form disagree on a number that stands in a heading without a name, and the layout does
    not say whose it is. `numbering` is a row below the headings that only counts the columns; `lead` the column that
    numbers the respondents. `unused` are columns of ratings, by their first rows, that were taken for nothing.
    """

    header_row: int
    headings: tuple[str, ...]
    questions: tuple[str, ...]
    places: tuple[int, ...]
    labels: tuple[Labels, ...]
    asked: Mapping[str, tuple[str, ...]]
    group: int | None
    order_assumed: bool
    numbering: int | None
    lead: Lead | None
    unused: tuple[int, ...]


def columns(top: Top, layout: Layout, where: str) -> Columns:
    """The columns that the headings name.

    Raises:
        Refusal: `sheet_empty`, `column_missing`, `column_ambiguous` or `column_unknown`; `where` begins its sentence.
    """
    if not top.number:
        raise Refusal("sheet_empty", f"{where}: tidak ada isinya. Pilih berkas atau lembar yang berisi jawaban.")
    top = replace(top, meanings=without_rivals(top.meanings, layout.rule))
    _refuse_unknown(top, layout, where)
    labels = official_labels()
    chosen = {code: chosen_columns(code, top, layout, labels, where) for code in layout.rule.codes}
    if missing := [code for code, found in chosen.items() if not found]:
        raise Refusal("column_missing", f"{where}: {_missing(missing, top, layout)}")
    refuse_shared(chosen, top, layout, where)
    asked = {code: tuple(_question(code, top.meanings[place].part) for place in chosen[code]) for code in chosen}
    places = tuple(place for found in chosen.values() for place in found)
    group = _group(top, layout, where)
    lead = lead_of(top.sample.rows, min(places), group)
    return Columns(
        header_row=top.number,
        headings=top.headings,
        questions=tuple(question for found in asked.values() for question in found),
        places=places,
        labels=tuple(labels.get(code, NO_LABELS) for code, found in chosen.items() for _ in found),
        asked=MappingProxyType(asked),
        group=group,
        order_assumed=layout.order is None and any(top.meanings[place].by_order for place in places),
        numbering=top.numbering,
        lead=lead,
        unused=_unused(top, {*places, group, lead.place if lead else None}),
    )


def _unused(top: Top, used: set[int | None]) -> tuple[int, ...]:
    return tuple(
        place
        for place, heading in enumerate(top.headings)
        if heading and place not in used and not top.own_column(place) and top.sample.mostly_ratings(place)
    )


def _refuse_unknown(top: Top, layout: Layout, where: str) -> None:
    unknown = [place for place, found in top.meanings.items() if found.by_number and not found.codes]
    if unknown:
        raise Refusal(
            "column_unknown",
            f"{where}: kolom {listed(named(top, place) for place in unknown)} bukan unsur {layout.rule.title}. "
            f'Sebutkan sebagai unsur tambahan dengan --add "{top.headings[unknown[0]]}", pilih aturan lain dengan '
            "--regulation, atau hapus kolom itu dari salinan berkas.",
        )


def _missing(missing: Sequence[str], top: Top, layout: Layout) -> str:
    names = listed(
        f'{layout.rule.element(code).name} ("{layout.columns[code]}")'
        if code in layout.columns
        else layout.rule.element(code).name
        for code in missing
    )
    own = any(code in layout.columns for code in missing)
    hint = "Tulis tajuk pada --add atau --replace persis seperti di berkas. " if own else ""
    return (
        f"tidak ada kolom untuk unsur {names}. Tajuk yang terbaca di baris {top.number}: {_seen(top)}. {hint}"
        "Beri tajuk U1, U2, dan seterusnya, atau nama unsurnya; bila surveinya memakai aturan lain, sebutkan dengan "
        "--regulation."
    )


def _question(code: str, part: str) -> str:
    return f"{code}.{part}" if part else code


def _group(top: Top, layout: Layout, where: str) -> int | None:
    if layout.by is None:
        return None
    wanted = same_heading(layout.by)
    found = [place for place, text in enumerate(top.headings) if text and same_heading(text) == wanted]
    if not found:
        raise Refusal(
            "column_missing",
            f'{where}: tidak ada kolom "{layout.by}". Tajuk yang terbaca: {_seen(top)}. '
            "Sebutkan salah satunya dengan --by.",
            by=layout.by,
        )
    if len(found) > 1:
        names = listed(named(top, place) for place in found)
        raise Refusal(
            "column_ambiguous",
            f"{where}: kolom {names} bertajuk sama. Ganti tajuk salah satunya, lalu sebutkan dengan --by.",
        )
    return found[0]


def _seen(top: Top) -> str:
    return listed(f'"{shortened(text)}"' for text in list(filter(None, top.headings))[:_HEADINGS_TOLD])
