"""`ikm place`: places from the command line, by the same way as on the page."""

from pathlib import Path
from typing import Annotated

import typer
import uuid_utils
from rich.table import Table as Lines

from ikm.domain.errors import Refusal
from ikm.server.cli.acts import Who, signed
from ikm.server.cli.common import REFUSED, Json, end, print_json
from ikm.server.cli.database import open_store
from ikm.server.cli.sheet import console
from ikm.server.importing import Plan, planned, read_table
from ikm.server.importing.plan import Outcome
from ikm.server.importing.uploads import kept
from ikm.server.ingest import now_ms
from ikm.server.store.deeds import Doer
from ikm.server.store.imports import AnyChange, State

place = typer.Typer(help="Perangkat daerah, unit, dan layanan.", no_args_is_help=True)

_LABELS = {Outcome.NEW: "baru", Outcome.CHANGED: "berubah", Outcome.SAME: "sama", Outcome.WRONG: "SALAH"}
_MOST_SHOWN = 200


@place.callback()
def _group() -> None:
    """Keep `import` a command of its own: a group with one command would become it."""


@place.command("import")
def import_places(
    file: Annotated[Path, typer.Argument(help="Berkas .xlsx atau .csv.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tampilkan saja; tidak ada yang disimpan.")] = False,
    by: Who = None,
    as_json: Json = False,
) -> None:
    """Impor perangkat daerah, unit, layanan, dan jumlah pengguna; semua baris atau tidak satu pun."""
    who, _ = signed(by, "impor")
    with open_store() as store:
        try:
            table = read_table(file)
        except Refusal as refusal:
            end(refusal.detail or refusal.problem.title, REFUSED)
        # whoever may open the database may arrange all of it
        plan = planned(table, store.organisation_state(), lambda _: True)
        _show(plan, table.notes, as_json=as_json)
        if plan.faults:
            end(f"{len(plan.faults)} kesalahan; tidak ada yang disimpan.", REFUSED)
        if dry_run or not plan.changes:
            return
        number = str(uuid_utils.uuid7())
        doer = Doer(who, now_ms())
        store.keep_import(number, table.file_name, table.sha256, kept(table), doer)
        store.apply_import(number, lambda state: _again(plan, planned(table, state, lambda _: True), state), doer)
    if not as_json:
        typer.echo("Sudah disimpan.")


def _again(shown: Plan, plan: Plan, _: State) -> tuple[AnyChange, ...]:
    if plan.digest != shown.digest:
        raise Refusal("changed_meanwhile")
    return plan.changes


def _show(plan: Plan, notes: tuple[str, ...], *, as_json: bool) -> None:
    counts = {label.lower(): plan.count(outcome) for outcome, label in _LABELS.items()}
    if as_json:
        told = {"counts": counts, "faults": [str(fault) for fault in plan.faults], "notes": list(notes)}
        print_json({**told, "rows": [{"row": line.row, "outcome": line.outcome.value} for line in plan.lines]})
        return
    out = console()
    lines = Lines("Baris", "Tempat dan layanan", "Hasil", "Rincian")
    shown = sorted(plan.lines, key=lambda line: line.outcome is not Outcome.WRONG)[:_MOST_SHOWN]
    for line in shown:
        details = [*map(str, line.faults), *line.details]
        lines.add_row(str(line.row), line.about, _LABELS[line.outcome], "\n".join(details))
    out.print(lines, markup=False) if shown else None
    if len(plan.lines) > len(shown):
        out.print(f"dan {len(plan.lines) - len(shown)} baris lagi.", markup=False)
    for text in notes:
        out.print(text, markup=False)
    out.print(", ".join(f"{number} {label}" for label, number in counts.items()), markup=False)
