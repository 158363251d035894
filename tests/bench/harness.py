"""What a benchmark gives, and how it is shown and kept."""

import json
import statistics
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Result:
    """One figure: `value` in `unit`; `reference` is what it is held against, measured in the same run, same unit.

    `limit` is what the value has to stay below, or None.
    """

    name: str
    value: float
    unit: str
    against: str
    reference: float
    limit: float | None = None

    @property
    def ratio(self) -> float:
        """Value by reference."""
        return self.value / self.reference if self.reference else float("nan")


def percentile(values: Iterable[float], share: float) -> float:
    """The value below which that share (0 to 1) of the values lies, by nearest rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def median(values: Iterable[float]) -> float:
    """The middle value."""
    return statistics.median(values)


def show(results: list[Result]) -> None:
    """Print the table."""
    table = Table()
    for title in ("ukuran", "nilai", "satuan", "pembanding", "nilainya", "rasio", "batas"):
        table.add_column(title, justify="left" if title in {"ukuran", "satuan", "pembanding"} else "right")
    for result in results:
        numbers = [f"{number:,.2f}" for number in (result.value, result.reference, result.ratio)]
        bound = "" if result.limit is None else f"< {result.limit:g}"
        if result.limit is not None and result.value >= result.limit:
            bound += " LEWAT"
        table.add_row(result.name, numbers[0], result.unit, result.against, *numbers[1:], bound)
    Console(width=180).print(table)


def keep(results: list[Result], path: Path) -> None:
    """Write them as JSON: a list of {"name", "value", "unit", "against", "reference", "limit", "ratio"}."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [{**asdict(result), "ratio": result.ratio} for result in results]
    path.write_text(json.dumps(rows, indent=1) + "\n")
