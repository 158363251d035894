"""Mistakes that public codes make, planted one at a time in a copy of ours: the suite has to notice each.

    python -m tests.mutants            # plants all and prints who noticed; exit code 1 when one survives

The suite plants a few of them, `make torture` all. A mutant names the text it replaces, so that one whose text is
gone fails loudly instead of surviving unseen.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

_ROOT = Path(__file__).resolve().parent.parent
# these tests ask for no fixture of the suite's: what starts browsers and servers need not be read for each mutant
_ALONE = ("-x", "-q", "--noconftest", "--assert=plain", "-p", "no:cacheprovider", "-p", "no:xdist.plugin")
_FAILED = 1
"""What pytest ends with when tests ran and some failed; anything else is no proof."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One planted mistake: `old` becomes `new` in `file`."""

    name: str
    file: str
    old: str
    new: str

    @property
    def tests(self) -> list[str]:
        """The test files that have to notice: those of the module, and of what stands on it."""
        return _paths(_NOTICED_BY[self.file])


_SCORE, _WEIGHTS, _RULES = "ikm/domain/score.py", "ikm/domain/weights.py", "ikm/domain/regulations.py"
_RULE, _TALLY, _ROLLUP = "ikm/domain/regulation.py", "ikm/domain/tally.py", "ikm/domain/rollup.py"
_STATISTICS, _SAMPLING = "ikm/domain/statistics.py", "ikm/domain/sampling.py"

_NOTICED_BY = {
    _SCORE: ("score",),
    _WEIGHTS: ("weights", "score"),
    _RULES: ("regulations",),
    _RULE: ("regulation", "regulations"),
    _TALLY: ("tally",),
    _ROLLUP: ("rollup",),
    _STATISTICS: ("statistics",),
    _SAMPLING: ("sampling",),
}

MUTANTS = (
    # what 9 of 11 public codes get wrong
    Mutant("0.11 for 1/9", _WEIGHTS, "Fraction(1, len(codes)) for code", "Fraction(11, 100) for code"),
    Mutant("0.111 for 1/9", _WEIGHTS, "Fraction(1, len(codes)) for code", "Fraction(111, 1000) for code"),
    Mutant(
        "floats instead of fractions",
        _SCORE,
        "exact = regulation.index_factor * sum(parts, Fraction(0))",
        "exact = Fraction(float(regulation.index_factor * sum(parts, Fraction(0))))",
    ),
    Mutant("truncation", _SCORE, "(2 * scaled.numerator + scaled.denominator)", "(2 * scaled.numerator)"),
    Mutant(
        "halves to even",
        _SCORE,
        "(2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)",
        "round(scaled)",
    ),
    Mutant("> at a lower bound", _RULE, "if index >= band.lower", "if index > band.lower"),
    Mutant("a bound one hundredth too low", _RULES, 'Decimal("76.61")', 'Decimal("76.60")'),
    Mutant("a bound one hundredth too high", _RULES, 'Decimal("88.31")', 'Decimal("88.32")'),
    Mutant("C that ends at 76.00", _RULES, 'Decimal("76.61")', 'Decimal("76.01")'),
    Mutant(
        "the bands of 2004 for 2017",
        _RULES,
        """        GradeBand("A", Decimal("88.31"), "Sangat baik"),
        GradeBand("B", Decimal("76.61"), "Baik"),
        GradeBand("C", Decimal("65.00"), "Kurang baik"),""",
        """        GradeBand("A", Decimal("81.26"), "Sangat baik"),
        GradeBand("B", Decimal("62.51"), "Baik"),
        GradeBand("C", Decimal("43.76"), "Kurang baik"),""",
    ),
    Mutant(
        "the letter of the figure before rounding",
        _SCORE,
        "band=None if index is None else regulation.grade(index),\n        unweighted_exact",
        "band=None if exact is None else regulation.grade(Decimal(int(exact * 100)) / 100),\n        unweighted_exact",
    ),
    Mutant(
        "means rounded before they are added",
        _SCORE,
        "mean = sum(means, Fraction(0)) / len(means) if",
        "mean = Fraction(round_half_up(sum(means, Fraction(0)) / len(means), 2)) if",
    ),
    Mutant(
        "an element without answers as zero",
        _SCORE,
        "if len(means) == len(questions) else None",
        "if len(means) == len(questions) else Fraction(0)",
    ),
    Mutant("nobody as an index of zero", _SCORE, "exact = unweighted = None", "exact = unweighted = Fraction(0)"),
    Mutant("complete responses as the only denominator", _SCORE, "(tally.answered(question), ", "(tally.complete, "),
    Mutant("all respondents as the denominator", _SCORE, "(tally.answered(question), ", "(tally.responses, "),
    Mutant(
        "questions of an element pooled instead of averaged",
        _SCORE,
        "sum(means, Fraction(0)) / len(means) if",
        "Fraction(sum(t for _, t in answered), sum(n for n, _ in answered)) if",
    ),
    Mutant("complaints and facilities swapped", _RULES, 'Element("CMPL", 8, 9,', 'Element("CMPL", 9, 8,'),
    Mutant("times 20", _SCORE, "exact = regulation.index_factor", "exact = 20"),
    Mutant("own weights that need not add up", _WEIGHTS, "if total != 1:", "if total > 2:"),
    # roll-ups
    Mutant("units without data as zero", _ROLLUP, "/ len(found)\n    index", "/ (len(found) + 1)\n    index"),
    Mutant(
        "the mean of rounded indices",
        _ROLLUP,
        "sum((index for _, index in found), Fraction(0))",
        "sum((Fraction(score.index) for score, _ in found), Fraction(0))",
    ),
    Mutant("touching intervals told apart", _ROLLUP, "bisect_right(lows, high)", "bisect_left(lows, high)"),
    Mutant(
        "units of different rules averaged", _ROLLUP, "for score, _ in found}) != 1:", "for score, _ in found}) < 1:"
    ),
    # how sure
    Mutant("no limit at the ceiling", _STATISTICS, "(1 + TRUST * answers * share * (1 - share))", "10**9"),
    Mutant("a limit that never rises", _STATISTICS, "(1 + TRUST * answers * share * (1 - share))", "1"),
    Mutant(
        "a limit lifted as much as the variance shrinks",
        _STATISTICS,
        "population * log(population / (population - answers))",
        "answers * (population - 1) / (population - answers)",
    ),
    Mutant(
        "a population used up by who left early", _STATISTICS, "answers == population", "tally.responses == population"
    ),
    Mutant(
        "correlations from two complete sheets",
        _STATISTICS,
        "2 * tally.complete < min(tally.answered(a), tally.answered(b))",
        "tally.complete < 2",
    ),
    Mutant("opposite answers shared by all", _STATISTICS, "if together > 0 else tally.complete", ""),
    Mutant("the variance of a population", _STATISTICS, "/ (count * (count - 1))", "/ (count * count)"),
    Mutant("the normal for Student's quantile", _STATISTICS, "student_quantile(1 - _TAIL, answers - 1)", "_Z"),
    Mutant("answers of one citizen as independent", _STATISTICS, "if apart else 1.0", "* 0 if apart else 1.0"),
    Mutant("a small population as if it were endless", _STATISTICS, "variance * factor *", "variance *"),
    Mutant("alpha without its correction", _STATISTICS, "Fraction(k, k - 1) *", "1 *"),
    Mutant("item-total with the item in the total", _STATISTICS, "(with_total[a] - own[a])", "with_total[a]"),
    Mutant("partial responses in the products", _TALLY, "if response.status is Status.COMPLETE else {}", "or {}"),
    Mutant("the sample rounded up", _SAMPLING, "return int(round_half_up(", "return ceil(Fraction(1) * ("),
)


