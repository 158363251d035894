"""All that decides about kiosks, read at one moment; and the configurations counters have."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import Connection, func, select

from ikm import wire
from ikm.assets import asset
from ikm.domain.configuration import Configuration, Service
from ikm.domain.organisation import Level, Node, Tree
from ikm.domain.questionnaire import Questionnaire
from ikm.server import tables as t
from ikm.server.configuring.compiling import KioskUnit, Scheduled, World
from ikm.server.configuring.settings import decoded
from ikm.server.store.columns import NAMES
from ikm.server.store.organisation import service_of
from ikm.server.store.standards import facts_of

STANDARD_QUESTIONNAIRE = "skm-14-2017-v2"
"""What is asked where nobody decided anything: the nine elements in the words of the rule's sample form."""


@dataclass(frozen=True, slots=True)
class Held:
    """The newest configuration that a counter was given, and its number."""

    version: int
    configuration: Configuration


def world(connection: Connection, base_url: str = "") -> World:
    """All of it; `base_url` is where the public pages are, for kiosks whose settings name no other place."""
    nodes = [
        Node(row.code, Level(row.level), row.parent, row.name, row.retired_ms is not None)
        for row in connection.execute(select(t.node).order_by(t.node.c.position, t.node.c.code))
    ]
    names = dict(connection.execute(select(t.node.c.code, t.node.c.names).where(t.node.c.level == Level.UNIT)).all())
    offered: dict[str, list[Service]] = {}
    query = select(t.service).where(t.service.c.retired_ms.is_(None)).order_by(t.service.c.position, t.service.c.code)
    for row in connection.execute(query):
        offered.setdefault(row.unit, []).append(service_of(row))
    units = {}
    # the regency has its time zone there too, and nothing else of a unit
    for row in connection.execute(select(t.unit).where(t.unit.c.code.in_(names))):
        facts = facts_of(row)
        units[row.code] = KioskUnit(
            NAMES.decode(names[row.code]), facts.time_zone, facts.opening, facts.pledge,
            facts.complaints, tuple(offered.get(row.code, ())),
        )  # fmt: skip
    holidays: dict[str, list[object]] = {}
    for row in connection.execute(select(t.holiday.c.node, t.holiday.c.day)):
        holidays.setdefault(row.node, []).append(row.day)
    schedule: dict[str, list[Scheduled]] = {}
    for row in connection.execute(select(t.questionnaire_schedule)):
        schedule.setdefault(row.node, []).append(Scheduled(row.starts_on, row.questionnaire))
    return World(
        tree=Tree(sorted(nodes, key=lambda node: list(Level).index(node.level))),
        units=units,
        settings={row.node: decoded(row.body) for row in connection.execute(select(t.kiosk_setting))},
        holidays=holidays,  # type: ignore[arg-type]
        schedule=schedule,
        questionnaires=questionnaires(connection),
        standard=standard_questionnaire(),
        base_url=base_url,
    )


def questionnaires(connection: Connection) -> Mapping[str, Questionnaire]:
    """Every finished version, by code."""
    return {code: _questionnaire(body) for code, body in connection.execute(select(t.questionnaire))}


def standard_questionnaire() -> Questionnaire:
    """The one that comes with this software."""
    return _questionnaire(asset(f"questionnaires/{STANDARD_QUESTIONNAIRE}.json").read_text(encoding="utf-8"))


# versions never change, so those read once are known; a draft is no version
@lru_cache(maxsize=256)
def _questionnaire(body: str) -> Questionnaire:
    return wire.decode(body.encode(), wire.QuestionnaireMessage, "questionnaire_invalid").to_domain()


def held_configurations(connection: Connection, counters: Iterable[str]) -> Mapping[str, Held]:
    """The newest configuration that each of those counters was given, where it was given any."""
    c = t.configuration.c
    newest = select(c.counter, func.max(c.version).label("version")).where(c.released_ms.is_not(None))
    latest = newest.group_by(c.counter).subquery()
    query = select(c.counter, c.version, c.body).join(
        latest, (latest.c.counter == c.counter) & (latest.c.version == c.version)
    )
    wanted = set(counters)
    return {
        row.counter: Held(row.version, _configuration(row.counter, row.version, row.body))
        for row in connection.execute(query)
        if row.counter in wanted
    }


# a number is given once to one content; the body is a part of the key for databases that tests put together
@lru_cache(maxsize=2_000)
def _configuration(_counter: str, _version: int, body: str) -> Configuration:
    return wire.decode(body.encode(), wire.ConfigurationMessage, "configuration_invalid").to_domain()
