"""Commands that run and fill the server: serve, migrate, example, enrol, tallies verify."""

import json
import logging
from dataclasses import asdict
from typing import Annotated
from urllib.parse import urlsplit

import typer

from ikm.domain.errors import Refusal
from ikm.domain.organisation import Level
from ikm.domain.tally import Tally
from ikm.server.cli.common import FAULT, Json, end
from ikm.server.cli.database import open_store, read_settings, sentences
from ikm.server.enrol import make_code
from ikm.server.example import install_example
from ikm.server.ingest import now_ms
from ikm.server.store import Store

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def serve(
    host: Annotated[str | None, typer.Option(help="Alamat tempat mendengarkan (IKM_HOST).")] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65_535, help="Port tempat mendengarkan (IKM_PORT).")] = None,
) -> None:
    """Jalankan server sampai dihentikan dengan Ctrl+C atau SIGTERM."""
    # the other commands start faster without the web
    from ikm.server import serve as server  # noqa: PLC0415

    settings = read_settings(host, port)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    with sentences():
        try:
            server.serve(settings)
        except server.PortTaken as error:
            end(str(error))


def migrate() -> None:
    """Siapkan atau perbarui basis data."""
    with open_store(creates=True):
        pass
    typer.echo("Basis data siap.")


def example() -> None:
    """Isi basis data dengan Kabupaten Contoh untuk dicoba; aman diulang."""
    with open_store(creates=True) as store:
        counters = install_example(store)
    typer.echo(f"Kabupaten Contoh siap; loket: {', '.join(counters)}.")


def enrol(
    counter: Annotated[str, typer.Option(help="Kode loket tempat perangkat akan berdiri.")],
    as_json: Json = False,
) -> None:
    """Buat kode pendaftaran sekali pakai untuk satu perangkat."""
    settings = read_settings()
    with open_store() as store:
        try:
            made = make_code(store, counter, now_ms())
        except Refusal as refusal:
            if refusal.code != "not_found":
                raise
            end(_no_counter(store, counter))
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
        return "Basis data ini belum berisi loket. Untuk mencoba dengan kabupaten contoh: ikm example"
    return f"Loket {counter} tidak ada. Loket yang ada: {', '.join(known)}."


def verify(as_json: Json = False) -> None:
    """Hitung ulang rekapitulasi dari jawaban; kode keluar 1 bila ada selisih."""
    with open_store() as store:
        found = store.differences()
    if as_json:
        lines = [
            {
                "cell": [str(part) for part in difference.cell],
                "kept": _members(difference.kept),
                "counted": _members(difference.counted),
            }
            for difference in found
        ]
        typer.echo(json.dumps({"differences": lines}))
    else:
        for difference in found:
            place = " ".join(str(part) for part in difference.cell)
            kept, counted = _members(difference.kept), _members(difference.counted)
            parts = ", ".join(word for name, word in _PARTS.items() if kept[name] != counted[name])
            typer.echo(
                f"Selisih di {place} pada {parts}: tersimpan {kept['responses']} jawaban, "
                f"terhitung {counted['responses']}."
            )
        typer.echo(f"{len(found)} selisih." if found else "Rekapitulasi sama dengan jawaban.")
    if found:
        raise typer.Exit(FAULT)


_PARTS = {
    "responses": "jumlah jawaban",
    "complete": "jumlah jawaban lengkap",
    "counts": "banyaknya tiap nilai",
    "sums": "jumlah nilai",
    "products": "hasil kali nilai",
}
"""What a tally is made of, as an operator is told."""


def _members(tally: Tally) -> dict[str, object]:
    return {
        "responses": tally.responses,
        "complete": tally.complete,
        "counts": dict(tally.counts),
        "sums": dict(tally.sums),
        "products": {" ".join(pair): total for pair, total in tally.products.items()},
    }
