"""How a file of raw answers is to be read: the rule it was asked by, and what its headings cannot say themselves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from ikm.domain.regulation import Element, Factor, Regulation, extended

Order = Literal["annex", "form"]
"""Whose numbers a heading such as "U8" carries: the list in the rule's annex, or the rule's sample form."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file is to be read.

    `order` None: "U8" is the annex's, "Q8" and "P8" the sample form's, and the answers say that this was assumed.
    `sheet` None: the one sheet that has the columns. `by` is the heading of a column to group respondents by, such as
    the unit. `columns` names columns outright, element code -> heading; no other column is then taken for that element.
    """

    rule: Regulation
    order: Order | None = None
    sheet: str | None = None
    by: str | None = None
    columns: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


def layout(
    rule: Regulation,
    *,
    order: Order | None = None,
    sheet: str | None = None,
    by: str | None = None,
    added: Sequence[str] = (),
    replaced: Mapping[str, str] = MappingProxyType({}),
) -> Layout:
    """The layout of a file with an agency's own elements, each called by the heading of its column.

    `added` are headings of elements beyond the rule's own; they get the codes ADD1, ADD2, ... in that order. `replaced`
    maps codes of the rule's elements to the headings of what is asked in their place; they get the code of the element
    they replace with "_NEW" behind it.

    Raises:
        Refusal: `regulation_invalid` when an element to be replaced is not the rule's.
    """
    named = {f"ADD{number}": heading for number, heading in enumerate(added, start=1)}
    instead = {old.upper(): heading for old, heading in replaced.items()}
    own = extended(
        rule,
        tuple(_element(code, heading) for code, heading in named.items()),
        {old: _element(f"{old}_NEW", heading) for old, heading in instead.items()},
    )
    columns = named | {f"{old}_NEW": heading for old, heading in instead.items()}
    return Layout(own, order, sheet, by, MappingProxyType(columns))


def _element(code: str, heading: str) -> Element:
    name = " ".join(heading.split())
    # nothing in a heading tells the factor: an agency's own element is asked about its way of working
    return Element(code, 0, 0, name, name, Factor.SYSTEMS)
