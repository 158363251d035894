"""Somebody at the officials' pages: reads, clicks and types what stands there, by its name, as a person does.

With `PICTURES=folder` in the environment every stop of every journey is kept there as pictures (a desk by day and by
night, a phone) and as the paper that comes out of the printer, to be looked at.
"""

import os
import re
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path

from playwright.sync_api import Download, Locator, Page, expect

_LOOKS = {
    "day": ({"width": 1280, "height": 800}, "light"),
    "night": ({"width": 1280, "height": 800}, "dark"),
    "phone": ({"width": 390, "height": 844}, "light"),
}

PATIENCE_MS = 20_000
"""So long somebody waits for a page: a busy machine is no fault of the page."""


@dataclass
class Person:
    """One person in one browser. Two things of the same name on a page are a fault: nobody could say which is meant."""

    page: Page
    name: str
    stops: int = 0
    offered: dict[str, str] = field(default_factory=dict)
    """Where links led to, path -> one address of it."""

    @property
    def menu(self) -> Locator:
        """The menu that is on every page."""
        return self.page.get_by_role("navigation", name="Menu utama")

    def press(self, name: str, *, within: str | Locator | None = None) -> None:
        """Click on the link or button with that name, in the row or region that is meant."""
        place = self._within(within)
        button = place.get_by_role("button", name=name, exact=True)
        button.or_(place.get_by_role("link", name=name, exact=True)).click()

    def open(self, name: str) -> None:
        """Unfold what is folded away under that name."""
        self.page.locator("summary", has_text=re.compile(rf"^\s*{re.escape(name)}\s*$")).click()

    def type(self, label: str, words: str) -> None:
        """Fill in a field."""
        self.page.get_by_label(label, exact=True).fill(words)

    def tick(self, label: str) -> None:
        """Tick a box, or choose one of several."""
        self.page.get_by_label(label, exact=True).check()

    def choose(self, label: str, option: str) -> None:
        """Take one from a list."""
        self.page.get_by_role("combobox", name=label, exact=True).select_option(label=option)

    def sees(self, *words: str) -> None:
        """Nothing, where all that stands on the page."""
        for one in words:
            expect(self.page.locator("main")).to_contain_text(one, timeout=PATIENCE_MS)

    def sees_no(self, *names: str) -> None:
        """Nothing, where no link or button has such a name."""
        for name in names:
            expect(self.page.get_by_role("link", name=name, exact=True)).to_have_count(0, timeout=PATIENCE_MS)
            expect(self.page.get_by_role("button", name=name, exact=True)).to_have_count(0, timeout=PATIENCE_MS)

    def row(self, name: str) -> Locator:
        """The row of a table whose heading says that."""
        heading = self.page.get_by_role("rowheader", name=re.compile(rf"^{re.escape(name)}\b"))
        return self.page.get_by_role("row").filter(has=heading)

    def number(self, at: str) -> str:
        """The exact value of a figure on the page, as text; `at` is its id."""
        return self.page.locator(f"data#{at}").get_attribute("value") or ""

    def takes(self, name: str) -> Download:
        """The file that a link or button of that name gives."""
        with self.page.expect_download() as given:
            self.press(name)
        return given.value

    def at(self, heading: str) -> None:
        """Nothing, once the page of that heading is open; a picture of it where somebody wants to look."""
        expect(self.page.get_by_role("heading", level=1)).to_have_text(heading, timeout=PATIENCE_MS)
        links = self.page.eval_on_selector_all("a[href]", "links => links.map((link) => link.href)")
        self.offered |= {address.partition("#")[0].partition("?")[0]: address.partition("#")[0] for address in links}
        folder = os.environ.get("PICTURES")
        if folder:
            self.stops += 1
            self._keep(Path(folder) / f"{self.name}-{self.stops:02}-{re.sub(r'[^a-z0-9]+', '-', heading.lower())[:40]}")

    def refused(self) -> dict[str, int]:
        """The links met on the way that lead nowhere, or to what this person may not do: address -> status."""
        ask = self.page.context.request
        found = {address: ask.get(address, max_redirects=0).status for address in self.offered.values()}
        return {address: status for address, status in found.items() if status >= HTTPStatus.BAD_REQUEST}

    def _keep(self, stem: Path) -> None:
        stem.parent.mkdir(parents=True, exist_ok=True)
        for look, (size, scheme) in _LOOKS.items():
            self.page.set_viewport_size(size)
            self.page.emulate_media(color_scheme=scheme)
            self.page.screenshot(path=f"{stem}-{look}.png", full_page=True)
        self.page.pdf(path=f"{stem}.pdf", format="A4")
        self.page.set_viewport_size(_LOOKS["day"][0])
        self.page.emulate_media(color_scheme="light")

    def _within(self, place: str | Locator | None) -> Page | Locator:
        if place is None:
            return self.page
        return self.page.get_by_role("region", name=place, exact=True) if isinstance(place, str) else place
