"""`ikm explain`: which rule, weight and rounding reproduces a printed report, for people and for programs."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Annotated

import typer
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ikm.domain.chains import Fit
from ikm.domain.errors import Refusal
from ikm.domain.explain import Contradiction, Explanation, Fact
from ikm.domain.explain import explain as explained
from ikm.domain.findings import CellsFit, FigureFit, Findings, added_elements, band_of
from ikm.domain.printed import Printed, places, read_grade, read_means, read_number, read_weight, read_weighted
from ikm.domain.regulation import GradeBand
from ikm.domain.regulations import PERMENPANRB_14_2017, REGULATIONS, regulation_named
from ikm.domain.weights import EXACT
from ikm.server.cli.common import USAGE, Json, end, print_json, whole_number
from ikm.server.cli.sheet import console
from ikm.server.reports.explained import as_printed, chain_name, listed, sentence, weight_name
from ikm.server.reports.wording import number

_UNKNOWN: Mapping[str, object] = MappingProxyType(
    {
        "exact": None,
        "range": None,
        "letter_certain": False,
        "printed": [],
        "printed_weighted_sum": None,
        "printed_weighted_cells": None,
        "fits": False,
    }
)
"""What programs are told about means that are on another scale."""


def explain(
    context: typer.Context,
    *,
    means: Annotated[list[str], typer.Option(help="Rata-rata (NRR) tiap unsur: '3,31;3,35;3,49' atau 3.31,3.35,3.49.")],
    printed: Annotated[list[str] | None, typer.Option(help="Indeks yang tercetak; boleh diulang.")] = None,
    printed_weighted: Annotated[
        list[str] | None,
        typer.Option(help="NRR tertimbang yang tercetak: jumlahnya, atau satu angka tiap unsur; boleh diulang."),
    ] = None,
    stated_weight: Annotated[str | None, typer.Option(help="Bobot yang disebut laporan: 0,111 atau 1/9.")] = None,
    printed_grade: Annotated[str | None, typer.Option(help="Mutu yang tercetak: A, B, C atau D.")] = None,
    respondents: Annotated[
        int | None, typer.Option(parser=whole_number, metavar="ORANG", help="Jumlah responden.")
    ] = None,
    stated_minimum: Annotated[
        int | None,
        typer.Option(parser=whole_number, metavar="ORANG", help="Jumlah responden minimal menurut laporan."),
    ] = None,
    regulation: Annotated[str | None, typer.Option(help="Aturan yang dipakai: 14/2017, 16/2014 atau 25/2004.")] = None,
    as_json: Json = False,
) -> None:
    """Jelaskan laporan tercetak: aturan, bobot dan pembulatan mana yang menghasilkan angkanya."""
    if context.args:
        end(
            f"'{context.args[0]}' tidak dimengerti. Apit deretan angka dengan tanda kutip: --means '3,31 3,35 3,49'.",
            USAGE,
        )
    try:
        rule = None if regulation is None else regulation_named(regulation)
        values = read_means(";".join(means))
        total, cells = _weighted(printed_weighted or [], len(values))
        report = Printed(
            means=values,
            indices=tuple(read_number(figure) for figure in printed or []),
            weighted_sum=total,
            weighted_cells=cells,
            weight=None if stated_weight is None else read_weight(stated_weight, len(values)),
            grade=None if printed_grade is None else read_grade(printed_grade, rule or PERMENPANRB_14_2017),
            respondents=respondents,
            minimum=stated_minimum,
            regulation=rule,
        )
    except Refusal as refusal:
        if refusal.code == "regulation_unknown":
            end(f"Aturan '{regulation}' tidak dikenal. Tulis salah satu dari {', '.join(REGULATIONS)}.", USAGE)
        end(f"{refusal.problem.title} {refusal.detail}", USAGE)
    explanation = explained(report)
    if as_json:
        print_json(_message(explanation))
    else:
        _print(explanation)


def _weighted(texts: list[str], elements: int) -> tuple[Decimal | None, tuple[Decimal, ...]]:
    """The sum and the cells among what was given as printed weighted means."""
    read = [read_weighted(text, elements) for text in texts]
    sums = [figures[0] for figures in read if len(figures) == 1]
    cells = [figures for figures in read if len(figures) != 1]
    if len(sums) > 1 or len(cells) > 1:
        raise Refusal(
            "printed_invalid",
            "NRR tertimbang hanya dapat diberi satu jumlah dan satu deretan. Apit deretannya dengan tanda kutip: "
            "--printed-weighted '0,37;0,38;0,39'.",
        )
    return (sums[0] if sums else None), (cells[0] if cells else ())


def _message(explanation: Explanation) -> dict[str, object]:
    found, printed = explanation.findings, explanation.printed
    return {
        "regulation": explanation.rules[0].code,
        "regulations": [
            {"regulation": rule.code, "grade": None if found is None else _grade(band_of(rule, found.index))}
            for rule in explanation.rules
        ],
        "n_elements": len(printed.means),
        "added_elements": added_elements(printed, explanation.rules[0]),
        **(_UNKNOWN if found is None else _found_message(found)),
        "contradictions": [_contradiction_message(one, len(printed.means)) for one in explanation.contradictions],
    }


def _found_message(found: Findings) -> dict[str, object]:
    total, cells = found.weighted_sum, found.cells
    return {
        "exact": {"index": str(found.index), "index_exact": str(found.exact), "grade": _grade(found.band)},
        "range": [str(found.low), str(found.high)],
        "letter_certain": found.letter_certain,
        "printed": [
            _fit_message(one.fit) | {"grade": _grade(one.band), "letter_changes": one.letter_changes}
            for one in found.figures
        ],
        "printed_weighted_sum": None if total is None else _fit_message(total),
        "printed_weighted_cells": None if cells is None else _cells_message(cells),
        "fits": found.fits,
    }


def _fit_message(fit: Fit) -> dict[str, object]:
    return {
        "value": str(fit.value),
        "meant": str(fit.meant),
        "conventions": list(fit.conventions),
        "chains": [{"convention": way.convention, "chain": way.chain.value, "places": way.places} for way in fit.ways],
        "from_unrounded_means": list(fit.within),
        "by_convention": {name: str(figure) for name, figure in fit.figures.items()},
        "nearest": {"convention": fit.nearest, "gives": str(fit.gives), "distance": str(fit.distance)},
    }


def _cells_message(cells: CellsFit) -> dict[str, object]:
    return {
        "conventions": list(cells.fitting),
        "sum": str(cells.total),
        "nearest": {"convention": cells.nearest, "other_elements": list(cells.misfits)},
    }


def _contradiction_message(contradiction: Contradiction, elements: int) -> dict[str, object]:
    facts = {name: _fact(fact) for name, fact in contradiction.facts.items()}
    return {"code": contradiction.code, **facts, "text": sentence(contradiction, elements)}


def _fact(fact: Fact) -> object:
    if isinstance(fact, tuple):
        return [_fact(part) for part in fact]
    return str(fact) if isinstance(fact, Decimal) else fact


def _grade(band: GradeBand | None) -> str | None:
    return None if band is None else band.grade


def _print(explanation: Explanation) -> None:
    found = explanation.findings
    out = console()
    out.print(_grid([_rule(explanation), *_index(found)]))
    printed = [] if found is None else list(_printed(found))
    for title, rows in (("Yang tercetak", printed), ("Yang perlu diperiksa", _numbered(explanation))):
        if rows:
            out.print(Text(f"\n{title}", style="bold"))
            out.print(Padding(_grid(rows), (0, 0, 0, 2)))
    if not explanation.contradictions:
        out.print("\nTidak ditemukan pertentangan dalam angka yang diberikan.")


def _grid(rows: list[tuple[str, str]]) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column()
    for name, text in rows:
        grid.add_row(Text(name, style="bold"), Text(text))
    return grid


def _rule(explanation: Explanation) -> tuple[str, str]:
    rule, elements = explanation.rules[0], len(explanation.printed.means)
    extra = added_elements(explanation.printed, rule)
    added = f", {extra} di antaranya tambahan" if extra else ""
    return "Aturan", f"{rule.title} ({elements} unsur{added})"


def _index(found: Findings | None) -> list[tuple[str, str]]:
    if found is None:
        return [("Indeks tepat", "belum dapat dihitung, karena rata-ratanya bukan pada skala 1 sampai 4")]
    weight = weight_name(EXACT, len(found.printed.means))
    rows = [("Indeks tepat", f"{number(found.exact, 2)}, {_grade_text(found.band)}, dengan bobot {weight}")]
    rows += [("", f"{rule.title}: {_by_other(band_of(rule, found.index), found.band)}") for rule in found.rules[1:]]
    return [*rows, ("Kisaran", _range(found))]


def _by_other(band: GradeBand | None, own: GradeBand | None) -> str:
    return "angka dan mutunya sama" if _grade(band) == _grade(own) else f"angkanya sama, {_grade_text(band)}"


def _range(found: Findings) -> str:
    decimals = max(places(mean) for mean in found.printed.means)
    printed = f"dengan {decimals} desimal" if decimals else "tanpa desimal"
    ends = f"{number(found.low, 2)} sampai {number(found.high, 2)}, karena rata-rata tercetak {printed}"
    low, high = band_of(found.rule, found.low), band_of(found.rule, found.high)
    if low is None or high is None:
        return ends
    letters = f"mutunya tetap {low.grade}" if found.letter_certain else f"mutunya dapat {low.grade} sampai {high.grade}"
    return f"{ends}; {letters}"


def _grade_text(band: GradeBand | None) -> str:
    return "di luar tabel mutu" if band is None else f"mutu {band.grade} ({band.label})"


def _printed(found: Findings) -> Iterator[tuple[str, str]]:
    elements = len(found.printed.means)
    for figure in found.figures:
        yield as_printed(figure.fit.value), f"Indeks. {_ways(figure.fit, elements)} {_letters(figure, found)}".strip()
    if found.weighted_sum is not None:
        total = found.weighted_sum
        yield as_printed(total.value), f"Jumlah NRR tertimbang. {_ways(total, elements)}"
    if found.cells is not None:
        fitting = listed([weight_name(name, elements) for name in found.cells.fitting]) if found.cells.fitting else ""
        told = f"Cocok dengan bobot {fitting}." if fitting else "Tidak ada bobot yang menghasilkan semuanya."
        yield as_printed(found.cells.total), f"Jumlah dari NRR tertimbang tiap unsur. {told}"


def _ways(fit: Fit, elements: int) -> str:
    """What reproduces a figure, or that nothing does and what comes nearest."""

    def named(names: tuple[str, ...]) -> str:
        return listed([weight_name(name, elements) for name in names])

    if fit.ways:
        told = f"Dihasilkan oleh bobot {named(fit.conventions)}, {chain_name(fit.ways[0])}."
        known = set(fit.conventions)
        others = {way.convention: way for way in reversed(fit.ways) if way.convention not in known}
        if others:
            also = "; ".join(f"{weight_name(name, elements)}, {chain_name(way)}" for name, way in others.items())
            told += f" Dapat juga oleh bobot {also}."
        return told
    told = (
        f"Tidak ada bobot dan pembulatan yang menghasilkannya. Terdekat: bobot {weight_name(fit.nearest, elements)}, "
        f"{as_printed(fit.gives)}, selisih {as_printed(fit.distance)}."
    )
    rest = [
        f"{weight_name(name, elements)} memberi {as_printed(figure)}"
        for name, figure in fit.figures.items()
        if name != fit.nearest
    ]
    if rest:
        told += f" Bobot lain: {'; '.join(rest)}."
    if fit.within:
        told += f" Masih mungkin dari rata-rata yang belum dibulatkan, dengan bobot {named(fit.within)}."
    return told


def _letters(figure: FigureFit, found: Findings) -> str:
    if figure.band is None or found.band is None:
        return ""
    if figure.letter_changes:
        return f"Mutunya {figure.band.grade}, tetapi menurut indeks tepat {found.band.grade}."
    return f"Mutunya {figure.band.grade}, sama dengan indeks tepat."


def _numbered(explanation: Explanation) -> list[tuple[str, str]]:
    elements = len(explanation.printed.means)
    return [(f"{row}.", sentence(one, elements)) for row, one in enumerate(explanation.contradictions, start=1)]
