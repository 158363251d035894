"""The workings, first half: what is given, the counts of ratings, and the index as a fraction of whole numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

from ikm.domain.regulation import RATINGS, Regulation
from ikm.domain.score import ElementScore, Score, round_half_up
from ikm.domain.statistics import CONFIDENCE, TRUST
from ikm.server.reports.wording import index_name
from ikm.server.reports.workbook.moments import Parts, parts
from ikm.server.reports.workbook.page import at, denominator, down, rounded, take
from ikm.server.reports.workbook.plan import FIRST, Plan
from ikm.server.reports.workbook.steps import Row, Steps, unless_empty, whole_row

KM_SPREAD, KM_ERROR = 96_025, 250
"""Krejcie and Morgan's 3.841 x 0.25 and 0.05 squared, times 100,000, so that the target comes from whole numbers."""


@dataclass(frozen=True, slots=True)
class Given:
    """What was given: addresses of single cells, and of the columns of the table of grades, the lowest first."""

    factor: str
    population: str
    minimum: str
    confidence: str
    spread: str
    error: str
    trust: str
    lowers: str
    grades: str
    labels: str
    first_band: int

    def band(self, index: str, column: str) -> str:
        """A formula for what the table of grades says in that column about an index."""
        return unless_empty(index, f"LOOKUP({index},{self.lowers},{column})")


@dataclass(frozen=True, slots=True)
class Counted:
    """The counts: single figures, and rows per question."""

    responses: str
    complete: str
    rated: tuple[Row, ...]
    n: Row
    total: Row
    squares: Row


@dataclass(frozen=True, slots=True)
class Ground:
    """What every later section stands on: the sheet, what was given and the counts."""

    steps: Steps
    given: Given
    counted: Counted


@dataclass(frozen=True, slots=True)
class Index:
    """Where one index stands: its fraction N / D and the weights' part V in it, and what comes of it."""

    multiple: str
    denominator: str
    numerator: str
    whole: str
    weights: Row
    p: Row
    r: Row
    exact: str
    index: str
    grade: str
    label: str


Mean = tuple[str, str]
"""The addresses of an element's mean as a fraction: numerator, denominator."""


def given(steps: Steps) -> Given:
    """The section of what was given."""
    steps.section("1. Yang ditetapkan")
    whole = steps.plan.evaluation.whole
    rule = whole.score.regulation
    singles = (
        steps.given("Pengali ke skala indeks", rule.index_factor),
        steps.given("Populasi pengguna layanan", whole.sample.population, "kosong bila tidak diketahui"),
        steps.given("Responden minimal", rule.minimum, "kosong bila aturannya tidak menyebutkan"),
        steps.given("Tingkat kepercayaan", CONFIDENCE),
        steps.given("λ² P Q × 100.000", KM_SPREAD, "Krejcie-Morgan: 3,841 × 0,5 × 0,5"),
        steps.given("d² × 100.000", KM_ERROR, "Krejcie-Morgan: 0,05 kuadrat"),
        steps.given("Laju batas jawaban setara", TRUST, "keterangan tiap jawaban makin kuat jauh dari ujung skala"),
    )
    steps.row += 1
    graded, labelled = steps.plan.grading
    for column, text in enumerate((labelled, "Batas bawah", graded)):
        steps.page.put(steps.row, column, text, "head")
    note = "Dicari menurut batas bawah, dari nilai yang sudah dibulatkan; yang terendah terbuka ke bawah."
    steps.page.put(steps.row, FIRST + 1, note, "note")
    first = steps.row + 1
    for band in reversed(rule.bands):
        steps.row += 1
        steps.page.put(steps.row, 0, band.label, "given_text")
        steps.page.put(steps.row, 1, 0 if band is rule.bands[-1] else band.lower, "given_two")
        steps.page.put(steps.row, 2, band.grade, "given")
    labels, lowers, grades = (down(column, first, steps.row) for column in range(3))
    steps.row += 1
    return Given(*singles, lowers, grades, labels, first)


def counted(steps: Steps) -> Counted:
    """The section of counts."""
    plan, tally = steps.plan, steps.plan.evaluation.whole.tally
    codes = [column.question for column in plan.columns]
    flags = plan.beside(plan.flag)
    steps.section("2. Jawaban")
    responses = steps.single("Responden", f"COUNT({flags})", tally.responses, note="yang menjawab paling sedikit satu")
    complete = steps.single("Jawaban lengkap", f"SUM({flags})", tally.complete, note="yang menjawab semuanya")
    steps.questions()
    steps.page.put(steps.row, 0, "Unsur", "head_left")
    steps.page.put(steps.row, 1, "", "head")
    steps.page.heights[steps.row] = 48
    for place, column in enumerate(plan.columns):
        steps.page.put(steps.row, FIRST + place, column.line.element.name, "small_head")
    steps.row += 1
    rated = tuple(_rated(steps, rating, codes) for rating in RATINGS)

    def powers(power: int) -> Row:
        return lambda place: "+".join(
            f"{rating**power}*{row(place)}" for rating, row in zip(RATINGS, rated, strict=True)
        )

    return Counted(
        responses,
        complete,
        rated,
        steps.each("Banyaknya jawaban (n)", powers(0), [tally.answered(code) for code in codes]),
        steps.each("Jumlah nilai", powers(1), [tally.total(code) for code in codes]),
        steps.each("Jumlah kuadrat nilai", powers(2), [tally.squares(code) for code in codes]),
    )


