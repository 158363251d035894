"""The server's command line: `ikm`. Faults that are to be expected are one sentence on stderr and an exit code."""

import json
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Annotated, NoReturn
from urllib.parse import urlsplit

import typer
from rich.console import Console
from rich.table import Table

from ikm.domain.errors import Refusal
from ikm.domain.organisation import Level
from ikm.domain.period import PeriodKind, parse_period, period_of
from ikm.domain.score import Score
from ikm.server.enrol import make_code
from ikm.server.ingest import now_ms
from ikm.server.reports import wording
from ikm.server.reports.figures import UnitFigures, unit_figures
from ikm.server.sample import install_sample
from ikm.server.settings import Settings, SettingsError
from ikm.server.store import Store
from ikm.server.store.engine import is_missing
from ikm.server.store.faults import DatabaseFault
from ikm.server.store.migrate import NewerDatabase

FAULT = 1
USAGE = 2
"""Exit codes: something did not work, or something found wrong; the command or the settings were not understood."""

app = typer.Typer(
    name="ikm",
    help="Server Survei Kepuasan Masyarakat.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
tallies = typer.Typer(help="Rekapitulasi jawaban.", no_args_is_help=True)
app.add_typer(tallies, name="tallies")

_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_SENTENCES = {
    "server_busy": "Basis data tidak dapat dihubungi atau sedang dikunci. "
    "Periksa IKM_DATABASE_URL dan apakah PostgreSQL berjalan.",
    "period_invalid": "Periode {detail} tidak benar. Tulis seperti 2026, 2026-S1, 2026-Q4 atau 2026-11.",
}
"""What an operator is told where a visitor would be told something else."""

Json = Annotated[bool, typer.Option("--json", help="Keluarkan JSON.")]


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Alamat tempat mendengarkan (IKM_HOST).")] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65_535, help="Port tempat mendengarkan (IKM_PORT).")] = None,
) -> None:
    """Jalankan server sampai dihentikan dengan Ctrl+C atau SIGTERM."""
    # the other commands start faster without the web
    from ikm.server import serve as server  # noqa: PLC0415

    settings = _settings(host, port)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    with _sentences():
        try:
            server.serve(settings)
        except server.PortTaken as error:
            _end(str(error))


@app.command()
def migrate() -> None:
    """Siapkan atau perbarui basis data."""
    with _store(creates=True):
        pass
    typer.echo("Basis data siap.")


@app.command()
def sample() -> None:
    """Isi basis data dengan Kabupaten Contoh untuk dicoba; aman diulang."""
    with _store(creates=True) as store:
        counters = install_sample(store)
    typer.echo(f"Kabupaten Contoh siap; loket: {', '.join(counters)}.")


@app.command()
def enrol(
    counter: Annotated[str, typer.Option(help="Kode loket tempat perangkat akan berdiri.")],
    as_json: Json = False,
) -> None:
    """Buat kode pendaftaran sekali pakai untuk satu perangkat."""
    settings = _settings()
    with _store() as store:
        try:
            made = make_code(store, counter, now_ms())
        except Refusal as refusal:
            if refusal.code != "not_found":
                raise
            _end(_no_counter(store, counter))
        unit = next(node.parent for node in store.organisation() if node.code == counter)
        zone = store.time_zone(str(unit))
    if as_json:
        typer.echo(json.dumps({**asdict(made), "server_url": settings.public_url}))
    else:
        typer.echo(f"{made.code}\nUntuk loket {counter}, sekali pakai, sampai {zone.written(made.expires_ms)}.")
        typer.echo(f"Jalankan di kios: kiosk enrol --server {settings.public_url} --code {made.code}")
        if urlsplit(settings.public_url).hostname in _LOOPBACK:
            typer.echo("Alamat itu hanya berlaku di komputer server ini; untuk kios lain setel IKM_PUBLIC_URL.")


def _no_counter(store: Store, counter: str) -> str:
    known = [node.code for node in store.organisation() if node.level is Level.COUNTER]
    if not known:
        return "Basis data ini belum berisi loket. Untuk mencoba dengan kabupaten contoh: ikm sample"
    return f"Loket {counter} tidak ada. Loket yang ada: {', '.join(known)}."


@tallies.command()
def verify(as_json: Json = False) -> None:
    """Hitung ulang rekapitulasi dari jawaban; kode keluar 1 bila ada selisih."""
    with _store() as store:
        found = store.differences()
    if as_json:
        lines = [
            {
                "cell": [str(part) for part in difference.cell],
                "kept": {"responses": difference.kept.responses, "counts": dict(difference.kept.counts)},
                "counted": {"responses": difference.counted.responses, "counts": dict(difference.counted.counts)},
            }
            for difference in found
        ]
        typer.echo(json.dumps({"differences": lines}))
    else:
        for difference in found:
            place = " ".join(str(part) for part in difference.cell)
            kept, counted = difference.kept.responses, difference.counted.responses
            typer.echo(f"Selisih di {place}: tersimpan {kept} jawaban, terhitung {counted}.")
        typer.echo(f"{len(found)} selisih." if found else "Rekapitulasi sama dengan jawaban.")
    if found:
        raise typer.Exit(FAULT)


@app.command()
def score(
    unit: Annotated[str, typer.Argument(help="Kode unit pelayanan.")],
    period: Annotated[str | None, typer.Option(help="2026, 2026-S1, 2026-Q4 atau 2026-11.")] = None,
    as_json: Json = False,
) -> None:
    """Tampilkan lembar kerja resmi IKM sebuah unit."""
    with _store() as store:
        try:
            if period is None:
                chosen = period_of(store.time_zone(unit).local_date(now_ms()), PeriodKind.SEMESTER)
            else:
                chosen = parse_period(period)
            figures = unit_figures(store, unit, chosen)
        except Refusal as refusal:
            if refusal.code != "not_found":
                raise
            _end(f"Unit {unit} tidak ada.")
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


def _settings(host: str | None = None, port: int | None = None) -> Settings:
    given = {"IKM_HOST": host, "IKM_PORT": None if port is None else str(port)}
    environment = {**os.environ, **{name: value for name, value in given.items() if value is not None}}
    try:
        return Settings.from_environment(environment)
    except SettingsError as error:
        _end(str(error), USAGE)


@contextmanager
def _store(*, creates: bool = False) -> Iterator[Store]:
    with _sentences():
        database = _settings().database
        if not creates and is_missing(database):
            _end(f"Basis data {database.database} belum ada. Periksa IKM_DATABASE_URL atau IKM_DATA.")
        store = Store.open(database)
        try:
            yield store
        finally:
            store.close()


@contextmanager
def _sentences() -> Iterator[None]:
    """Turn what may happen to an operator into a sentence; what may not keeps its traceback."""
    try:
        yield
    except Refusal as refusal:
        _end(_SENTENCES.get(refusal.code, refusal.problem.title).format(detail=refusal.detail))
    except NewerDatabase:
        _end("Basis data ini milik versi perangkat lunak yang lebih baru; perbarui server ini dahulu.")
    except DatabaseFault as fault:
        _end(f"Basis data tidak dapat dipakai ({fault}).")
    except OSError as error:
        _end(f"Folder data {error.filename} tidak dapat dipakai: {error.strerror}.")


def _end(sentence: str, code: int = FAULT) -> NoReturn:
    typer.echo(sentence, err=True)
    sys.exit(code)
