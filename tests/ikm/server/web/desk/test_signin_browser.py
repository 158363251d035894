"""From an empty server to a second person at work, as two people do it in Chromium; every page on the way is sound."""

import time

import pyotp
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import URL

from ikm.server.example import install_example
from ikm.server.people import links
from ikm.server.settings import Settings
from ikm.server.store import Store
from ikm.server.store.deeds import Doer
from ikm.server.web.app import create_app
from tests.support.served import running

LOOKS = (((1280, 800), "light"), ((390, 844), "light"), ((1280, 800), "dark"))
SARI, BUDI = "kuda terbang makan batu", "sepeda merah di sawah"


class Walk:
    """One person's browser. Every page that is looked at is read by axe and must not be wider than the screen."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url
        self.said: list[str] = []
        page.on("console", lambda message: self.said.append(message.text))
        page.on("pageerror", lambda error: self.said.append(str(error)))

    def look(self, heading: str) -> None:
        expect(self.page.get_by_role("heading", level=1)).to_have_text(heading)
        for (width, height), scheme in LOOKS:
            self.page.set_viewport_size({"width": width, "height": height})
            self.page.emulate_media(color_scheme=scheme)
            assert self.page.evaluate("document.documentElement.scrollWidth") <= width, (heading, scheme)
            found = Axe().run(self.page).response["violations"]
            assert [(one["id"], one["nodes"][0]["html"]) for one in found] == [], (heading, width, scheme)

    def go(self, path: str, heading: str) -> None:
        self.page.goto(self.url + path)
        self.look(heading)

    def fill(self, **fields: str) -> None:
        for label, text in fields.items():
            self.page.locator(f"#f-{label}").fill(text)

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def set_up_authenticator(self) -> list[str]:
        """The recovery codes."""
        self.look("Pasang autentikator")
        assert self.page.locator(".scan img").evaluate("image => image.complete && image.naturalWidth > 100")
        self.fill(code=pyotp.TOTP(self.page.locator(".secret").inner_text().replace(" ", "")).now())
        self.press("Lanjut")
        self.look("Cetak kode pemulihan")
        return self.page.locator(".codes code").all_inner_texts()


@pytest.fixture
def store(tmp_path):
    opened = Store.open(URL.create("sqlite", database=str(tmp_path / "ikm.db")))
    yield opened
    opened.close()


PAGES = (
    ("/akun", "Akun saya"),
    ("/akun/kata-sandi", "Ganti kata sandi"),
    ("/akun/autentikator", "Ganti autentikator"),
    ("/akun/kode-pemulihan", "Kode pemulihan"),
    ("/kelola/token", "Token program"),
    ("/kelola/catatan", "Catatan"),
    ("/kelola/catatan/periksa", "Keutuhan catatan"),
    ("/bukti", "Masukkan kata sandi sekali lagi"),
    ("/kelola/pengguna/undang", "Undang orang"),
)


def test_two_people_come_in_and_one_invites_the_other(chromium: Browser, page: Page, store, tmp_path):
    app = create_app(Settings(URL.create("sqlite", database=str(tmp_path / "ikm.db"))))
    with running(app) as url:
        sari = Walk(page, url)
        page.goto(links.setup_link(store, url, Doer("ikm serve", time.time_ns() // 1_000_000)))
        paper = begin(sari)
        install_example(store)
        for path, heading in PAGES:
            sari.go(path, heading)
        link = invite_budi(sari)
        context = chromium.new_context(locale="id-ID")
        budi = Walk(context.new_page(), url)
        follow(budi, link)
        shut_out(sari, budi)
        context.close()
        out_and_in(sari, paper[0])
        # nothing was refused by the pages' own policy
        assert not any("Content Security Policy" in line or "Refused" in line for line in sari.said + budi.said)


def begin(sari: Walk) -> list[str]:
    """The recovery codes of the first superadmin, who is in."""
    sari.look("Siapkan server ini")
    sari.fill(place_name="Kabupaten Contoh", place_code="contoh", email="sari@contoh.go.id", name="Sari Wijaya")
    sari.fill(password=SARI, again=SARI)
    sari.press("Lanjut")
    paper = sari.set_up_authenticator()
    sari.page.get_by_role("link", name="Sudah disimpan, lanjut").click()
    expect(sari.page).to_have_url(f"{sari.url}/kelola")
    return paper


def invite_budi(sari: Walk) -> str:
    """The path of Budi's link, from its form, which is open."""
    sari.fill(name="Budi Santoso", email="budi@contoh.go.id")
    sari.page.get_by_label("Petugas unit").check()
    sari.page.get_by_label("Tempat").select_option("dukcapil")
    sari.press("Buat tautan")
    sari.look("Kirim tautan ini kepada Budi Santoso")
    return "/undangan/" + sari.page.get_by_label("Tautan").input_value().partition("/undangan/")[2]


def follow(budi: Walk, link: str) -> None:
    """Budi comes in and is offered only what is his."""
    budi.go(link, "Terima undangan")
    budi.fill(password=BUDI, again=BUDI)
    budi.press("Lanjut")
    budi.set_up_authenticator()
    budi.page.get_by_role("link", name="Sudah disimpan, lanjut").click()
    # he has one unit, and so comes to its page at once
    expect(budi.page).to_have_url(f"{budi.url}/kelola/unit/dukcapil")
    menu = budi.page.get_by_role("navigation", name="Menu utama")
    expect(menu.get_by_role("link", name="Pengguna")).to_have_count(0)
    budi.go("/akun", "Akun saya")


def shut_out(sari: Walk, budi: Walk) -> None:
    """Budi is out at once and does not come in again."""
    sari.go("/kelola/pengguna", "Pengguna")
    sari.page.get_by_role("link", name="Budi Santoso").click()
    sari.look("Budi Santoso")
    sari.press("Nonaktifkan Budi Santoso")
    expect(sari.page.locator(".notice")).to_contain_text("tidak dapat masuk lagi")
    budi.page.reload()
    budi.look("Masuk")
    budi.fill(email="budi@contoh.go.id", password=BUDI)
    budi.press("Lanjut")
    expect(budi.page.get_by_role("alert")).to_contain_text("tidak cocok")


def out_and_in(sari: Walk, paper: str) -> None:
    """Nothing can be read after going out, and a code on paper leads in to where one was."""
    sari.press("Keluar")
    sari.look("Masuk")
    sari.page.go_back()
    sari.page.reload()
    sari.look("Masuk")
    sari.fill(email="sari@contoh.go.id", password=SARI)
    sari.press("Lanjut")
    sari.look("Kode masuk")
    sari.fill(code=paper.lower())
    sari.press("Masuk")
    expect(sari.page.get_by_role("heading", level=1)).to_have_text("Budi Santoso")
