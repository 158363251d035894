"""What the address of a page of figures asks for: period, filter, places; and addresses that ask for something else."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode

from litestar.params import QueryParameter

from ikm.domain.errors import Refusal
from ikm.domain.organisation import Level, Node
from ikm.domain.period import Period, PeriodKind, parse_period, period_of
from ikm.domain.response import Channel
from ikm.domain.rights import Act
from ikm.server.reports.cockpit import State
from ikm.server.reports.periods import period_code
from ikm.server.reports.ports import Filter
from ikm.server.reports.wording import day
from ikm.server.web.desk.desk import Desk
from ikm.server.web.desk.gate import Officer
from ikm.server.web.desk.moments import zone_of

PeriodName = Annotated[str | None, QueryParameter(name="periode")]
ServiceName = Annotated[str, QueryParameter(name="layanan")]
ChannelName = Annotated[str, QueryParameter(name="kanal")]
VersionName = Annotated[str, QueryParameter(name="versi")]
AgencyName = Annotated[str, QueryParameter(name="perangkat")]
StateName = Annotated[str, QueryParameter(name="sampel")]

CHANNELS = {Channel.KIOSK.value: "Kios"}
"""What channels are called."""

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for; `today` is the date at the officer's place."""

    period: Period
    today: date
    chosen: Filter
    agency: str = ""
    state: State | None = None

    @property
    def query(self) -> dict[str, str]:
        """It as an address tells it."""
        told = {
            "periode": period_code(self.period), "perangkat": self.agency, "layanan": self.chosen.service,
            "kanal": self.chosen.channel, "versi": self.chosen.questionnaire,
            "sampel": self.state or "",
        }  # fmt: skip
        return {name: value for name, value in told.items() if value}

    def link(self, path: str, **changed: str) -> str:
        """That page with the same question, but for what is changed; '' leaves a part out."""
        told = {name: value for name, value in {**self.query, **changed}.items() if value}
        return f"{path}?{urlencode(told)}" if told else path


def asked(
    desk: Desk, officer: Officer, period: str | None, *, service: str = "", channel: str = "", version: str = "",
    agency: str = "", state: str = "",
) -> Asked:  # fmt: skip
    """What that address asks for, the running semester where it says no period.

    Raises:
        Refusal: `period_invalid`; `not_found` for what is no code, channel or state of a sample.
    """
    for code in (service, version, agency):
        if code and not _CODE.fullmatch(code):
            raise Refusal("not_found", "code")
    if channel and channel not in CHANNELS:
        raise Refusal("not_found", "channel")
    if state and state not in set(State):
        raise Refusal("not_found", "state")
    today = zone_of(desk.store, officer.rights.tree).local_date(desk.now_ms())
    chosen = period_of(today, PeriodKind.SEMESTER) if not period else parse_period(period)
    return Asked(chosen, today, Filter(service, channel, version), agency, State(state) if state else None)


def units_of(officer: Officer, agency: str = "") -> list[tuple[Node, Node]]:
    """The units an officer may see, each with its agency, of one agency where asked; as organised."""
    nodes = officer.rights.tree.nodes
    found = [nodes[code] for code in officer.rights.scope(Act.SEE, Level.UNIT)]
    pairs = [(unit, nodes[str(unit.parent)]) for unit in found]
    return [pair for pair in pairs if not agency or pair[1].code == agency]


def unit_of(officer: Officer, unit: str) -> Node:
    """A unit of the tree. Raises Refusal (`not_found`)."""
    node = officer.rights.tree.nodes.get(unit)
    if node is None or node.level is not Level.UNIT:
        raise Refusal("not_found", unit)
    return node


def told(
    asked_: Asked, names: Mapping[str, Any], services: Mapping[str, str] = {}
) -> tuple[tuple[str, str], ...]:  # fmt: skip
    """The question as lines above a file: what is left out says that all are meant. `services` are names by code."""
    chosen = asked_.chosen
    return (
        ("Periode", asked_.period.label),
        ("Dari", day(asked_.period.start)),
        ("Sampai", day(asked_.period.end - timedelta(days=1))),
        *(((name, str(value)) for name, value in names.items())),
        ("Layanan", services.get(chosen.service, chosen.service) or "semua"),
        ("Kanal", CHANNELS.get(chosen.channel, "semua")),
        ("Versi kuesioner", chosen.questionnaire or "semua"),
    )
