"""How much each element weighs in the index: exactly 1/n, a rounded 1/n as printed in old reports, or a unit's own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Context, Decimal, InvalidOperation
from fractions import Fraction
from types import MappingProxyType

from ikm.domain.errors import Refusal

EXACT = "exact"
OWN = "own"
"""Names of the two conventions that are not a printed decimal."""

PLACES = (2, 3, 4)
"""To how many decimals reports have been seen to cut or round 1/n."""


@dataclass(frozen=True, slots=True)
class Weights:
    """The weight of each element, by code, and the convention they follow: `EXACT`, `OWN` or the printed decimal."""

    convention: str
    by_element: Mapping[str, Fraction]

    @property
    def printed(self) -> bool:
        """Whether they are a rounded 1/n, whose index differs from the exact one."""
        return self.convention not in (EXACT, OWN)


def exact_weights(codes: Sequence[str]) -> Weights:
    """Each of n elements weighs exactly 1/n, so that they add up to 1."""
    return Weights(EXACT, MappingProxyType({code: Fraction(1, len(codes)) for code in codes}))


def printed_weights(codes: Sequence[str], weight: Decimal) -> Weights:
    """Each element weighs the decimal that a report prints for 1/n, such as 0.11, 0.111 or 0.071.

    Where the decimal is 1/n itself, as 0.1 for ten, they are the exact ones.

    Raises:
        Refusal: `weights_invalid` when it is not 1/n rounded or cut to two, three or four decimals.
    """
    if Fraction(weight) * len(codes) == 1:
        return exact_weights(codes)
    known = printed_conventions(len(codes))
    if weight not in known:
        usual = ", ".join([EXACT, *(_written(each) for each in known)])
        raise Refusal("weights_invalid", f"bobot {_written(weight)} bukan pembulatan 1/{len(codes)}; pilih {usual}")
    return Weights(str(weight.normalize()), MappingProxyType({code: Fraction(weight) for code in codes}))


def own_weights(codes: Sequence[str], weights: Mapping[str, Fraction]) -> Weights:
    """A unit's own choice: positive fractions, one for each element, that add up to exactly 1.

    Raises:
        Refusal: `weights_invalid` when an element is missing, unknown or not positive, or the sum is not 1.
    """
    if missing := [code for code in codes if code not in weights]:
        raise Refusal("weights_invalid", f"unsur {', '.join(missing)} belum diberi bobot")
    if strange := sorted(weights.keys() - set(codes)):
        raise Refusal("weights_invalid", f"unsur {', '.join(strange)} tidak ada di aturan ini")
    if poor := [code for code in codes if weights[code] <= 0]:
        raise Refusal("weights_invalid", f"bobot {', '.join(poor)} harus lebih dari nol")
    total = sum(weights.values(), Fraction(0))
    if total != 1:
        raise Refusal("weights_invalid", f"jumlah bobot {total}, harus tepat 1")
    return Weights(OWN, MappingProxyType({code: weights[code] for code in codes}))


def printed_conventions(elements: int) -> tuple[Decimal, ...]:
    """The decimals that reports print for 1/n: rounded and cut, coarsest first, each once."""
    found: dict[Decimal, None] = {}
    for places in PLACES:
        for rounding in (ROUND_HALF_UP, ROUND_DOWN):
            share = Context(prec=30).divide(Decimal(1), Decimal(elements))
            found[share.quantize(Decimal(1).scaleb(-places), rounding=rounding).normalize()] = None
    # a weight of exactly 1/n, as 0.2 for five elements, is the exact convention
    return tuple(weight for weight in found if Fraction(weight) != Fraction(1, elements))


def parse_weights(text: str, codes: Sequence[str]) -> Weights:
    """Weights as written by people: 'exact', '0,111', or 'REQ=1/5 PROC=0,1 ...' for every element.

    Raises:
        Refusal: `weights_invalid`, saying what is wrong with them.
    """
    written = text.strip()
    if written.lower() == EXACT:
        return exact_weights(codes)
    if written == f"1/{len(codes)}":
        return exact_weights(codes)
    if "=" not in written:
        return printed_weights(codes, _decimal(written))
    given: dict[str, Fraction] = {}
    for part in written.replace(";", " ").split():
        code, _, number = part.rstrip(",").partition("=")
        if code.upper() in given:
            raise Refusal("weights_invalid", f"unsur {code.upper()} diberi bobot dua kali")
        given[code.upper()] = _fraction(number)
    return own_weights(codes, given)


def _written(weight: Decimal) -> str:
    return str(weight).replace(".", ",")


def _decimal(text: str) -> Decimal:
    try:
        number = Decimal(text.replace(",", "."))
    except InvalidOperation:
        number = Decimal("nan")
    if not number.is_finite():
        raise Refusal(
            "weights_invalid", f"'{text}' bukan bobot; tulis exact, 0,111 atau REQ=1/9 PROC=1/9 dan seterusnya"
        )
    return number


def _fraction(text: str) -> Fraction:
    over, slash, under = text.partition("/")
    try:
        return Fraction(int(over), int(under)) if slash else Fraction(_decimal(text))
    except (ValueError, ZeroDivisionError):
        raise Refusal("weights_invalid", f"'{text}' bukan bobot; tulis seperti 1/9 atau 0,2") from None
