"""The first sheet: every figure a section head reports, each taken live from the workings."""

from dataclasses import dataclass
from fractions import Fraction

from ikm.domain.regulation import FACTOR_NAMES, RATINGS
from ikm.domain.rollup import Shortfall
from ikm.domain.score import ElementScore, round_half_up
from ikm.domain.weights import EXACT, OWN, Weights
from ikm.server.reports.wording import index_name
from ikm.server.reports.workbook.page import Page, Value, at, down, rounded, take
from ikm.server.reports.workbook.plan import NO_DATA, SATISFACTION, SUMMARY, WORKING, Plan, sheet_name
from ikm.server.reports.workbook.sampled import ADEQUATE, INADEQUATE, UNJUDGED, Enough
from ikm.server.reports.workbook.steps import unless_empty
from ikm.server.reports.workbook.sureness import Sure
from ikm.server.reports.workbook.working import Counted, Given, Index, Mean

WIDTH = 10
UNKNOWN = "tidak diketahui"
_LIVE = """\
Angka di lembar ini dihitung dari lembar Data: ubah sebuah jawaban di sana, dan angkanya ikut berubah; \
langkah-langkahnya ada di lembar Perhitungan. Urutan baris tetap seperti saat ditulis; untuk menambah responden, \
lengkapi berkasnya lalu jalankan lagi perintahnya."""
_CONSTANT = """\
Di lembar {sheet} selang tiap kelompok dihitung program dan tidak ikut berubah, begitu pula peringkat, karena dihitung \
dari selang itu."""
_MEANS = """\
NRR (nilai rata-rata) unsur = jumlah nilai dibagi banyaknya jawaban unsur itu; sel kosong tidak ikut dibagi. Bila satu \
unsur ditanyakan dengan beberapa pertanyaan, rata-ratanya dihitung dulu di dalam unsur itu."""
_INTERVAL = """\
Selang kepercayaan: bila survei diulang berkali-kali dengan cara yang sama, sekitar 95 dari 100 selang memuat nilai \
yang sebenarnya. Dua unit yang selangnya bertumpang tindih belum tentu berbeda."""
_LOST = "Poin hilang = selisih dari nilai penuh: makin besar, makin berpengaruh bila unsur itu diperbaiki."


@dataclass(frozen=True, slots=True)
class Worked:
    """All addresses in the workings that other sheets show."""

    given: Given
    counted: Counted
    means: dict[str, Mean]
    index: Index
    exact: Index | None
    base: Index | None
    enough: Enough
    alpha: str
    sure: Sure


def there(address: str) -> str:
    """An address of the workings, as other sheets write it."""
    return f"{WORKING}!{address}"


