"""What each role comes for, done in Chromium by clicking on what stands on the pages, on one real server."""

import csv
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import openpyxl
import pyotp
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from playwright.sync_api import Browser, expect
from sqlalchemy import URL
from typer.testing import CliRunner

from ikm.domain.rights import Grant, Role
from ikm.server.cli import app
from ikm.server.people.links import accept, invite
from ikm.server.seeding.places import ROOT
from ikm.server.seeding.sowing import Wish, sow
from ikm.server.settings import Settings
from ikm.server.store import Store
from ikm.server.store.deeds import Doer
from ikm.server.web.app import create_app
from tests.ikm.server.kiosk_device import enrol_bytes
from tests.ikm.server.web.desk.test_enrolling import codes
from tests.support.person import PATIENCE_MS, Person
from tests.support.served import running

# Monday 30 November 2026, 10.00 in WIB
NOW_MS = 1_796_007_600_000
PASSWORD = "kuda batu hijau tua"
SECRET = pyotp.random_base32()


@dataclass
class Hall:
    """A running server with three units, and whoever comes to work there. Its clock moves when somebody says so."""

    browser: Browser
    store: Store
    clock: list[int] = field(default_factory=lambda: [NOW_MS])
    address: str = ""

    def later(self, minutes: float) -> None:
        """Let so many minutes pass."""
        self.clock[0] += round(minutes * 60_000)

    def code(self, secret: str = SECRET) -> str:
        """What an authenticator shows now; each code is good for once, so time passes first."""
        self.later(0.5)
        return pyotp.TOTP(secret).at(self.clock[0] // 1000)

    @contextmanager
    def person(self, name: str) -> Iterator[Person]:
        """Somebody with a browser of their own, who knows the server's address."""
        context = self.browser.new_context(locale="id-ID", accept_downloads=True)
        try:
            page = context.new_page()
            page.set_default_timeout(PATIENCE_MS)
            page.goto(f"{self.address}/kelola")
            yield Person(page, name)
        finally:
            context.close()

    @contextmanager
    def officer(self, name: str, role: Role, node: str) -> Iterator[Person]:
        """Somebody who has worked here for long, come in by password and code."""
        first = name.partition(" ")[0].lower()
        by, email = Doer("uji", self.clock[0]), f"{first}@tirtaraya.go.id"
        token = invite(self.store, "", email, name, Grant(role, node), by).rpartition("/")[2]
        link = self.store.invitation(token, by.at_ms)
        self.store.set_authenticator(
            accept(self.store, token, link, PASSWORD, by, name=name, email=email), SECRET, 0, (), by
        )
        with self.person(first) as person:
            person.at("Masuk")
            person.type("Surel", email)
            person.type("Kata sandi", PASSWORD)
            person.press("Lanjut")
            person.at("Kode masuk")
            person.type("Kode dari aplikasi autentikator", self.code())
            person.press("Masuk")
            yield person
            assert person.refused() == {}

    def prove(self, person: Person) -> None:
        """What hurts asks for the password once more, since the first time was long ago."""
        person.at("Masukkan kata sandi sekali lagi")
        person.type("Kata sandi", PASSWORD)
        person.press("Lanjut")


@pytest.fixture(scope="module")
def hall(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    database = URL.create("sqlite", database=str(tmp_path_factory.mktemp("hall") / "ikm.db"))
    store = Store.open(database)
    sow(store, Wish(units=3, kiosks=4, years=1, answers=1200, seed=5, until=date(2026, 11, 30), now_ms=NOW_MS))
    hall = Hall(chromium, store)
    with running(create_app(Settings(database), now_ms=lambda: hall.clock[0])) as hall.address:
        yield hall
    store.close()


def come_in(hall: Hall, person: Person, link: str) -> None:
    """Follow an invitation for the first time: a password, an authenticator, codes to print."""
    # the server does not know by what address this browser reaches it
    person.page.goto(f"{hall.address}/undangan/{link.rpartition('/')[2]}")
    person.at("Terima undangan")
    person.type("Kata sandi", PASSWORD)
    person.type("Kata sandi sekali lagi", PASSWORD)
    person.press("Lanjut")
    person.at("Pasang autentikator")
    person.type(
        "Kode yang sekarang terlihat di aplikasi",
        hall.code(person.page.locator(".secret").inner_text().replace(" ", "")),
    )
    person.press("Lanjut")
    person.at("Cetak kode pemulihan")
    person.press("Sudah disimpan, lanjut")


def test_a_superadmin_adds_an_agency_invites_its_admin_and_finds_both_in_the_log(hall: Hall):
    with hall.officer("Sari Wijaya", Role.SUPERADMIN, ROOT) as sari, hall.person("dewi") as dewi:
        sari.at("Ringkasan")
        sari.sees("dari 3 unit sudah mulai", "Unit menurut indeks")
        expect(sari.page.locator("tr[data-unit]")).to_have_count(3, timeout=PATIENCE_MS)
        sari.press("Unit dan layanan")
        sari.at("Unit dan layanan")
        sari.press("Tambah perangkat daerah")
        sari.type("Nama", "Dinas Sosial")
        sari.press("Tambahkan")
        sari.at("Dinas Sosial")
        sari.sees("Tempat baru sudah ditambahkan.")
        hall.later(11)
        sari.press("Pengguna")
        sari.at("Pengguna")
        sari.press("Undang orang")
        hall.prove(sari)
        sari.at("Undang orang")
        sari.type("Nama", "Dewi Lestari")
        sari.type("Surel", "dewi@tirtaraya.go.id")
        sari.tick("Admin perangkat daerah")
        sari.choose("Tempat", "Dinas Sosial")
        sari.press("Buat tautan")
        sari.at("Kirim tautan ini kepada Dewi Lestari")
        come_in(hall, dewi, sari.page.get_by_label("Tautan").input_value())
        dewi.at("Ringkasan")
        sari.press("Sudah dikirim")
        sari.sees("Dewi Lestari")
        sari.press("Catatan")
        sari.at("Catatan")
        sari.sees("Menambah tempat dinas-sosial.", "Mengundang dewi@tirtaraya.go.id sebagai Admin perangkat daerah.")
        sari.sees("dewi@tirtaraya.go.id (Dewi Lestari) menjadi pengguna.")
        sari.press("Periksa keutuhan catatan")
        sari.at("Keutuhan catatan")
        sari.sees("Utuh")


def test_an_agency_admin_invites_an_officer_mends_a_standard_and_rolls_it_out_to_the_kiosks(hall: Hall, tmp_path):
    with hall.officer("Budi Santoso", Role.AGENCY_ADMIN, "dinkes") as budi, hall.person("rina") as rina:
        budi.at("Ringkasan")
        budi.sees("RSUD Tirtaraya")
        expect(budi.page.locator("tr[data-unit]")).to_have_count(1, timeout=PATIENCE_MS)
        budi.press("Pengguna")
        budi.press("Undang orang")
        budi.type("Nama", "Rina Hartati")
        budi.type("Surel", "rina@tirtaraya.go.id")
        budi.tick("Petugas unit")
        budi.choose("Tempat", "RSUD Tirtaraya")
        budi.press("Buat tautan")
        come_in(hall, rina, budi.page.get_by_label("Tautan").input_value())
        # who has one unit comes to its page at once
        rina.at("RSUD Tirtaraya")
        rina.sees_no("Pengguna", "Catatan")
        mend_a_unit(budi)
        roll_out(budi)
        print_cards(hall, budi, tmp_path)
        set_a_counter(budi)
        void_a_trial(budi)


def mend_a_unit(budi: Person) -> None:
    budi.press("Unit dan layanan")
    budi.press("RSUD Tirtaraya")
    budi.at("RSUD Tirtaraya")
    budi.press("Layanan dan standar")
    budi.at("RSUD Tirtaraya")
    budi.page.locator("table").get_by_role("link").first.click()
    budi.at("RSUD Tirtaraya")
    field = budi.page.get_by_role("group", name="Jangka waktu pelayanan").get_by_label("Bahasa Indonesia")
    field.fill("30 menit")
    budi.press("Simpan standar")
    budi.sees("Tersimpan.", "Dijanjikan 30 menit")
    budi.press("Jam buka")
    budi.type("Jumat", "07.30-11.00, 13.00-15.30")
    budi.press("Simpan")
    budi.sees("Tersimpan.")
    budi.at("RSUD Tirtaraya")
    budi.press("Maklumat")
    budi.page.get_by_role("group", name="Maklumat pelayanan").get_by_label("Bahasa Indonesia").fill("Kami melayani.")
    budi.press("Simpan")
    budi.sees("Tersimpan.")
    budi.at("RSUD Tirtaraya")


def roll_out(budi: Person) -> None:
    budi.press("Periksa dan terapkan ke kios")
    budi.at("Penerapan setelan: RSUD Tirtaraya")
    budi.press("Terapkan ke kios")
    budi.at("Penerapan 1: RSUD Tirtaraya")
    budi.press("Lanjutkan ke gelombang berikutnya")
    budi.sees("Selesai")


def print_cards(hall: Hall, budi: Person, folder: Path) -> None:
    budi.press("Kios", within=budi.menu)
    budi.at("Kios")
    budi.press("Daftarkan kios")
    budi.at("Daftarkan kios")
    budi.page.get_by_label("Loket 2").check()
    cards = budi.takes("Unduh lembar kartu (PDF)")
    cards.save_as(folder / "kartu.pdf")
    [code] = codes((folder / "kartu.pdf").read_bytes())
    asked = enrol_bytes(code, Ed25519PrivateKey.generate())
    headers = {"Content-Type": "application/json"}
    assert budi.page.context.request.post(f"{hall.address}/api/v1/enrolments", data=asked, headers=headers).ok
    budi.press("Kios", within=budi.menu)
    expect(budi.page.get_by_role("rowheader", name="Loket 2")).to_have_count(2, timeout=PATIENCE_MS)


def set_a_counter(budi: Person) -> None:
    budi.press("Kios", within=budi.menu)
    budi.press("Setelan")
    budi.at("Setelan kios")
    budi.open("RSUD Tirtaraya")
    budi.press("Loket 2")
    budi.at("Loket 2")
    budi.choose("Bentuk survei", "Satu ketukan: satu pertanyaan")
    budi.press("Simpan dan terapkan")
    budi.at("Loket 2")
    budi.sees("Disimpan dan diterapkan")
    expect(budi.page.get_by_role("combobox", name="Bentuk survei")).to_have_value("one_tap", timeout=PATIENCE_MS)


def void_a_trial(budi: Person) -> None:
    budi.press("Ringkasan", within=budi.menu)
    budi.press("RSUD Tirtaraya", within="Unit menurut indeks")
    before = int(budi.number("responses"))
    budi.press("Jawaban satu per satu, untuk membatalkan percobaan petugas")
    budi.at("Jawaban satu per satu")
    budi.page.get_by_role("rowheader").get_by_role("link").first.click()
    budi.type("Alasan", "Percobaan petugas saat memasang kios")
    budi.press("Batalkan jawaban")
    budi.sees("Dibatalkan", "Percobaan petugas saat memasang kios")
    budi.press("Jawaban satu per satu")
    budi.press("RSUD Tirtaraya")
    budi.press("Semester")
    expect(budi.page.locator("#nilai")).to_have_text("Nilai IKM, Semester II 2026", timeout=PATIENCE_MS)
    assert int(budi.number("responses")) == before - 1


def test_a_unit_officer_reads_the_figures_takes_them_along_and_answers_a_citizen(hall: Hall, tmp_path):
    with hall.officer("Agus Pratama", Role.UNIT_OFFICER, "rsud") as agus:
        # whoever has one unit alone comes to it at once
        agus.at("RSUD Tirtaraya")
        agus.press("Tahun")
        whole = int(agus.number("responses"))
        agus.choose("Jenis layanan", "Rawat jalan")
        agus.press("Terapkan")
        agus.at("RSUD Tirtaraya")
        assert 0 < int(agus.number("responses")) < whole
        check_files(agus, tmp_path)
        agus.press("Hapus saringan")
        assert int(agus.number("responses")) == whole
        agus.open("Lihat perhitungan")
        shown = agus.page.locator("#index").inner_text()
        expect(agus.page.locator("details.working")).to_contain_text(f"setengah ke atas. {shown}", timeout=PATIENCE_MS)
        answer_a_citizen(agus)


def check_files(agus: Person, folder: Path) -> None:
    """Both files hold what stands on the screen, figure by figure."""
    told = {"IKM": agus.page.locator("#index").inner_text(), "Responden": agus.page.locator("#responses").inner_text()}
    rows = [row.locator("td.num").all_inner_texts() for row in agus.page.locator("tr[data-element]").all()]
    agus.takes("CSV").save_as(folder / "unit.csv")
    with (folder / "unit.csv").open(encoding="utf-8-sig", newline="") as file:
        lines = [line for line in csv.reader(file, delimiter=";") if line]
    assert told.items() <= {line[0]: line[1] for line in lines if len(line) == 2}.items()
    start = next(at for at, line in enumerate(lines) if line[0] == "Unsur")
    elements = lines[start + 1 : start + 1 + len(rows)]
    assert [[*line[2:6], line[1], line[6]] for line in elements] == rows
    agus.takes("Excel").save_as(folder / "unit.xlsx")
    book = openpyxl.load_workbook(folder / "unit.xlsx", read_only=True)
    head = {line[0]: line[1] for line in book["Keterangan"].iter_rows(values_only=True)}
    assert (head["IKM"], head["Responden"]) == (figure(told["IKM"]), figure(told["Responden"]))
    cells = list(book["Unsur"].iter_rows(min_row=2, values_only=True))
    assert [[*map(str, cell[2:6]), str(cell[1]), f"{cell[6]:.3f}".replace(".", ",")] for cell in cells] == rows


def figure(shown: str) -> float:
    """What a spreadsheet reckons with where the page shows that."""
    return float(shown.replace(".", "").replace(",", "."))


def answer_a_citizen(agus: Person) -> None:
    agus.press("Saran", within=agus.menu)
    agus.at("Saran warga")
    first = agus.page.locator(".inbox-item a").first
    words = first.inner_text()
    first.click()
    agus.at("Satu saran")
    agus.sees(words)
    agus.choose("Jenis", "Pengaduan")
    agus.choose("Status", "Dijawab")
    agus.type("Tanggapan unit", "Terima kasih, mulai Desember loket dibuka pukul 07.00.")
    agus.tick("Tampilkan untuk umum di halaman unit")
    agus.press("Simpan")
    agus.sees("Perubahan disimpan.")
    agus.at("Satu saran")
    agus.press("Lihat di halaman publik")
    agus.sees(words, "mulai Desember loket dibuka pukul 07.00.")


def test_a_publisher_compares_units_and_is_offered_nothing_to_change(hall: Hall):
    with hall.officer("Putri Anggraini", Role.PUBLISHER, ROOT) as putri:
        putri.at("Ringkasan")
        putri.sees_no("Saran", "Pengguna", "Catatan")
        putri.tick("Bandingkan RSUD Tirtaraya")
        putri.tick("Bandingkan Dinas Kependudukan dan Pencatatan Sipil")
        putri.press("Bandingkan yang dicentang")
        putri.at("Perbandingan, Semester II 2026")
        putri.sees("RSUD Tirtaraya", "Dinas Kependudukan dan Pencatatan Sipil")
        putri.press("Unit dan layanan")
        putri.at("Unit dan layanan")
        putri.sees_no("Tambah perangkat daerah", "Impor dari Excel")
        putri.press("RSUD Tirtaraya")
        putri.at("RSUD Tirtaraya")
        putri.press("Penilaian mandiri")
        putri.at("RSUD Tirtaraya")
        putri.sees_no("Simpan penilaian")
        putri.press("Kios", within=putri.menu)
        putri.at("Kios")
        putri.sees_no("Daftarkan kios")
        putri.press("Kuesioner", within=putri.menu)
        putri.at("Kuesioner")
        # a colleague sent her the address of a page that is not hers
        putri.page.goto(f"{hall.address}/kelola/catatan")
        putri.sees("Kesalahan 403")
        putri.press("Kembali ke halaman utama")
        putri.at("Ringkasan")


def test_a_verifier_recounts_an_index_from_the_raw_answers_and_finds_that_written_down(hall: Hall, tmp_path):
    with hall.officer("Hadi Nugroho", Role.VERIFIER, ROOT) as hadi:
        hadi.at("Ringkasan")
        hadi.press("RSUD Tirtaraya", within="Unit menurut indeks")
        hadi.press("Semester I 2026")
        hadi.at("RSUD Tirtaraya")
        index, people = hadi.page.locator("#index").inner_text(), int(hadi.number("responses"))
        hadi.open("Lihat perhitungan")
        hall.later(11)
        hadi.press("Excel dengan rumus perhitungannya, atau jawaban mentah")
        hall.prove(hadi)
        hadi.at("Jawaban mentah")
        hadi.sees(f"{people} jawaban pada Semester I 2026.")
        hadi.type("Untuk apa", "Verifikasi nilai Semester I oleh Inspektorat")
        hadi.choose("Bentuk berkas", "CSV, satu responden satu baris, untuk dihitung ulang atau untuk aplikasi lain")
        hadi.takes("Unduh").save_as(tmp_path / "jawaban.csv")
        told = CliRunner().invoke(app, ["score", str(tmp_path / "jawaban.csv"), "--json"])
        again = json.loads(told.stdout)
        assert (f"{float(again['index']):.2f}".replace(".", ","), again["n"]) == (index, people)
        hadi.press("Saran", within=hadi.menu)
        hadi.at("Saran warga")
        hadi.page.locator(".inbox-item a").first.click()
        hadi.at("Satu saran")
        hadi.sees_no("Simpan")
        hadi.press("Catatan")
        hadi.at("Catatan")
        hadi.sees("Verifikasi nilai Semester I oleh Inspektorat")
        hadi.press("Periksa keutuhan catatan")
        hadi.at("Keutuhan catatan")
        hadi.sees("Utuh")
        hadi.press("Apakah ada jawaban warga yang hilang?")
        hadi.at("Tidak ada yang hilang")
