"""`ikm forks` and `ikm quarantine`: what waits for an officer's decision, and the decision with who and why."""

from typing import Annotated, Any, Literal

import typer

from ikm.domain.errors import PROBLEMS, Refusal
from ikm.server.cli.acts import Device, Who, Why, one_device, place, signed
from ikm.server.cli.common import Json, end, print_json
from ikm.server.cli.database import open_store
from ikm.server.ingest import now_ms
from ikm.server.reports import wording
from ikm.server.store import Store
from ikm.server.store.fleet import FleetDevice
from ikm.server.store.forks import Fork
from ikm.server.store.quarantine import KeptRow

All = Annotated[bool, typer.Option("--all", help="Juga yang sudah diputuskan.")]
Row = Annotated[str, typer.Argument(help="Tempat jawaban, sebagai RANTAI:NOMOR.")]

forks = typer.Typer(help="Kios kembar: nomor yang sama dengan isi lain.", no_args_is_help=True)
quarantine = typer.Typer(help="Jawaban yang disisihkan karena tidak dapat dihitung.", no_args_is_help=True)

_KINDS = {
    "conflict": "nomor yang sama dengan isi lain",
    "closed": "jawaban baru di rantai yang sudah ditutup",
    "opening": "awal rantai baru tidak cocok dengan yang diterima",
    "after": "dimulai sesudah percabangan",
}
_DECISIONS = {
    "count": "dihitung", "discard": "tidak dihitung", "released": "dihitung", "rejected": "tidak dihitung",
    "settled": "sudah ada",
}  # fmt: skip


@forks.command("list")
def list_forks(everything: All = False, as_json: Json = False) -> None:
    """Tampilkan percabangan; jawaban sesudahnya ditahan sampai diputuskan."""
    with open_store() as store:
        found = store.forks(undecided=not everything)
        fleet = {device.id: device for device in store.fleet()}
        if as_json:
            print_json({"forks": [_fork(fork) for fork in found]})
            return
        for fork in found:
            device = fleet[fork.device]
            typer.echo(
                f"Kios {device.counter} ({fork.device}) rantai {fork.epoch} mulai nomor {wording.count(fork.seq)}: "
                f"{_KINDS.get(fork.kind, fork.kind)}; {wording.count(fork.held)} jawaban ditahan; terlihat "
                f"{_written(store, device, fork.seen_ms)}{_decided(store, device, fork)}"
            )
    if not found:
        typer.echo("Tidak ada percabangan." if everything else "Tidak ada percabangan yang menunggu keputusan.")


@forks.command("decide")
def decide_fork(
    device: Device,
    epoch: Annotated[int, typer.Argument(min=1, help="Nomor rantai.")],
    decision: Annotated[Literal["count", "discard"], typer.Argument(help="count: hitung; discard: jangan hitung.")],
    reason: Why,
    who: Who = None,
) -> None:
    """Putuskan apakah jawaban yang ditahan dari sebuah rantai dihitung."""
    name, why = signed(who, reason)
    with open_store() as store:
        found = one_device(store, device)
        waiting = [fork for fork in store.forks(found.id, undecided=True) if fork.epoch == epoch]
        if not waiting:
            end(f"Tidak ada yang menunggu keputusan di rantai {epoch} kios {found.counter} ({found.id}).")
        store.decide_fork(found.id, epoch, decision, who=name, reason=why, now_ms=now_ms())
    held = max(fork.held for fork in waiting)
    typer.echo(f"{wording.count(held)} jawaban rantai {epoch} kios {found.counter} {_DECISIONS[decision]} ({name}).")


@quarantine.command("list")
def list_aside(everything: All = False, as_json: Json = False) -> None:
    """Tampilkan jawaban yang disisihkan, tanpa isinya."""
    with open_store() as store:
        found = store.quarantined(undecided=not everything)
        fleet = {device.id: device for device in store.fleet()}
        if as_json:
            print_json({"rows": [_row(row) for row in found]})
            return
        for row in found:
            device = fleet[row.device]
            typer.echo(
                f"Kios {device.counter} ({row.device}) {row.epoch}:{row.seq} {row.code}: {_why(row)} Diterima "
                f"{_written(store, device, row.received_ms)}{_decided(store, device, row)}"
            )
    if not found:
        typer.echo("Tidak ada jawaban yang disisihkan." if everything else "Tidak ada yang menunggu keputusan.")