class Summary:
    """The summary being written from the top."""

    def __init__(self, plan: Plan, worked: Worked) -> None:
        self.plan = plan
        self.worked = worked
        self.page = Page(SUMMARY)
        self.row = 0
        self.whole = plan.evaluation.whole
        self.name = index_name(self.whole.score.regulation)

    def written(self) -> Page:
        """The finished page."""
        rule = self.whole.score.regulation
        survey, weights = self.plan.survey, weights_said(self.whole.score.weights, len(self.whole.score.elements))
        satisfaction = self.name == SATISFACTION
        self.page.put(0, 0, f"{self.name} · {survey}" if satisfaction else survey, "title")
        self.page.heights[0] = 28
        self.page.put(1, 0, self.plan.source, "strong_text")
        self.page.put(2, 0, f"{rule.title} · {weights}" if satisfaction else weights.capitalize(), "subtitle")
        self.row = 4
        self._figures()
        self.row += 1
        lines = self._elements()
        self.row += 1
        self.page.breaks.append(self.row)
        self._shortfalls(lines)
        self.row += 1
        self._notes()
        return self.page

    def _head(self, title: str) -> None:
        for column in range(WIDTH):
            self.page.put(self.row, column, title if column == 0 else None, "section")
        self.row += 1

    def _line(
        self, label: str, address: str, value: Value, style: str, *, note: str = "", empty: str = NO_DATA
    ) -> None:
        big = style == "hero"
        self.page.put(self.row, 0, label, "hero_label" if big else "label", width=2)
        shown = value is None
        formula = f'IF({there(address)}="","{empty}",{there(address)})'
        self.page.compute(self.row, 2, formula, empty if shown else value, style, width=2)
        if note:
            self.page.put(self.row, 4, note, "note")
        if big:
            self.page.heights[self.row] = 30
        self.row += 1

    def _figures(self) -> None:
        worked, score, sample = self.worked, self.whole.score, self.whole.sample
        index, band, sure = worked.index, score.band, self.whole.certainty
        self._head("Hasil")
        self._line(self.name, index.index, score.index, "hero")
        if self.plan.lettered:
            self._line("Mutu pelayanan", index.grade, take(band, lambda it: it.grade), "strong")
        name = "Kinerja unit pelayanan" if self.plan.lettered else self.plan.grading[1]
        self._line(name, index.label, take(band, lambda it: it.label), "strong")
        self._beside()
        self._line("Responden (n)", worked.counted.responses, self.whole.tally.responses, "whole")
        fewest = "pada pertanyaan yang paling jarang dijawab; inilah yang dibandingkan dengan target sampel"
        self._line("Jawaban paling sedikit", worked.enough.answers, sample.answers, "whole", note=fewest)
        complete = "yang tidak lengkap tetap dihitung pada unsur yang dijawabnya"
        self._line("Menjawab lengkap", worked.counted.complete, self.whole.tally.complete, "whole", note=complete)
        bounds = sure.interval if sure else (None, None)
        self._line("Selang kepercayaan 95 %: terendah", worked.sure.low, bounds[0], "two")
        note = "nilai yang sebenarnya sangat mungkin ada di antara keduanya"
        self._line("Selang kepercayaan 95 %: tertinggi", worked.sure.high, bounds[1], "two", note=note)
        for band in score.regulation.bands:
            chance = None if sure is None else sure.grade_probabilities[band.grade]
            what = f"mutu {band.grade}" if self.plan.lettered else band.label.lower()
            self._line(f"Peluang {what}", worked.sure.grades[band.grade], chance, "chance")
        enough = worked.enough
        people = "selama periode survei; dapat diisi di lembar Perhitungan"
        self._line(
            "Populasi pengguna layanan", enough.population, sample.population, "whole", note=people, empty=UNKNOWN
        )
        wanted = "Krejcie-Morgan dari populasi itu; tanpa populasi, jumlah minimal menurut aturan"
        self._line("Target sampel", enough.target, sample.target, "whole", note=wanted, empty=UNKNOWN)
        judged = {None: UNJUDGED, True: ADEQUATE, False: INADEQUATE}[sample.adequate]
        self._line("Kecukupan sampel", enough.adequate, judged, "strong")
        error = "galat terbesar untuk sebuah persentase, pada tingkat kepercayaan 95 %"
        self._line("Batas galat (poin persen)", enough.margin, sample.margin_of_error, "two", note=error)
        alpha = "0,7 ke atas: pertanyaan-pertanyaannya mengukur hal yang sama"
        self._line(
            "Alpha Cronbach",
            worked.alpha,
            self.whole.reliability.alpha,
            "three",
            note=alpha,
            empty="tidak dapat dihitung",
        )

    def _beside(self) -> None:
        """The indices that belong beside the headline, where weights are printed or elements were added."""
        score, worked = self.whole.score, self.worked
        if worked.exact is not None:
            exact = None if score.unweighted_exact is None else round_half_up(score.unweighted_exact, 2)
            band = None if exact is None else score.regulation.grade(exact)
            label = f"{self.name} dengan bobot tepat 1/{len(score.elements)}"
            self._line(label, worked.exact.index, exact, "strong_two", note="pembanding: tanpa pembulatan bobot")
            self._line(
                f"{self.plan.grading[0]} dengan bobot tepat",
                worked.exact.grade,
                take(band, lambda it: it.grade),
                "strong",
            )
        if worked.base is not None and score.base is not None:
            base = score.base
            label = f"{self.name} {len(base.elements)} unsur (tanpa unsur tambahan)"
            self._line(
                label,
                worked.base.index,
                base.index,
                "strong_two",
                note="untuk pembanding dengan unit lain",
            )
            self._line(
                f"{self.plan.grading[0]} tanpa unsur tambahan",
                worked.base.grade,
                take(base.band, lambda it: it.grade),
                "strong",
            )

    def _elements(self) -> dict[str, int]:
        """The table of elements; the row of each by its code."""
        self._head("Nilai per unsur")
        heads = (
            "No.", "Unsur", "Jawaban", "Jumlah nilai", "NRR", "Bobot", "NRR tertimbang", "Nilai konversi",
            *self.plan.grading,
        )  # fmt: skip
        for column, text in enumerate(heads):
            self.page.put(self.row, column, text, "head")
        self.page.heights[self.row] = 30
        self.row += 1
        rows = {}
        first = self.row
        for line in self.whole.score.elements:
            rows[line.element.code] = self.row
            self._element(line)
            self.row += 1
        self.page.put(self.row, 0, "Jumlah NRR tertimbang *)", "foot", width=6)
        total = sum(
            (line.weighted for line in self.whole.score.elements if line.weighted is not None), start=Fraction(0)
        )
        complete = self.whole.score.index is not None
        weighted = down(6, first, self.row - 1)
        formula = f'IF(COUNT({weighted})<{len(rows)},"",SUM({weighted}))'
        self.page.compute(self.row, 6, formula, total if complete else None, "foot_three")
        for column in range(7, WIDTH):
            self.page.put(self.row, column, "", "foot")
        self.row += 1
        factor = self.whole.score.regulation.index_factor
        self.page.put(self.row, 0, f"{self.name} unit pelayanan **)", "foot", width=6)
        index, grade, label = (
            there(a) for a in (self.worked.index.index, self.worked.index.grade, self.worked.index.label)
        )
        band = self.whole.score.band
        for column, address, value in (
            (7, index, self.whole.score.index),
            (8, grade, take(band, lambda it: it.grade)),
            (9, label, take(band, lambda it: it.label)),
        ):
            self.page.compute(self.row, column, address, value, "foot_two")
        self.page.put(self.row, 6, "", "foot")
        self.row += 1
        told = f"*) = jumlah NRR tertimbang    **) = jumlah NRR tertimbang × {factor}, dibulatkan dua desimal"
        self.page.put(self.row, 0, told, "note")
        self.row += 1
        return rows

    def _element(self, line: ElementScore) -> None:
        page, row, counted = self.page, self.row, self.worked.counted
        first, last = self.plan.span(line)
        above, under = (there(address) for address in self.worked.means[line.element.code])
        given = self.worked.given
        page.put(row, 0, f"U{line.element.annex_number}", "centre")
        page.put(row, 1, line.element.name, "label")
        page.compute(row, 2, f"SUM({there(f'{counted.n(first)}:{counted.n(last)}')})", line.answers, "whole")
        page.compute(row, 3, f"SUM({there(f'{counted.total(first)}:{counted.total(last)}')})", line.total, "whole")
        mean = page.compute(row, 4, unless_empty(under, f"{above}/{under}"), line.mean, "three")
        parts = "+".join(
            f"{there(self.worked.index.p(place))}/{there(self.worked.index.r(place))}"
            for place in range(first, last + 1)
        )
        weight = page.compute(row, 5, parts, line.weight, "four")
        page.compute(row, 6, unless_empty(mean, f"{mean}*{weight}"), line.weighted, "three")
        index = page.compute(row, 7, rounded(above, under, there(given.factor)), line.index, "two")
        found = f"LOOKUP({index},{there(given.lowers)},"
        band = line.band
        page.compute(
            row, 8, unless_empty(index, f"{found}{there(given.grades)})"), take(band, lambda it: it.grade), "centre"
        )
        page.compute(
            row, 9, unless_empty(index, f"{found}{there(given.labels)})"), take(band, lambda it: it.label), "label"
        )

    def _shortfalls(self, rows: dict[str, int]) -> None:
        """Where the points went that are missing from a full index, the costliest factor first."""
        self._head("Di mana nilai hilang")
        if not self.whole.shortfalls:
            self.page.put(self.row, 0, f"{NO_DATA}.", "text")
            self.row += 1
            return
        for column, (text, width) in {
            0: ("Faktor pendukung dan unsurnya", 2),
            2: ("Poin hilang", 2),
            4: ("Catatan", 6),
        }.items():
            self.page.put(self.row, column, text, "head", width=width)
        self.row += 1
        first, last = min(rows.values()), max(rows.values())
        for factor in self.whole.shortfalls:
            own = [self.row + 1 + place for place in range(len(factor.elements))]
            self.page.put(self.row, 0, FACTOR_NAMES[factor.factor], "strong_label", width=2)
            formula = f"SUM({down(2, own[0], own[-1])})"
            self.page.compute(self.row, 2, formula, factor.points, "strong_two", width=2)
            self.page.put(self.row, 4, "", "remark", width=6)
            for row, line in zip(own, factor.elements, strict=True):
                self._shortfall(row, line, rows[line.element.code], down(4, first, last))
            self.row = own[-1] + 1

    def _shortfall(self, row: int, line: Shortfall, source: int, means: str) -> None:
        number = f"U{line.element.annex_number} {line.element.name}"
        factor = there(self.worked.given.factor)
        self.page.put(row, 0, number, "inner_label", width=2)
        points = f"{factor}*{at(source, 5)}*({RATINGS[-1]}-{at(source, 4)})"
        self.page.compute(row, 2, unless_empty(at(source, 4), points), line.points, "two", width=2)
        below = "di bawah rata-rata unsur"
        formula = f'IF(COUNT({means})=0,"",IF({at(source, 4)}<AVERAGE({means})-1E-12,"{below}",""))'
        self.page.compute(row, 4, formula, below if line.below else None, "remark", width=6)

    def _notes(self) -> None:
        self._head("Cara membaca")
        groups = self.plan.evaluation.groups
        graded = "Mutu" if self.plan.lettered else "Memenuhi tidaknya ambang"
        bands = f"{graded} dilihat dari nilai yang sudah dibulatkan dua desimal, menurut batas bawahnya."
        constant = [] if groups is None else [_CONSTANT.format(sheet=sheet_name(groups.column))]
        for text in (_LIVE, *constant, _MEANS, bands, _INTERVAL, _LOST):
            self.page.put(self.row, 0, text, "wrapped", width=WIDTH)
            self.page.heights[self.row] = 14 if len(text) < 130 else 27
            self.row += 1


def weights_said(weights: Weights, elements: int) -> str:
    """Which weights were used, in words."""
    if weights.convention == EXACT:
        return f"setiap unsur berbobot tepat 1/{elements}"
    if weights.convention == OWN:
        return "bobot pilihan unit sendiri"
    return f"bobot cetakan {weights.convention.replace('.', ',')} untuk setiap unsur"
