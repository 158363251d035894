"""The page that says whether anything is missing: ids, counts and dates, and nothing of an answer."""

import threading
from collections.abc import Callable, Sequence
from typing import Protocol

from litestar import Response, Router, get
from litestar.di import NamedDependency, Provide
from litestar.params import SkipValidation

from ikm.domain.organisation import Level, Node
from ikm.domain.period import TimeZone
from ikm.server.reports.completeness import Books, Completeness, completeness, described, sentence
from ikm.server.web.render import page

_FRESH_MS = 60_000

NowMs = Callable[[], int]
"""The server's clock: milliseconds since 1970, UTC."""


class AuditedBooks(Books, Protocol):
    """What the page is made from: the books, and the name of the place."""

    def organisation(self) -> Sequence[Node]:
        """Every node, parents before children."""
        ...


class Looks:
    """How all devices stand, counted once a minute at most, however often it is asked. Safe for several threads."""

    def __init__(self, books: AuditedBooks, now_ms: NowMs) -> None:
        self._books, self._now_ms = books, now_ms
        self._lock = threading.Lock()
        self._held: tuple[int, Completeness] | None = None

    def look(self) -> tuple[int, Completeness]:
        """When it was counted (milliseconds since 1970) and what was found."""
        with self._lock:
            now = self._now_ms()
            if self._held is None or not 0 <= now - self._held[0] < _FRESH_MS:
                self._held = now, completeness(self._books, thorough=False)
            return self._held

    @property
    def regency(self) -> Node | None:
        """The regency, None before there is an organisation."""
        return next((node for node in self._books.organisation() if node.level is Level.REGENCY), None)


GivenLooks = NamedDependency[SkipValidation[Looks]]


@get("/audit", sync_to_thread=True, include_in_schema=False)
def audit_page(looks: GivenLooks) -> Response[str]:
    """Whether anything is missing, where and since when, and how every device stands."""
    at_ms, found = looks.look()
    return page(
        "audit.html",
        regency=looks.regency,
        complete=found.complete,
        line=sentence(found),
        findings=[described(books, finding) for books, finding in found.findings],
        devices=found.devices,
        counted=_zone(found).written(at_ms),
        standings={"active": "aktif", "forked": "bercabang", "revoked": "dicabut"},
    )


def router(books: AuditedBooks, now_ms: NowMs) -> Router:
    """The page over those books."""
    looks = Looks(books, now_ms)
    return Router(
        "/",
        route_handlers=[audit_page],
        dependencies={"looks": Provide(lambda: looks, sync_to_thread=False)},
    )


def _zone(found: Completeness) -> TimeZone:
    return found.devices[0].zone if found.devices else TimeZone.WIB
