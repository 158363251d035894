"""What a set of months comes to, computed once: the same numbers give the same figures, so they are remembered."""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from operator import add
from typing import Any, Protocol, TypeVar

import msgspec

from ikm.domain.errors import Refusal
from ikm.domain.questionnaire import Questionnaire
from ikm.domain.sampling import Sample, sample_of
from ikm.domain.statistics import Certainty, certainty, fewest_answers
from ikm.domain.tally import Tally
from ikm.server.reports.pooling import Result, pool
from ikm.server.reports.ports import Cell, UnitMonth
from ikm.server.store.totals import numbers

_LIST = msgspec.json.Decoder(list[int])
_KEPT = 8192
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Measured:
    """A result, how sure it is and whether the sample suffices.

    `population` is None where nobody said it, and where what was said is less than who came: then `doubted` is True and
    neither interval nor target is made of it.
    """

    result: Result
    certainty: Certainty | None
    sample: Sample
    doubted: bool = False

    @property
    def population(self) -> int | None:
        """The users of that service in that period."""
        return self.sample.population


class Versions(Protocol):
    """Where questionnaire versions come from."""

    def questionnaire(self, code: str) -> Questionnaire:
        """A version."""
        ...


class Memo:
    """Figures by what they were computed of. Nothing has to be forgotten when answers come: other numbers, other key.

    Safe for several threads.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: OrderedDict[Hashable, Any] = OrderedDict()
        self._versions: dict[str, Questionnaire] = {}

    def questionnaire(self, source: Versions, code: str) -> Questionnaire:
        """A version, read once: it never changes. Raises as the source does."""
        found = self._versions.get(code)
        if found is None:
            found = self._versions[code] = source.questionnaire(code)
        return found

    def of_months(self, source: Versions, months: Sequence[UnitMonth], population: int | None = None) -> Measured:
        """What those months come to."""
        key = (_digest(months), population)
        return self.remembered(key, lambda: measured(self.added(source, months), population))

    def result_of(self, source: Versions, months: Sequence[UnitMonth]) -> Result:
        """What those months come to, where nobody asks how sure it is: that is most of the work."""
        return self.remembered((_digest(months), "result"), lambda: pool(self.added(source, months)))

    def of_cells(self, source: Versions, cells: Sequence[Cell], population: int | None = None) -> Measured:
        """What those cells come to."""
        digest = hashlib.blake2b(digest_size=16)
        for cell in cells:
            tally = cell.tally
            held = (tally.responses, tally.complete, dict(tally.counts), dict(tally.sums), dict(tally.products))
            digest.update(repr((cell.questionnaire, held)).encode())
        parts = ((self.questionnaire(source, cell.questionnaire), cell.tally) for cell in cells)
        return self.remembered((digest.digest(), population, "cells"), lambda: measured(parts, population))

    def added(self, source: Versions, months: Sequence[UnitMonth]) -> Iterable[tuple[Questionnaire, Tally]]:
        """The tally of each version: integers are added first and named once."""
        sums: dict[tuple[str, str], list[int]] = {}
        for month in months:
            key = (month.questionnaire, month.questions)
            held_now = [month.responses, month.complete, *_LIST.decode(f"[{month.totals[1:-1]}]")]
            held = sums.get(key)
            sums[key] = held_now if held is None else list(map(add, held, held_now))
        for (code, questions), (responses, complete, *totals) in sums.items():
            yield self.questionnaire(source, code), Tally(responses, complete, *numbers(questions, totals))

    def remembered(self, key: Hashable, compute: Callable[[], T]) -> T:
        """What was computed under that key, or is now."""
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
                found: T = self._held[key]
                return found
        computed = compute()
        with self._lock:
            self._held[key] = computed
            if len(self._held) > _KEPT:
                self._held.popitem(last=False)
        return computed


def measured(parts: Iterable[tuple[Questionnaire, Tally]], population: int | None = None) -> Measured:
    """What those tallies come to."""
    result = pool(parts)
    answers = 0 if result.score is None else fewest_answers(result.tally, result.score)
    minimum = None if result.score is None else result.score.regulation.minimum
    try:
        sample = sample_of(result.responses, answers, population, minimum)
        sure = None if result.score is None else certainty(result.tally, result.score, population)
    except Refusal:
        # fewer users than respondents: said of another period, or wrong
        sample = sample_of(result.responses, answers, None, minimum)
        return Measured(result, result.certainty, sample, doubted=True)
    return Measured(result, sure, sample)


def _digest(months: Sequence[UnitMonth]) -> bytes:
    digest = hashlib.blake2b(digest_size=16)
    for month in months:
        digest.update(f"{month.questionnaire}\0{month.responses}\0{month.complete}\0{month.questions}\0".encode())
        digest.update(month.totals.encode())
    return digest.digest()
