"""`ikm devices`: who is out there, and that one of them counts no more. `ikm keys`: what the server signs with."""

from typing import Annotated, Any

import typer

from ikm import wire
from ikm.server.cli.acts import Device, Who, Why, one_device, place, signed, sure
from ikm.server.cli.common import Json, end, print_json
from ikm.server.cli.database import open_store
from ikm.server.ingest import now_ms
from ikm.server.keys import roll_server_key
from ikm.server.reports import wording
from ikm.server.store import Store
from ikm.server.store.fleet import FleetDevice

STANDINGS = {"active": "aktif", "forked": "bercabang", "revoked": "dicabut"}
_WARNINGS = {
    "disk_low": "ruang penyimpanan hampir habis",
    "disk_full": "penyimpanan penuh; kios berhenti menerima jawaban",
    "second_copy_failed": "salinan kedua gagal ditulis; periksa kartu atau sticknya",
    "salvaged": "penyimpanan pernah rusak dan sudah dipulihkan; siapkan kartu pengganti",
}
"""What a device complains of, for whoever looks after it."""

Unit = Annotated[str | None, typer.Option("--unit", help="Hanya perangkat unit ini.")]

devices = typer.Typer(help="Perangkat yang terdaftar.", no_args_is_help=True)
keys = typer.Typer(help="Kunci server ini.", no_args_is_help=True)


@devices.command("list")
def list_devices(unit: Unit = None, as_json: Json = False) -> None:
    """Tampilkan perangkat: sidik jari, kabar terakhir, jawaban yang diterima dan yang masih di kios."""
    with open_store() as store:
        fleet = store.fleet(unit=unit)
        if as_json:
            print_json({"devices": [_shown(device) for device in fleet]})
            return
        if not fleet:
            typer.echo("Belum ada perangkat terdaftar.")
            return
        for device in fleet:
            _print(store, device)


@devices.command()
def revoke(
    device: Device,
    reason: Why,
    after: Annotated[
        str | None,
        typer.Option(help="Jawaban terakhir yang masih dihitung, sebagai RANTAI:NOMOR; tanpa ini yang sudah diterima."),
    ] = None,
    who: Who = None,
) -> None:
    """Cabut sebuah perangkat: jawaban sesudahnya disisihkan dan kios menampilkan bahwa ia dicabut."""
    last = None if after is None else place(after)
    name, why = signed(who, reason)
    with open_store() as store:
        found = one_device(store, device)
        if found.revocation is None:
            sure(f"Cabut perangkat {found.id} di loket {found.counter}; jawaban sesudahnya tidak dihitung.")
        if not store.revoke(found.id, now_ms(), after=last, who=name, reason=why):
            end(f"Perangkat {found.id} sudah dicabut{_by(store, found)}.")
        held = [(head.epoch, head.seq) for head in found.heads]
    typer.echo(f"Perangkat {found.id} di loket {found.counter} dicabut oleh {name}.")
    newest = max(held, default=None)
    if last is not None and newest is not None and newest > last:
        typer.echo(f"Jawaban sampai {newest[0]}:{newest[1]} sudah diterima sebelumnya dan tetap terhitung.")


@keys.command("list")
def list_keys(as_json: Json = False) -> None:
    """Tampilkan kunci yang pernah dipakai server ini; yang terakhir yang berlaku."""
    with open_store() as store:
        made = store.server_keys()
        shown = [
            {"number": key.number, "public_key": wire.to_base64(key.public_key), "since_ms": key.since_ms,
             "fingerprint": wire.fingerprint(wire.to_base64(key.public_key))}
            for key in made
        ]  # fmt: skip
    if as_json:
        print_json({"keys": shown})
        return
    for key in shown:
        mark = "berlaku" if key is shown[-1] else "lama"
        typer.echo(f"{key['number']}. sidik jari {key['fingerprint']}, {mark}: {key['public_key']}")


@keys.command("roll")
def roll_key() -> None:
    """Buat kunci server yang baru; kios mengikutinya sendiri karena kunci lama menandatanganinya."""
    sure("Ganti kunci server; sesudahnya cadangan yang sekarang tidak lagi dapat dipulihkan begitu saja.")
    with open_store() as store:
        key = roll_server_key(store, now_ms())
    typer.echo(f"Kunci {key.number} berlaku, sidik jari {wire.fingerprint(wire.to_base64(key.public_key))}.")
    typer.echo(
        "Buat cadangan sekarang (ikm backup): kios yang sudah mengikuti kunci ini tidak percaya kepada server yang "
        "dipulihkan dari cadangan sebelumnya."
    )


def _by(store: Store, device: FleetDevice) -> str:
    if device.revocation is None:
        return ""
    when = store.time_zone(device.unit).written(device.revocation.at_ms)
    return f" {when} oleh {device.revocation.who}: {device.revocation.reason}" if device.revocation.who else f" {when}"


def _shown(device: FleetDevice) -> dict[str, Any]:
    health, revocation = device.health, device.revocation
    return {
        "device": device.id,
        "unit": device.unit,
        "counter": device.counter,
        "fingerprint": device.fingerprint,
        "enrolled_ms": device.enrolled_ms,
        "last_seen_ms": device.last_seen_ms,
        "app_version": health.app_version if health else None,
        "queued": health.queued if health else None,
        "warnings": health.warnings if health else [],
        "heads": [{"epoch": head.epoch, "seq": head.seq} for head in device.heads],
        "standing": device.standing,
        "revocation": None if revocation is None else {
            "at_ms": revocation.at_ms, "after": revocation.after, "by": revocation.who, "reason": revocation.reason,
        },
    }  # fmt: skip


def _print(store: Store, device: FleetDevice) -> None:
    zone, health = store.time_zone(device.unit), device.health
    seen = "belum pernah" if device.last_seen_ms is None else zone.written(device.last_seen_ms)
    held = ", ".join(f"rantai {head.epoch} sampai nomor {wording.count(head.seq)}" for head in device.heads)
    queued = f"; {wording.count(health.queued)} masih di kios" if health else ""
    version = f"; versi {health.app_version}" if health else ""
    typer.echo(f"{device.counter}  {device.id}  {STANDINGS[device.standing]}{_by(store, device)}")
    typer.echo(f"  sidik jari {device.fingerprint}; terdaftar {zone.written(device.enrolled_ms)}")
    typer.echo(f"  kabar terakhir {seen}{version}")
    typer.echo(f"  diterima {held or 'belum ada'}{queued}")
    for code in health.warnings if health else ():
        typer.echo(f"  perhatian: {_WARNINGS.get(code, code)}")
