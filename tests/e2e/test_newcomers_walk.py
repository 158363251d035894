"""From an empty server to a kiosk that collects for a new unit, as somebody does it who has never seen the pages.

Every click is counted, every word typed is what such a person would type; docs/newcomer.md tells the same way in words.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import URL

from ikm.server.ingest import now_ms
from ikm.server.people.links import first_link
from ikm.server.reports import enrolment_sheet
from ikm.server.settings import Settings
from ikm.server.store import Store
from ikm.server.web.app import create_app
from ikm.server.web.desk import enrolling
from kiosk.demo.processes import run
from kiosk.machine import system_clock
from kiosk.store import Store as KioskStore
from tests.support.served import running
from tests.support.whole_device import WholeDevice

MOST_CLICKS = 25
TOLD = Path(__file__).parents[2] / "docs" / "newcomer.md"


@dataclass
class Newcomer:
    """Somebody with a mouse and a keyboard; what they did is counted."""

    page: Page
    clicks: int = 0
    signs: int = 0
    told: list[str] = field(default_factory=list)

    def press(self, name: str) -> None:
        """Click on the link or button with that name."""
        target = self.page.get_by_role("button", name=name, exact=True).or_(
            self.page.get_by_role("link", name=name, exact=True)
        )
        target.first.click()
        self.clicks += 1
        self.told.append(name)

    def tick(self, name: str) -> None:
        """Tick a box."""
        self.page.get_by_label(name, exact=True).check()
        self.clicks += 1
        self.told.append(name)

    def type(self, label: str, words: str) -> None:
        """Fill in a field, come to with the Tab key."""
        self.page.get_by_label(label, exact=True).fill(words)
        self.signs += len(words) + 1

    def choose(self, label: str, option: str) -> None:
        """Choose from a list: open it and take one."""
        self.page.get_by_label(label, exact=True).select_option(label=option)
        self.clicks += 2


@dataclass
class Office:
    """An empty server: its address, its database, the cards it printed."""

    address: str
    settings: Settings
    cards: list[enrolment_sheet.Card]

    def link(self) -> str:
        """What the server says at its first start."""
        store = Store.open(self.settings.database)
        try:
            told = first_link(store, self.address, now_ms())
        finally:
            store.close()
        return re.search(r"http\S+", told or "").group()


@pytest.fixture
def office(tmp_path, monkeypatch) -> Iterator[Office]:
    cards: list[enrolment_sheet.Card] = []
    honest = enrolling.enrolment_sheet

    def printed(regency, server_url, made_on, made):
        cards.extend(made)
        return honest(regency, server_url, made_on, made)

    # what stands on the paper that the officer carries to the kiosk
    monkeypatch.setattr(enrolling, "enrolment_sheet", printed)
    settings = Settings(URL.create("sqlite", database=str(tmp_path / "ikm.db")))
    with running(create_app(settings)) as address:
        yield Office(address, settings, cards)


def test_a_newcomer_gets_from_an_empty_server_to_a_kiosk_that_collects(office: Office, page: Page, tmp_path):
    sari = Newcomer(page)
    page.goto(office.link())
    _come_in(sari)
    _arrange(sari)
    with page.expect_download():
        _print_cards(sari)
    assert sari.clicks <= MOST_CLICKS, sari.told
    assert f"{sari.clicks} klik dan {sari.signs} ketukan papan ketik" in TOLD.read_text()
    _collect(office, tmp_path / "kiosk")
    page.goto(f"{office.address}/unit/disdukcapil")
    expect(page.locator("#index")).to_be_visible()


def _come_in(sari: Newcomer) -> None:
    sari.type("Nama daerah", "Kabupaten Baru")
    sari.type("Kode", "baru")
    sari.type("Surel Anda", "sari@baru.go.id")
    sari.type("Nama Anda", "Sari Wijaya")
    sari.type("Kata sandi", "kuda batu hijau tua")
    sari.type("Kata sandi sekali lagi", "kuda batu hijau tua")
    sari.press("Lanjut")
    secret = re.search(r"\b[A-Z2-7]{4}(?: [A-Z2-7]{4}){7}\b", sari.page.inner_text("main")).group().replace(" ", "")
    sari.page.locator("main [name=code]").fill(pyotp.TOTP(secret).now())
    sari.signs += 7
    sari.press("Lanjut")
    sari.page.locator("main a.button, main button").last.click()
    sari.clicks += 1
    expect(sari.page.get_by_role("heading", level=1)).to_have_text("Ringkasan")


def _arrange(sari: Newcomer) -> None:
    sari.press("Unit dan layanan")
    sari.press("Tambah perangkat daerah")
    sari.type("Nama", "Dinas Kependudukan dan Pencatatan Sipil")
    sari.press("Tambahkan")
    sari.press("Tambah unit")
    sari.type("Nama", "Disdukcapil")
    sari.press("Tambahkan")
    sari.press("Layanan dan standar")
    sari.type("Nama", "KTP elektronik")
    sari.press("Tambahkan")
    sari.press("Ikhtisar")
    sari.press("Tambah loket")
    sari.type("Nama", "Loket 1")
    sari.press("Tambahkan")


def _print_cards(sari: Newcomer) -> None:
    sari.press("Kios")
    sari.press("Daftarkan kios")
    sari.tick("Loket 1")
    sari.press("Unduh lembar kartu (PDF)")


def _collect(office: Office, folder) -> None:
    [card] = office.cards
    run("kiosk", "enrol", "--server", office.address, "--code", card.code, environment={"KIOSK_DATA": str(folder)})
    with KioskStore.open(folder) as store:
        assert store.configuration().unit_name["id"] == "Disdukcapil"
        WholeDevice(folder, store, system_clock()).answer(1)
    run("kiosk", "sync", "--once", environment={"KIOSK_DATA": str(folder)})
