"""`ikm seed`: a made-up regency with years of answers, into an empty database."""

from datetime import date, datetime
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

from ikm.domain.errors import Refusal
from ikm.domain.period import TimeZone
from ikm.server.cli.common import REFUSED, Json, end, print_json
from ikm.server.cli.database import open_store
from ikm.server.cli.sheet import console
from ikm.server.ingest import now_ms
from ikm.server.reports.wording import count
from ikm.server.seeding import Wish, sow


def seed(
    *,
    units: Annotated[int, typer.Option(help="Banyaknya unit pelayanan.")] = 60,
    kiosks: Annotated[int, typer.Option(help="Banyaknya kios.")] = 200,
    years: Annotated[int, typer.Option(help="Berapa tahun ke belakang.")] = 2,
    answers: Annotated[int | None, typer.Option(help="Banyaknya jawaban; tanpa ini 500 tiap kios dan tahun.")] = None,
    seed: Annotated[int, typer.Option(help="Benih: benih yang sama memberi kabupaten yang sama.")] = 1,
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Hari setelah jawaban terakhir; tanpa ini hari ini.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Isi basis data kosong dengan kabupaten tiruan dan jawabannya."""
    wanted = 500 * kiosks * years if answers is None else answers
    now = now_ms()
    day: date = TimeZone.WIB.local_date(now) if until is None else until.date()
    wish = Wish(units, kiosks, years, wanted, seed, day, now)
    columns = ("[progress.description]{task.description}", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    told = Progress(*columns, console=console(), transient=True, disable=as_json)
    with open_store(creates=True) as store, told as bar:
        task = bar.add_task("Menyemai", total=wanted)
        try:
            sown = sow(store, wish, lambda done: bar.update(task, completed=done))
        except Refusal as refusal:
            bar.stop()
            end(f"{refusal.problem.title} ({refusal.detail})", REFUSED)
    if as_json:
        print_json({"units": sown.units, "kiosks": sown.kiosks, "answers": sown.answers, "seed": seed})
        return
    typer.echo(f"{count(sown.units)} unit, {count(sown.kiosks)} kios dan {count(sown.answers)} jawaban; benih {seed}.")
    typer.echo("Semuanya tiruan: jangan dicampur dengan jawaban warga.")
