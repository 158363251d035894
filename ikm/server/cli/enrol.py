"""`ikm enrol`: one-time codes, one at a time or on a printed sheet; `ikm codes`: those still open."""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from ikm.domain.errors import Refusal
from ikm.domain.organisation import Level, Node
from ikm.domain.oserrors import reason
from ikm.domain.period import TimeZone
from ikm.server.cli.common import USAGE, Json, end, print_json
from ikm.server.cli.database import open_store, read_settings
from ikm.server.enrol import OneTimeCode, make_code, revoke_codes
from ikm.server.ingest import now_ms
from ikm.server.reports import wording
from ikm.server.settings import Settings, base_url
from ikm.server.store import Store

_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_MOST_CODES = 300

codes = typer.Typer(help="Kode pendaftaran yang belum dipakai.", no_args_is_help=True)


def enrol(
    counters: Annotated[
        list[str] | None,
        typer.Option("--counter", help="Kode loket tempat perangkat akan berdiri; boleh diulang."),
    ] = None,
    unit: Annotated[str | None, typer.Option(help="Kode unit; tanpa --counter semua loketnya.")] = None,
    count: Annotated[int, typer.Option(min=1, max=_MOST_CODES, help="Banyaknya kode tiap loket.")] = 1,
    pdf: Annotated[Path | None, typer.Option(help="Cetak kartu-kartunya ke berkas PDF ini.")] = None,
    as_json: Json = False,
) -> None:
    """Buat kode pendaftaran sekali pakai: satu untuk sebuah loket, atau selembar kartu untuk satu unit."""
    settings = read_settings()
    if pdf is not None and (pdf.exists() or not pdf.parent.is_dir()):
        end(f"Berkas {pdf} sudah ada." if pdf.exists() else f"Folder {pdf.parent} tidak ada.")
    with open_store() as store:
        chosen = _chosen(store, unit, counters or [])
        if len(chosen) * count > _MOST_CODES:
            end(f"Paling banyak {_MOST_CODES} kode sekali jalan; ini {len(chosen) * count}.", USAGE)
        _configure(store, chosen, settings)
        made = [make_code(store, node.code, now_ms()) for node in chosen for _ in range(count)]
        zones = {node.code: store.time_zone(str(node.parent)) for node in chosen}
        if pdf is not None:
            _print(store, pdf, settings.public_url, made, zones)
    if as_json:
        shown = [{**asdict(one), "server_url": settings.public_url} for one in made]
        typer.echo(json.dumps(shown[0] if _is_single(counters, unit, count) else {"codes": shown}))
        return
    if pdf is not None:
        typer.echo(f"{wording.count(len(made))} kode dicetak ke {pdf}.")
    elif _is_single(counters, unit, count):
        typer.echo(f"{made[0].code}\nUntuk loket {made[0].counter}, sekali pakai, sampai {_until(made[0], zones)}.")
        typer.echo(f"Jalankan di kios: kiosk enrol --server {settings.public_url} --code {made[0].code}")
    else:
        for one in made:
            typer.echo(f"{one.code}  {one.counter}, sampai {_until(one, zones)}")
    if urlsplit(settings.public_url).hostname in _LOOPBACK:
        typer.echo("Alamat itu hanya berlaku di komputer server ini; untuk kios lain setel IKM_PUBLIC_URL.")


@codes.command("list")
def list_codes(as_json: Json = False) -> None:
    """Tampilkan kode yang masih dapat dipakai; kodenya sendiri tidak disimpan."""
    with open_store() as store:
        kept = store.enrolment_codes(now_ms())
        if as_json:
            print_json({
                "codes": [
                    {"counter": one.counter, "made_ms": one.made_ms, "expires_ms": one.expires_ms} for one in kept
                ]
            })  # fmt: skip
            return
        parents = {node.code: str(node.parent) for node in store.organisation(retired=True)}
        for one in kept:
            zone = store.time_zone(parents[one.counter])
            typer.echo(f"{one.counter}: dibuat {zone.written(one.made_ms)}, sampai {zone.written(one.expires_ms)}")
    if not kept:
        typer.echo("Tidak ada kode yang masih dapat dipakai.")


