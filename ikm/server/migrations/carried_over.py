"""What configurations said of places before places said it themselves, written where it belongs since 0004.

Plain SQL and JSON: a migration must go on working when the application's own words have changed.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

_SINCE = date(2020, 1, 1)
_PLAIN: dict[str, Any] = {
    "languages": None, "default_language": None, "idle_s": None, "countdown_s": None, "thanks_s": None,
    "instrument": "full", "questions_each": 3, "asks_comment": True, "aids": [], "staff_pin": "",
}  # fmt: skip
"""Members of a configuration that are settings now, and what those left out meant."""


def carry_over(connection: sa.Connection) -> None:
    """Fill hours, pledges, standards, days off, settings and the schedule from each counter's newest configuration."""
    nodes = {row.code: row for row in connection.execute(sa.text("SELECT code, level, parent FROM node"))}
    newest = "SELECT counter, MAX(version) AS version FROM configuration GROUP BY counter"
    rows = connection.execute(
        sa.text(
            f"SELECT c.counter, c.body FROM configuration c JOIN ({newest}) n "  # noqa: S608 - both are written here
            "ON n.counter = c.counter AND n.version = c.version ORDER BY c.counter"
        )
    )
    held = {row.counter: json.loads(row.body) for row in rows if row.counter in nodes}
    if not held:
        return
    regency = next(code for code, row in nodes.items() if row.level == "regency")
    units: dict[str, list[dict[str, Any]]] = {}
    for body in held.values():
        units.setdefault(body["unit"], []).append(body)
    for unit, bodies in units.items():
        _fill_unit(connection, unit, bodies)
    _fill_holidays(connection, regency, units)
    _fill_settings(connection, regency, held, units)
    _fill_schedule(connection, regency, held)


def _fill_unit(connection: sa.Connection, unit: str, bodies: Sequence[Mapping[str, Any]]) -> None:
    services = {service["code"]: service.get("standard", {}) for body in bodies for service in body["services"]}
    complaints = [standard.get("CMPL", []) for standard in services.values()]
    # how complaints are taken is the unit's word where all its services say the same
    shared = complaints[0] if complaints and all(lines == complaints[0] for lines in complaints) else []
    for code, standard in services.items():
        own = {element: lines for element, lines in standard.items() if not (shared and element == "CMPL")}
        connection.execute(
            sa.text("UPDATE service SET standard = :standard WHERE unit = :unit AND code = :code"),
            {"standard": _json(own), "unit": unit, "code": code},
        )
    connection.execute(
        sa.text("UPDATE unit SET opening = :opening, pledge = :pledge, complaints = :complaints WHERE code = :unit"),
        {
            "opening": _json(_first(bodies, "opening")), "pledge": _json(_first(bodies, "pledge")),
            "complaints": _json(shared), "unit": unit,
        },
    )  # fmt: skip


def _fill_holidays(connection: sa.Connection, regency: str, units: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    closed = {unit: frozenset(_first(bodies, "closed_on")) for unit, bodies in units.items()}
    everywhere = frozenset.intersection(*closed.values())
    own = {unit: days - everywhere for unit, days in closed.items()}
    rows = [
        {"node": node, "day": date.fromisoformat(day), "name": "Hari libur"}
        for node, days in ({regency: everywhere} | own).items()
        for day in sorted(days)
    ]
    _insert(connection, "holiday", rows)


def _fill_settings(
    connection: sa.Connection,
    regency: str,
    held: Mapping[str, Mapping[str, Any]],
    units: Mapping[str, Sequence[Mapping[str, Any]]],
) -> None:
    said = {counter: _settings(body) for counter, body in held.items()}
    usual = {name: _commonest(settings[name] for settings in said.values()) for name in (*_PLAIN, "public_url")}
    offered = {unit: {s["code"] for body in bodies for s in body["services"]} for unit, bodies in units.items()}
    known = _services(connection)
    rows = [{"node": regency, "body": _json({n: v for n, v in usual.items() if v != _PLAIN.get(n, "")})}]
    for counter, settings in said.items():
        body = held[counter]
        own = {name: value for name, value in settings.items() if value != usual[name]}
        here = {service["code"] for service in body["services"]}
        if here != known.get(body["unit"], offered[body["unit"]]):
            own["services"] = sorted(here)
        if not body.get("opening") and _first(units[body["unit"]], "opening"):
            own["always_open"] = True
        if own:
            rows.append({"node": counter, "body": _json(own)})
    _insert(connection, "kiosk_setting", rows)


def _fill_schedule(connection: sa.Connection, regency: str, held: Mapping[str, Mapping[str, Any]]) -> None:
    asked = {counter: body["questionnaire"]["code"] for counter, body in held.items()}
    finished = set(connection.execute(sa.text("SELECT code FROM questionnaire")).scalars())
    usual = _commonest(asked.values())
    wanted = {regency: usual} | {counter: code for counter, code in asked.items() if code != usual}
    rows = [
        {"node": node, "starts_on": _SINCE, "questionnaire": code, "applied_ms": 0}
        for node, code in wanted.items()
        if code in finished
    ]
    _insert(connection, "questionnaire_schedule", rows)


def _settings(body: Mapping[str, Any]) -> dict[str, Any]:
    found = {name: body.get(name, left_out) for name, left_out in _PLAIN.items()}
    # the address of the unit's page follows from that of the site
    return {**found, "public_url": body.get("public_url", "").removesuffix(f"/unit/{body['unit']}")}


def _services(connection: sa.Connection) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for row in connection.execute(sa.text("SELECT unit, code FROM service")):
        found.setdefault(row.unit, set()).add(row.code)
    return found


def _first(bodies: Sequence[Mapping[str, Any]], name: str) -> list[Any]:
    return next((body[name] for body in bodies if body.get(name)), [])


def _commonest(values: Iterable[Any]) -> Any:
    counted = Counter(_json(value) for value in values)
    return json.loads(counted.most_common(1)[0][0])


def _insert(connection: sa.Connection, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        kinds = {"day": sa.Date(), "starts_on": sa.Date()}
        held = sa.table(table, *(sa.column(name, kinds.get(name)) for name in rows[0]))
        connection.execute(held.insert(), [dict(row) for row in rows])


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
