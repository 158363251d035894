"""`ikm forks` and `ikm quarantine`: what waits for an officer's decision, and the decision with who and why."""

from collections.abc import Callable, Iterator, Sequence
from typing import Annotated, Any, Literal

import typer

from ikm.domain.errors import PROBLEMS, Refusal
from ikm.server.cli.acts import Device, Rows, Who, Why, one_device, place, places, signed, sure
from ikm.server.cli.common import FAULT, Json, end, print_json
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
        held = max(fork.held for fork in waiting)
        sure(f"{wording.count(held)} jawaban rantai {epoch} kios {found.counter} ({found.id}): {_DECISIONS[decision]}.")
        store.decide_fork(found.id, epoch, decision, who=name, reason=why, now_ms=now_ms())
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
        for first, last in _runs(found):
            device = fleet[first.device]
            place = f"{first.epoch}:{first.seq}"
            if last.seq > first.seq:
                place += f"-{last.seq} ({wording.count(last.seq - first.seq + 1)} jawaban)"
            typer.echo(
                f"Kios {device.counter} ({first.device}) {place} {first.code}: {_why(first)} Diterima "
                f"{_written(store, device, first.received_ms)}{_decided(store, device, first)}"
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
def release(device: Device, rows: Rows, reason: Why, who: Who = None) -> None:
    """Periksa lagi jawaban yang disisihkan dan hitung bila sekarang benar."""
    _decide(device, rows, signed(who, reason), Store.release, "dihitung")


@quarantine.command()
def reject(device: Device, rows: Rows, reason: Why, who: Who = None) -> None:
    """Putuskan bahwa jawaban yang disisihkan tidak akan dihitung; ia tetap disimpan."""
    _decide(device, rows, signed(who, reason), Store.reject, "tidak dihitung")


def _decide(device: str, rows: str, by: tuple[str, str], decides: Callable[..., None], done: str) -> None:
    """Take one decision about each of those rows that waits for one; the exit code says whether all could be."""
    epoch, numbers = places(rows)
    name, why = by
    with open_store() as store:
        found = one_device(store, device)
        waiting = {row.seq for row in store.quarantined(found.id, undecided=True) if row.epoch == epoch}
        chosen = [seq for seq in numbers if seq in waiting]
        if not chosen:
            end(f"Tidak ada jawaban yang menunggu keputusan di {rows} kios {found.counter} ({found.id}).")
        sure(f"{wording.count(len(chosen))} jawaban di {rows} kios {found.counter} ({found.id}): {done}.")
        taken, refused = 0, 0
        for seq in chosen:
            try:
                decides(store, found.id, epoch, seq, who=name, reason=why, now_ms=now_ms())
                taken += 1
            except Refusal as refusal:
                if refusal.problem.is_of_the_server:
                    raise
                refused += 1
                told = f"{refusal.problem.title} {refusal.detail}".rstrip()
                typer.echo(f"Jawaban {epoch}:{seq} belum dapat dihitung. {told}", err=True)
    if taken and len(chosen) == 1:
        typer.echo(f"Jawaban {epoch}:{chosen[0]} kios {found.counter} {done} ({name}).")
    elif taken:
        typer.echo(f"{wording.count(taken)} jawaban di {rows} kios {found.counter} {done} ({name}).")
    if refused:
        raise typer.Exit(FAULT)


def _runs(rows: Sequence[KeptRow]) -> Iterator[tuple[KeptRow, KeptRow]]:
    """The first and the last of rows that follow each other and have all else in common."""
    first = last = None
    for row in rows:
        if first is None or last is None or row.seq != last.seq + 1 or _common(row) != _common(last):
            if first is not None and last is not None:
                yield first, last
            first = row
        last = row
    if first is not None and last is not None:
        yield first, last


def _common(row: KeptRow) -> tuple[object, ...]:
    return row.device, row.epoch, row.code, row.detail, row.decision, row.decided_by, row.reason


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
