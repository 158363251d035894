"""Every method of every route of the application, read from the application itself, with a sample of each address."""

import hashlib
import re
from dataclasses import dataclass
from typing import Any

from litestar.handlers import HTTPRouteHandler
from sqlalchemy import text

from ikm.server.store import Store
from ikm.server.web.desk.gate import Rule
from tests.support.desk import AGENCY, COUNTER, FOREIGN_UNIT, UNIT

FOREIGN_AGENCY, FOREIGN_COUNTER = "dinkes", "pkm-harapan-1"
UNKNOWN = "0f0e0d0c-0b0a-4908-8706-050403020100"
OWN = {"node": UNIT, "agency": AGENCY, "unit": UNIT, "counter": COUNTER}
FOREIGN = {"node": FOREIGN_UNIT, "agency": FOREIGN_AGENCY, "unit": FOREIGN_UNIT, "counter": FOREIGN_COUNTER}
SAMPLES = {
    "code": "ktp", "service": "ktp", "element": "REQ", "questionnaire": "skm-14-2017-v2", "draft": "draft",
    "person": UNKNOWN, "session": "0" * 64, "invitation": "0" * 64, "token": "0" * 64, "device": UNKNOWN,
    "response": UNKNOWN, "remark": UNKNOWN, "number": "1", "rollout": "1", "wave": "1", "epoch": "1", "seq": "1",
    "digest": "0" * 12, "name": "name", "day": "2026-08-17", "date": "2026-08-17", "starts_on": "2026-01-01",
    "first": "2026-01-01", "period": "2026", "locale": "id", "kind": "kind", "id": UNKNOWN, "file": "file",
    "batch": UNKNOWN, "import": UNKNOWN, "fork": "1", "made_ms": "1", "index": "0", "question": "0", "version": "1",
    "key": "key", "path": "path", "sheet": UNKNOWN,
}  # fmt: skip
"""A value for each path parameter; those that say where are in OWN and FOREIGN."""

_PARAMETER = re.compile(r"\{(\w+)(?::\w+)?\}")


@dataclass(frozen=True)
class Way:
    """One method of one route."""

    method: str
    path: str
    handler: HTTPRouteHandler

    @property
    def rule(self) -> Rule | None:
        """What the route says about who may use it."""
        return self.handler.opt.get("rule")

    @property
    def parameters(self) -> list[str]:
        """The names in its path."""
        return _PARAMETER.findall(self.path)

    def at(self, where: dict[str, str]) -> str:
        """Its path with sample values, those that say where from `where`."""
        samples = {**SAMPLES, **where}
        return _PARAMETER.sub(lambda found: samples[found[1]], self.path)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def ways_of(app: Any) -> list[Way]:
    """Every method of every route."""
    found = []
    for route in app.routes:
        for handler in getattr(route, "route_handlers", ()):
            if isinstance(handler, HTTPRouteHandler):
                methods = sorted(set(handler.http_methods) - {"HEAD", "OPTIONS"})
                found += [Way(method, route.path, handler) for method in methods]
    return found


def desk_ways(ways: list[Way]) -> list[Way]:
    """Those of the officials' pages."""
    return [way for way in ways if way.rule is not None]


def state_of(store: Store) -> list[tuple[str, int, str]]:
    """How many rows each table has, and a hash of what they say: what was refused changed none."""
    with store._engine.connect() as connection:
        names = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'")).scalars().all()
        found = []
        # coming and going, and being refused at the door, leave traces there
        for name in sorted(set(names) - {"session", "login_try"}):
            rows = sorted(repr(tuple(row)) for row in connection.execute(text(f'SELECT * FROM "{name}"')))
            found.append((name, len(rows), hashlib.sha256("\n".join(rows).encode()).hexdigest()[:12]))
        return found
