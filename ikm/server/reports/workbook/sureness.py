"""The workings of the interval and of each grade's probability, by the steps of `ikm.domain.statistics`."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from ikm.domain.regulation import RATINGS
from ikm.domain.statistics import CONFIDENCE
from ikm.server.reports.workbook.moments import Moments
from ikm.server.reports.workbook.page import Value, at, take
from ikm.server.reports.workbook.sampled import Enough
from ikm.server.reports.workbook.steps import unless_empty, whole_row
from ikm.server.reports.workbook.together import Square
from ikm.server.reports.workbook.working import Ground, Index

ALL_ASKED = "tak terhingga"
_SPAN = RATINGS[-1] - RATINGS[0]
_TAIL = (1 - CONFIDENCE) / 2
_HALF = Decimal("0.005")


@dataclass(frozen=True, slots=True)
class Sure:
    """Addresses of what is shown: the ends of the interval, and the probability of each grade by its letter."""

    low: str
    high: str
    grades: dict[str, str]


def certainty(ground: Ground, index: Index, enough: Enough, spread: Square) -> Sure:
    """The section of the interval and of the grades' probabilities."""
    return _Certainty(ground, index, enough, spread).written()


class _Certainty:
    """The section being written.

    `moments` is None where there is nothing to be sure of, `known` also where the whole population answered and
    nothing is left to chance.
    """

    def __init__(self, ground: Ground, index: Index, enough: Enough, spread: Square) -> None:
        self.steps, self.given, self.counted = ground.steps, ground.given, ground.counted
        self.index, self.enough, self.spread = index, enough, spread
        self.figures = ground.steps.plan.evaluation.whole
        self.columns = ground.steps.plan.columns
        score = self.figures.score
        whole = sum((line.weight for line in score.elements), Fraction(0))
        self.scale = tuple(score.regulation.index_factor * rating * whole for rating in (RATINGS[0], RATINGS[-1]))
        self.moments: Moments | None = None
        if self.figures.certainty is not None and score.index_exact is not None:
            self.moments = Moments(
                self.figures.tally,
                tuple(column.question for column in self.columns),
                tuple(
                    float(column.line.weight / (len(column.line.questions) * whole * _SPAN)) for column in self.columns
                ),
                self.figures.sample.population,
                float((score.index_exact / self.scale[0] - RATINGS[0]) / _SPAN),
            )
        self.known = self.moments if self.moments is not None and self.moments.factor else None
        self.respondents = ""

    def written(self) -> Sure:
        steps, many = self.steps, len(self.columns)
        steps.break_page()
        steps.section("7. Selang kepercayaan dan peluang mutu")
        rarest = f"MIN({whole_row(self.counted.n, many)})"
        self.respondents = steps.single(
            "Responden pertanyaan tersepi",
            f'IF({rarest}<2,"",{rarest})',
            take(self.moments, lambda it: it.respondents),
            note="selang baru dapat dihitung mulai dua responden",
        )
        steps.questions()
        variance, most = self._variance(), self._most()
        answers = self._answers(variance, most)
        ends = tuple(
            self._step(
                f"{name} skala",
                f"{rating}*{self.given.factor}*{self.index.whole}/{self.index.denominator}",
                None if self.moments is None else end,
            )
            for name, rating, end in zip(
                ("Ujung bawah", "Ujung atas"), (RATINGS[0], RATINGS[-1]), self.scale, strict=True
            )
        )
        low, high = self._interval(answers, ends)
        return Sure(low, high, self._grades(answers, ends))

    def _step(self, label: str, formula: str, value: Value, *, style: str = "long", note: str = "") -> str:
        return self.steps.single(label, unless_empty(self.respondents, formula), value, style, note)

    def _by_chance(self, formula: str) -> str:
        """A formula that is empty where nothing is left to chance."""
        return f'IF({self.enough.factor}=0,"",{formula})'

    def _variance(self) -> str:
        steps, counted, spread, many = self.steps, self.counted, self.spread, len(self.columns)
        nothing: list[Value] = [None] * many

        def deviation(a: int) -> str:
            n = counted.n(a)
            square = f"({n}*{counted.squares(a)}-{counted.total(a)}^2)/({n}*({n}-1))"
            return unless_empty(self.respondents, f"SQRT({square})")

        found = self.moments
        deviations = steps.each("Simpangan baku nilai", deviation, found.deviations if found else nothing, "long")
        shares = steps.each(
            "Bagian bobot dari skala",
            lambda a: unless_empty(self.respondents, f"{self.index.weights(a)}/({_SPAN}*{self.index.whole})"),
            found.shares if found else nothing,
            "long",
        )
        steps.row += 1

        def correlation(a: int, b: int) -> str:
            apart = f"{spread(a, a)}*{spread(b, b)}"
            return "1" if a == b else f"IF({apart}=0,1,{spread(a, b)}/SQRT({apart}))"

        def term(a: int, b: int) -> str:
            product = "*".join((correlations(a, b), shares(a), deviations(a), shares(b), deviations(b)))
            return unless_empty(self.respondents, f"{product}/MAX({counted.n(a)},{counted.n(b)})")

        correlations = steps.matrix(
            "Korelasi",
            lambda a, b: unless_empty(self.respondents, correlation(a, b)),
            found.correlations if found else [nothing] * many,
            "four",
        )
        steps.row += 1
        terms = steps.matrix("Sumbangan pada ragam indeks", term, found.terms if found else [nothing] * many, "small")
        steps.row += 1
        return self._step(
            "Ragam indeks",
            f"MAX(0,SUM({terms(0, 0)}:{terms(many - 1, many - 1)}))",
            take(found, lambda it: it.variance),
            style="small",
            note="indeks sebagai bagian dari skalanya",
        )

    def _most(self) -> str:
        counted, tally, many = self.counted, self.figures.tally, len(self.columns)
        codes = [column.question for column in self.columns]
        differing = self.steps.each(
            "Yang tidak menjawab seperti kebanyakan",
            lambda a: f"{counted.n(a)}-MAX({counted.rated[0](a)}:{counted.rated[-1](a)})",
            [tally.answered(code) - max(tally.counts.get(code, (0,))) for code in codes],
        )
        return self._step(
            "Batas atas banyaknya jawaban setara",
            f"{self.respondents}*(1+2*MAX({whole_row(differing, many)}))",
            take(self.moments, lambda it: it.most),
            style="whole",
            note="n (1 + 2 d), d = terbanyak yang tidak menjawab seperti kebanyakan",
        )

    def _answers(self, variance: str, most: str) -> tuple[str, str]:
        """How many yes and no answers the answers are worth."""
        index, factor, found, known = self.index, self.enough.factor, self.moments, self.known
        tail = f"(1-{self.given.confidence})/2"
        student = self._step(
            "Kuantil t", f"_xlfn.T.INV(1-{tail},{self.respondents}-1)", take(found, lambda it: it.student)
        )
        normal = self._step("Kuantil normal", f"_xlfn.NORM.S.INV(1-{tail})", take(found, lambda it: it.normal))
        share = self._step(
            "Letak indeks pada skala (0-1)",
            f"({index.numerator}-{index.whole})/({_SPAN}*{index.whole})",
            take(found, lambda it: it.share),
            note="(N - V) / (3 V)",
        )
        sampled = self._step(
            "Banyaknya jawaban setara",
            f"IF({variance}<1E-18,{most},MIN({most},{share}*(1-{share})/({variance}*({student}/{normal})^2)))",
            take(found, lambda it: it.sampled),
            note="jawaban ya/tidak yang sama kuat keterangannya: p (1 - p) / (ragam (t / z)²), paling banyak batasnya",
        )
        effective = self.figures.certainty.effective if self.figures.certainty else None
        self._step(
            "Jawaban setara sesudah koreksi",
            f'IF({factor}=0,"{ALL_ASKED}",{sampled}/{factor})',
            ALL_ASKED if effective == float("inf") else effective,
            note="dibagi koreksi populasi terhingga",
        )
        yes = self._by_chance(f"{sampled}/{factor}*{share}")
        no = self._by_chance(f"{sampled}/{factor}*(1-{share})")
        return (
            self._step("Setara jawaban ya", yes, take(known, lambda it: it.yes)),
            self._step("Setara jawaban tidak", no, take(known, lambda it: it.no)),
        )

    def _interval(self, answers: tuple[str, str], ends: Sequence[str]) -> tuple[str, str]:
        (yes, no), index = answers, self.index
        tail = f"(1-{self.given.confidence})/2"
        below = f"IF({index.numerator}>{RATINGS[0]}*{index.whole},_xlfn.BETA.INV({tail},{yes},{no}+1),0)"
        above = f"IF({index.numerator}<{RATINGS[-1]}*{index.whole},_xlfn.BETA.INV(1-{tail},{yes}+1,{no}),1)"
        bounds = self.figures.certainty.interval if self.figures.certainty else (None, None)
        found = []
        for name, formula, probability, bound in (
            ("terendah", below, _TAIL, bounds[0]),
            ("tertinggi", above, 1 - _TAIL, bounds[1]),
        ):
            share = None if self.known is None else self.known.end(probability)
            end = self._step(
                f"Selang {name} (0-1)", self._by_chance(formula), share, note="Clopper-Pearson dengan jawaban setara"
            )
            scaled = f"{ends[0]}+{end}*({ends[1]}-{ends[0]})"
            found.append(
                self._step(
                    f"Selang {name}",
                    f"IF({self.enough.factor}=0,{index.exact},{scaled})",
                    bound,
                    style="strong_two",
                    note="pada skala indeks; sama dengan indeks bila seluruh populasi menjawab",
                )
            )
        return found[0], found[1]

    def _grades(self, answers: tuple[str, str], ends: Sequence[str]) -> dict[str, str]:
        steps, bands = self.steps, tuple(reversed(self.figures.score.regulation.bands))
        steps.row += 1
        heads = ("Mutu", "Mulai dari", "Bagian skala", "Peluang di bawahnya", "Peluang mutu ini")
        for column, text in enumerate(heads):
            steps.page.put(steps.row, column, text, "head")
        steps.page.heights[steps.row] = 30
        note = "Sebaran beta, setengah jawaban ditambahkan di tiap sisi (Jeffreys)."
        steps.page.put(steps.row, len(heads), note, "note")
        first = steps.row + 1
        addresses = {}
        for place, band in enumerate(bands):
            steps.page.put(first + place, 0, band.grade, "label")
            if place:
                self._below(first + place, at(self.given.first_band + place, 1), band.lower - _HALF, (*answers, *ends))
            upper = at(first + place + 1, 3) if place + 1 < len(bands) else "1"
            own = f"{upper}-{at(first + place, 3)}" if place else upper
            certain = f'IF({self.index.grade}="{band.grade}",1,0)'
            sure = self.figures.certainty
            addresses[band.grade] = steps.page.compute(
                first + place,
                4,
                unless_empty(self.respondents, f"IF({self.enough.factor}=0,{certain},{own})"),
                None if sure is None else sure.grade_probabilities[band.grade],
                "percent",
            )
        steps.row = first + len(bands)
        return addresses

    def _below(self, row: int, lower: str, start: Decimal, parts: Sequence[str]) -> None:
        """Where a grade begins, and the probability that the true index is below it."""
        yes, no, low, high = parts
        page, (bottom, top) = self.steps.page, self.scale
        begins = page.compute(row, 1, f"{lower}-{_HALF}", start, "three")
        inside = f"MAX(0,MIN(1,({begins}-{low})/({high}-{low})))"
        share = max(0.0, min(1.0, float((Fraction(start) - bottom) / (top - bottom))))
        part = page.compute(
            row, 2, unless_empty(self.respondents, inside), None if self.moments is None else share, "long"
        )
        chance = self._by_chance(f"_xlfn.BETA.DIST({part},{yes}+0.5,{no}+0.5,TRUE)")
        below = None if self.known is None else self.known.below(share)
        page.compute(row, 3, unless_empty(self.respondents, chance), below, "long")
