"""The staff's screens against a desk that works, waits or fails; no window, no real time."""

import threading
from datetime import date

import pytest

from kiosk import admin
from kiosk.admin.events import Go, Louder, Run
from kiosk.admin.model import Page, Probe
from kiosk.events import Back, Done, Write
from kiosk.local import Local
from kiosk.model import Place, Screen
from kiosk.staff import DAY_POLL_S, TICK_S, Staff, Trouble
from tests.support.fake_keeper import FakeScheduler
from tests.support.staff import FakeDesk, facts, unenrolled


class Counter:
    """A kiosk's staff screens with everything round them, and what was told to whom."""

    def __init__(self, desk):
        self.desk = desk
        self.time = FakeScheduler()
        self.told = []
        self.shown = []
        self.staff = Staff(
            desk,
            scheduler=self.time,
            show=self.shown.append,
            came=lambda: self.told.append("came"),
            left=self.told.append,
            enrolled=lambda: self.told.append("enrolled"),
            trained=lambda: self.told.append("trained"),
            restart=lambda: self.told.append("restart"),
            sound=self.sound,
            now_ms=self.time.now_ms,
        )

    def sound(self, volume, told):
        self.told.append(("sound", volume))
        self.answer_sound = told

    @property
    def page(self):
        return self.staff.model.page

    def open(self):
        self.staff.open()
        self.time.run(lambda: self.page is not Page.CLOSED)
        return self

    def tap(self, *actions):
        for action in actions:
            self.time.pass_s(0.3)
            self.staff.tap(Place(Screen.STAFF, self.page.value), action)
        return self

    def type(self, text):
        return self.tap(*(Write(letter) for letter in text))

    def until(self, condition):
        self.time.run(condition)
        return self

    def at_menu(self):
        return self.open().type("4711").tap(Done()).until(lambda: self.page is Page.MENU)

    def asked(self, name):
        return [call[1:] for call in self.desk.calls if call[0] == name]


@pytest.fixture
def make():
    made = []

    def counter(desk=None):
        made.append(Counter(desk or FakeDesk()))
        return made[-1]

    yield counter
    for one in made:
        one.desk.open.set()
        one.staff.stop()


def test_the_interview_makes_room_before_the_pad_is_shown_and_gets_its_place_back(make):
    counter = make().open()
    assert (counter.told, counter.shown[0].page) == (["came"], Page.PIN)
    counter.tap(Back())
    assert counter.told == ["came", Local()]
    assert all(model.page is not Page.CLOSED for model in counter.shown)


def test_opening_twice_opens_once(make):
    counter = make()
    counter.desk.open.clear()
    counter.staff.open()
    counter.staff.open()
    counter.desk.open.set()
    counter.until(lambda: counter.page is Page.PIN)
    counter.staff.open()
    assert (counter.told, counter.asked("facts")) == (["came"], [()])


def test_a_pin_is_checked_away_from_the_window(make):
    counter = make().open().type("4711")
    counter.desk.open.clear()
    counter.tap(Done())
    assert counter.page is Page.PIN
    counter.desk.open.set()
    counter.until(lambda: counter.page is Page.MENU)
    assert counter.asked("check") == [("4711",)]


def test_a_setting_is_kept_and_told_when_the_staff_leave(make):
    counter = make().at_menu().tap(Go(Page.SOUND), Louder(1))
    counter.until(lambda: counter.staff.model.facts.local.volume == 8)
    counter.tap(Back(), Done())
    assert counter.asked("settle") == [(Local(volume=8),)]
    assert counter.told[-1] == Local(volume=8)


def test_trouble_is_shown_in_its_own_sentence(make):
    counter = make().at_menu().tap(Go(Page.SOUND))
    counter.desk.fails = Trouble("Penyimpanan perangkat gagal.")
    counter.tap(Louder(1)).until(lambda: counter.staff.model.note != "")
    assert counter.staff.model.note == "Penyimpanan perangkat gagal."
    assert counter.staff.model.local == Local()


