"""`ikm unit`: the official working sheet of a unit, from the answers this server holds."""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from ikm.domain.errors import Refusal
from ikm.domain.period import PeriodKind, parse_period, period_of
from ikm.domain.score import Score
from ikm.server.cli.common import Json, end
from ikm.server.cli.database import open_store
from ikm.server.ingest import now_ms
from ikm.server.reports import wording
from ikm.server.reports.figures import UnitFigures, unit_figures


def unit(
    code: Annotated[str, typer.Argument(help="Kode unit pelayanan.")],
    period: Annotated[str | None, typer.Option(help="2026, 2026-S1, 2026-Q4 atau 2026-11.")] = None,
    as_json: Json = False,
) -> None:
    """Tampilkan lembar kerja resmi IKM sebuah unit."""
    with open_store() as store:
        try:
            if period is None:
                chosen = period_of(store.time_zone(code).local_date(now_ms()), PeriodKind.SEMESTER)
            else:
                chosen = parse_period(period)
            figures = unit_figures(store, code, chosen)
        except Refusal as refusal:
            if refusal.code != "not_found":
                raise
            end(f"Unit {code} tidak ada.")
    if as_json:
        from ikm import wire  # noqa: PLC0415
        from ikm.server.web.api import index_message  # noqa: PLC0415

        typer.echo(wire.canonical(index_message(figures)).decode())
    else:
        _print_sheet(figures)


def _print_sheet(figures: UnitFigures) -> None:
    console = Console(highlight=False)
    console.print(f"{figures.unit.name}, {figures.period.label}", markup=False)
    found = figures.score
    if found is None:
        nothing = "Belum ada jawaban pada periode ini."
        console.print("Kuesioner periode ini tidak sebanding." if figures.result.incomparable else nothing)
        return
    console.print(_sheet(found))
    if found.index is None or found.band is None:
        console.print("Belum semua unsur dijawab, jadi belum ada indeks.")
    else:
        index = wording.number(found.index, 2)
        console.print(f"IKM {index}   Mutu {found.band.grade} ({found.band.label})   n = {found.responses}")


def _sheet(found: Score) -> Table:
    table = Table("No", "Unsur", title=found.regulation.title)
    for heading in ("Jawaban", "Jumlah nilai", "NRR", "NRR tertimbang"):
        table.add_column(heading, justify="right")
    for line in found.elements:
        mean = "-" if line.mean is None else wording.number(line.mean, 3)
        weighted = "-" if line.weighted is None else wording.number(line.weighted, 3)
        element = line.element
        table.add_row(f"U{element.annex_number}", element.name, str(line.answers), str(line.total), mean, weighted)
    return table
