"""The pages that links lead to, an address for each route."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from html import unescape

from litestar import Litestar

STARTS = ("/kelola", "/akun", "/")
_LINK = re.compile(r'<a [^>]*?href="([^"]+)"')
_LOOKED_AT = 6
"""So many addresses of a route are searched for links: a page for a regency has others than one for a unit."""
_OURS = re.compile(r"\A/(kelola|akun|unit|audit)")

Fetch = Callable[[str], tuple[str, str]]
"""The media type and the text at an address."""


@dataclass
class Linked:
    """An address for each route that is linked to: of pages, and of files."""

    pages: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)


def linked(app: Litestar, fetch: Fetch, starts: Sequence[str] = STARTS) -> Linked:
    """Follows links until every route that is linked to has an address."""
    found, seen, waiting = Linked(), dict[str, set[str]](), list(starts)
    while waiting:
        path = waiting.pop(0)
        route = route_of(app, path)
        if route is None or path in seen.setdefault(route, set()) or len(seen[route]) >= _LOOKED_AT:
            continue
        seen[route].add(path)
        kind, text = fetch(path)
        if not kind.startswith("text/html"):
            found.files.setdefault(route, path)
            continue
        found.pages.setdefault(route, path)
        links = [_absolute(unescape(link), path) for link in _LINK.findall(text)]
        waiting += [link for link in links if _OURS.match(link)]
    return found


def route_of(app: Litestar, path: str) -> str | None:
    """The route an address belongs to: the one with the fewest parameters."""
    plain = path.partition("?")[0]
    found = [
        route.path for route in app.routes if re.fullmatch(re.sub(r"\{\w+:\w+\}", "[^/]+", route.path), plain)
    ]  # fmt: skip
    return min(found, key=lambda one: one.count("{"), default=None)


def _absolute(link: str, path: str) -> str:
    return path.partition("?")[0] + link if link.startswith("?") else link.partition("#")[0]