@quarantine.command()
def show(device: Device, row: Row) -> None:
    """Tampilkan isi satu jawaban yang disisihkan, byte demi byte seperti yang diterima."""
    epoch, seq = place(row)
    with open_store() as store:
        found = one_device(store, device)
        kept = [one for one in store.quarantined(found.id) if (one.epoch, one.seq) == (epoch, seq)]
    if not kept:
        end(f"Tidak ada jawaban yang disisihkan di {epoch}:{seq} kios {found.counter} ({found.id}).")
    for one in kept:
        typer.echo(f"{one.code}: {_why(one)}")
        # as Python spells bytes: a terminal must not obey what is in it
        typer.echo(repr(one.body)[2:-1])


@quarantine.command()
def release(device: Device, row: Row, reason: Why, who: Who = None) -> None:
    """Periksa lagi sebuah jawaban yang disisihkan dan hitung bila sekarang benar."""
    epoch, seq = place(row)
    name, why = signed(who, reason)
    with open_store() as store:
        found = one_device(store, device)
        try:
            store.release(found.id, epoch, seq, who=name, reason=why, now_ms=now_ms())
        except Refusal as refusal:
            if refusal.code == "not_found":
                end(_nothing(found, epoch, seq))
            if refusal.problem.status >= 500:
                raise
            end(f"Jawaban {epoch}:{seq} belum dapat dihitung. {refusal.problem.title} {refusal.detail}".rstrip())
    typer.echo(f"Jawaban {epoch}:{seq} kios {found.counter} dihitung ({name}).")


@quarantine.command()
def reject(device: Device, row: Row, reason: Why, who: Who = None) -> None:
    """Putuskan bahwa sebuah jawaban yang disisihkan tidak akan dihitung; ia tetap disimpan."""
    epoch, seq = place(row)
    name, why = signed(who, reason)
    with open_store() as store:
        found = one_device(store, device)
        try:
            store.reject(found.id, epoch, seq, who=name, reason=why, now_ms=now_ms())
        except Refusal as refusal:
            if refusal.code != "not_found":
                raise
            end(_nothing(found, epoch, seq))
    typer.echo(f"Jawaban {epoch}:{seq} kios {found.counter} tidak dihitung ({name}).")


def _nothing(device: FleetDevice, epoch: int, seq: int) -> str:
    return f"Tidak ada jawaban yang menunggu keputusan di {epoch}:{seq} kios {device.counter} ({device.id})."


def _why(row: KeptRow) -> str:
    told = PROBLEMS[row.code].title if row.code in PROBLEMS else row.code
    return f"{told} ({row.detail})" if row.detail else told


def _written(store: Store, device: FleetDevice, ms: int) -> str:
    return store.time_zone(device.unit).written(ms)


def _decided(store: Store, device: FleetDevice, kept: Fork | KeptRow) -> str:
    if kept.decided_ms is None or kept.decision is None:
        return "."
    by = f" oleh {kept.decided_by}: {kept.reason}" if kept.decided_by else ""
    return f"; {_DECISIONS[kept.decision]} sejak {_written(store, device, kept.decided_ms)}{by}."


def _fork(fork: Fork) -> dict[str, Any]:
    return {
        "device": fork.device, "epoch": fork.epoch, "seq": fork.seq, "kind": fork.kind, "seen_ms": fork.seen_ms,
        "held": fork.held, "decided_ms": fork.decided_ms, "decision": fork.decision, "by": fork.decided_by,
        "reason": fork.reason,
    }  # fmt: skip


def _row(row: KeptRow) -> dict[str, Any]:
    return {
        "device": row.device, "epoch": row.epoch, "seq": row.seq, "hash": row.hash, "id": row.id, "code": row.code,
        "detail": row.detail, "chained": row.chained, "received_ms": row.received_ms, "decided_ms": row.decided_ms,
        "decision": row.decision, "by": row.decided_by, "reason": row.reason,
    }  # fmt: skip
