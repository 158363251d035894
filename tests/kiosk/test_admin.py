"""The staff's screens as a pure machine: who gets in, what changes, when they close."""

from datetime import date

import pytest

from ikm.domain.configuration import Aid, Service
from kiosk import admin
from kiosk.admin.events import (
    Check,
    Checked,
    Erased,
    EraseTraining,
    Failed,
    Feel,
    Follow,
    Go,
    KeepPin,
    Leave,
    Look,
    Louder,
    PinKept,
    Probed,
    Restart,
    Run,
    RunProbe,
    Settle,
    Settled,
    Tap,
    Tick,
    Told,
    Touched,
    Train,
)  # fmt: skip
from kiosk.admin.model import CELLS, SERVICES_PER_PAGE, Page, Probe, Result
from kiosk.admin.update import GUARD_MS, IDLE_MS, KEY_GUARD_MS, PIN_IDLE_MS
from kiosk.events import Back, Choose, Done, Erase, Speak, Turn, Use, Write
from kiosk.local import Local
from tests.support import samples
from tests.support.staff import Screens, facts

# -- the pad -------------------------------------------------------------------------------------------------------


def test_an_enrolled_device_asks_for_the_pin_first():
    assert Screens().page is Page.PIN


def test_the_right_pin_opens_the_menu():
    screens = Screens().type("4711").tap(Done())
    assert screens.effects == [Check("4711")]
    assert screens.page is Page.PIN
    assert screens.checked(right=True).page is Page.MENU
    assert screens.model.typed == ""


def test_a_wrong_pin_stays_outside_and_is_not_left_on_the_screen():
    screens = Screens().type("4712").tap(Done()).checked(right=False)
    assert (screens.page, screens.model.typed, screens.model.note) == (Page.PIN, "", "PIN salah.")


def test_while_a_pin_is_checked_nothing_else_is_heard():
    screens = Screens().type("4711").tap(Done(), Done(), Write("1"), Back())
    assert screens.effects == [Check("4711")]
    assert (screens.page, screens.model.typed) == (Page.PIN, "4711")


def test_during_the_wait_no_digit_and_no_check_is_taken():
    screens = Screens().type("1").tap(Done()).checked(right=False, wait_ms=20_000)
    screens.effects.clear()
    screens.type("4711").tap(Done())
    assert (screens.effects, screens.model.typed) == ([], "")
    screens.now_ms += 20_000
    assert screens.type("4711").tap(Done()).effects == [Check("4711")]


def test_a_wait_that_began_earlier_is_still_there_when_the_pad_opens_again():
    screens = Screens(facts(wait_ms=30_000)).type("4711").tap(Done())
    assert screens.effects == []
    assert "Coba lagi dalam 0.2" in admin.view(screens.model).note


@pytest.mark.parametrize(
    ("failures", "left"), [(0, ""), (2, ""), (3, "Sisa percobaan: 2."), (4, "Sisa percobaan: 1."), (7, ": 1.")]
)
def test_from_the_third_wrong_pin_on_the_pad_says_how_many_tries_are_left(failures, left):
    screens = Screens().type("0815").tap(Done()).checked(right=False)
    assert screens.effects[-1] == Look()
    lead = admin.view(screens.hear(Told(screens.now_ms, facts(failures=failures))).model).lead
    assert left in lead
    assert lead.endswith("Lupa PIN? Hubungi pengelola (kiosk pin).")
    assert left or "Sisa" not in lead


def test_while_one_waits_no_try_is_promised():
    screens = Screens(facts(failures=5, wait_ms=60_000))
    assert "Sisa" not in admin.view(screens.model).lead


def test_without_any_pin_nobody_gets_in_and_the_way_out_is_named():
    screens = Screens(facts(pin_set=False)).type("4711").tap(Done())
    assert screens.effects == []
    shown = admin.view(screens.model)
    assert "kiosk pin" in shown.lead
    assert shown.entry is None


@pytest.mark.parametrize("letter", ["a", "", "12", "４", "-"])
def test_a_pin_takes_digits_only(letter):
    assert Screens().tap(Write(letter)).model.typed == ""


def test_a_pin_ends_with_its_eighth_digit_and_can_be_corrected():
    screens = Screens().type("123456789")
    assert screens.model.typed == "12345678"
    assert screens.tap(Erase(), Erase()).model.typed == "123456"


def test_an_answer_nobody_waits_for_opens_nothing():
    assert Screens().checked(right=True).page is Page.PIN


def test_digits_never_show():
    screens = Screens().type("4711")
    assert admin.view(screens.model).entry.shown == "• • • •"
    assert "4711" not in repr(screens.model) + repr(Check("4711")) + repr(KeepPin("4711"))


def test_what_was_aimed_at_another_page_is_not_heard():
    screens = Screens()
    screens.now_ms += GUARD_MS
    assert screens.hear(Tap(screens.now_ms, Page.MENU, Go(Page.RESTART))).page is Page.PIN


