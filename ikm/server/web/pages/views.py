"""What templates show beyond the figures: rows of the sheet, steps of the working, the scale, the period chooser."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from ikm.domain.period import Period, PeriodKind
from ikm.domain.questionnaire import Instrument
from ikm.domain.regulation import RATINGS, GradeBand, Regulation
from ikm.domain.score import ElementScore, Score, round_half_up
from ikm.domain.statistics import Certainty, fewest_answers
from ikm.server.reports import wording
from ikm.server.reports.periods import KINDS, after, at_length, before, period_code
from ikm.server.reports.pooling import FEW, Result

_LIKELY = 0.005
_FORMS = {
    Instrument.ROTATING: ("bergilir", "setiap warga menilai sebagian unsur"),
    Instrument.ONE_TAP: ("satu ketukan", "setiap warga menilai satu unsur"),
}
_LOWEST, _HIGHEST = RATINGS[0], RATINGS[-1]
_KIND_LABELS = {
    PeriodKind.MONTH: "Bulan",
    PeriodKind.QUARTER: "Triwulan",
    PeriodKind.SEMESTER: "Semester",
    PeriodKind.YEAR: "Tahun",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the official working sheet; `share` is where the mean lies between rating 1 (0) and rating 4 (1).

    A `thin` one has answers, but too few for a letter (`wording.GRADES_FROM`): it has no band and is never the
    lowest or the highest.
    """

    code: str
    number: int
    name: str
    answers: int
    total: int
    mean: Fraction | None
    weighted: Fraction | None
    share: Fraction | None
    band: GradeBand | None
    thin: bool
    lowest: bool
    highest: bool


@dataclass(frozen=True, slots=True)
class Extremes:
    """The elements with the lowest and the highest mean of those with answers enough; several where they tie."""

    lowest: tuple[Row, ...]
    highest: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Working:
    """How an index came about, each step exact: `sum` of the means, times the weight, times `factor`.

    `example` is a line whose mean is its points by its answers; `shared` says that some element is asked by several
    questions, so that its mean is not. `printed` is the index by the weight that the rule prints and many sheets use
    for 1/n, None where the rule prints none or not all its elements were asked.
    """

    example: Row | None
    shared: bool
    sum: Fraction
    weighted_sum: Fraction
    factor: int
    exact: Fraction
    printed: Decimal | None
    band: GradeBand
    next: GradeBand | None


@dataclass(frozen=True, slots=True)
class Step:
    """One grade on the drawn scale: where it starts and how wide it is, as shares of the whole scale."""

    band: GradeBand
    upper: Decimal
    start: Fraction
    width: Fraction
    here: bool

    @property
    def middle(self) -> Fraction:
        """The share of the scale where the letter stands."""
        return self.start + self.width / 2


@dataclass(frozen=True, slots=True)
class Link:
    """A period one may go to."""

    code: str
    label: str
    current: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """The period shown and the ways to others; `running_until` is its last date while that has not passed."""

    code: str
    label: str
    kinds: tuple[Link, ...]
    before: Link | None
    after: Link | None
    running_until: date | None


def rows(score: Score) -> tuple[Row, ...]:
    """The elements of a score as lines of the working sheet, in the annex's order."""
    thin = {element.element.code for element in score.elements if _thin(element)}
    judged = [one.mean for one in score.elements if one.mean is not None and one.element.code not in thin]
    spread = len(set(judged)) > 1
    return tuple(
        Row(
            code=element.element.code,
            number=element.element.annex_number,
            name=element.element.name,
            answers=element.answers,
            total=element.total,
            mean=element.mean,
            weighted=element.weighted,
            share=None if element.mean is None else (element.mean - _LOWEST) / (_HIGHEST - _LOWEST),
            band=None if element.element.code in thin else element.band,
            thin=element.element.code in thin,
            lowest=spread and element.element.code not in thin and element.mean == min(judged),
            highest=spread and element.element.code not in thin and element.mean == max(judged),
        )
        for element in score.elements
    )


def _thin(element: ElementScore) -> bool:
    # an element of several questions is judged by how many answered each, on average
    return 0 < element.answers < wording.GRADES_FROM * len(element.questions)


def extremes(lines: Sequence[Row]) -> Extremes | None:
    """The lowest and highest elements; None when all such means are alike or there are none."""
    lowest = tuple(row for row in lines if row.lowest)
    return Extremes(lowest, tuple(row for row in lines if row.highest)) if lowest else None


