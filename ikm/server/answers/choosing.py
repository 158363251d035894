"""Which of the columns whose headings speak of an element hold its answers: by heading, and by what stands below."""

from collections.abc import Iterable, Mapping

from ikm.domain.errors import Refusal
from ikm.server.answers.faults import shortened
from ikm.server.answers.headings import Certainty, Meaning
from ikm.server.answers.labels import NO_LABELS, Labels
from ikm.server.answers.layout import Layout
from ikm.server.answers.survey import Top
from ikm.server.answers.table import letter


def chosen_columns(code: str, top: Top, layout: Layout, labels: Mapping[str, Labels], where: str) -> tuple[int, ...]:
    """The columns about one element, from 0; none where no heading speaks of it.

    Raises:
        Refusal: `column_ambiguous`; `where` begins its sentence.
    """
    about: Mapping[int, Meaning] = {place: found for place, found in top.meanings.items() if code in found.codes}
    told = {place: found for place, found in about.items() if found.certainty is Certainty.TOLD}
    about = told or _holding(about, top, labels.get(code, NO_LABELS))
    chosen = _surest(about, code)
    parts = {about[place].part for place in chosen}
    if len(chosen) > 1 and ("" in parts or len(parts) < len(chosen)):
        raise Refusal(
            "column_ambiguous",
            f"{where}: kolom {listed(named(top, place) for place in chosen)} sama-sama berarti unsur "
            f"{layout.rule.element(code).name}. Ganti nama atau hapus salah satunya; bila keduanya pertanyaan untuk "
            'unsur itu, beri nama seperti "U1a" dan "U1b".',
        )
    return chosen


def refuse_shared(chosen: Mapping[str, tuple[int, ...]], top: Top, layout: Layout, where: str) -> None:
    """Refuses a column that was chosen for several elements. Raises as `chosen_columns`."""
    owners: dict[int, list[str]] = {}
    for code, places in chosen.items():
        for place in places:
            owners.setdefault(place, []).append(code)
    for place, codes in owners.items():
        if len(codes) > 1:
            names = " atau ".join(layout.rule.element(code).name for code in codes)
            raise Refusal(
                "column_ambiguous",
                f"{where}: kolom {named(top, place)} dapat berarti unsur {names}. Beri tajuk nama satu unsur saja.",
            )


def named(top: Top, place: int) -> str:
    """A column as a sentence names it: its heading, cut where it is long, and its letter."""
    return f'"{shortened(top.headings[place])}" ({letter(place)})'


def listed(names: Iterable[str]) -> str:
    """Names in a sentence."""
    return ", ".join(names)


def _holding(about: Mapping[int, Meaning], top: Top, labels: Labels) -> Mapping[int, Meaning]:
    """The columns without those of texts, dates or blanks, where another holds ratings; parts may be blank."""
    held = {place: top.sample.ratings(place, labels) for place in about}
    most = max(held.values(), default=0)
    return {place: found for place, found in about.items() if found.part or 2 * held[place] >= most}


def _surest(about: Mapping[int, Meaning], code: str) -> tuple[int, ...]:
    """The columns that name the element the most surely; a name and a whole question beside it are as sure."""
    questions = [place for place, found in about.items() if _asks(found, code)]
    names = [place for place, found in about.items() if found.certainty >= Certainty.NAME]
    if any(about[place].by_number or about[place].certainty is Certainty.TOLD for place in names):
        return tuple(sorted(names))
    if names or questions:
        return tuple(sorted({*names, *questions}))
    best = max((found.certainty for found in about.values()), default=Certainty.KEYWORD)
    return tuple(sorted(place for place, found in about.items() if found.certainty is best))


def _asks(found: Meaning, code: str) -> bool:
    return found.question and found.certainty is Certainty.KEYWORD and found.codes == (code,)
