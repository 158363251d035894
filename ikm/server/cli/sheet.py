"""The official working sheet and what stands round it, as a terminal shows them."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from math import inf

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ikm.domain.regulation import FACTOR_NAMES, GradeBand, Regulation, own_elements
from ikm.domain.sampling import Sample
from ikm.domain.score import Score, round_half_up
from ikm.domain.statistics import Certainty
from ikm.domain.weights import EXACT, OWN, Weights
from ikm.server.reports import wording
from ikm.server.reports.evaluation import Evaluation, Figures, Group, Groups

_NONE = "–"


def console() -> Console:
    """A console for people: no colours of its own guess, nothing read as markup by accident."""
    return Console(highlight=False)


def print_evaluation(out: Console, evaluation: Evaluation, notes: Sequence[str]) -> None:
    """The sheet, the index, how sure it is, groups, and notes on how the file was read."""
    print_score(out, evaluation.whole.score)
    _print_certainty(out, evaluation.whole)
    if evaluation.groups is not None:
        _print_groups(out, evaluation.groups, evaluation.whole.score)
    for note in notes:
        out.print(f"Catatan: {escape(note)}", soft_wrap=False)


def print_score(out: Console, score: Score) -> None:
    """The working sheet and the index below it."""
    out.print(_sheet(score))
    for element, replaced in own_elements(score.regulation):
        stands = "tambahan" if replaced is None else f"pengganti {replaced.name}"
        out.print(f"U{element.annex_number} {escape(element.name)}: unsur {escape(stands)}, di luar aturan")
    if score.index is None or score.band is None:
        out.print(_missing(score))
        return
    index = wording.number(score.index, 2)
    out.print(
        f"[bold]{wording.index_name(score.regulation)} {index}   {_grade(score.regulation, score.band)}[/bold]   "
        f"n = {wording.count(score.responses)}"
    )
    out.print(f"Bobot: {_weights(score.weights, len(score.elements))}")
    if score.weights.convention != EXACT and score.unweighted_exact is not None:
        exact = round_half_up(score.unweighted_exact, 2)
        verdict = wording.verdict(score.regulation.grade(exact))
        out.print(f"Dengan bobot tepat 1/{len(score.elements)}: {wording.number(exact, 2)}, {verdict}")
    if score.base is not None and score.base.index is not None and score.base.band is not None:
        base, verdict = wording.number(score.base.index, 2), wording.verdict(score.base.band)
        out.print(f"Tanpa unsur tambahan ({len(score.base.elements)} unsur): {base}, {verdict}")


def _missing(score: Score) -> str:
    if not score.responses:
        return "Belum ada jawaban, jadi belum ada indeks."
    gaps = [
        line.element.name if len(line.unanswered) == len(line.questions) else f"{line.element.name} ({code})"
        for line in score.elements
        for code in line.unanswered
    ]
    return f"Belum ada indeks, karena belum ada jawaban untuk: {escape(', '.join(dict.fromkeys(gaps)))}."


def _grade(rule: Regulation, band: GradeBand) -> str:
    if len(band.grade) == 1:
        return f"Mutu {band.grade} ({band.label})"
    # no letters: one threshold, the lower end of the better of two bands
    return f"{band.label} {wording.number(rule.bands[0].lower, 2)}"


def _sheet(score: Score) -> Table:
    table = Table(
        title=escape(score.regulation.title), box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False, title_justify="left"
    )
    table.add_column("No", no_wrap=True)
    table.add_column("Unsur", ratio=1)
    for heading in ("n", "Jumlah", "NRR", "Tertimbang", "Nilai"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("Mutu", no_wrap=True)
    for line in score.elements:
        table.add_row(
            f"U{line.element.annex_number}",
            escape(line.element.name),
            wording.count(line.answers),
            wording.count(line.total),
            _figure(line.mean, 3),
            _figure(line.weighted, 3),
            _figure(line.index, 2),
            line.band.grade if line.band else _NONE,
        )
    weighted = [line.weighted for line in score.elements if line.weighted is not None]
    if score.index_exact is not None:
        table.add_section()
        total = sum(weighted, Fraction(0))
        factor = score.regulation.index_factor
        table.add_row("", "Jumlah NRR tertimbang", "", "", "", _figure(total, 3), "", "")
        name = wording.index_name(score.regulation)
        formula = name if factor == 1 else f"{name} (jumlah x {factor})"
        table.add_row("", formula, "", "", "", "", _figure(score.index, 2), _letter(score))
    return table


def _letter(score: Score) -> str:
    return score.band.grade if score.band else _NONE


def _print_certainty(out: Console, figures: Figures) -> None:
    sample, alpha = figures.sample, figures.reliability.alpha
    if figures.score.index is not None:
        _print_interval(out, figures.certainty, sample)
    if (adequacy := wording.adequacy(sample)) is not None:
        state = "memadai" if sample.adequate else "[bold]BELUM MEMADAI[/bold]"
        basis = "" if sample.population is None else f" untuk populasi {wording.count(sample.population)}"
        out.print(f"Sampel: {adequacy}{basis}, {state}")
    if sample.margin_of_error is not None:
        out.print(f"Ketelitian sampel: ± {_estimate(sample.margin_of_error, 1)} poin persen untuk sebuah persentase")
    if alpha is not None:
        doubt = "" if alpha >= 0 else "; negatif berarti jawaban antarunsur saling berlawanan, periksa datanya"
        out.print(f"Reliabilitas (alfa Cronbach): {_estimate(alpha, 3)}{doubt}")
    _print_shortfalls(out, figures)


def _print_interval(out: Console, sure: Certainty | None, sample: Sample) -> None:
    if sure is None:
        out.print("Selang kepercayaan belum dapat dihitung: ada unsur yang baru dijawab satu orang.")
    elif sure.effective == inf:
        out.print("Semua pengguna layanan menjawab setiap unsur, jadi angka ini bukan taksiran.")
    else:
        out.print(f"Selang kepercayaan 95 %: {_interval(sure)}")
        if sample.answers < wording.GRADES_FROM:
            out.print(f"Peluang mutu belum dapat dinilai dari {sample.answers} jawaban.")
            return
        chances = ", ".join(f"{grade} {wording.chance(chance)}" for grade, chance in sure.grade_probabilities.items())
        out.print(f"Peluang mutu: {chances}")


def _print_shortfalls(out: Console, figures: Figures) -> None:
    lost = [factor for factor in figures.shortfalls if factor.points]
    if not lost:
        return
    out.print("Nilai yang hilang dari nilai penuh, menurut faktor pendukung:")
    for factor in lost:
        most = factor.elements[0].points
        worst = ", ".join(line.element.name for line in factor.elements if line.points == most)
        points = wording.number(factor.points, 2)
        out.print(f"  {points}  {FACTOR_NAMES[factor.factor]}, terbanyak {escape(worst)} ({wording.number(most, 2)})")


def _print_groups(out: Console, groups: Groups, pooled: Score) -> None:
    table = Table(title=f"Menurut {escape(groups.column)}", box=box.SIMPLE_HEAD, pad_edge=False, title_justify="left")
    table.add_column("Peringkat", no_wrap=True)
    table.add_column("Nama", ratio=1)
    for heading in ("n", wording.index_name(pooled.regulation)):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("Mutu", no_wrap=True)
    table.add_column("Selang 95 %", no_wrap=True)
    for group in groups.groups:
        table.add_row(*_group_cells(group))
    out.print()
    out.print(table)
    if groups.mean is not None:
        mean = groups.mean
        out.print(
            f"Rata-rata {wording.index_name(pooled.regulation)} {mean.units} kelompok: "
            f"{wording.number(mean.index, 2)}, {wording.verdict(mean.band)}; setiap kelompok berbobot sama"
        )
    if pooled.index is not None and pooled.band is not None:
        out.print(
            f"Gabungan {wording.count(pooled.responses)} responden: {wording.number(pooled.index, 2)}, "
            f"{wording.verdict(pooled.band)}; pada setiap unsur setiap jawaban berbobot sama"
        )
    for group in groups.groups:
        if not group.counted:
            people = wording.count(group.figures.score.responses)
            out.print(
                f"{people} responden tanpa isi kolom {escape(groups.column)} ikut gabungan, "
                "tetapi bukan sebuah kelompok: tidak ikut rata-rata dan peringkat."
            )
            if 2 * group.figures.score.responses > pooled.responses:
                out.print(
                    f"Itu sebagian besar responden: salin isi {escape(groups.column)} ke setiap baris, lalu ulangi."
                )
    if groups.silent:
        out.print(f"Tanpa indeks, tidak ikut dirata-rata: {escape(', '.join(groups.silent))}")
    out.print("Kelompok yang selangnya bertindihan belum dapat dibedakan; peringkatnya ditulis sebagai rentang.")


def _group_cells(group: Group) -> tuple[str, ...]:
    score, sure = group.figures.score, group.figures.certainty
    return (
        wording.place(group.standing),
        escape(group.name),
        wording.count(score.responses),
        _figure(score.index, 2),
        score.band.grade if score.band else _NONE,
        _NONE if sure is None else _interval(sure),
    )


def _weights(weights: Weights, elements: int) -> str:
    if weights.convention == EXACT:
        return f"tepat 1/{elements} untuk setiap unsur"
    if weights.convention == OWN:
        return "pilihan unit: " + ", ".join(f"{code} {share}" for code, share in weights.by_element.items())
    return f"{weights.convention.replace('.', ',')} untuk setiap unsur (pembulatan 1/{elements})"


def _figure(value: Fraction | Decimal | None, places: int) -> str:
    return _NONE if value is None else wording.number(value, places)


def _interval(sure: Certainty) -> str:
    low, high = sure.interval
    return f"{_estimate(low, 2)} – {_estimate(high, 2)}"


def _estimate(value: float, places: int) -> str:
    return f"{value:.{places}f}".replace(".", ",")