def test_an_error_nobody_expected_is_logged_and_told_without_its_words(make, caplog):
    counter = make().open()
    counter.desk.fails = RuntimeError("rahasia")
    counter.type("4711").tap(Done()).until(lambda: not counter.staff.model.busy)
    assert counter.page is Page.PIN
    assert counter.staff.model.note.startswith("Terjadi kesalahan")
    assert "4711" not in caplog.text


def test_screens_that_could_not_open_can_be_asked_for_again(make):
    counter = make()
    counter.desk.fails = Trouble("Penyimpanan perangkat tidak dapat dibaca.")
    counter.staff.open()
    counter.until(lambda: len(counter.asked("facts")) == 1 and not counter.staff._opening)
    counter.desk.fails = None
    assert counter.open().page is Page.PIN


def test_untouched_screens_close_by_their_own_clock(make):
    counter = make().open()
    counter.time.pass_s(29)
    assert counter.page is Page.PIN
    counter.staff.touched()
    counter.time.pass_s(29)
    assert counter.page is Page.PIN
    counter.time.pass_s(1 + TICK_S)
    assert counter.told == ["came", Local()]


def test_the_assistant_enrols_and_tells_the_sync(make):
    counter = make(FakeDesk(unenrolled())).open()
    assert counter.page is Page.ADDRESS
    counter.type("ikm.example").tap(Done()).until(lambda: counter.page is Page.CODE)
    counter.type("BCDFGHJK").tap(Done()).until(lambda: counter.page is Page.NEW_PIN)
    assert counter.told == ["came", "enrolled"]
    counter.type("8305").tap(Done()).type("8305").tap(Done()).until(lambda: counter.page is Page.READY)
    counter.tap(Done())
    assert counter.asked("enrol") == [("https://ikm.example", "BCDFGHJK")]
    assert counter.asked("keep_pin") == [("8305",)]
    assert counter.told[-1] == Local()


def test_an_address_that_is_none_is_told_where_it_was_typed(make):
    counter = make(FakeDesk(unenrolled())).open().type("ikm").tap(Done())
    counter.until(lambda: counter.staff.model.note != "")
    assert (counter.page, counter.staff.model.address) == (Page.ADDRESS, "https://ikm")


def test_a_process_that_ended_in_the_assistant_begins_in_it(make):
    counter = make(FakeDesk(facts(pin_set=False, pin_due=True)))
    counter.staff.start()
    counter.until(lambda: counter.page is Page.NEW_PIN)
    assert counter.told == ["came"]


@pytest.mark.parametrize("known", [facts(), unenrolled(), unenrolled(pin_due=True)])
def test_any_other_process_begins_with_the_citizens(make, known):
    counter = make(FakeDesk(known))
    counter.staff.start()
    counter.until(lambda: len(counter.asked("begin")) == 1)
    counter.staff.stop()
    counter.time.run()
    assert (counter.page, counter.told) == (Page.CLOSED, [])


def test_a_server_that_does_not_answer_holds_up_no_setting(make):
    counter = make().at_menu()
    answering = threading.Event()

    def hanging(probe):
        assert answering.wait(10)
        raise Trouble("Tidak ada jawaban.")

    counter.desk.probe = hanging
    counter.tap(Go(Page.DIAGNOSIS), Run(Probe.NETWORK), Back(), Go(Page.SOUND), Louder(1))
    counter.until(lambda: counter.staff.model.facts.local.volume == 8)
    assert Probe.NETWORK in counter.staff.model.running
    answering.set()
    counter.until(lambda: not counter.staff.model.running)
    assert counter.staff.model.results[Probe.NETWORK].sentence == "Tidak ada jawaban."


