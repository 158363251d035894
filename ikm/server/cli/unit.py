"""`ikm unit`: the official working sheet of a unit, from the answers this server holds."""

from typing import Annotated

import typer

from ikm.domain.errors import Refusal
from ikm.domain.period import PeriodKind, parse_period, period_of
from ikm.server.cli.common import Json, end
from ikm.server.cli.database import open_store
from ikm.server.cli.sheet import console, print_score
from ikm.server.ingest import now_ms
from ikm.server.reports.figures import UnitFigures, unit_figures
from ikm.server.reports.wording import undated


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
    out = console()
    out.print(f"{figures.unit.name}, {figures.period.label}", markup=False)
    if figures.score is not None:
        print_score(out, figures.score)
    elif figures.result.incomparable:
        out.print("Kuesioner periode ini tidak sebanding.")
    else:
        out.print("Belum ada jawaban pada periode ini.")
    if figures.undated:
        out.print(undated(figures.undated))
