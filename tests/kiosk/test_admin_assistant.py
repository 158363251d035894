"""The first-start assistant as a pure machine: from a server's address to a kiosk with a PIN."""

from dataclasses import replace

import pytest

from kiosk import admin
from kiosk.admin.events import (
    AddressTaken,
    CheckAddress,
    Enrol,
    Enrolled,
    Failed,
    KeepPin,
    Leave,
    PinKept,
    Skip,
    Tick,
)  # fmt: skip
from kiosk.admin.model import Page
from kiosk.admin.update import ASSISTANT_IDLE_MS
from kiosk.events import Back, Done, Erase, Write
from kiosk.local import Local
from tests.support import samples
from tests.support.staff import Screens, facts, unenrolled


def at_code() -> Screens:
    screens = Screens(unenrolled())
    screens.type("ikm.example").tap(Done())
    assert screens.effects == [CheckAddress("https://ikm.example")]
    return screens.hear(AddressTaken(screens.now_ms, "https://ikm.example"))


def test_a_device_without_a_counter_opens_the_assistant():
    assert Screens(unenrolled()).page is Page.ADDRESS


def test_the_assistant_leads_from_address_to_ready():
    screens = at_code().type("BCDFGHJK")
    assert admin.view(screens.model).entry.shown == "BCDF-GHJK"
    screens.tap(Done())
    assert screens.page is Page.ENROLLING
    assert screens.effects[-1] == Enrol("https://ikm.example", "BCDFGHJK")
    screens.hear(Enrolled(screens.now_ms, facts(pin_set=False, pin_due=True)))
    assert screens.page is Page.NEW_PIN
    screens.type("8305").tap(Done()).type("8305").tap(Done())
    assert screens.effects[-1] == KeepPin("8305")
    screens.hear(PinKept(screens.now_ms, facts()))
    assert screens.page is Page.READY
    shown = dict(admin.view(screens.model).facts)
    assert shown["Loket"] == "Loket 1"
    assert shown["Perangkat"].replace(" ", "") == samples.DEVICE
    assert "tahan sudut kiri atas" in admin.view(screens.model).lead
    assert screens.tap(Done()).effects[-1] == Leave(Local())


def test_a_code_that_was_refused_is_typed_anew_from_the_first_letter_or_corrected_from_the_last():
    screens = at_code().type("BCDFGHJK").tap(Write("L"))
    assert screens.model.code == "BCDFGHJK"
    screens.tap(Done()).hear(Failed(screens.now_ms, "Kode salah.", Page.CODE))
    assert screens.type("LM").model.code == "LM"
    again = at_code().type("BCDFGHJK").tap(Done())
    again.hear(Failed(again.now_ms, "Kode salah.", Page.CODE))
    assert again.tap(Erase(), Write("L")).model.code == "BCDFGHJL"


def test_a_code_that_is_too_short_says_so_and_sends_nothing():
    screens = at_code().type("BCDF").tap(Done())
    assert (screens.page, screens.effects[1:]) == (Page.CODE, [])
    assert "8 huruf" in screens.model.note


@pytest.mark.parametrize("page", [Page.ADDRESS, Page.CODE])
def test_a_failed_enrolment_goes_to_where_it_can_be_mended_and_keeps_what_was_typed(page):
    screens = at_code().type("BCDFGHJK").tap(Done())
    screens.hear(Failed(screens.now_ms, "Tidak berhasil.", page))
    assert (screens.page, screens.model.note) == (page, "Tidak berhasil.")
    assert (screens.model.address, screens.model.code) == ("https://ikm.example", "BCDFGHJK")
    if page is Page.CODE:
        assert screens.tap(Done()).effects[-1] == Enrol("https://ikm.example", "BCDFGHJK")


def test_while_the_server_is_asked_there_is_no_way_back_and_no_second_question():
    screens = at_code().type("BCDFGHJK").tap(Done(), Done(), Back())
    assert screens.page is Page.ENROLLING
    assert sum(isinstance(effect, Enrol) for effect in screens.effects) == 1


def test_two_different_pins_begin_again():
    screens = Screens(facts(pin_due=True)).type("8305").tap(Done()).type("8306").tap(Done())
    assert (screens.page, screens.model.first_pin, screens.effects) == (Page.NEW_PIN, "", [])
    assert "tidak sama" in screens.model.note


def test_a_pin_anybody_would_guess_is_refused_with_a_reason():
    screens = Screens(facts(pin_due=True)).type("1234").tap(Done())
    assert screens.page is Page.NEW_PIN
    assert "mudah ditebak" in screens.model.note


def test_an_assistant_cut_off_before_its_pin_goes_on_there_and_waits_for_it():
    screens = Screens(facts(pin_set=False, pin_due=True))
    assert screens.page is Page.NEW_PIN
    screens.tap(Back()).hear(Tick(screens.now_ms + 100 * ASSISTANT_IDLE_MS))
    assert screens.page is Page.NEW_PIN


def test_the_servers_pin_may_be_enough():
    due = facts(pin_due=True, server_pin=True)
    assert Screens(due).tap(Skip()).effects == [KeepPin("")]
    assert Screens(replace(due, server_pin=False)).tap(Skip()).effects == []
    assert [button.name for button in admin.view(Screens(due).model).buttons] == ["skip"]


def test_an_address_typed_before_the_assistant_was_left_is_there_when_it_comes_back():
    screens = Screens(unenrolled()).type("ikm.example")
    screens.hear(Tick(screens.now_ms + ASSISTANT_IDLE_MS))
    assert screens.page is Page.CLOSED
    assert admin.opened(screens.model, unenrolled(), screens.now_ms).address == "https://ikm.example"