def working(score: Score, lines: Sequence[Row]) -> Working | None:
    """The steps from means to grade; None without an index."""
    if score.index_exact is None or score.band is None:
        return None
    total = sum((element.mean for element in score.elements if element.mean is not None), Fraction(0))
    weighted = sum((element.weighted for element in score.elements if element.weighted is not None), Fraction(0))
    higher = [band for band in score.regulation.bands if band.lower > score.band.lower]
    factor = score.regulation.index_factor
    printed = score.regulation.printed_weight if len(score.elements) == len(score.regulation.elements) else None
    plain = [row for row in lines if row.mean == Fraction(row.total, row.answers)]
    return Working(
        example=plain[0] if plain else None,
        shared=len(plain) < len(lines),
        sum=total,
        weighted_sum=weighted,
        factor=factor,
        exact=score.index_exact,
        printed=None if printed is None else round_half_up(total * Fraction(printed) * factor, 2),
        band=score.band,
        next=higher[-1] if higher else None,
    )


def chances(result: Result, sure: Certainty | None) -> str:
    """How probable the grades are that are likely at all: 'B 95 %, C 5 %'; empty while answers are few."""
    if sure is None or result.score is None:
        return ""
    if fewest_answers(result.tally, result.score) < wording.GRADES_FROM:
        return ""
    likely = {grade: chance for grade, chance in sure.grade_probabilities.items() if chance >= _LIKELY}
    return ", ".join(f"{grade} {wording.chance(chance)}" for grade, chance in likely.items())


def thinnest(result: Result) -> int | None:
    """The answers of the element that got fewest, while too few to stand for the unit though respondents are many.

    So it is where a short form asks each of them about some elements only. None where nothing needs to be said.
    """
    if result.scored is None or result.few:
        return None
    answers = fewest_answers(result.tally, result.scored)
    return answers if answers < FEW else None


def form(instruments: Sequence[Instrument]) -> str:
    """What short forms ask of a citizen, as a sentence; empty without any."""
    if not instruments:
        return ""
    names = " dan ".join(_FORMS[one][0] for one in instruments)
    return f"Semua jawaban pada periode ini lewat bentuk {names}: {_FORMS[instruments[0]][1]} saja."


def scale(regulation: Regulation, here: GradeBand | None = None) -> tuple[Step, ...]:
    """The grades from the lowest to the highest, each reaching to a hundredth below the next."""
    high = Decimal(regulation.index_factor * _HIGHEST)
    bands = sorted(regulation.bands, key=lambda band: band.lower)
    ends = [band.lower for band in bands[1:]] + [high]
    return tuple(
        Step(
            band=band,
            upper=end if end == high else end - Decimal("0.01"),
            start=on_scale(band.lower, regulation),
            width=on_scale(end, regulation) - on_scale(band.lower, regulation),
            here=band == here,
        )
        for band, end in zip(bands, ends, strict=True)
    )


def on_scale(index: Decimal, regulation: Regulation) -> Fraction:
    """Where an index lies between the ends of the rule's scale, 0 to 1."""
    return (Fraction(index) / regulation.index_factor - _LOWEST) / (_HIGHEST - _LOWEST)


def percent(share: Fraction) -> str:
    """A share as an SVG length: '71.653%'."""
    return f"{round_half_up(share * 100, 3)}%"


def choice(period: Period, today: date) -> Choice:
    """The period chooser for a period seen today. Raises Refusal (`period_invalid`) for a free period."""
    earlier, later = before(period), after(period, today)
    last = period.end - timedelta(days=1)
    return Choice(
        code=period_code(period),
        label=period.label,
        kinds=tuple(
            Link(period_code(at_length(period, kind, today)), _KIND_LABELS[kind], kind is period.kind) for kind in KINDS
        ),
        before=None if earlier is None else Link(period_code(earlier), earlier.label),
        after=None if later is None else Link(period_code(later), later.label),
        running_until=last if today in period else None,
    )


FILTERS = {
    "count": wording.count,
    "day": wording.day,
    "month": wording.month,
    "fraction": wording.fraction,
    "number": wording.number,
    "on_scale": on_scale,
    "percent": percent,
    "undated": wording.undated,
}
"""What templates call by name."""
