"""`python -m tests.bench`: all benchmarks, a table, and var/bench/results.json."""

import sys
import tempfile
from pathlib import Path

from tests.bench import disk, drain, index, ingest, window
from tests.bench.harness import Result, keep, show

OUTPUT = Path("var/bench/results.json")
PARTS = {
    "disk": disk.measure, "window": window.measure, "drain": drain.measure, "ingest": ingest.measure,
    "index": index.measure,
}  # fmt: skip


def main(chosen: list[str]) -> None:
    """Measure the parts named, or all."""
    results: list[Result] = []
    # beside the results: the medium that is measured is the one the project lies on, not a memory file system
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    for name in chosen or PARTS:
        with tempfile.TemporaryDirectory(dir=OUTPUT.parent) as folder:
            results += PARTS[name](Path(folder).resolve())
    show(results)
    keep(results, OUTPUT)


if __name__ == "__main__":
    main(sys.argv[1:])
