"""`ikm backup`, `ikm import-carry-out`, `ikm audit`: that nothing is lost, and that it can be shown."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any

import typer
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ikm.domain.errors import PROBLEMS
from ikm.domain.oserrors import reason
from ikm.server.backups import make_backup
from ikm.server.carry_out import Imported, Refused, import_lines, write_receipts
from ikm.server.cli.acts import one_device
from ikm.server.cli.common import FAULT, REFUSED, Json, end, print_json
from ikm.server.cli.database import open_store
from ikm.server.cli.devices import Unit
from ikm.server.cli.sheet import console
from ikm.server.ingest import Ingest, now_ms
from ikm.server.reports import wording
from ikm.server.reports.completeness import Completeness, DeviceBooks, completeness, described, sentence
from ikm.server.store import Store
from ikm.server.store.backup_faults import BackupFault

_SILENT_DAYS = 4
_SILENT_MS = _SILENT_DAYS * 86_400_000
"""A kiosk that is switched off over a weekend, and the evening before it, is not worth a word."""


def backup(
    file: Annotated[Path, typer.Argument(help="Nama berkas cadangan; berkas yang sudah ada tidak ditimpa.")],
    as_json: Json = False,
) -> None:
    """Buat cadangan, baca kembali seluruhnya, dan baru sesudah itu izinkan kios melupakan jawaban lama."""
    with open_store() as store:
        try:
            made = make_backup(store, file, now_ms)
        except BackupFault as fault:
            end(str(fault))
    holes = len(made.contents.heads) - len(made.contents.whole)
    if as_json:
        print_json({
            "place": made.kept.place, "size_bytes": made.kept.size_bytes, "sha256": made.kept.sha256.hex(),
            "responses": made.contents.responses, "epochs": len(made.contents.heads), "with_holes": holes,
        })  # fmt: skip
    else:
        size = f"{made.kept.size_bytes / 1e6:.1f}".replace(".", ",")
        typer.echo(
            f"Cadangan {made.kept.place} sudah dibaca kembali: {wording.count(made.contents.responses)} jawaban, "
            f"{size} MB, SHA-256 {made.kept.sha256.hex()}."
        )
        typer.echo("Berkas itu berisi jawaban dan kunci server; simpan di tempat lain yang terkunci.")
    if holes:
        end(f"{holes} rantai di dalamnya tidak lengkap, jadi kiosnya belum boleh melupakan apa pun. Periksa: ikm audit")


def import_carry_out(
    files: Annotated[list[Path], typer.Argument(help="Berkas jawaban dari kios.")],
) -> None:
    """Terima jawaban yang dibawa dengan USB; aman diulang. Tanda terimanya ditulis di samping tiap berkas."""
    worst = 0
    with open_store() as store:
        ingest = Ingest(store)
        for file in files:
            worst = max(worst, _import(store, ingest, file))
    if worst:
        raise typer.Exit(worst)


def audit(
    unit: Unit = None,
    device: Annotated[str | None, typer.Option("--device", help="Hanya perangkat ini.")] = None,
    as_json: Json = False,
) -> None:
    """Periksa ulang setiap rantai jawaban dan rekapitulasi; kode keluar 1 bila ada yang hilang atau tidak cocok."""
    with open_store() as store:
        chosen = None if device is None else one_device(store, device).id
        if unit is not None:
            # refuses a unit that does not exist, instead of finding nothing wrong with it
            store.time_zone(unit)
        whole = unit is None and chosen is None
        tallies = len(store.differences()) if whole else None
        found = completeness(store, unit=unit, device=chosen, thorough=True, tallies=tallies)
    if as_json:
        print_json(_shown(found))
    else:
        typer.echo(sentence(found))
        _print(console(), found)
    if not found.complete:
        raise typer.Exit(FAULT)


def _import(store: Store, ingest: Ingest, file: Path) -> int:
    """The exit code for one file."""
    before = _responses(store)
    taken: list[Imported] = []
    refused: list[Refused] = []
    try:
        with file.open("rb") as content:
            for line in import_lines(ingest, content):
                if isinstance(line, Imported):
                    taken.append(line)
                else:
                    refused.append(line)
        receipts = write_receipts([line.receipt for line in taken], file) if taken else None
    except OSError as error:
        typer.echo(f"{file}: {reason(error)}.", err=True)
        return FAULT
    fresh = _responses(store) - before
    rows, aside = sum(line.rows for line in taken), sum(len(line.receipt.rejected) for line in taken)
    if taken:
        names = {device.id: device.counter for device in store.fleet()}
        counters = ", ".join(dict.fromkeys(names[line.receipt.device] for line in taken))
        more = f", {wording.count(aside)} disisihkan (ikm quarantine list)" if aside else ""
        typer.echo(f"{file}: {wording.count(rows)} jawaban kios {counters} dibaca, {wording.count(fresh)} baru{more}.")
        typer.echo(f"Tanda terima, untuk dibawa kembali ke kios: {receipts}")
    _print_refused(file, refused)
    if not taken and not refused:
        typer.echo(f"{file}: berkas ini kosong.", err=True)
        return REFUSED
    return REFUSED if refused else 0


def _print_refused(file: Path, refused: Sequence[Refused]) -> None:
    """Each line and why, those that follow each other with one reason together."""
    for (code, detail), lines in _by_reason(refused):
        first, last = lines[0].line, lines[-1].line
        told = f"{PROBLEMS[code].title} ({detail})" if detail else PROBLEMS[code].title
        typer.echo(f"{file} baris {first if first == last else f'{first}-{last}'}: {told}", err=True)


def _by_reason(refused: Sequence[Refused]) -> Iterator[tuple[tuple[str, str], list[Refused]]]:
    # the number of the line is said once
    for why, lines in groupby(refused, key=lambda line: (line.refusal.code, _beside_the_line(line))):
        yield why, list(lines)


def _beside_the_line(line: Refused) -> str:
    return "" if line.refusal.detail == f"baris {line.line}" else line.refusal.detail


def _responses(store: Store) -> int:
    return sum(count.responses for count in store.epoch_counts())


def _print(out: Console, found: Completeness) -> None:
    for books, finding in found.findings:
        out.print(f"  {escape(described(books, finding))}")
    if found.tallies:
        out.print(f"  {found.tallies} rekapitulasi berbeda dari jawabannya; rincinya: ikm tallies verify")
    if not found.devices:
        return
    # in a terminal of 80 columns only the name may be folded
    table = Table(box=box.SIMPLE_HEAD, padding=0, show_edge=False)
    table.add_column("Kios", overflow="fold")
    for column in ("Rantai", "Nomor", "Jawaban", "Ditahan", "Disisihkan", "Hilang", "Di kios"):
        table.add_column(column, justify="right", no_wrap=True)
    for books in found.devices:
        for cells in _lines(books):
            table.add_row(*cells)
    out.print()
    out.print(table)
    out.print()
    for books in found.devices:
        for note in _notes(books):
            out.print(f"  {escape(note)}")
    _print_silent(out, found)


def _print_silent(out: Console, found: Completeness) -> None:
    before = now_ms() - _SILENT_MS
    silent = [
        books.device.counter for books in found.devices
        if books.device.revocation is None and (books.device.last_seen_ms or books.device.enrolled_ms) < before
    ]  # fmt: skip
    if silent:
        out.print(
            f"  {wording.count(len(silent))} kios tanpa kabar lebih dari {_SILENT_DAYS} hari: "
            f"{escape(', '.join(silent))}. Jawaban yang masih di sana tidak terlihat di sini."
        )


def _lines(books: DeviceBooks) -> Sequence[tuple[str, ...]]:
    # the end of an id tells devices apart: its beginning is the time of enrolment
    name = f"{escape(books.device.counter)} …{books.device.id[-6:]}"
    if not books.epochs:
        return [(name, "–", "–", "0", "0", "0", "0", wording.count(books.queued))]
    gone = {epoch.epoch: sum(f.rows for f in books.findings if f.epoch == epoch.epoch) for epoch in books.epochs}
    return [
        (
            name if first else "",
            str(epoch.epoch),
            wording.count(epoch.head),
            wording.count(epoch.responses),
            wording.count(epoch.held),
            wording.count(epoch.aside),
            wording.count(gone[epoch.epoch]),
            wording.count(books.queued) if first else "",
        )
        for first, epoch in zip((True, *(False,) * len(books.epochs)), books.epochs, strict=False)
    ]


def _notes(books: DeviceBooks) -> Sequence[str]:
    """What is not missing and yet has to be seen to."""
    counter, notes = books.device.counter, []
    if books.device.revocation is not None:
        notes.append(f"{counter}: dicabut {books.zone.written(books.device.revocation.at_ms)}")
    if books.forks:
        notes.append(f"{counter}: percabangan menunggu keputusan (ikm forks list)")
    if books.undecided:
        notes.append(
            f"{counter}: {wording.count(books.undecided)} jawaban disisihkan menunggu keputusan (ikm quarantine list)"
        )
    coming = sum(epoch.coming for epoch in books.epochs)
    if coming:
        notes.append(f"{counter}: {wording.count(coming)} jawaban dari rantai sebelumnya belum tiba dari kios")
    return notes


def _shown(found: Completeness) -> dict[str, Any]:
    return {
        "complete": found.complete,
        "line": sentence(found),
        "missing": found.missing,
        "tallies_wrong": found.tallies,
        "findings": [
            {
                "device": finding.device, "counter": books.device.counter, "epoch": finding.epoch,
                "fault": finding.fault, "first": finding.first, "last": finding.last, "rows": finding.rows,
                "since_ms": finding.since_ms,
            }
            for books, finding in found.findings
        ],
        "devices": [
            {
                "device": books.device.id, "unit": books.device.unit, "counter": books.device.counter,
                "standing": books.device.standing, "queued": books.queued, "undecided": books.undecided,
                "open_forks": len(books.forks),
                "epochs": [
                    {
                        "epoch": epoch.epoch, "head": epoch.head, "responses": epoch.responses, "held": epoch.held,
                        "aside": epoch.aside, "lost": epoch.lost, "coming": epoch.coming,
                    }
                    for epoch in books.epochs
                ],
            }
            for books in found.devices
        ],
    }  # fmt: skip
