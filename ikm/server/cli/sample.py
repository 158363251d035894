"""`ikm sample`: how many respondents a population asks for."""

from fractions import Fraction
from typing import Annotated, Any

import typer
from rich import box
from rich.table import Table

from ikm.domain.errors import Refusal
from ikm.domain.regulations import KEP_25_2004
from ikm.domain.sampling import TABLE_POPULATIONS, krejcie_morgan, margin_of_error, slovin, table_row
from ikm.server.cli.common import USAGE, Json, end, print_json, whole_number
from ikm.server.cli.sheet import console
from ikm.server.reports import wording

_COLUMNS = 4


def sample(
    population: Annotated[
        int | None,
        typer.Argument(
            parser=whole_number, help="Banyaknya pengguna layanan pada periode itu; tanpa ini hanya tabelnya."
        ),
    ] = None,
    error: Annotated[str, typer.Option(help="Galat untuk rumus Slovin.")] = "0,05",
    as_json: Json = False,
) -> None:
    """Tampilkan target sampel menurut Krejcie dan Morgan, dan tabelnya."""
    try:
        slovin_error = Fraction(error.replace(",", "."))
    except (ValueError, ZeroDivisionError):
        end(f"Galat '{error}' bukan bilangan; tulis seperti 0,05.", USAGE)
    try:
        found = None if population is None else _found(population, slovin_error)
    except Refusal as refusal:
        end(f"{refusal.problem.title} {refusal.detail}", USAGE)
    if as_json:
        rows = [{"population": people, "target": krejcie_morgan(people)} for people in TABLE_POPULATIONS]
        print_json({**(found or {}), "table": rows})
        return
    out = console()
    out.print(_table(None if population is None else table_row(population)[0]))
    if found is not None and population is not None:
        target = wording.count(found["target"])
        out.print(f"[bold]Populasi {wording.count(population)}: target {target} responden[/bold]")
        margin = f"{found['margin_of_error']:.1f}".replace(".", ",")
        out.print(f"  rumus Krejcie dan Morgan, ketelitian ± {margin} poin persen")
        row, row_target = wording.count(found["table_population"]), wording.count(found["table_target"])
        place = "baris terakhir" if population > TABLE_POPULATIONS[-1] else "baris terdekat ke atas"
        out.print(f"  tabel, {place} ({row}): {row_target}")
        out.print(f"  Slovin dengan galat {error.replace('.', ',')}: {wording.count(found['slovin'])}")
        out.print(f"  aturan 2004 meminta sedikitnya {KEP_25_2004.minimum}, berapa pun populasinya")
        out.print("Jawaban semua orang yang bersedia dihitung, juga yang melebihi target.")


def _found(population: int, error: Fraction) -> dict[str, Any]:
    row, row_target = table_row(population)
    target = krejcie_morgan(population)
    return {
        "population": population,
        "target": target,
        "margin_of_error": margin_of_error(target, population),
        "table_population": row,
        "table_target": min(row_target, population),
        "slovin": slovin(population, error),
    }


def _table(here: int | None) -> Table:
    table = Table(
        title="Tabel Krejcie dan Morgan (1970)",
        box=box.SIMPLE_HEAD,
        padding=(0, 1),
        pad_edge=False,
        collapse_padding=True,
        title_justify="left",
    )
    for _ in range(_COLUMNS):
        table.add_column("Populasi", justify="right", min_width=9)
        table.add_column("Sampel", justify="right")
    height = -(-len(TABLE_POPULATIONS) // _COLUMNS)
    for line in range(height):
        cells = []
        for people in TABLE_POPULATIONS[line::height]:
            mark = "[bold reverse]" if people == here else ""
            off = "[/bold reverse]" if mark else ""
            cells += [f"{mark}{wording.count(people)}{off}", f"{mark}{krejcie_morgan(people)}{off}"]
        table.add_row(*cells)
    return table
