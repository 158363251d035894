"""What citizens answer: ratings that hang together within a person and differ by element, unit and season.

A citizen has a mood; a unit has a quality, and a quality of its own in each element; some units grow better or worse
over the years, and all are a little worse when offices are full. The sum is pushed through the normal distribution's
thresholds, so that ratings are 3 and 4 mostly, as they are in real offices.
"""

from bisect import bisect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import cos, pi
from random import Random
from statistics import NormalDist

from ikm.domain.configuration import Aid
from ikm.domain.questionnaire import Instrument, Questionnaire
from ikm.domain.response import LOW_RATINGS, Status
from ikm.server.seeding.names import BLAME, PRAISE, PRIVATE
from ikm.wire import ResponseBody, VisitMessage

_ELEMENTS = {"REQ": 0.1, "PROC": -0.05, "TIME": -0.45, "COST": 0.75, "PROD": 0.2, "COMP": 0.3, "BEHV": 0.35,
             "FACI": -0.3, "CMPL": -0.1}  # fmt: skip
_MOOD, _NOISE = 0.75, 0.65
_THRESHOLDS = (-1.55, -0.75, 0.75)
_LOW, _STEP = -4.0, 0.05
_STRAIGHT, _LEAVES, _TELLS_WHY, _WRITES, _GIVES_AWAY = 0.12, 0.015, 0.6, 0.04, 0.07
_LANGUAGES = (("id", 0.87), ("jv", 0.08), ("su", 0.02), ("en", 0.03))
_PROFILE = {
    "gender": (("P", 0.56), ("L", 0.44)),
    "education": (("SD", 0.16), ("SMP", 0.2), ("SMA", 0.44), ("S1", 0.17), ("S2", 0.025), ("S3", 0.005)),
    "occupation": (("LAINNYA", 0.36), ("SWASTA", 0.27), ("WIRAUSAHA", 0.22), ("PNS", 0.11), ("TNI", 0.02),
                   ("POLRI", 0.02)),
}  # fmt: skip
_AIDS = (Aid.LARGE, Aid.CONTRAST, Aid.LOW, Aid.ALOUD)


def _table() -> list[tuple[float, float, float]]:
    normal = NormalDist(0, _NOISE)
    return [
        tuple(normal.cdf(threshold - (_LOW + _STEP * place)) for threshold in _THRESHOLDS)  # type: ignore[misc]
        for place in range(int(-2 * _LOW / _STEP) + 1)
    ]


_CHANCES = _table()
"""The chances of at most 1, 2 and 3, by how content somebody is, in steps of `_STEP` from `_LOW`."""


@dataclass(frozen=True, slots=True)
class Character:
    """How good a unit is, what differs by element, and how much better it grows in a year."""

    quality: float
    elements: Mapping[str, float]
    growth: float

    @classmethod
    def drawn(cls, kind: float, chance: Random) -> "Character":
        """A unit of a kind that is so good on the average."""
        own = {code: mean + chance.gauss(0, 0.22) for code, mean in _ELEMENTS.items()}
        return cls(0.75 + kind + chance.gauss(0, 0.3), own, chance.gauss(0.06, 0.16))


