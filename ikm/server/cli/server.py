"""Commands that run and fill the server: serve, migrate, example, tallies verify."""

import json
import logging
from typing import Annotated

import typer

from ikm.domain.tally import Tally
from ikm.server.cli.common import FAULT, Json, end
from ikm.server.cli.database import open_store, read_settings, sentences
from ikm.server.example import install_example


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
            server.serve(settings, typer.echo)
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
                "facets": {" ".join(value): list(pair) for value, pair in difference.facets.items()},
            }
            for difference in found
        ]
        typer.echo(json.dumps({"differences": lines}))
    else:
        for difference in found:
            place = " ".join(str(part) for part in difference.cell)
            kept, counted = _members(difference.kept), _members(difference.counted)
            wrong = [word for name, word in _PARTS.items() if kept[name] != counted[name]]
            parts = ", ".join([*wrong, *(["rincian responden"] if difference.facets else [])])
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
