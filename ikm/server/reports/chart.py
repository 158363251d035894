"""One picture of an evaluation: every element, the index with its interval and, where there are any, the groups.

Every sentence and figure a reader sees is made here; Vega only places them. So numbers have a decimal comma without a
locale, and a name out of a file can neither become an expression nor break the picture.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from io import BytesIO, StringIO
from math import inf
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING

from ikm.domain.errors import Refusal
from ikm.domain.regulation import RATINGS, GradeBand, Regulation
from ikm.domain.score import Score
from ikm.domain.weights import EXACT, OWN
from ikm.server.reports import wording
from ikm.server.reports.canvas import FONT, INK, PAPER, QUIET, WIDTH, Mark, Panel, Scale, Text, drawn
from ikm.server.reports.evaluation import Evaluation, Figures, Group, Groups
from ikm.server.reports.wording import adequacy, count, index_name, number, verdict

if TYPE_CHECKING:
    import altair

KINDS = ("svg", "png")
MOST_GROUPS = 200
"""More rows than this no reader follows: the middle is left out, and said to be."""

_ROW, _HEAD, _STAMP = 27, 34, 42
_COLUMNS = (("nilai", 838), ("mutu", 890), ("jawaban", WIDTH))
_GROUP_COLUMNS = (("nilai", 830), ("mutu", 872), ("n", 920), ("peringkat", WIDTH))
_WORD = 28
"""Pixels by which a figure moves aside where grades are words and not letters."""
_NAME, _TITLE = 44, 78
"""Characters at most of a name, and of a line of the title."""
_PIXELS = 2

_COLOURS = ("#0B5F63", "#5FB08F", "#F2B33D", "#D84A24")
"""From the best grade to the worst: no two alike in lightness, and the letter stands beside each."""
_NO_DATA = "belum ada data"


def chart_kind(path: Path) -> str:
    """The picture's kind, 'svg' or 'png', by the suffix of its name, capitals or not.

    Raises:
        Refusal: `chart_kind_unknown`.
    """
    kind = path.suffix.lower().removeprefix(".")
    if kind not in KINDS:
        raise Refusal("chart_kind_unknown", f"'{path.name}' harus berakhiran .svg atau .png")
    return kind


def write_chart(path: Path, evaluation: Evaluation, title: str) -> None:
    """Writes the chart as SVG or, at twice its size, as PNG; a file of that name is replaced whole or left as it is.

    Raises:
        Refusal: `chart_kind_unknown`.
        OSError: The file cannot be written.
    """
    kind = chart_kind(path)
    picture = chart(evaluation, title)
    if kind == "svg":
        text = StringIO()
        picture.save(text, format="svg")
        content = text.getvalue().encode()
    else:
        pixels = BytesIO()
        picture.save(pixels, format="png", scale_factor=_PIXELS)
        content = pixels.getvalue()
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    except OSError as error:
        # the reader knows the name they gave, not that of the part
        raise OSError(error.errno, error.strerror, str(path)) from error
    finally:
        part.unlink(missing_ok=True)


def chart(evaluation: Evaluation, title: str) -> "altair.VConcatChart":
    """The chart: a panel of elements and index, below it one of groups where there are groups. 984 pixels wide."""
    # a second of import time that only those who draw should wait for
    import altair as alt  # noqa: PLC0415

    panels = [_elements(evaluation)]
    if evaluation.groups is not None and evaluation.groups.groups:
        panels.append(_groups(evaluation, evaluation.groups))
    scale = _scale(evaluation, panels)
    subtitle = list(_subtitle(evaluation))
    heading = alt.TitleParams(
        text=_lines(title) or ["Survei Kepuasan Masyarakat"],
        subtitle=subtitle,
        anchor="start",
        frame="group",
        offset=16,
        fontSize=21,
        lineHeight=27,
        color=INK,
        subtitleFontSize=13.5,
        subtitleColor=QUIET,
        subtitleLineHeight=20,
        subtitlePadding=8,
    )
    return alt.VConcatChart(
        vconcat=[drawn(panel, scale) for panel in panels],
        spacing=30,
        title=heading,
        background=PAPER,
        padding=28,
        description=". ".join([*_lines(title), *subtitle]),
        config=alt.Config(font=FONT, view=alt.ViewConfig(stroke=None)),
    )


def _scale(evaluation: Evaluation, panels: Sequence[Panel]) -> Scale:
    rule = evaluation.rule
    # a printed weight of 0,11 puts all ones at 24,75
    ends = [mark.low for panel in panels for mark in (*panel.dots, *panel.whiskers)]
    lowest, highest = rule.index_factor * RATINGS[0], rule.index_factor * RATINGS[-1]
    return Scale(
        low=min([float(lowest), *ends]),
        first=float(lowest),
        high=float(highest),
        bounds=tuple(float(band.lower) for band in reversed(rule.bands) if band.lower > lowest),
        grades=tuple(band.grade for band in reversed(rule.bands)),
        words=f"Skala mulai dari {lowest}, nilai terendah yang mungkin, bukan dari 0. Garis tegak: batas mutu.",
    )


def _elements(evaluation: Evaluation) -> Panel:
    found, rule = evaluation.whole, evaluation.rule
    stamp = _stamp(found)
    top = _HEAD + (0 if stamp is None else _STAMP)
    texts = [Text("head", x, top - 13, name) for name, x in _COLUMNS]
    bars = []
    for place, line in enumerate(found.score.elements):
        y = top + (place + 0.5) * _ROW
        texts.append(Text("name", 0, y, _clipped(f"U{line.element.annex_number} {line.element.name}", _NAME)))
        texts.append(Text("figure", WIDTH, y, count(line.answers)))
        texts += _figures(line.index, line.band, _COLUMNS, y)
        if line.index is not None and line.band is not None:
            lowest = float(rule.index_factor * RATINGS[0])
            bars.append(Mark(y, lowest, float(line.index), _colour(rule, line.band)))
    end = top + len(found.score.elements) * _ROW
    bottom = end + _ROW + 6
    last = (end + bottom) / 2
    texts.append(Text("strong", 0, last, f"Indeks ({index_name(rule)})"))
    texts.append(Text("figure", WIDTH, last, f"n = {count(found.tally.responses)}"))
    texts += _figures(found.score.index, found.score.band, _COLUMNS, last)
    whiskers, dots = _estimate(found, last)
    return Panel(
        top=top,
        bottom=bottom,
        texts=texts,
        bars=bars,
        whiskers=whiskers,
        dots=dots,
        rules=(top, end, bottom),
        reference=_reference(found),
        stamp=None if stamp is None else Text("stamp", 12, 14, stamp),
    )


def _groups(evaluation: Evaluation, groups: Groups) -> Panel:
    shown, left_out = _shown(groups.groups)
    top = 54 + _HEAD
    texts = [
        Text("heading", 0, 10, f"Per {_clipped(groups.column, _NAME)}"),
        Text("line", 0, 36, _roll_up(evaluation.whole, groups)),
    ]
    texts += [Text("head", x, top - 13, name) for name, x in _GROUP_COLUMNS]
    whiskers: list[Mark] = []
    dots: list[Mark] = []
    for place, group in enumerate(shown):
        y = top + (place + 0.5) * _ROW
        if group is None:
            texts.append(Text("nothing", 0, y, f"… {count(left_out)} lainnya tidak digambar"))
            continue
        score = group.figures.score
        texts.append(Text("name", 0, y, _clipped(group.name, _NAME) or "(tanpa nama)"))
        texts.append(Text("figure", _GROUP_COLUMNS[2][1], y, count(group.figures.tally.responses)))
        texts.append(Text("figure", _GROUP_COLUMNS[3][1], y, wording.place(group.standing)))
        texts += _figures(score.index, score.band, _GROUP_COLUMNS, y)
        interval, point = _estimate(group.figures, y)
        whiskers += interval
        dots += point
    bottom = top + len(shown) * _ROW
    return Panel(
        top=top,
        bottom=bottom,
        texts=texts,
        whiskers=whiskers,
        dots=dots,
        rules=(top, bottom),
        reference=_reference(evaluation.whole),
    )


def _shown(groups: Sequence[Group]) -> tuple[Sequence[Group | None], int]:
    """The groups to draw, with None in the place of those left out, and how many these are."""
    if len(groups) <= MOST_GROUPS:
        return groups, 0
    half = MOST_GROUPS // 2
    return [*groups[:half], None, *groups[-half:]], len(groups) - 2 * half


def _roll_up(found: Figures, groups: Groups) -> str:
    parts = []
    mean, pooled = groups.mean, found.score
    if mean is not None:
        parts.append(f"Rata-rata {count(mean.units)} indeks: {number(mean.index, 2)} ({mean.band.grade})")
    if pooled.index is not None and pooled.band is not None:
        parts.append(f"gabungan seluruh responden: {number(pooled.index, 2)} ({pooled.band.grade})")
    if groups.silent:
        parts.append(f"tanpa indeks: {count(len(groups.silent))}")
    parts.append("selang bertindihan berbagi peringkat")
    return " · ".join(parts)


def _estimate(found: Figures, y: float) -> tuple[list[Mark], list[Mark]]:
    """The interval and the point of an index; nothing where there is none."""
    score = found.score
    if score.index is None or score.band is None:
        return [], []
    at, colour = float(score.index), _colour(score.regulation, score.band)
    return [] if found.certainty is None else [Mark(y, *found.certainty.interval, INK)], [Mark(y, at, at, colour)]


def _reference(found: Figures) -> tuple[float, tuple[float, float] | None] | None:
    if found.score.index is None:
        return None
    return float(found.score.index), None if found.certainty is None else found.certainty.interval


def _figures(
    index: Decimal | None, band: GradeBand | None, columns: Sequence[tuple[str, int]], y: float
) -> Iterator[Text]:
    if index is None or band is None:
        yield Text("nothing", columns[1][1], y, _NO_DATA)
        return
    yield Text("value", columns[0][1] - (_WORD if len(band.grade) > 1 else 0), y, number(index, 2))
    yield Text("value", columns[1][1], y, band.grade)


def _stamp(found: Figures) -> str | None:
    return f"BELUM MEMADAI: {adequacy(found.sample)}" if found.sample.adequate is False else None


def _subtitle(evaluation: Evaluation) -> Iterator[str]:
    found, score = evaluation.whole, evaluation.whole.score
    yield _headline(found)
    yield f"{count(found.tally.responses)} responden · {_clipped(evaluation.rule.title, 76)} · {_weights(score)}"
    base = score.base
    if base is not None and base.index is not None and base.band is not None:
        yield f"Tanpa unsur tambahan ({len(base.elements)} unsur): {number(base.index, 2)} ({base.band.grade})"
    if found.sample.target is None:
        yield "Kecukupan sampel belum dapat dinilai, karena banyaknya pengguna layanan belum disebutkan"
    elif found.sample.adequate:
        yield f"Sampel memadai: {adequacy(found.sample)}"
    if found.score.index is not None:
        yield "Garis putus-putus: indeks seluruh responden" + (
            "" if found.certainty is None or _all_asked(found) else "; pita dan garis tebal: selang kepercayaan 95 %"
        )


def _headline(found: Figures) -> str:
    score, name = found.score, index_name(found.score.regulation)
    if score.index is None or score.band is None:
        missing = ", ".join(f"U{line.element.annex_number}" for line in score.elements if line.mean is None)
        reason = f"unsur {missing} belum dijawab siapa pun" if found.tally.responses else "belum ada jawaban"
        return f"{name} belum ada: {reason}"
    words = f"{name} {number(score.index, 2)} · {verdict(score.band)}"
    if found.certainty is None:
        return f"{words} · selang kepercayaan belum dapat dihitung: ada unsur dengan satu jawaban saja"
    if _all_asked(found):
        return f"{words} · semua pengguna layanan menjawab"
    low, high = (number(Fraction(end), 2) for end in found.certainty.interval)
    return f"{words} · selang kepercayaan 95 %: {low} sampai {high}"


def _all_asked(found: Figures) -> bool:
    return found.certainty is not None and found.certainty.effective == inf


def _weights(score: Score) -> str:
    weights, share = score.weights, f"1/{len(score.elements)}"
    if weights.convention == EXACT:
        return f"bobot tepat {share}"
    if weights.convention == OWN:
        return "bobot pilihan unit sendiri"
    words = f"bobot cetak {weights.convention.replace('.', ',')}"
    exact = score.unweighted_exact
    return words if exact is None else f"{words} (dengan {share} tepat: {number(exact, 2)})"


def _colour(rule: Regulation, band: GradeBand) -> str:
    place = rule.bands.index(band)
    return _COLOURS[-1] if place == len(rule.bands) - 1 else _COLOURS[place]


def _clipped(text: str, characters: int) -> str:
    """The text in one line of that many characters at most, without signs that do not print: XML may not hold them."""
    plain = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return plain if len(plain) <= characters else f"{plain[: characters - 1].rstrip()}…"


def _lines(title: str) -> list[str]:
    return wrap(_clipped(title, 2 * _TITLE - 20), _TITLE)[:2]