def _rated(steps: Steps, rating: int, codes: Sequence[str]) -> Row:
    counts = steps.plan.evaluation.whole.tally.counts
    values = [counts[code][rating - 1] if code in counts else 0 for code in codes]
    return steps.each(f"Banyaknya nilai {rating}", lambda place: f"COUNTIF({steps.plan.data(place)},{rating})", values)


def means(ground: Ground) -> dict[str, Mean]:
    """Two rows with every element's mean as a fraction, under its first question; addresses by element code."""
    steps, found = ground.steps, ground.counted
    top, bottom = steps.row, steps.row + 1
    steps.page.put(top, 0, "NRR unsur: pembilang", "label")
    steps.page.put(bottom, 0, "NRR unsur: penyebut", "label")
    steps.row += 2
    addresses = {}
    for line in steps.plan.evaluation.whole.score.elements:
        first, last = steps.plan.span(line)
        above, under = at(top, FIRST + first), at(bottom, FIRST + first)
        many = len(line.questions)
        if many == 1:
            divisor = f'IF({found.n(first)}=0,"",{found.n(first)})'
            dividend = unless_empty(under, found.total(first))
        else:
            counts, totals = f"{found.n(first)}:{found.n(last)}", f"{found.total(first)}:{found.total(last)}"
            divisor = denominator(counts, many)
            dividend = unless_empty(under, f"SUMPRODUCT({totals}*({under}/({counts}*{many})))")
        mean = element_parts(steps.plan, line)
        steps.page.compute(top, FIRST + first, dividend, take(mean, lambda it: it.numerator), "plain")
        steps.page.compute(bottom, FIRST + first, divisor, take(mean, lambda it: it.denominator), "plain")
        addresses[line.element.code] = (above, under)
    return addresses


def element_parts(plan: Plan, line: ElementScore) -> Parts | None:
    """An element's mean as the sheet has it."""
    many = len(line.questions)
    return parts(plan.evaluation.whole.tally, line.questions, [Fraction(1, many)] * many)


def index_of(ground: Ground, title: str, score: Score, weights: Sequence[Fraction]) -> Index:
    """The section of one index over the first questions, as many as there are weights.

    `weights` are per question, those of one element adding up to its weight.
    """
    steps, found, many = ground.steps, ground.counted, len(weights)
    questions = [column.question for column in steps.plan.columns[:many]]
    value = parts(steps.plan.evaluation.whole.tally, questions, weights)
    nothing = [None] * many
    steps.section(title)
    steps.questions()
    p = steps.given_each("Bobot pertanyaan: pembilang", [weight.numerator for weight in weights])
    r = steps.given_each("Bobot pertanyaan: penyebut", [weight.denominator for weight in weights])
    multiple = steps.single(
        "Kelipatan penyebut bobot",
        f"LCM({whole_row(r, many)})",
        lcm(*(weight.denominator for weight in weights)),
        note="kelipatan persekutuan terkecil",
    )
    under = steps.single(
        "Penyebut bersama (D)",
        denominator(whole_row(found.n, many), multiple),
        take(value, lambda it: it.denominator),
        note="kelipatan semua n × kelipatan penyebut bobot; 1 bila terlalu panjang, lalu dihitung dengan desimal",
    )

    def term(place: int) -> str:
        points, share = f"{p(place)}*{found.total(place)}", f"({found.n(place)}*{r(place)})"
        return unless_empty(under, f"IF({under}=1,{points}/{share},{points}*({under}/{share}))")

    def weighed(place: int) -> str:
        return unless_empty(under, f"{p(place)}*{under}/{r(place)}")

    terms = steps.each("Suku N: bobot × jumlah nilai × D / n", term, value.terms if value else nothing, "plain")
    shares = steps.each("Suku V: bobot × D", weighed, value.weights if value else nothing, "plain")
    above, whole = (
        steps.single(label, unless_empty(under, f"SUM({whole_row(row, many)})"), total, "plain")
        for label, row, total in (
            ("Pembilang (N)", terms, take(value, lambda it: it.numerator)),
            ("Jumlah bobot × D (V)", shares, take(value, lambda it: it.whole)),
        )
    )
    return Index(
        multiple, under, above, whole, shares, p, r, *_outcome(ground, score.regulation, value, (above, under))
    )


def _outcome(
    ground: Ground, rule: Regulation, value: Parts | None, fraction: tuple[str, str]
) -> tuple[str, str, str, str]:
    steps, fixed, name = ground.steps, ground.given, index_name(rule)
    above, under = fraction
    precise = None if value is None else rule.index_factor * value.numerator / value.denominator
    index = None if precise is None else round_half_up(precise, 2)
    band = None if index is None else rule.grade(index)
    exact = steps.single(
        f"{name} sebelum dibulatkan",
        unless_empty(under, f"{fixed.factor}*{above}/{under}"),
        precise,
        "long",
        "pengali × N / D",
    )
    told = "dua desimal, setengah dibulatkan ke atas, dihitung dengan bilangan bulat"
    shown = steps.single(name, rounded(above, under, fixed.factor), index, "strong_two", told)
    graded, labelled = steps.plan.grading
    grade = steps.single(graded, fixed.band(shown, fixed.grades), take(band, lambda it: it.grade), "strong")
    label = steps.single(labelled, fixed.band(shown, fixed.labels), take(band, lambda it: it.label), "strong")
    return exact, shown, grade, label
