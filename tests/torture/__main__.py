"""`python -m tests.torture [--quick] [--only PART ...] [--cases N] [--seed N]`: all that may go wrong, on purpose.

Prints a table and writes var/torture/summary.json after each part; what a run did not try keeps its line there. Exits
with 1 where anything was lost, doubled, damaged, wrongly alarmed at or missed, or where a control did not fail although
it had to.
"""

import argparse
import importlib
import json
import random
import signal
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from rich.console import Console
from rich.table import Table

from tests.torture.result import Result

SUMMARY = Path("var/torture/summary.json")


@dataclass(frozen=True)
class Part:
    """A module of this package with `run(cases, seed)`, and how many cases it is asked for."""

    module: str
    cases: int
    quick: int

    @property
    def run(self) -> Callable[[int, int], list[Result]]:
        """What runs it; imported only then, since a part may bring a window's whole library."""
        found: Callable[[int, int], list[Result]] = importlib.import_module(f"tests.torture.{self.module}").run
        return found


PARTS: Mapping[str, Part] = MappingProxyType(
    {
        "power-cuts": Part("powercuts", 100_000, 8_000),
        "lying-medium": Part("lying", 2_000, 60),
        "flips": Part("flips", 1_000, 80),
        "injections": Part("injections", 400, 30),
        "kills": Part("kills", 1_000, 12),
        "network": Part("network", 1_000_000, 10_000),
        "outage": Part("outage", 50_000, 2_000),
        "mutants": Part("protocol_mutants", 100, 4),
        "index-mutants": Part("index_mutants", 100, 4),
        "events": Part("events", 10_000, 1_000),
    }
)


def main(arguments: list[str]) -> int:
    """Run the parts one after the other; the exit code."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="a few minutes in all")
    parser.add_argument("--only", action="append", choices=list(PARTS), help="this part; may be given again")
    parser.add_argument("--cases", type=int, help="so many cases a part, in place of its own number")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    chosen = parser.parse_args(arguments)
    # asked to end from outside: leave through the blocks that end what was started
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    out = Console(highlight=False, soft_wrap=True)
    out.print(f"benih {chosen.seed}")
    results: list[Result] = []
    for name in chosen.only or PARTS:
        part = PARTS[name]
        cases = chosen.cases or (part.quick if chosen.quick else part.cases)
        out.print(f"{name}: {cases}")
        began = time.monotonic()
        found = _ran(part, cases, chosen.seed, name, out)
        out.print(f"  {time.monotonic() - began:.0f} s")
        keep(found, SUMMARY)
        results += found
    _show(results, out)
    return 0 if all(result.good for result in results) else 1


def _ran(part: Part, cases: int, seed: int, name: str, out: Console) -> list[Result]:
    try:
        return part.run(cases, seed)
    # a part that breaks is a finding like any other: the rest still runs, and the summary says so
    except Exception:  # noqa: BLE001
        # at once: hours may pass before the table, and whoever ends the run would never see it
        out.print(traceback.format_exc(), markup=False)
        return [Result(name, control_failed=True, notes=["broke off, see above"])]


def keep(results: list[Result], summary: Path) -> None:
    """Put these into the summary, each in place of the line with its name; the others stay as they are."""
    lines = {line["name"]: line for line in _kept(summary)} | {result.name: result.line() for result in results}
    summary.parent.mkdir(parents=True, exist_ok=True)
    unfinished = summary.with_suffix(".part")
    unfinished.write_text(json.dumps(list(lines.values()), indent=1) + "\n", encoding="utf-8")
    unfinished.replace(summary)


def _kept(summary: Path) -> list[dict[str, object]]:
    try:
        found: list[dict[str, object]] = json.loads(summary.read_bytes())
    except (FileNotFoundError, json.JSONDecodeError):
        return []
    return found


def _show(results: list[Result], out: Console) -> None:
    table = Table(title="Siksaan", title_justify="left")
    table.add_column("bagian")
    for title in ("kasus", "hilang", "ganda", "rusak", "alarm palsu", "lolos"):
        table.add_column(title, justify="right")
    table.add_column("kendali")
    for result in results:
        figures = (result.cases, result.lost, result.doubled, result.corrupt, result.false_alarms, result.missed)
        style = None if result.good else "bold red"
        table.add_row(result.name, *(f"{figure:,}" for figure in figures), _control(result), style=style)
    for result in results:
        for note in result.notes[:20]:
            out.print(f"{result.name}: {note}", markup=False)
    out.print(table)


def _control(result: Result) -> str:
    return "gagal" if result.control_failed else "baik"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
