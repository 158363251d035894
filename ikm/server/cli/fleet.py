"""`ikm fleet`: how the kiosks are, and the questionnaires whose day has come."""

from typing import Any

import typer

from ikm.server.cli.common import FAULT, Json, print_json
from ikm.server.cli.database import open_store
from ikm.server.ingest import now_ms
from ikm.server.reports import wording
from ikm.server.store.silence import Kiosk

fleet = typer.Typer(help="Keadaan semua kios.", no_args_is_help=True)

_PROBLEMS = {
    "forked": "bercabang, menunggu keputusan",
    "disk_full": "penyimpanan penuh",
    "silent": "diam pada jam buka",
    "aside": "ada jawaban yang disisihkan",
    "disk_low": "penyimpanan hampir penuh",
    "clock": "jamnya salah",
    "warned": "ada peringatan",
    "outdated": "masih memakai setelan lama",
    "never": "belum pernah memberi kabar",
}


@fleet.command()
def check(as_json: Json = False) -> None:
    """Tampilkan kios yang perlu perhatian; kode keluar 1 bila ada."""
    with open_store() as store:
        kiosks = store.kiosks(now_ms())
    troubled = [kiosk for kiosk in kiosks if kiosk.problems]
    if as_json:
        print_json({"kiosks": [_shown(kiosk) for kiosk in kiosks]})
    else:
        for kiosk in troubled:
            told = ", ".join(_PROBLEMS[problem] for problem in kiosk.problems)
            typer.echo(f"{kiosk.device.counter} ({kiosk.device.id}): {told}.")
        typer.echo(f"{wording.count(len(troubled))} dari {wording.count(len(kiosks))} kios perlu perhatian.")
    if troubled:
        raise typer.Exit(FAULT)


@fleet.command()
def apply() -> None:
    """Terapkan kuesioner yang tanggal berlakunya sudah tiba; `ikm serve` melakukannya sendiri."""
    with open_store() as store:
        given = store.apply_schedules(now_ms())
    typer.echo(
        f"Kuesioner baru diberikan kepada {wording.count(given)} loket." if given else "Tidak ada yang menunggu."
    )


def _shown(kiosk: Kiosk) -> dict[str, Any]:
    device = kiosk.device
    return {
        "device": device.id, "counter": device.counter, "unit": device.unit, "standing": device.standing,
        "problems": list(kiosk.problems), "silent_ms": kiosk.silent_ms, "skew_ms": kiosk.skew_ms, "open": kiosk.open,
        "last_seen_ms": device.last_seen_ms, "configuration": kiosk.running, "newest_configuration": kiosk.newest,
        "coverage": {"heard": kiosk.coverage.heard, "open": kiosk.coverage.open},
    }  # fmt: skip
