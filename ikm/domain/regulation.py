"""What a rule is: elements, rating scale, index scale and grade bands. The rules themselves are in `regulations`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from ikm.domain.errors import Refusal

RATINGS: tuple[int, ...] = (1, 2, 3, 4)
"""The four ratings of every rule in use; there is no neutral one (annex of PermenPAN-RB 14/2017)."""


class Factor(StrEnum):
    """The four supporting factors of a service: where somebody has to act when an element is low."""

    PURPOSE = "purpose"
    SYSTEMS = "systems"
    STAFF = "staff"
    FACILITIES = "facilities"


FACTOR_NAMES: Mapping[Factor, str] = MappingProxyType(
    {
        Factor.PURPOSE: "Visi, misi dan moto",
        Factor.SYSTEMS: "Sistem dan prosedur",
        Factor.STAFF: "Sumber daya manusia",
        Factor.FACILITIES: "Sarana dan prasarana",
    }
)
"""What the factors are called in Indonesian."""


@dataclass(frozen=True, slots=True)
class Element:
    """One element (unsur) of an index.

    `code` is the key everywhere. The two numbers are labels only: the annex of 14/2017 lists complaints eighth and
    facilities ninth, the sample form asks them the other way round, so data must never be joined on "U8".
    """

    code: str
    annex_number: int
    form_number: int
    name: str
    name_en: str
    factor: Factor


@dataclass(frozen=True, slots=True)
class GradeBand:
    """One grade (mutu pelayanan), known by the lowest rounded index that earns it."""

    grade: str
    lower: Decimal
    label: str


@dataclass(frozen=True, slots=True)
class Regulation:
    """A rule: which elements, how ratings become an index, which index earns which grade.

    `index_factor` converts a mean on the rating scale to the index scale (25 turns 1-4 into 25-100). `bands` go from
    the highest to the lowest. `printed_weight` is the rounded 1/n that the rule itself prints, `minimum` the number of
    respondents it asks for whatever the population; None where it has none. `base` is the rule that an agency added
    elements to or replaced elements in.
    """

    code: str
    title: str
    elements: tuple[Element, ...]
    index_factor: int
    bands: tuple[GradeBand, ...]
    printed_weight: Decimal | None = None
    minimum: int | None = None
    base: "Regulation | None" = None

    def element(self, code: str) -> Element:
        """The element of that code. Raises KeyError when the rule has none."""
        for element in self.elements:
            if element.code == code:
                return element
        raise KeyError(code)

    def grade(self, index: Decimal) -> GradeBand:
        """The band of a rounded index, by lower bound.

        The printed table leaves gaps of 0.01 between bands, so only a figure already rounded half-up to two decimals
        may be looked up (PermenPAN-RB 14/2017, annex, table of perception values). The lowest band is open downwards:
        a printed weight of 0.11 puts all ones at 24.75.

        Raises:
            ValueError: The figure is negative or carries more than two decimals.
        """
        if index != index.quantize(Decimal("0.01")) or index < 0:
            raise ValueError(f"index {index} is not a figure rounded to two decimals")
        return next((band for band in self.bands if index >= band.lower), self.bands[-1])

    @property
    def codes(self) -> tuple[str, ...]:
        """The elements' codes in the order of the annex."""
        return tuple(element.code for element in sorted(self.elements, key=lambda element: element.annex_number))

    @property
    def order_differs(self) -> bool:
        """Whether annex and sample form number some element differently, so that a bare number does not name one."""
        return any(element.annex_number != element.form_number for element in self.elements)


def extended(
    rule: Regulation, added: Sequence[Element] = (), replaced: Mapping[str, Element] = MappingProxyType({})
) -> Regulation:
    """The rule with an agency's own elements: some added at the end, some in the place of one of the rule's.

    Raises:
        Refusal: `regulation_invalid` when an element to be replaced is not the rule's, or a code would come twice.
    """
    if not added and not replaced:
        return rule
    known = {element.code for element in rule.elements}
    if strange := sorted(replaced.keys() - known):
        raise Refusal("regulation_invalid", f"unsur {', '.join(strange)} tidak ada di {rule.title}")
    kept = [
        replace(replaced[old.code], annex_number=old.annex_number, form_number=old.form_number, factor=old.factor)
        if old.code in replaced
        else old
        for old in rule.elements
    ]
    last = max(element.annex_number for element in rule.elements)
    more = [
        replace(element, annex_number=number, form_number=number)
        for number, element in enumerate(added, start=last + 1)
    ]
    codes = [element.code for element in (*kept, *more)]
    if len(set(codes)) != len(codes):
        twice = sorted({code for code in codes if codes.count(code) > 1})
        raise Refusal("regulation_invalid", f"unsur {', '.join(twice)} disebut lebih dari sekali")
    return replace(rule, elements=(*kept, *more), printed_weight=None, base=rule.base or rule)


def own_elements(rule: Regulation) -> tuple[tuple[Element, Element | None], ...]:
    """The elements an agency brought into a rule, each with the rule's element that it replaces, if any."""
    if rule.base is None:
        return ()
    gone = {element.annex_number: element for element in rule.base.elements if element.code not in rule.codes}
    return tuple(
        (element, gone.get(element.annex_number)) for element in rule.elements if element.code not in rule.base.codes
    )
