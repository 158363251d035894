"""All mistakes of `tests.mutants` in the scoring code: the suite, which plants a few, has to notice each."""

from tests.mutants import MUTANTS, killed
from tests.torture.result import Result


def run(most: int, _seed: int) -> list[Result]:
    """Up to so many mutants; one that survives was missed."""
    noticed = killed(MUTANTS[:most])
    result = Result("index-mutants", cases=len(noticed) - 1, control_failed=noticed.pop(None))
    result.notes = [f"survived: {mutant.name}" for mutant, seen in noticed.items() if mutant and not seen]
    result.missed = len(result.notes)
    return [result]
