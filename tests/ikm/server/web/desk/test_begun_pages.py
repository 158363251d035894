"""Pages of what somebody has begun (an import, a roll-out, a draft, a decision on a kiosk), looked at as others are."""

from collections.abc import Iterator, Sequence

import pytest
import uuid_utils
from msgspec.structs import replace
from playwright.sync_api import Browser
from sqlalchemy import URL

from ikm import wire
from ikm.domain.errors import Refusal
from ikm.domain.rights import Grant, Role
from ikm.server.configuring.settings import KioskSettings
from ikm.server.importing.uploads import kept, read_upload
from ikm.server.ingest import Ingest
from ikm.server.settings import Settings
from ikm.server.store import Store
from ikm.server.store.deeds import Doer
from ikm.server.web.app import create_app
from tests.ikm.server.importing.files import HEAD, MARKET, SCALES, xlsx_file
from tests.ikm.server.kiosk_device import KioskDevice
from tests.ikm.server.web.desk.test_every_page import BEGUN, LOOKS, Site, _faults
from tests.support import samples
from tests.support.linked import route_of
from tests.support.sample_database import sample_store
from tests.support.served import running

# Monday 2 November 2026, 10.00 in WIB
NOW_MS = 1_793_588_400_000
PERSON = "0192f0c4-7a00-7000-8000-000000000001"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    store = sample_store(tmp_path_factory.mktemp("site") / "ikm.db")
    by = Doer("Sari Wijaya <sari@contoh.go.id>", NOW_MS, PERSON, reason="Dicoba di dua loket dahulu")
    store.add_person(PERSON, "sari@contoh.go.id", "Sari Wijaya", [Grant(Role.SUPERADMIN, "contoh")], by)
    device = KioskDevice.enrolled(store)
    ingest = Ingest(store, lambda: NOW_MS - 7_200_000)
    ingest.accept(device.call(device.add(samples.body(4, 4), samples.body(3, 3, questionnaire="lain"))))
    copy = device.copy()
    ingest.accept(device.call(device.add(samples.body(3, 3))))
    with pytest.raises(Refusal, match="fork"):
        ingest.accept(copy.call(copy.add(samples.body(1, 1))))
    store.put_kiosk_settings("dukcapil", KioskSettings(idle_s=50, languages=("id", "jv")), 0, by)
    number = store.roll_out("dukcapil", ["dukcapil-1"], by)
    store.put_kiosk_settings("pkm-harapan", KioskSettings(thanks_s=20, public_url="https://skm.example"), 0, by)
    store.begin_draft(_long(store.questionnaire("skm-14-2017-v2")), "skm-14-2017-v2", by)
    good, bad = (_uploaded(store, rows, by) for rows in ((MARKET, SCALES), (MARKET, (*SCALES[:2], "WIX", "", "", "x"))))
    token = store.begin_session(PERSON, "in", NOW_MS)
    database = URL.create("sqlite", database=store._engine.url.database)
    store.close()
    app = create_app(Settings(database), now_ms=lambda: NOW_MS)
    with running(app) as address:
        yield Site(address, token, app, dict.fromkeys((
            "/kelola/impor", f"/kelola/impor/{good}", f"/kelola/impor/{bad}",
            "/kelola/kios", "/kelola/kios?keadaan=forked&urut=-kabar", f"/kelola/kios/{device.device}",
            f"/kelola/kios/{device.device}/keputusan", f"/kelola/kios/{device.device}/cabut",
            "/kelola/kios/penerapan", f"/kelola/kios/penerapan/nomor/{number}", "/kelola/kios/setelan/dukcapil-1",
            "/kelola/kuesioner", "/kelola/kuesioner/rancangan/skm-2027?bahasa=jv",
            "/kelola/kuesioner/rancangan/skm-2027/pertanyaan/REQ?bahasa=su",
        ), ""))  # fmt: skip


def _uploaded(store: Store, rows: Sequence[Sequence[str]], by: Doer) -> str:
    """The number of an import of those rows, which waits to be saved."""
    number = str(uuid_utils.uuid7())
    lines = "".join(";".join(row) + "\n" for row in (HEAD, *rows))
    table = read_upload("unit.csv", lines.encode())
    store.keep_import(number, table.file_name, table.sha256, kept(table), by)
    return number


def _long(questionnaire) -> wire.QuestionnaireMessage:
    """A draft with a label for which letters have to shrink."""
    message = replace(wire.questionnaire_message(questionnaire), code="skm-2027")
    first = message.questions[0]
    labels = [{"id": "Sama sekali tidak sesuai dengan yang tertulis di papan pengumuman " * 3}, *first.labels[1:]]
    return replace(message, questions=[replace(first, labels=labels), *message.questions[1:]])


@pytest.mark.parametrize("look", LOOKS)
def test_no_page_of_what_was_begun_shuts_anybody_out(site: Site, chromium: Browser, look: str):
    context = site.context(chromium, look)
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    try:
        faults = {path: found for path in site.pages if (found := _faults(page, site.address + path, said))}
    finally:
        context.close()
    assert faults == {}


def test_every_page_that_needs_something_begun_is_among_them(site: Site):
    assert {route_of(site.app, path) for path in site.pages} >= BEGUN


def test_an_import_is_looked_at_saved_and_taken_back_with_a_browser_alone(site: Site, chromium: Browser, tmp_path):
    context = site.context(chromium, "phone")
    page = context.new_page()
    said: list[str] = []
    try:
        page.goto(f"{site.address}/kelola/impor")
        page.set_input_files("#f-file", xlsx_file(tmp_path, MARKET, SCALES, name="pasar.xlsx"))
        page.click("text=Unggah dan tampilkan")
        page.click("text=Simpan semuanya")
        assert "Impor sudah disimpan." in page.inner_text("main")
        assert _faults(page, page.url, said) == []
        page.click("button:has-text('Batalkan impor')")
        assert "Impor itu sudah dibatalkan." in page.inner_text("main")
        assert _faults(page, page.url, said) == []
    finally:
        context.close()


def test_a_roll_out_is_begun_seen_and_taken_back_with_a_browser_alone(site: Site, chromium: Browser):
    context = site.context(chromium, "day")
    page = context.new_page()
    try:
        page.goto(f"{site.address}/kelola/kios/penerapan?tempat=pkm-harapan")
        assert "12 → 20" in page.inner_text("main")
        page.select_option("#f-how", "bertahap")
        page.fill("#f-count", "1")
        page.click("text=Terapkan ke kios")
        assert "Gelombang pertama berangkat" in page.inner_text("main")
        page.click("text=Lanjutkan ke gelombang berikutnya")
        assert "Selesai" in page.inner_text("main")
        page.click("text=Kembalikan ke setelan sebelumnya")
        page.click("button:has-text('Kembalikan')")
        assert "Kios kembali ke setelan sebelumnya" in page.inner_text("main")
    finally:
        context.close()


def test_a_label_that_is_too_long_is_told_beside_its_picture(site: Site, chromium: Browser):
    context = site.context(chromium, "day")
    page = context.new_page()
    try:
        page.goto(f"{site.address}/kelola/kuesioner/rancangan/skm-2027/pertanyaan/REQ")
        assert "sebuah label panjang" in page.inner_text("main")
        page.fill("#f-label1_id", "Tidak sesuai")
        page.click("text=Simpan dan lihat gambarnya")
        assert "label panjang" not in page.inner_text("main")
        box = page.locator(".answer").first.bounding_box()
        assert box is not None
        assert box["height"] > 100
    finally:
        context.close()