class Copy:
    """A folder with our code, in which one mistake after the other is planted; what is compiled stays compiled."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def killed(self, mutant: Mutant | None) -> bool:
        """Whether the tests fail with the mutant in place; with None, whether they fail on our own code."""
        if mutant is None:
            return self._fail(_paths({name for names in _NOTICED_BY.values() for name in names}))
        path = self._folder / mutant.file
        text = path.read_text()
        path.write_text(_planted(mutant, text))
        # of the same length and second, the mistake would be taken for what was compiled before
        for compiled in path.parent.glob(f"__pycache__/{path.stem}.*"):
            compiled.unlink()
        try:
            return self._fail(mutant.tests, PYTHONDONTWRITEBYTECODE="1")
        finally:
            path.write_text(text)

    def _fail(self, tests: list[str], **environment: str) -> bool:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *_ALONE, "-m", "not long", *tests],
            cwd=self._folder,
            env={**os.environ, "PYTHONPATH": str(self._folder), "PYTHONDONTWRITEBYTECODE": "", **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode not in (0, _FAILED):
            raise RuntimeError(f"the tests did not run: {done.stdout[-2000:]}{done.stderr[-2000:]}")
        return done.returncode == _FAILED


def killed(mutants: Sequence[Mutant]) -> dict[Mutant | None, bool]:
    """Mutant -> whether it was noticed, two at a time; None for our own code."""
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        for name in ("ikm", "assets", "tests"):
            shutil.copytree(_ROOT / name, Path(one, name), ignore=shutil.ignore_patterns("__pycache__", "sounds"))
        shutil.copy(_ROOT / "pyproject.toml", one)
        noticed: dict[Mutant | None, bool] = {None: Copy(Path(one)).killed(None)}
        # with what was compiled for our own code
        shutil.copytree(one, other, dirs_exist_ok=True)
        copies = SimpleQueue[Copy]()
        for folder in (one, other):
            copies.put(Copy(Path(folder)))

        def tried(mutant: Mutant) -> bool:
            copy = copies.get()
            try:
                return copy.killed(mutant)
            finally:
                copies.put(copy)

        with ThreadPoolExecutor(2) as pool:
            noticed.update(zip(mutants, pool.map(tried, mutants), strict=True))
    return noticed


def _paths(names: Iterable[str]) -> list[str]:
    return [f"tests/ikm/domain/test_{name}.py" for name in sorted(names)]


def _planted(mutant: Mutant, text: str) -> str:
    if text.count(mutant.old) < 1:
        raise LookupError(f"{mutant.name}: its place in {mutant.file} is gone")
    return text.replace(mutant.old, mutant.new, 1)


def main() -> int:
    """Plants every mutant, two at a time; the number of survivors, at most 1, is the exit code."""
    noticed = killed(MUTANTS)
    if noticed.pop(None):
        sys.stdout.write("the tests fail without any mutant\n")
        return 1
    for mutant, seen in noticed.items():
        sys.stdout.write(f"{'killed  ' if seen else 'SURVIVED'}  {mutant.name}\n")
    survivors = sum(not seen for seen in noticed.values())
    sys.stdout.write(f"{len(noticed) - survivors} of {len(noticed)} killed\n")
    return int(survivors > 0)


if __name__ == "__main__":
    sys.exit(main())
