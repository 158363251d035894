"""The workings of the interval and of each grade's probability, by the steps of `ikm.domain.statistics`."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from ikm.domain.regulation import RATINGS
from ikm.domain.statistics import CONFIDENCE
from ikm.server.reports.workbook.moments import Chances, Moments
from ikm.server.reports.workbook.page import Value, at, take
from ikm.server.reports.workbook.sampled import Enough, population_factor
from ikm.server.reports.workbook.steps import unless_empty
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

    `moments` is None where a question has a single answer or none, `chances` also where the whole population answered
    and nothing is left to chance.
    """

    def __init__(self, ground: Ground, index: Index, enough: Enough, spread: Square) -> None:
        self.steps, self.given, self.counted = ground.steps, ground.given, ground.counted
        self.index, self.enough, self.spread = index, enough, spread
        self.figures = ground.steps.plan.evaluation.whole
        self.columns = ground.steps.plan.columns
        score, sample = self.figures.score, self.figures.sample
        whole = sum((line.weight for line in score.elements), Fraction(0))
        self.scale = tuple(score.regulation.index_factor * rating * whole for rating in (RATINGS[0], RATINGS[-1]))
        self.everybody = sample.population is not None and sample.answers == sample.population
        self.moments: Moments | None = None
        if score.index_exact is not None and sample.answers > 1:
            self.moments = Moments(
                self.figures.tally,
                tuple(column.question for column in self.columns),
                tuple(
                    float(column.line.weight / (len(column.line.questions) * whole * _SPAN)) for column in self.columns
                ),
                sample.population,
                float((score.index_exact / self.scale[0] - RATINGS[0]) / _SPAN),
            )
        sure = self.figures.certainty
        self.chances = (
            None if self.moments is None or sure is None or self.everybody else Chances(self.moments, sure.effective)
        )
        self.answers = self.asked = ""

    def written(self) -> Sure:
        steps, enough = self.steps, self.enough
        steps.break_page()
        steps.section("7. Selang kepercayaan dan peluang tiap tingkat")
        self.asked = steps.single(
            "Seluruh populasi menjawab (1 ya, 0 tidak)",
            f'IF({enough.population}="",0,IF({enough.answers}={enough.population},1,0))',
            int(self.everybody),
            note="bila ya, tidak ada lagi yang bergantung pada kebetulan",
        )
        self.answers = steps.single(
            "Jawaban pertanyaan tersepi (n)",
            f'IF({enough.answers}<2,"",{enough.answers})',
            take(self.moments, lambda it: it.answers),
            note="selang baru dapat dihitung mulai dua jawaban pada setiap pertanyaan",
        )
        steps.questions()
        variance = self._variance()
        answers = self._worth(variance)
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
        return self.steps.single(label, unless_empty(self.answers, formula), value, style, note)

    def _by_chance(self, formula: str) -> str:
        """A formula that is empty where nothing is left to chance."""
        return f'IF({self.asked}=1,"",{formula})'

    def _unless_everybody(self, otherwise: str, formula: str) -> str:
        """A formula where something is left to chance, and otherwise the other."""
        return f"IF({self.asked}=1,{otherwise},{unless_empty(self.answers, formula)})"

    def _variance(self) -> str:
        steps, counted, spread, many = self.steps, self.counted, self.spread, len(self.columns)
        nothing: list[Value] = [None] * many

        def deviation(a: int) -> str:
            n = counted.n(a)
            square = f"({n}*{counted.squares(a)}-{counted.total(a)}^2)/({n}*({n}-1))"
            return unless_empty(self.answers, f"SQRT({square})")

        found = self.moments
        deviations = steps.each("Simpangan baku nilai", deviation, found.deviations if found else nothing, "long")
        shares = steps.each(
            "Bagian bobot dari skala",
            lambda a: unless_empty(self.answers, f"{self.index.weights(a)}/({_SPAN}*{self.index.whole})"),
            found.shares if found else nothing,
            "long",
        )
        steps.row += 1

        def rarer(a: int, b: int) -> str:
            return f"MIN({counted.n(a)},{counted.n(b)})"

        def correlation(a: int, b: int) -> str:
            apart = f"{spread(a, a)}*{spread(b, b)}"
            known = f"IF({apart}=0,1,{spread(a, b)}/SQRT({apart}))"
            return "1" if a == b else f"IF(2*{counted.complete}>={rarer(a, b)},{known},1)"

        def term(a: int, b: int) -> str:
            product = "*".join((correlations(a, b), shares(a), deviations(a), shares(b), deviations(b)))
            both = f"IF({correlations(a, b)}>0,{rarer(a, b)},{counted.complete})"
            return unless_empty(self.answers, f"{product}*{both}/({counted.n(a)}*{counted.n(b)})")

        correlations = steps.matrix(
            "Korelasi *)",
            lambda a, b: unless_empty(self.answers, correlation(a, b)),
            found.correlations if found else [nothing] * many,
            "four",
        )
        steps.note("*) dari jawaban lengkap; 1 bila itu kurang dari separuh jawaban pertanyaan yang lebih sepi")
        steps.row += 1
        terms = steps.matrix(
            "Sumbangan pada ragam indeks **)", term, found.terms if found else [nothing] * many, "small"
        )
        steps.note(
            "**) korelasi × bagian bobot dan simpangan baku keduanya × m / (n × n); m = jawaban pertanyaan yang "
            "lebih sepi, atau jawaban lengkap bila korelasinya tidak positif"
        )
        steps.row += 1
        return self._step(
            "Ragam indeks",
            f"MAX(0,SUM({terms(0, 0)}:{terms(many - 1, many - 1)}))",
            take(found, lambda it: it.variance),
            style="small",
            note="indeks sebagai bagian dari skalanya",
        )

    def _worth(self, variance: str) -> tuple[str, str]:
        """How many yes and no answers the answers are worth."""
        index, n, people, found, chances = self.index, self.answers, self.enough.population, self.moments, self.chances
        tail = f"(1-{self.given.confidence})/2"
        student = self._step("Kuantil t", f"_xlfn.T.INV(1-{tail},{n}-1)", take(found, lambda it: it.student))
        normal = self._step("Kuantil normal (z)", f"_xlfn.NORM.S.INV(1-{tail})", take(found, lambda it: it.normal))
        share = self._step(
            "Letak indeks pada skala (p)",
            f"({index.numerator}-{index.whole})/({_SPAN}*{index.whole})",
            take(found, lambda it: it.share),
            note="(N - V) / (3 V), dari 0 sampai 1",
        )
        factor = self._step(
            "Koreksi populasi terhingga untuk ragam",
            population_factor(people, n),
            take(found, lambda it: it.factor),
            note="(P - n) / (P - 1) dengan P = populasi; 1 bila populasi tidak diketahui",
        )
        spread = self._step(
            "Ragam sesudah koreksi",
            f"{variance}*{factor}*({student}/{normal})^2",
            take(found, lambda it: it.spread),
            style="small",
            note="ragam × koreksi × (t / z)²: ragam itu sendiri taksiran dari n jawaban",
        )
        draws = self._step(
            "Banyaknya tarikan bebas",
            self._by_chance(f'IF({people}="",{n},{people}*LN({people}/({people}-{n})))'),
            take(chances, lambda it: it.draws),
            note="n, atau P × ln(P / (P - n)): sama kuat menemukan warga yang jarang ada",
        )
        most = self._step(
            "Batas atas banyaknya jawaban setara",
            self._by_chance(f"{draws}*(1+{self.given.trust}*{n}*{share}*(1-{share}))"),
            take(chances, lambda it: it.most),
            note="tarikan × (1 + laju × n × p (1 - p))",
        )
        nearly_none = f"IF({spread}>1E-18,MIN({most},{share}*(1-{share})/{spread}),{most})"
        effective = self.steps.single(
            "Banyaknya jawaban setara",
            self._unless_everybody(f'"{ALL_ASKED}"', nearly_none),
            ALL_ASKED if self.everybody else take(chances, lambda it: it.effective),
            "long",
            "jawaban ya/tidak yang sama kuat keterangannya: p (1 - p) / ragam sesudah koreksi, paling banyak batasnya",
        )
        return (
            self._step("Setara jawaban ya", self._by_chance(f"{effective}*{share}"), take(chances, lambda it: it.yes)),
            self._step(
                "Setara jawaban tidak", self._by_chance(f"{effective}*(1-{share})"), take(chances, lambda it: it.no)
            ),
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
            share = None if self.chances is None else self.chances.end(probability)
            end = self._step(
                f"Selang {name} (0-1)", self._by_chance(formula), share, note="Clopper-Pearson dengan jawaban setara"
            )
            scaled = f"{ends[0]}+{end}*({ends[1]}-{ends[0]})"
            found.append(
                self.steps.single(
                    f"Selang {name}",
                    self._unless_everybody(index.exact, scaled),
                    bound,
                    "strong_two",
                    "pada skala indeks; sama dengan indeks bila seluruh populasi menjawab",
                )
            )
        return found[0], found[1]

    def _grades(self, answers: tuple[str, str], ends: Sequence[str]) -> dict[str, str]:
        steps, bands = self.steps, tuple(reversed(self.figures.score.regulation.bands))
        steps.row += 1
        heads = (steps.plan.grading[0], "Mulai dari", "Bagian skala", "Peluang di bawahnya", "Peluangnya")
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
                self._unless_everybody(certain, own),
                None if sure is None else sure.grade_probabilities[band.grade],
                "long",
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
        part = page.compute(row, 2, unless_empty(self.answers, inside), None if self.moments is None else share, "long")
        chance = self._by_chance(f"_xlfn.BETA.DIST({part},{yes}+0.5,{no}+0.5,TRUE)")
        below = None if self.chances is None else self.chances.below(share)
        page.compute(row, 3, unless_empty(self.answers, chance), below, "long")
