"""What an officer does and has to answer for: who decided it and why go with it, and are kept."""

import getpass
import os
import re
import sys
from typing import Annotated

import typer

from ikm.server.cli.common import FAULT, USAGE, end
from ikm.server.store import Store
from ikm.server.store.fleet import FleetDevice

_MOST_LETTERS = 500
_MOST_SHOWN = 5
_MOST_ROWS = 100_000

Who = Annotated[str | None, typer.Option("--by", help="Nama yang memutuskan; tanpa ini nama akun di komputer ini.")]
Why = Annotated[str, typer.Option("--reason", help="Alasannya, untuk catatan.")]
Device = Annotated[str, typer.Argument(help="Tanda pengenal perangkat, awal atau akhirnya, atau kode loketnya.")]
Rows = Annotated[str, typer.Argument(help="Tempat jawaban, sebagai RANTAI:NOMOR atau RANTAI:AWAL-AKHIR.")]


def signed(who: str | None, why: str) -> tuple[str, str]:
    """Who answers for it and why, in one line each; ends the command where either is empty or too long."""
    name = who if who is not None else os.environ.get("SUDO_USER") or getpass.getuser()
    for option, text in (("--by", name), ("--reason", why)):
        if not text.strip() or len(text) > _MOST_LETTERS or not text.isprintable():
            end(f"{option} harus berisi satu baris teks, paling banyak {_MOST_LETTERS} huruf.", USAGE)
    return name.strip()[:200], why.strip()


def one_device(store: Store, given: str) -> FleetDevice:
    """The device of that id, of an id that begins or ends so, or at that counter; ends the command otherwise."""
    part = given.lower()
    found = [
        device for device in store.fleet()
        if device.id.startswith(part) or device.id.endswith(part) or device.counter == given
    ]  # fmt: skip
    if not found:
        end(f"Perangkat {given} tidak ada. Lihat daftarnya dengan: ikm devices list")
    if len(found) > 1:
        shown = "".join(f"\n  {device.counter}  {device.id}" for device in found[:_MOST_SHOWN])
        more = f"\n  dan {len(found) - _MOST_SHOWN} lainnya" if len(found) > _MOST_SHOWN else ""
        end(f"{given} dapat berarti {len(found)} perangkat; sebutkan satu:{shown}{more}", USAGE)
    return found[0]


def sure(what: str) -> None:
    """Asks whoever sits at a terminal before what cannot be taken back; ends the command unless they say yes.

    A script has decided already.
    """
    if not sys.stdin.isatty():
        return
    typer.echo(f"{what} Ini tidak dapat dibatalkan.")
    try:
        said = input("Ketik ya untuk melanjutkan: ")
    except EOFError:
        # Ctrl+D is no yes
        said = ""
    if said.strip().lower() not in {"ya", "y"}:
        end("Tidak ada yang diubah.", FAULT)


def places(text: str) -> tuple[int, range]:
    """An epoch and numbers in it, as 'RANTAI:NOMOR' or 'RANTAI:AWAL-AKHIR'. Raises typer.BadParameter."""
    first, _, last = text.partition("-")
    epoch, start = place(first)
    if not last:
        return epoch, range(start, start + 1)
    if not re.fullmatch(r"\s*\d{1,15}\s*", last) or not start <= int(last) < start + _MOST_ROWS:
        raise typer.BadParameter(f"'{text}' harus ditulis seperti 1:250-260, dari nomor kecil ke besar.")
    return epoch, range(start, int(last) + 1)


def place(text: str) -> tuple[int, int]:
    """A place in a chain, as 'RANTAI:NOMOR'. Raises typer.BadParameter."""
    found = re.fullmatch(r"([1-9]\d{0,14}):(\d{1,15})", text.strip())
    if found is None:
        raise typer.BadParameter(f"'{text}' harus ditulis seperti 1:250, nomor rantai lalu nomor jawaban.")
    return int(found[1]), int(found[2])