@codes.command("revoke")
def revoke(
    given: Annotated[list[str] | None, typer.Argument(metavar="[KODE]...", help="Kode yang ditarik.")] = None,
    counters: Annotated[list[str] | None, typer.Option("--counter", help="Semua kode loket ini.")] = None,
    unit: Annotated[str | None, typer.Option(help="Semua kode unit ini.")] = None,
) -> None:
    """Tarik kode yang belum dipakai, misalnya karena kartunya hilang."""
    if not (given or counters or unit):
        end("Sebutkan kode, --counter, atau --unit.", USAGE)
    with open_store() as store:
        now = now_ms()
        withdrawn = revoke_codes(store, given, now) if given else 0
        if counters or unit:
            places = [node.code for node in _chosen(store, unit, counters or [])]
            withdrawn += store.revoke_codes(now, counters=places)
    typer.echo(f"{wording.count(withdrawn)} kode ditarik.")


def _chosen(store: Store, unit: str | None, counters: Sequence[str]) -> Sequence[Node]:
    """The counters that were asked for; ends the command where one is not there."""
    known = {node.code: node for node in store.organisation() if node.level is Level.COUNTER}
    if not known:
        end("Basis data ini belum berisi loket. Untuk mencoba dengan kabupaten contoh: ikm example")
    if unit is None and not counters:
        end("Sebutkan --counter atau --unit.", USAGE)
    for code in counters:
        if code not in known:
            end(f"Loket {code} tidak ada. Loket yang ada: {', '.join(known)}.")
        if unit is not None and known[code].parent != unit:
            end(f"Loket {code} bukan milik unit {unit}.")
    if counters:
        return [known[code] for code in dict.fromkeys(counters)]
    found = [node for node in known.values() if node.parent == unit]
    if not found:
        end(f"Unit {unit} tidak ada atau belum mempunyai loket.")
    return found


def _configure(store: Store, chosen: Sequence[Node], settings: Settings) -> None:
    """Give counters that have none what their kiosks run on; ends the command where something is missing for it."""
    try:
        store.ensure_configured([node.code for node in chosen], now_ms(), base_url(settings))
    except Refusal as refusal:
        if refusal.code != "configuration_invalid":
            raise
        end(f"Kios belum dapat didaftarkan. {refusal.detail}")


def _print(store: Store, pdf: Path, server_url: str, made: Sequence[OneTimeCode], zones: dict[str, TimeZone]) -> None:
    # the other commands start faster without the typesetter
    from ikm.server.reports.enrolment_sheet import Card, enrolment_sheet  # noqa: PLC0415

    nodes = {node.code: node for node in store.organisation()}
    regency = next((node.name for node in nodes.values() if node.level is Level.REGENCY), "")
    cards = [
        Card(nodes[str(nodes[one.counter].parent)].name, nodes[one.counter].name, one.code, _until(one, zones))
        for one in made
    ]
    today = next(iter(zones.values())).local_date(now_ms())
    try:
        sheet = enrolment_sheet(regency, server_url, wording.day(today), cards)
        # whoever reads it can enrol a device
        with os.fdopen(os.open(pdf, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as out:
            out.write(sheet)
    except OSError as error:
        # codes nobody can read must not stay open
        revoke_codes(store, [one.code for one in made], now_ms())
        end(f"{pdf} tidak dapat ditulis: {reason(error)}.")


def _is_single(counters: Sequence[str] | None, unit: str | None, count: int) -> bool:
    return unit is None and count == 1 and len(counters or ()) == 1


def _until(code: OneTimeCode, zones: dict[str, TimeZone]) -> str:
    return zones[code.counter].written(code.expires_ms)