def test_a_second_tap_within_the_guard_is_a_bouncing_panel():
    screens = Screens().at(Page.SOUND).tap(Louder(1))
    screens.hear(Tap(screens.now_ms + GUARD_MS - 1, Page.SOUND, Louder(1)))
    assert screens.model.local.volume == 8


def test_two_keys_at_once_are_two_letters_and_one_key_twice_at_once_is_a_bounce():
    screens = Screens().type("4")
    for letter in ("7", "7", "1"):
        screens.hear(Tap(screens.now_ms, Page.PIN, Write(letter)))
    assert screens.model.typed == "471"
    screens.hear(Tap(screens.now_ms + KEY_GUARD_MS, Page.PIN, Write("1")))
    assert screens.model.typed == "4711"


# -- closing --------------------------------------------------------------------------------------------------------


def test_leaving_tells_the_settings_in_force():
    screens = Screens().at(Page.SOUND).tap(Louder(-1), Back(), Done())
    assert screens.page is Page.CLOSED
    assert screens.effects[-1] == Leave(Local(volume=6))


@pytest.mark.parametrize(("page", "idle_ms"), [(Page.PIN, PIN_IDLE_MS), (Page.STATUS, IDLE_MS), (Page.MENU, IDLE_MS)])
def test_untouched_screens_close_by_themselves(page, idle_ms):
    screens = Screens()
    if page is not Page.PIN:
        screens.at(page)
    screens.hear(Tick(screens.now_ms + idle_ms - 1))
    assert screens.page is page
    screens.hear(Tick(screens.now_ms + idle_ms))
    assert (screens.page, screens.effects) == (Page.CLOSED, [Leave(Local())])


def test_a_touch_anywhere_keeps_them_open():
    screens = Screens().at(Page.STATUS)
    screens.hear(Touched(screens.now_ms + IDLE_MS - 1)).hear(Tick(screens.now_ms + IDLE_MS))
    assert screens.page is Page.STATUS


def test_a_tap_that_comes_after_the_idle_time_finds_them_closed():
    screens = Screens().at(Page.RESTART)
    screens.now_ms += IDLE_MS
    assert screens.tap(Done()).effects == [Leave(Local())]


def test_nothing_closes_while_something_is_under_way():
    screens = Screens().type("4711").tap(Done())
    screens.hear(Tick(screens.now_ms + 10 * IDLE_MS))
    assert screens.page is Page.PIN


def test_a_closed_machine_hears_nothing():
    screens = Screens().tap(Back())
    before = screens.model
    assert screens.hear(Checked(before.seen_ms, right=True, wait_ms=0)).model == before


# -- the menu -------------------------------------------------------------------------------------------------------


def test_each_page_is_reached_from_the_menu_and_leads_back_to_it():
    screens = Screens().at(Page.MENU)
    for choice in admin.view(screens.model).choices:
        assert screens.tap(choice.action).page.value == choice.name
        assert screens.effects[-1] == Look()
        assert screens.tap(Back()).page is Page.MENU


@pytest.mark.parametrize("page", [Page.ADDRESS, Page.CODE, Page.ENROLLING, Page.READY, Page.ERASING, Page.CLOSED])
def test_the_menu_leads_nowhere_else(page):
    assert Screens().at(Page.MENU).tap(Go(page)).page is Page.MENU


def test_one_service_can_be_fixed_and_all_given_back():
    services = tuple(Service(code, {"id": code}) for code in "abc")
    screens = Screens(facts(configuration=samples.configuration(services=services))).at(Page.SERVICE)
    assert screens.tap(Choose("b"), Choose("x")).effects == [Settle(Local(service="b"))]
    assert [choice.name for choice in admin.view(screens.model).choices if choice.chosen] == ["service-b"]
    assert screens.tap(Choose("")).effects[-1] == Settle(Local())


def test_many_services_take_pages_and_every_one_is_on_one():
    services = tuple(Service(f"s{n}", {"id": f"Layanan {n}"}) for n in range(2 * SERVICES_PER_PAGE))
    screens = Screens(facts(configuration=samples.configuration(services=services))).at(Page.SERVICE)
    seen = []
    for _ in range(screens.model.service_pages):
        seen.extend(choice.name for choice in admin.view(screens.model).choices)
        screens.tap(Turn(1))
    assert seen == ["service-all", *(f"service-s{n}" for n in range(2 * SERVICES_PER_PAGE))]
    assert screens.tap(Turn(1)).model.services_page == screens.model.service_pages - 1


def test_language_and_aids_begin_with_the_servers_and_can_follow_it_again():
    configuration = samples.configuration(aids=frozenset({Aid.LARGE}))
    screens = Screens(facts(configuration=configuration)).at(Page.DEFAULTS)
    assert {choice.name for choice in admin.view(screens.model).choices if choice.chosen} == {
        "language-id",
        "aid-large",
    }
    screens.tap(Speak("en"), Speak("jv"), Use(Aid.LOW))
    assert screens.model.local == Local(language="en", aids=frozenset({Aid.LARGE, Aid.LOW}))
    screens.tap(Use(Aid.LARGE), Use(Aid.LOW))
    assert screens.model.local.aids == frozenset()
    assert screens.tap(Follow()).effects[-1] == Settle(Local())