class Citizens:
    """Citizens of one unit, one after the other."""

    def __init__(self, character: Character, questionnaire: Questionnaire, chance: Random) -> None:
        self._character, self._chance = character, chance
        self._elements = [question.element for question in questionnaire.questions]
        self._codes = [question.code for question in questionnaire.questions]
        self._reasons = {code: tuple(reason.code for reason in questionnaire.reasons_for(code)) for code in self._codes}
        self._profile = {field.code: _weighted(field.code, [o.code for o in field.options])
                         for field in questionnaire.profile_fields}  # fmt: skip
        self._turn = 0

    def answers(self, years: float, month: int, instrument: Instrument) -> dict[str, object]:
        """What the next citizen gives, as members of a response's body; `years` since the beginning."""
        chance = self._chance
        codes, elements = self._asked(instrument)
        reached = self._reached(len(codes))
        ratings = self._ratings(elements[:reached], years, month)
        given = dict(zip(codes, ratings, strict=False))
        whole = reached == len(codes)
        found: dict[str, object] = {
            "answers": given,
            "status": Status.COMPLETE if len(given) == len(self._codes) else Status.PARTIAL,
            "language": _drawn(_LANGUAGES, chance),
            "profile": {code: _drawn(choices, chance) for code, choices in self._profile.items()
                        if whole and chance.random() < 0.78},
            "duration_ms": 2_500 * reached + int(chance.expovariate(1 / (1_400 * reached))),
        }  # fmt: skip
        if instrument is not Instrument.FULL:
            found |= {"asked": list(codes), "instrument": instrument}
        reasons = {code: chance.choice(self._reasons[code]) for code, rating in given.items()
                   if rating in LOW_RATINGS and self._reasons[code] and chance.random() < _TELLS_WHY}  # fmt: skip
        if reasons:
            found["reasons"] = reasons
        if whole and chance.random() < _WRITES:
            found["comment"] = comment(sum(ratings) / len(ratings), chance)
        found["visit"] = self._visit(codes[reached] if not whole else "")
        return found

    def _asked(self, instrument: Instrument) -> tuple[Sequence[str], Sequence[str]]:
        if instrument is Instrument.FULL:
            return self._codes, self._elements
        # three in turn, as a kiosk does
        size = len(self._codes)
        places = sorted((3 * self._turn + step) % size for step in range(3))
        self._turn += 1
        return [self._codes[place] for place in places], [self._elements[place] for place in places]

    def _reached(self, size: int) -> int:
        """How many questions somebody answers before leaving."""
        draw = self._chance.random
        for answered in range(1, size):
            if draw() < _LEAVES:
                return answered
        return size

    def _ratings(self, elements: Sequence[str], years: float, month: int) -> list[int]:
        chance, character = self._chance, self._character
        mood = chance.gauss(0, _MOOD) + character.quality + character.growth * years - 0.12 * cos((month - 7) * pi / 6)
        own = character.elements
        straight = chance.random() < _STRAIGHT
        found = []
        for element in elements:
            content = mood + own.get(element, 0.0)
            place = int((min(max(content, _LOW), -_LOW) - _LOW) / _STEP)
            found.append(1 + bisect(_CHANCES[place], chance.random()))
            if straight:
                return found * len(elements)
        return found

    def _visit(self, left_at: str) -> VisitMessage:
        chance = self._chance
        aids = [_AIDS[int(chance.random() * len(_AIDS))]] if chance.random() < 0.05 else []
        unanswered = {"question-REQ": 1} if chance.random() < 0.06 else {}
        return VisitMessage(aids=aids, inputs=["touch"], left_at=f"question-{left_at}" if left_at else "",
                            unanswered=unanswered)  # fmt: skip


def body_of(place: Mapping[str, object], given: Mapping[str, object]) -> ResponseBody:
    """The body of a response with those members."""
    return ResponseBody(**place, **given)  # type: ignore[arg-type]


def comment(mean: float, chance: Random) -> str:
    """What somebody who gave that mean writes; now and then with what should not be there."""
    text = chance.choice(PRAISE if mean > 2.9 else BLAME)
    if chance.random() >= _GIVES_AWAY:
        return text
    # no such province, no such network: nobody's number can come out
    nik = f"99{chance.randrange(10**14):014}"
    facts = {"phone": f"0800{chance.randrange(10**7):07}", "nik": nik, "email": f"warga{nik[-4:]}@contoh.example",
             "plate": f"XX {chance.randrange(1000, 9999)} QQ"}  # fmt: skip
    return f"{text} {chance.choice(PRIVATE).format(**facts)}"


def _weighted(field: str, codes: Sequence[str]) -> tuple[tuple[str, float], ...]:
    known = _PROFILE.get(field, ())
    return (
        tuple(known) if {code for code, _ in known} == set(codes) else tuple((code, 1 / len(codes)) for code in codes)
    )


def _drawn(choices: Sequence[tuple[str, float]], chance: Random) -> str:
    at = chance.random()
    for place, reached in enumerate(accumulate(weight for _, weight in choices)):
        if at < reached:
            return choices[place][0]
    return choices[-1][0]