def test_a_sound_is_played_and_people_judge_it(make):
    counter = make().at_menu().tap(Go(Page.SOUND), Run(Probe.SOUND))
    assert counter.told[-1] == ("sound", 7)
    # nothing is said to have sounded before the player says so
    assert Probe.SOUND not in counter.staff.model.results
    assert "sedang diuji" in admin.view(counter.staff.model).note
    counter.answer_sound("")
    counter.until(lambda: Probe.SOUND in counter.staff.model.results)
    assert counter.staff.model.results[Probe.SOUND].passed is None
    assert "volume 7" in admin.view(counter.staff.model).note


def test_a_kiosk_without_a_sound_device_does_not_say_that_it_sounded(make, caplog):
    counter = make().at_menu().tap(Go(Page.SOUND), Run(Probe.SOUND))
    threading.Thread(target=counter.answer_sound, args=("no such audio device",)).start()
    counter.until(lambda: Probe.SOUND in counter.staff.model.results)
    result = counter.staff.model.results[Probe.SOUND]
    assert (result.passed, result.sentence) == (False, "Perangkat suara tidak ditemukan atau rusak.")
    assert not admin.view(counter.staff.model).good
    assert "no such audio device" in caplog.text


def test_screens_an_error_closed_tell_nobody_and_open_again(make):
    counter = make().open().type("4711").tap(Done())
    counter.staff.abandon()
    counter.time.run()
    counter.time.pass_s(300)
    assert (counter.page, counter.told) == (Page.CLOSED, ["came"])
    assert counter.open().page is Page.PIN


def test_a_muted_kiosk_plays_nothing_and_says_why(make):
    counter = make(FakeDesk(facts(local=Local(volume=0)))).at_menu().tap(Go(Page.SOUND), Run(Probe.SOUND))
    counter.until(lambda: Probe.SOUND in counter.staff.model.results)
    assert counter.told == ["came"]
    assert "dibisukan" in counter.staff.model.results[Probe.SOUND].sentence


def test_a_restart_is_told_once(make):
    counter = make().at_menu().tap(Go(Page.RESTART), Done(), Done())
    assert counter.told == ["came", "restart"]


def test_a_tap_aimed_at_another_page_is_not_heard(make):
    counter = make().at_menu()
    counter.time.pass_s(1)
    counter.staff.tap(Place(Screen.STAFF, "restart"), Done())
    assert counter.page is Page.MENU


def test_the_day_is_looked_at_when_the_process_begins_and_once_a_minute(make):
    counter = make()
    counter.staff.start()
    for looks in (1, 2, 3):
        counter.until(lambda looks=looks: len(counter.asked("end_training")) == looks)
        counter.time.pass_s(DAY_POLL_S)
    assert counter.told == []
    counter.staff.stop()
    looks = len(counter.asked("end_training"))
    counter.time.pass_s(3 * DAY_POLL_S)
    assert len(counter.asked("end_training")) == looks


def test_training_that_ends_under_the_staffs_eyes_is_not_begun_anew_when_they_leave(make):
    trained = Local(training=True, trained_on=date(2026, 11, 24))
    counter = make(FakeDesk(facts(local=trained))).at_menu()
    counter.desk.training_ends = True
    counter.staff.start()
    counter.until(lambda: "trained" in counter.told)
    assert counter.tap(Done()).told[-1] == Local()


def test_a_look_at_the_day_that_fails_is_made_again(make):
    counter = make()
    counter.desk.fails = Trouble("Penyimpanan rusak.")
    counter.staff.start()
    counter.staff._medium.submit(int).result(10)
    assert (len(counter.asked("end_training")), counter.told) == (1, [])
    counter.desk.fails, counter.desk.training_ends = None, True
    counter.time.pass_s(DAY_POLL_S)
    counter.until(lambda: "trained" in counter.told)


def test_after_the_end_nothing_is_shown(make):
    counter = make().open()
    counter.staff.stop()
    shown = len(counter.shown)
    counter.tap(Write("1"))
    counter.staff.touched()
    counter.time.pass_s(60)
    assert len(counter.shown) == shown
