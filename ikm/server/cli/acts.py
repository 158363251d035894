"""What an officer does and has to answer for: who decided it and why go with it, and are kept."""

import getpass
import os
import re
from typing import Annotated

import typer

from ikm.server.cli.common import USAGE, end
from ikm.server.store import Store
from ikm.server.store.fleet import FleetDevice

_MOST_LETTERS = 500

Who = Annotated[str | None, typer.Option("--by", help="Nama yang memutuskan; tanpa ini nama akun di komputer ini.")]
Why = Annotated[str, typer.Option("--reason", help="Alasannya, untuk catatan.")]
Device = Annotated[str, typer.Argument(help="Tanda pengenal perangkat, atau awal atau akhirnya.")]


def signed(who: str | None, why: str) -> tuple[str, str]:
    """Who answers for it and why, in one line each; ends the command where either is empty or too long."""
    name = who if who is not None else os.environ.get("SUDO_USER") or getpass.getuser()
    for option, text in (("--by", name), ("--reason", why)):
        if not text.strip() or len(text) > _MOST_LETTERS or not text.isprintable():
            end(f"{option} harus berisi satu baris teks, paling banyak {_MOST_LETTERS} huruf.", USAGE)
    return name.strip()[:200], why.strip()


def one_device(store: Store, given: str) -> FleetDevice:
    """The device of that id, or of an id that begins or ends so; ends the command where that is none or several."""
    fleet = store.fleet()
    found = [device for device in fleet if device.id.startswith(given.lower()) or device.id.endswith(given.lower())]
    if not found:
        end(f"Perangkat {given} tidak ada. Lihat daftarnya dengan: ikm devices list")
    if len(found) > 1:
        end(f"{given} dapat berarti {len(found)} perangkat: {', '.join(device.id for device in found[:5])}.", USAGE)
    return found[0]


def place(text: str) -> tuple[int, int]:
    """A place in a chain, as 'RANTAI:NOMOR'. Raises typer.BadParameter."""
    found = re.fullmatch(r"([1-9]\d{0,14}):(\d{1,15})", text.strip())
    if found is None:
        raise typer.BadParameter(f"'{text}' harus ditulis seperti 1:250, nomor rantai lalu nomor jawaban.")
    return int(found[1]), int(found[2])
