"""Every page an officer reaches by links, in a real browser: can everybody use it, on any screen, day and night?

The pages are found by following links from the first one, so that a page nobody links to is found missing.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import axe_playwright_python
import pytest
import uuid_utils
from litestar import Litestar
from playwright.sync_api import Browser, BrowserContext, Page
from sqlalchemy import URL

from ikm.domain.rights import Grant, Role
from ikm.server.ingest import now_ms
from ikm.server.seeding.sowing import Wish, sow
from ikm.server.settings import Settings
from ikm.server.store import Store
from ikm.server.store.deeds import Doer
from ikm.server.web.app import create_app
from tests.support.linked import linked
from tests.support.served import running

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
CHECK = """async () => {
  const found = await axe.run(document, {resultTypes: ["violations"]});
  return found.violations.filter((one) => ["serious", "critical"].includes(one.impact))
    .flatMap((one) => one.nodes.slice(0, 3).map((node) => `${one.id}: ${node.html.slice(0, 160)}`));
}"""
LOOKS = {
    "day": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "light"},
    "night": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}, "color_scheme": "light"},
}
BEGUN = frozenset({
    "/kelola/impor/{number:str}", "/kelola/kios/penerapan/nomor/{rollout:int}", "/kelola/kios/{device:str}/keputusan",
    "/kelola/kuesioner/rancangan/{draft:str}", "/kelola/kuesioner/rancangan/{draft:str}/pertanyaan/{question:str}",
})  # fmt: skip
"""Pages of what somebody has begun: an import, a roll-out, a draft, a quarrel about a kiosk; test_begun_pages.py."""

UNLINKED = BEGUN | {"/masuk", "/masuk/kode", "/masuk/autentikator", "/undangan/{token:str}", "/bukti"}
"""Pages no link of a quiet regency leads to; those one is led to at the door are in test_signin_browser.py."""


@dataclass
class Site:
    """A running server, someone's session, and the pages found: an address for each route."""

    address: str
    token: str
    app: Litestar
    pages: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)

    def context(self, browser: Browser, look: str) -> BrowserContext:
        context = browser.new_context(locale="id-ID", **LOOKS[look])
        context.add_cookies([{"name": "ikm", "value": self.token, "url": self.address}])
        return context


@pytest.fixture(scope="module")
def site(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    database = URL.create("sqlite", database=str(tmp_path_factory.mktemp("site") / "ikm.db"))
    store = Store.open(database)
    sow(store, Wish(units=4, kiosks=6, years=1, answers=900, seed=5, until=datetime.now(UTC).date(), now_ms=now_ms()))
    person = str(uuid_utils.uuid4())
    root = store.organisation()[0].code
    store.add_person(person, "sari@contoh.go.id", "Sari Wijaya", [Grant(Role.SUPERADMIN, root)], Doer("uji", now_ms()))
    token = store.begin_session(person, "in", now_ms())
    store.close()
    app = create_app(Settings(database))
    with running(app) as address:
        found = Site(address, token, app)
        _find(found, chromium)
        yield found


def _find(site: Site, browser: Browser) -> None:
    """Follow links until every route that is linked to has an address."""
    context = site.context(browser, "day")

    def fetch(path: str) -> tuple[str, str]:
        answer = context.request.get(site.address + path)
        kind = answer.headers.get("content-type", "")
        return kind, answer.text() if kind.startswith("text/html") else ""

    try:
        found = linked(site.app, fetch)
    finally:
        context.close()
    site.pages, site.files = dict(found.pages), dict(found.files)


def test_every_page_is_linked_to(site: Site):
    reading = {
        route.path
        for route in site.app.routes
        for handler in getattr(route, "route_handlers", ())
        if "GET" in handler.http_methods and handler.opt.get("rule") is not None
    }
    missing = sorted(reading - UNLINKED - site.pages.keys() - site.files.keys())
    assert not missing, "\n".join(missing)


@pytest.mark.parametrize("look", LOOKS)
def test_no_page_shuts_anybody_out(site: Site, chromium: Browser, look: str):
    context = site.context(chromium, look)
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    try:
        faults = {path: found for path in site.pages.values() if (found := _faults(page, site.address + path, said))}
    finally:
        context.close()
    assert faults == {}
    assert len(site.pages) > 20


def _faults(page: Page, address: str, said: list[str]) -> list[str]:
    said.clear()
    answer = page.goto(address)
    found = [] if answer is not None and answer.status == 200 else [f"status {answer and answer.status}"]
    found += said
    if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
        found.append("wider than the screen")
    page.evaluate(AXE)
    return found + page.evaluate(CHECK)