def test_the_volume_stays_between_silence_and_full():
    screens = Screens().at(Page.SOUND).tap(*[Louder(1)] * 5)
    assert screens.model.local.volume == 10
    assert screens.effects == [Settle(Local(volume=volume)) for volume in (8, 9, 10)]
    assert screens.tap(*[Louder(-1)] * 12).model.local.volume == 0


def test_the_sound_is_tried_at_the_volume_shown():
    screens = Screens().at(Page.SOUND).tap(Louder(1), Run(Probe.SOUND))
    assert screens.effects[-1] == RunProbe(Probe.SOUND, 8)


def test_training_goes_on_and_off_and_its_answers_are_erased_after_a_question():
    screens = Screens(facts(training=3)).at(Page.TRAINING).tap(Train(on=True))
    today = date(2026, 11, 1)
    assert screens.effects == [Settle(Local(training=True, trained_on=today))]
    assert "berakhir sendiri 1 November 2026 pukul 24.00" in admin.view(screens.model).lead
    assert screens.tap(Go(Page.ERASING)).page is Page.ERASING
    assert "3 jawaban latihan" in admin.view(screens.model).lead
    assert screens.tap(Done()).effects[-1] == EraseTraining()
    screens.hear(Erased(screens.now_ms, facts(local=Local(training=True))))
    assert (screens.page, screens.model.good) == (Page.TRAINING, True)
    assert screens.tap(Train(on=False)).effects[-1] == Settle(Local())
    assert "berakhir sendiri" not in admin.view(screens.model).lead


def test_where_there_is_nothing_to_erase_nothing_is_offered():
    screens = Screens().at(Page.TRAINING)
    assert [button.name for button in admin.view(screens.model).buttons] == ["train"]
    assert screens.tap(Go(Page.ERASING)).page is Page.TRAINING


def test_a_restart_asks_first_and_happens_once():
    screens = Screens().at(Page.RESTART)
    assert screens.effects == []
    assert screens.tap(Done(), Done(), Back()).effects == [Restart()]


def test_a_setting_that_could_not_be_kept_goes_back_and_says_so():
    screens = Screens().at(Page.SOUND).tap(Louder(1))
    screens.hear(Settled(screens.now_ms, Local(volume=8))).tap(Louder(1))
    screens.hear(Failed(screens.now_ms, "Penyimpanan perangkat gagal."))
    assert (screens.model.local.volume, screens.model.note) == (8, "Penyimpanan perangkat gagal.")


def test_a_test_runs_once_at_a_time_and_its_result_stands_beside_it():
    screens = Screens().at(Page.DIAGNOSIS).tap(Run(Probe.NETWORK), Run(Probe.NETWORK), Run(Probe.DISK))
    assert screens.effects == [RunProbe(Probe.NETWORK, 7), RunProbe(Probe.DISK, 7)]
    screens.hear(Probed(screens.now_ms, Probe.NETWORK, Result(passed=False, sentence="Server sedang bermasalah.")))
    details = {choice.name: choice.detail for choice in admin.view(screens.model).choices}
    assert details["test-network"] == "Bermasalah. Server sedang bermasalah."
    assert details["test-disk"] == "Sedang diuji …"


@pytest.mark.parametrize(("touched", "passed"), [(CELLS, True), (CELLS - 1, False)])
def test_the_panel_is_whole_when_every_field_was_touched(touched, passed):
    screens = Screens().at(Page.DIAGNOSIS).tap(Run(Probe.PANEL), *(Feel(cell) for cell in range(touched)), Feel(99))
    if not passed:
        screens.tap(Back())
    assert screens.page is Page.DIAGNOSIS
    assert screens.model.results[Probe.PANEL].passed is passed


def test_the_pin_is_changed_from_the_menu_after_typing_it_twice():
    screens = Screens().at(Page.NEW_PIN).type("8305").tap(Done()).type("8305").tap(Done())
    assert screens.effects == [KeepPin("8305")]
    assert screens.hear(PinKept(screens.now_ms, facts())).page is Page.MENU
    assert screens.model.note == "PIN baru sudah berlaku."


def test_the_status_tells_what_the_server_has_and_when_it_last_said_so():
    shown = dict(admin.view(Screens(facts(stored=10, pending=4, last_receipt_ms=0)).at(Page.STATUS).model).facts)
    assert shown["Jawaban"].startswith("10 tersimpan, 6 diterima server, 4 menunggu")
    assert shown["Tanda terima terakhir"].startswith("1 Januari 1970")
    assert (shown["Kendala"], shown["Ruang kosong"]) == ("-", "12,3 GB")


def test_a_full_medium_is_trouble_beside_that_of_the_sync():
    known = facts(disk_free_bytes=0, trouble="Server sedang bermasalah.")
    shown = dict(admin.view(Screens(known).at(Page.STATUS).model).facts)
    assert shown["Kendala"] == "Penyimpanan penuh. Server sedang bermasalah."
