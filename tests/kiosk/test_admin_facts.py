"""What the staff's pages say about the device: how it stands, what is wrong with it, and by what it is known."""

import pytest

from kiosk import admin
from kiosk.admin.events import Go, Look
from kiosk.admin.facts import STANDINGS, WARNINGS
from kiosk.admin.model import Facts, Model, Page
from kiosk.events import Back, Done
from tests.support import samples
from tests.support.staff import Screens, facts

WELL = facts(fingerprint="123 456", epoch=2)


def said(page: Page, known: Facts = WELL) -> dict[str, str]:
    screens = Screens(known).at(Page.STATUS)
    if page is Page.DEVICE:
        screens.tap(Go(Page.DEVICE))
    return dict(admin.view(screens.model).facts)


def test_a_device_that_is_well_says_so_in_each_line():
    told = said(Page.STATUS)
    assert (told["Kedudukan"], told["Disisihkan"], told["Kendala"]) == ("aktif, jawaban dihitung", "-", "-")


@pytest.mark.parametrize("standing", ["active", "forked", "revoked"])
def test_the_standing_is_said_in_words(standing):
    assert said(Page.STATUS, facts(standing=standing))["Kedudukan"] == STANDINGS[standing]
    assert len(set(STANDINGS.values())) == 3


@pytest.mark.parametrize(
    ("known", "sentence"),
    [
        ({"warnings": ("second_copy_failed",)}, WARNINGS["second_copy_failed"]),
        ({"warnings": ("salvaged",)}, WARNINGS["salvaged"]),
        # a code of a newer store is shown as it is, and that there is little room is said once
        ({"warnings": ("something_new",)}, "(something_new)"),
        ({"warnings": ("disk_low",), "disk_free_bytes": 20_000_000}, "Penyimpanan hampir penuh."),
        ({"broken": True}, "Sebagian isi penyimpanan rusak; mulai ulang kios."),
        ({"damaged": True}, "Konfigurasi rusak."),
        ({"trouble": "Server sedang bermasalah."}, "Server sedang bermasalah."),
    ],
)
def test_each_complaint_is_a_sentence(known, sentence):
    assert said(Page.STATUS, facts(**known))["Kendala"] == sentence


def test_rows_put_aside_are_counted():
    assert said(Page.STATUS, facts(rejected=14))["Disisihkan"] == "14 jawaban"


def test_the_device_is_known_by_its_number_its_key_and_its_chain():
    told = said(Page.DEVICE)
    assert (told["Perangkat"].replace(" ", ""), told["Sidik jari"]) == (samples.DEVICE, "123 456")
    assert told["Rantai jawaban"] == "nomor 2"
    assert told["Pemeriksaan isi"].startswith("belum pernah")
    checked = facts(checked_ms=1_793_500_000_000)
    assert said(Page.DEVICE, checked)["Pemeriksaan isi"] == "1 November 2026 pukul 09.26 WIB, semua utuh"
    broken = facts(checked_ms=1_793_500_000_000, broken=True)
    assert said(Page.DEVICE, broken)["Pemeriksaan isi"].endswith("ada yang rusak")


def test_the_device_has_a_page_under_the_status():
    screens = Screens(WELL).at(Page.STATUS).tap(Go(Page.DEVICE))
    assert screens.page is Page.DEVICE
    assert screens.tap(Done()).page is Page.DEVICE
    assert screens.tap(Back()).page is Page.STATUS
    assert screens.tap(Done()).effects[-1] == Look()
    assert Screens(WELL).at(Page.MENU).tap(Go(Page.DEVICE)).page is Page.MENU


def test_after_the_enrolment_the_finger_print_is_there_to_be_compared():
    page = admin.view(Model(page=Page.READY, facts=WELL))
    assert dict(page.facts)["Sidik jari"] == "123 456"
    assert page.lead.startswith("Cocokkan sidik jari")
