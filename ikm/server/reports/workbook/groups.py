"""The sheet of groups: index, grade and rank of each, live, and both ways of bringing them together."""

from ikm.domain.regulation import GradeBand
from ikm.domain.score import ElementScore
from ikm.server.reports.evaluation import Group, Groups
from ikm.server.reports.wording import index_name
from ikm.server.reports.workbook.moments import parts
from ikm.server.reports.workbook.page import Page, at, denominator, down, rounded, take
from ikm.server.reports.workbook.plan import NO_DATA, Plan, sheet_name
from ikm.server.reports.workbook.steps import unless_empty, whole_row
from ikm.server.reports.workbook.summary import Worked, there

HEAD = 11
"""The row of headings, from 0; the groups follow, and above them stand both roll-ups."""
FIXED = 10
"""Columns before those of the elements."""
UNIT = "Ikut rata-rata dan peringkat (1 ya, 0 tidak)"


class GroupSheet:
    """The sheet being written. After the printed columns come those the index is computed from."""

    def __init__(self, plan: Plan, worked: Worked, groups: Groups) -> None:
        self.plan, self.worked, self.groups = plan, worked, groups
        self.page = Page(sheet_name(groups.column))
        self.elements = plan.evaluation.whole.score.elements
        many = len(plan.columns)
        self.counts = FIXED + len(self.elements) + 1
        self.totals = self.counts + many
        self.under = self.totals + many
        self.unit = self.under + 3
        self.first, self.last = HEAD + 1, HEAD + max(len(groups.groups), 1)
        self.name = index_name(plan.evaluation.rule)
        self.weights = [column.line.weight / len(column.line.questions) for column in plan.columns]

    @property
    def printed(self) -> int:
        """The last column that is printed."""
        return FIXED + len(self.elements) - 1

    def written(self) -> Page:
        """The finished page."""
        page = self.page
        page.put(0, 0, f"{self.name} per {self.groups.column}", "title")
        page.put(1, 0, self.plan.source, "strong_text")
        told = (
            "Kelompok dikenali dari kodenya di lembar Data. Angkanya ikut berubah bila jawaban di sana diubah.",
            "Selang (kuning) dan peringkat tidak ikut: hitungan program. Untuk yang baru, jalankan lagi perintahnya.",
        )
        for row, text in enumerate(told, start=2):
            page.put(row, 0, text, "subtitle")
        self._heads()
        for place, group in enumerate(self.groups.groups):
            self._group(self.first + place, place + 1, group)
        self._together()
        return page

    def _heads(self) -> None:
        page, plan = self.page, self.plan
        page.heights[HEAD] = 62
        heads = [
            ("Kode", "head"), (self.groups.column, "head"), ("Responden", "head"), (self.name, "head"),
            *((name, "head") for name in plan.grading),
            ("Selang 95 % terendah", "head"), ("Selang 95 % tertinggi", "head"),
            ("Peringkat terbaik", "head"), ("Peringkat terendah", "head"),
        ]  # fmt: skip
        heads += [(f"NRR U{line.element.annex_number}\n{line.element.name}", "small_head") for line in self.elements]
        for place, (text, style) in enumerate(heads):
            page.put(HEAD, place, text, style)
        for place, column in enumerate(plan.columns):
            page.put(HEAD, self.counts + place, f"Jawaban {column.label}", "small_head")
            page.put(HEAD, self.totals + place, f"Jumlah nilai {column.label}", "small_head")
        for offset, text in enumerate(("Penyebut bersama", "Pembilang", f"{self.name} sebelum dibulatkan", UNIT)):
            page.put(HEAD, self.under + offset, text, "small_head")

    def _group(self, row: int, code: int, group: Group) -> None:
        page, plan, worked = self.page, self.plan, self.worked
        tally, score = group.figures.tally, group.figures.score
        codes = plan.beside(1)
        own = page.put(row, 0, code, "row_number")
        page.put(row, 1, group.name, "label")
        present = f'COUNTIFS({codes},{own},{plan.beside(plan.flag)},">=0")'
        page.compute(row, 2, present, tally.responses, "whole")
        for place, column in enumerate(plan.columns):
            data = plan.data(place)
            counted = f'COUNTIFS({codes},{own},{data},">0")'
            page.compute(row, self.counts + place, counted, tally.answered(column.question), "whole")
            page.compute(
                row, self.totals + place, f"SUMIFS({data},{codes},{own})", tally.total(column.question), "whole"
            )
        page.put(row, self.unit, int(group.counted), "given")
        under, numerator = self._fraction(row, group)
        rounded_off = rounded(numerator, under, there(worked.given.factor))
        shown = f'IF({under}="","{NO_DATA}",{rounded_off})'
        index = page.compute(row, 3, shown, NO_DATA if score.index is None else score.index, "strong_two")
        self._band(row, index, score.band)
        self._standing(row, group)
        for place, line in enumerate(score.elements):
            self._mean(row, FIXED + place, line)

    def _fraction(self, row: int, group: Group) -> tuple[str, str]:
        """The group's index as a fraction, and beside it the quotient."""
        page, worked, many = self.page, self.worked, len(self.plan.columns)
        found = parts(group.figures.tally, [column.question for column in self.plan.columns], self.weights)
        counts = f"{at(row, self.counts)}:{at(row, self.totals - 1)}"
        totals = f"{at(row, self.totals)}:{at(row, self.under - 1)}"
        p, r = (there(whole_row(weights, many)) for weights in (worked.index.p, worked.index.r))
        divisor = denominator(counts, there(worked.index.multiple))
        under = page.compute(row, self.under, divisor, take(found, lambda it: it.denominator), "plain")
        terms = unless_empty(under, f"SUMPRODUCT({p}*{totals}*({under}/({counts}*{r})))")
        numerator = page.compute(row, self.under + 1, terms, take(found, lambda it: it.numerator), "plain")
        exact = unless_empty(under, f"{there(worked.given.factor)}*{numerator}/{under}")
        page.compute(row, self.under + 2, exact, group.figures.score.index_exact, "long")
        return under, numerator

    def _band(self, row: int, index: str, band: GradeBand | None) -> None:
        given = self.worked.given
        for column, source, value, style in (
            (4, given.grades, take(band, lambda it: it.grade), "centre"),
            (5, given.labels, take(band, lambda it: it.label), "label"),
        ):
            found = f"LOOKUP({index},{there(given.lowers)},{there(source)})"
            self.page.compute(row, column, f'IF(ISNUMBER({index}),{found},"")', value, style)

    def _standing(self, row: int, group: Group) -> None:
        """The interval as a value, and the rank from it: units whose intervals overlap cannot be told apart."""
        page = self.page
        sure, standing = group.figures.certainty, group.standing
        ends: tuple[float | None, ...] = (None, None) if sure is None else sure.interval
        low, high = (page.put(row, 6 + place, end, "given_two") for place, end in enumerate(ends))
        lows, highs, units = (down(column, self.first, self.last) for column in (6, 7, self.unit))
        best = f"1+SUMPRODUCT(ISNUMBER({lows})*({units}=1)*({lows}>{high}))"
        worst = f"SUMPRODUCT(ISNUMBER({highs})*({units}=1)*({highs}>={low}))"
        ranked = f"AND(ISNUMBER({low}),{at(row, self.unit)}=1)"
        page.compute(row, 8, f'IF({ranked},{best},"")', take(standing, lambda it: it.rank), "whole")
        page.compute(row, 9, f'IF({ranked},{worst},"")', take(standing, lambda it: it.last), "whole")

    def _mean(self, row: int, column: int, line: ElementScore) -> None:
        first, last = self.plan.span(line)
        pairs = [(at(row, self.totals + place), at(row, self.counts + place)) for place in range(first, last + 1)]
        quotients = "+".join(f"{total}/{count}" for total, count in pairs)
        fewest = f"MIN({pairs[0][1]}:{pairs[-1][1]})"
        formula = f'IF({fewest}=0,"",({quotients})/{len(pairs)})'
        self.page.compute(row, column, formula, line.mean, "three")

    def _together(self) -> None:
        """Both roll-ups above the groups, by name: they are different figures."""
        page, worked, whole, mean = self.page, self.worked, self.plan.evaluation.whole, self.groups.mean
        page.put(4, 0, "Digabung dengan dua cara", "head_left", width=2)
        for column, text in enumerate(("Banyaknya", self.name, *self.plan.grading), start=2):
            page.put(4, column, text, "head")
        exact, shown, units = (down(column, self.first, self.last) for column in (self.under + 2, 3, self.unit))
        page.put(5, 0, f"Rata-rata {self.name} kelompok", "label", width=2)
        many = page.compute(5, 2, f'COUNTIFS({units},1,{exact},">0")', mean.units if mean else 0, "whole")
        average = f"INT(ROUND(SUMIFS({exact},{units},1)/{many},2)*100+0.5)/100"
        index = page.compute(5, 3, f'IF({many}=0,"{NO_DATA}",{average})', mean.index if mean else NO_DATA, "strong_two")
        self._band(5, index, mean.band if mean else None)
        page.put(5, 6, "kelompok; setiap kelompok sama berat", "note")
        page.put(6, 0, "Seluruh responden digabung", "label", width=2)
        page.compute(6, 2, there(worked.counted.responses), whole.tally.responses, "whole")
        pooled = there(worked.index.index)
        value = NO_DATA if whole.score.index is None else whole.score.index
        index = page.compute(6, 3, f'IF({pooled}="","{NO_DATA}",{pooled})', value, "strong_two")
        self._band(6, index, whole.score.band)
        page.put(6, 6, "responden; setiap responden sama berat", "note")
        self._left_out(shown, units)
        told = "Kelompok yang selangnya bertumpang tindih belum tentu berbeda, jadi peringkatnya berupa rentang."
        page.put(9, 0, told, "note")

    def _left_out(self, shown: str, units: str) -> None:
        """What is in the pooled index alone: groups without an index, and respondents of no known group."""
        page, silent = self.page, self.groups.silent
        page.put(7, 0, "Kelompok tanpa nilai", "label", width=2)
        page.compute(7, 2, f'COUNTIF({shown},"{NO_DATA}")', len(silent), "whole")
        told = f"tidak ikut rata-rata: {', '.join(silent)}" if silent else "semua kelompok mempunyai nilai"
        page.put(7, 3, told, "note")
        unknown = [group for group in self.groups.groups if not group.counted]
        page.put(8, 0, "Responden tanpa kelompok", "label", width=2)
        respondents = down(2, self.first, self.last)
        found = sum(group.figures.tally.responses for group in unknown)
        page.compute(8, 2, f"SUMIFS({respondents},{units},0)", found, "whole")
        names = ", ".join(group.name for group in unknown)
        told = f"{names}: ikut digabung, tidak ikut rata-rata dan peringkat" if unknown else "semua mempunyai kelompok"
        page.put(8, 3, told, "note")
