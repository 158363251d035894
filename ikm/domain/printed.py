"""What a printed report says, read from the text as printed: every figure keeps the decimals it was printed with."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from ikm.domain.errors import Refusal
from ikm.domain.regulation import RATINGS, Regulation
from ikm.domain.regulations import PERMENPANRB_14_2017
from ikm.domain.weights import EXACT

MOST_ELEMENTS = 50
"""More means than any questionnaire has elements: whoever gives more has pasted something else."""

_NUMBER = re.compile(r"[0-9]{1,6}(?:[.,][0-9]{1,10})?")
_WHOLE = re.compile(r"[0-9]{1,6}")
_UNSEEN = dict.fromkeys(map(ord, "\u200b\u200e\u200f\ufeff"))
_HOW = "Tulis dengan titik koma di antaranya, misalnya 3,31;3,35;3,49, atau memakai titik desimal: 3.31,3.35,3.49."


@dataclass(frozen=True, slots=True)
class Printed:
    """A report's figures, each with its printed decimals.

    `indices` are the printed index figures, `weighted_sum` and `weighted_cells` the weighted means on the rating scale,
    `weight` the stated weight as `read_weight` gives it, `grade` the letter as `read_grade` gives it, `minimum` the
    number of respondents the report itself calls the least.

    Raises:
        Refusal: `means_invalid` or `printed_invalid`, when the counts of figures make no report.
    """

    means: tuple[Decimal, ...]
    indices: tuple[Decimal, ...] = ()
    weighted_sum: Decimal | None = None
    weighted_cells: tuple[Decimal, ...] = ()
    weight: str | None = None
    grade: str | None = None
    respondents: int | None = None
    minimum: int | None = None
    regulation: Regulation | None = None

    def __post_init__(self) -> None:
        if not 1 <= len(self.means) <= MOST_ELEMENTS:
            raise Refusal("means_invalid", f"Ada {len(self.means)} rata-rata; harus 1 sampai {MOST_ELEMENTS}.")
        if self.weighted_cells and len(self.weighted_cells) != len(self.means):
            raise Refusal(
                "printed_invalid",
                f"Ada {len(self.weighted_cells)} NRR tertimbang untuk {len(self.means)} unsur. "
                "Tulis satu angka (jumlahnya) atau satu angka untuk tiap unsur.",
            )
        if any(number is not None and number < 1 for number in (self.respondents, self.minimum)):
            raise Refusal("printed_invalid", "Jumlah responden harus 1 atau lebih.")


class OtherScale(StrEnum):
    """What figures given as means look like when they are not means of 1 to 4."""

    INDEX = "index"
    SUMS = "sums"
    EITHER = "either"


def other_scale(report: Printed) -> OtherScale | None:
    """The scale on which every mean of a report seems to be, None where at least one is on that of the ratings.

    Sums are whole; with known respondents they lie between all ones and all fours of so many people.
    """
    means, factor = report.means, PERMENPANRB_14_2017.index_factor
    if any(mean <= RATINGS[-1] for mean in means):
        return None
    index = all(RATINGS[0] * factor <= mean <= RATINGS[-1] * factor for mean in means)
    sums = all(mean == mean.to_integral_value() for mean in means)
    if index and not sums:
        return OtherScale.INDEX
    if not index or not sums:
        return OtherScale.SUMS if sums else None
    if report.respondents is None:
        return OtherScale.EITHER
    return OtherScale.SUMS if can_be_sums(means, report.respondents) else OtherScale.INDEX


def can_be_sums(means: Sequence[Decimal], respondents: int) -> bool:
    """Whether every figure can be the sum of the ratings of that many people who all answered."""
    return all(RATINGS[0] * respondents <= mean <= RATINGS[-1] * respondents for mean in means)


def places(value: Decimal) -> int:
    """How many decimals a figure was printed with."""
    exponent = value.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def read_number(text: str) -> Decimal:
    """One figure with decimal comma or point, its decimals kept: '87,280' is 87.280, and so is '87,280 %.'.

    Raises:
        Refusal: `printed_invalid`.
    """
    bare = _bare(text).removesuffix("%").rstrip()
    if not _NUMBER.fullmatch(bare):
        raise Refusal("printed_invalid", f"'{text}' bukan satu angka. Tulis seperti 87,28 atau 87.28.")
    return _decimal(bare)


def read_means(text: str) -> tuple[Decimal, ...]:
    """Element means from a list as people write it, with decimal commas or points.

    A list without any other mark than commas is taken only where exactly one reading of them gives means of 1 to 4 that
    all have the same decimals: '3,31,3,35' is two means, '3,3,3,4' could be two or four.

    Raises:
        Refusal: `means_invalid`, saying how to write it.
    """
    return _read(text, "means_invalid", lambda reading: all(RATINGS[0] <= mean <= RATINGS[-1] for mean in reading))


def read_weighted(text: str, elements: int) -> tuple[Decimal, ...]:
    """Weighted means from a list as people write it: their sum alone, or one for each element.

    Raises:
        Refusal: `printed_invalid`, saying how to write it.
    """
    return _read(text, "printed_invalid", lambda reading: len(reading) in (1, elements))


def read_weight(text: str, elements: int) -> str:
    """The convention a stated weight names: 'exact' for 1/n, else the decimal or fraction: '0.111'.

    Raises:
        Refusal: `weights_invalid` when it is no number above zero and up to one.
    """
    over, slash, under = _bare(text).partition("/")
    if slash and _WHOLE.fullmatch(over.strip()) and _WHOLE.fullmatch(under.strip()) and int(under):
        name = f"{int(over)}/{int(under)}"
    elif not slash and _NUMBER.fullmatch(over):
        name = str(_decimal(over).normalize())
    else:
        raise Refusal("weights_invalid", f"'{text}' bukan bobot. Tulis seperti 0,111 atau 1/9.")
    if not 0 < Fraction(name) <= 1:
        raise Refusal("weights_invalid", f"Bobot {text} harus lebih dari 0 dan paling besar 1. Tulis seperti 0,111.")
    return EXACT if Fraction(name) == Fraction(1, elements) else name


def read_grade(text: str, rule: Regulation = PERMENPANRB_14_2017) -> str:
    """The rule's grade a printed one means: 'A' from 'A', 'a (Sangat Baik)', 'Sangat Baik (A)' or 'SANGAT BAIK.'.

    Raises:
        Refusal: `printed_invalid` when the rule has no such grade.
    """
    written = " ".join(re.findall(r"\w+", _bare(text).casefold())).removeprefix("mutu ")
    for band in rule.bands:
        grade, label = band.grade.casefold(), band.label.casefold()
        if written in (label, f"{label} {grade}") or re.match(rf"{grade}\b", written):
            return band.grade
    known = ", ".join(band.grade for band in rule.bands)
    raise Refusal("printed_invalid", f"Mutu '{text}' tidak dikenal. Tulis salah satu dari {known}.")


def _bare(text: str) -> str:
    """A figure or word without what comes along when it is copied: marks nobody sees, and one full stop at the end."""
    return text.translate(_UNSEEN).strip().removesuffix(".").rstrip()


def _decimal(text: str) -> Decimal:
    return Decimal(text.strip().replace(",", "."))


def _read(text: str, code: str, plausible: Callable[[tuple[Decimal, ...]], bool]) -> tuple[Decimal, ...]:
    text = _bare(text)
    tokens = _tokens(text)
    if not tokens:
        raise Refusal(code, f"Tidak ada angka. {_HOW}")
    if "." in text:
        # where points are the decimals, commas stand between figures; a token without a point tells of another habit
        if any("," in token and "." not in token for token in tokens):
            raise Refusal(code, f"Titik dan koma desimal bercampur di '{text}'. Pakai salah satu saja. {_HOW}")
        return _numbers([part for token in tokens for part in token.split(",")], code)
    if len(tokens) > 1 or "," not in tokens[0]:
        return _numbers(tokens, code)
    readings = [reading for reading in _readings(tokens[0].split(",")) if plausible(reading)]
    if len(readings) != 1:
        fault = "dapat dibaca dengan lebih dari satu cara" if readings else "tidak jelas mana koma desimalnya"
        raise Refusal(code, f"'{text}' {fault}. {_HOW}")
    return readings[0]


def _tokens(text: str) -> list[str]:
    """What spaces, semicolons and quotes divide; commas that only stand between such parts are dropped."""
    bare = re.sub(r"""["'“”‘’\[\]()]\s*,\s*["'“”‘’]|["'“”‘’\[\]();|]""", " ", text)
    return [token for token in (part.removesuffix(",") for part in bare.split()) if token]


def _numbers(parts: Sequence[str], code: str) -> tuple[Decimal, ...]:
    wrong = next((part for part in parts if not _NUMBER.fullmatch(part)), None)
    if wrong is not None:
        raise Refusal(code, f"'{wrong}' bukan angka. {_HOW}")
    return tuple(_decimal(part) for part in parts)


def _readings(parts: Sequence[str]) -> list[tuple[Decimal, ...]]:
    """The ways to read figures joined by commas alone: all of them whole, or all with decimals of one length."""
    if not all(_WHOLE.fullmatch(part) for part in parts):
        return []
    found = [tuple(Decimal(part) for part in parts)]
    if len(parts) % 2 == 0 and len({len(part) for part in parts[1::2]}) == 1:
        found.append(tuple(Decimal(f"{one}.{rest}") for one, rest in zip(parts[::2], parts[1::2], strict=True)))
    return found
