"""The words of the rule's own answers, such as "Sangat sesuai", and the ratings they stand for."""

import json
import re
from collections.abc import Mapping
from types import MappingProxyType

from ikm.assets import asset

Labels = Mapping[str, int]
"""What the answers to one element are called, lower case with single spaces -> rating."""

NO_LABELS: Labels = MappingProxyType({})
"""Of an element without official labels, such as an agency's own."""

_QUESTIONNAIRE = "questionnaires/skm-14-2017-v1.json"
_COUNTED = re.compile(r"\(?([1-4])\)?[\s.:)=–-]+(\S.*)", re.DOTALL)


def official_labels() -> Mapping[str, Labels]:
    """The official labels by element code. Elements do not share them: "Cukup" is a 2 on facilities and nothing else.

    Source: the sample form of PermenPAN-RB 14/2017, as the questionnaire among the assets words it.
    """
    written = json.loads(asset(_QUESTIONNAIRE).read_text(encoding="utf-8"))
    return MappingProxyType(
        {
            question["element"]: MappingProxyType(
                {_plain(label["id"]): rating for rating, label in enumerate(question["labels"], start=1)}
            )
            for question in written["questions"]
        }
    )


def labelled_rating(text: str, labels: Labels) -> int | None:
    """The rating a label stands for; None where it is none of them, or a number before it says another rating."""
    plain = _plain(text)
    if counted := _COUNTED.fullmatch(plain):
        rating = labels.get(counted[2])
        return rating if rating == int(counted[1]) else None
    return labels.get(plain)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
