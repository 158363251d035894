"""Which other rule a table's headings fit, where they do not fit the one asked for."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from types import MappingProxyType

from ikm.domain.errors import Refusal
from ikm.domain.regulation import Regulation
from ikm.domain.regulations import REGULATIONS
from ikm.server.answers.columns import columns
from ikm.server.answers.layout import Layout
from ikm.server.answers.sample import SAMPLED
from ikm.server.answers.survey import SEARCHED, survey
from ikm.server.answers.table import NumberedRow, Table

CALLED: Mapping[str, str] = MappingProxyType(
    {"permenpanrb-14-2017": "14/2017", "permenpanrb-16-2014": "16/2014", "kep-25-2004": "25/2004"}
)
"""What people write after --regulation for a rule, where that is not its code."""

_TELLING = 9
"""So many bare numbers tell a rule; fewer may be an unfinished sheet of any."""

_REASONS = frozenset(("column_missing", "column_unknown"))


def other_rule(refusal: Refusal, tables: Iterable[Table], layout: Layout) -> Refusal:
    """The refusal of tables whose columns do not fit; it names the rule that they do fit, if there is one."""
    asked = layout.rule.base or layout.rule
    if refusal.code not in _REASONS or "by" in refusal.facts or layout.columns:
        return refusal
    every = tuple(map(_beginning, tables))
    for rule in REGULATIONS.values():
        if rule.code != asked.code and any(_fits(table, rule, layout) for table in every):
            where = refusal.detail.partition(": ")[0]
            named = CALLED.get(rule.code, rule.code)
            return Refusal(
                refusal.code,
                f"{where}: tajuknya cocok dengan {rule.title}, bukan {asked.title}. Jalankan lagi dengan "
                f"--regulation {named}.",
            )
    return refusal


@dataclass(frozen=True, slots=True)
class _Beginning:
    """The first rows of a table, kept, for they are looked at once per rule."""

    sheet: str | None
    separated: bool
    taken: Sequence[NumberedRow]

    def rows(self) -> Iterator[NumberedRow]:
        """The rows that were kept."""
        return iter(self.taken)


def _beginning(table: Table) -> Table:
    taken: list[NumberedRow] = []
    # damage further down is not what the refusal is about
    with suppress(Refusal):
        taken.extend(islice(table.rows(), SEARCHED + SAMPLED))
    return _Beginning(table.sheet, table.separated, taken)


def _fits(table: Table, rule: Regulation, layout: Layout) -> bool:
    top = survey(table, Layout(rule, layout.order))
    try:
        columns(top, Layout(rule, layout.order), "")
    except Refusal:
        return False
    by_name = any(found.named for found in top.meanings.values())
    return by_name or len(rule.elements) >= _TELLING
