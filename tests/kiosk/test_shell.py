"""The shell against a keeper that works, waits or fails; no window, no real time."""

from datetime import date

import msgspec
import pytest

from ikm import wire
from ikm.domain.configuration import Opening
from ikm.domain.questionnaire import Instrument
from ikm.domain.response import Status, check
from kiosk import interview
from kiosk.events import Action, Back, Done, Rate, Speak, Start, Toggle
from kiosk.interview import RETRY_MS
from kiosk.local import Local
from kiosk.model import Fault, Model, Screen
from kiosk.shell import CONFIGURATION_POLL_S, Shell
from tests.support.fake_keeper import FakeKeeper, FakeMachine, FakeScheduler, FakeWorker
from tests.support.samples import BOOT, CODES, clock, configuration


class Kiosk:
    """A shell with everything round it."""

    def __init__(self, keeper: FakeKeeper | None = None) -> None:
        self.keeper = keeper or FakeKeeper()
        self.worker = FakeWorker()
        self.machine = FakeMachine()
        self.window = FakeScheduler()
        self.shown: list[Model] = []
        self.shell = Shell(
            self.keeper, self.worker, self.machine,
            scheduler=self.window, show=self.shown.append, now_ms=self.window.now_ms,
        )  # fmt: skip

    def start(self) -> "Kiosk":
        self.shell.start()
        return self

    def tap(self, action: Action) -> "Kiosk":
        self.window.pass_s(0.4)
        self.shell.tap(self.shell.model.place, action)
        return self

    def visit(self, *ratings: int) -> "Kiosk":
        return self.tap(Start()).visit_more(*ratings)

    def visit_more(self, *ratings: int) -> "Kiosk":
        """Goes on with a visit."""
        for rating in ratings:
            self.tap(Rate(rating))
            self.window.pass_s(0.2)
            if self.screen is Screen.REASONS:
                self.tap(Done())
        return self

    def finish(self) -> "Kiosk":
        """Skips what comes after the questions."""
        while self.screen in {Screen.PROFILE, Screen.COMMENT}:
            self.tap(Done())
        return self

    def until(self, screen: Screen) -> "Kiosk":
        self.window.run(lambda: self.screen is screen)
        return self

    @property
    def screen(self) -> Screen:
        return self.shell.model.screen


@pytest.fixture
def kiosk():
    made = Kiosk().start()
    yield made
    made.keeper.open.set()
    made.shell.stop()


def test_the_first_screen_comes_from_the_configuration_held(kiosk):
    assert [model.screen for model in kiosk.shown] == [Screen.ATTRACT]
    assert kiosk.shell.model.configuration == configuration()


def test_a_visit_is_kept_whole_and_the_sync_told(kiosk):
    kiosk.visit(4, 4, 3, 3, 2, 2, 1, 1, 4).tap(Toggle("gender", "P")).finish().until(Screen.THANKS)
    [body] = kiosk.keeper.bodies
    assert body.answers == dict(zip(CODES, (4, 4, 3, 3, 2, 2, 1, 1, 4), strict=True))
    assert (body.configuration, body.language, body.profile) == (1, "id", {"gender": "P"})
    check(wire.decode_body(wire.canonical(body)).to_domain(), configuration().questionnaire)
    assert kiosk.worker.pokes == 1


def test_thanks_wait_for_the_medium(kiosk):
    kiosk.keeper.open.clear()
    kiosk.visit(*(3,) * 9).finish()
    kiosk.window.pass_s(3)
    assert kiosk.screen is Screen.SAVING
    assert kiosk.keeper.bodies == []
    assert kiosk.worker.pokes == 0
    kiosk.keeper.open.set()
    kiosk.until(Screen.THANKS)
    assert len(kiosk.keeper.bodies) == 1


def test_the_window_is_never_held_up_by_the_medium(kiosk):
    kiosk.keeper.open.clear()
    kiosk.visit(*(3,) * 9).finish().tap(Back())
    kiosk.window.pass_s(30)
    assert (kiosk.screen, kiosk.shell.model.fault) == (Screen.OUT_OF_SERVICE, Fault.SAVE)
    kiosk.keeper.open.set()
    kiosk.until(Screen.ATTRACT)
    assert len(kiosk.keeper.bodies) == 1


def test_a_response_the_medium_refused_is_kept_by_a_later_attempt_once(kiosk):
    kiosk.keeper.failing = True
    kiosk.visit(*(3,) * 9).finish().until(Screen.OUT_OF_SERVICE)
    assert kiosk.worker.pokes == 0
    kiosk.keeper.failing = False
    kiosk.window.pass_s(RETRY_MS / 1000)
    kiosk.until(Screen.ATTRACT)
    kiosk.window.pass_s(3 * RETRY_MS / 1000)
    assert len(kiosk.keeper.bodies) == 1
    assert kiosk.worker.pokes == 1


def test_a_machine_that_cannot_tell_the_time_is_asked_again(kiosk, monkeypatch):
    def broken(_machine):
        raise OSError("no clock")

    with monkeypatch.context() as patch:
        patch.setattr(FakeMachine, "clock", broken)
        kiosk.visit(*(3,) * 9).finish().until(Screen.OUT_OF_SERVICE)
    kiosk.window.pass_s(RETRY_MS / 1000)
    kiosk.until(Screen.ATTRACT)
    assert len(kiosk.keeper.bodies) == 1


def test_a_failed_save_logs_no_answer(kiosk, caplog):
    kiosk.keeper.failing = True
    kiosk.visit(*(3,) * 9).finish().until(Screen.OUT_OF_SERVICE)
    kiosk.window.pass_s(3 * RETRY_MS / 1000 + 1)
    kiosk.window.run(lambda: not kiosk.shell._writing)
    told = [record for record in caplog.records if record.exc_info]
    # a draft of the same visit may be on its way when the medium fails, and then says so too
    messages = [record.getMessage() for record in told if not record.getMessage().startswith("a draft")]
    assert messages == ["a response could not be kept: disk full"]
    assert "answers" not in caplog.text


def test_an_abandoned_visit_is_kept_as_of_its_last_tap(kiosk):
    kiosk.visit(3, 4)
    held = configuration()
    kiosk.window.pass_s(held.idle_s + held.countdown_s - 0.2)
    kiosk.until(Screen.ATTRACT)
    [body] = kiosk.keeper.bodies
    assert body.status is Status.PARTIAL
    silent_ms = clock().wall_ms - body.clock.wall_ms
    assert silent_ms == clock().boot_ms - body.clock.boot_ms
    assert silent_ms == (held.idle_s + held.countdown_s) * 1000


def test_a_choice_of_language_left_alone_is_taken_back(kiosk):
    kiosk.tap(Speak("en"))
    kiosk.window.pass_s(configuration().idle_s + 1)
    assert kiosk.shell.model.language == "id"


def test_a_newer_configuration_is_found_between_citizens(kiosk):
    kiosk.keeper.held = wire.configuration_message(configuration(version=2, counter_name="Loket 2"))
    kiosk.window.pass_s(CONFIGURATION_POLL_S)
    kiosk.window.run(lambda: kiosk.shell.model.configuration.version == 2)


def test_a_kiosk_not_enrolled_waits_and_starts_by_itself():
    keeper = FakeKeeper()
    keeper.held = None
    kiosk = Kiosk(keeper).start()
    assert kiosk.shell.model.fault is Fault.UNCONFIGURED
    keeper.held = wire.configuration_message(configuration())
    kiosk.window.pass_s(CONFIGURATION_POLL_S)
    kiosk.until(Screen.ATTRACT)
    kiosk.shell.stop()


def test_a_configuration_that_cannot_be_used_leaves_the_old_one(kiosk, caplog):
    broken = wire.configuration_message(configuration(version=2))
    kiosk.keeper.held = wire.ConfigurationMessage(
        **{name: getattr(broken, name) for name in broken.__struct_fields__} | {"idle_s": 0}
    )
    kiosk.window.pass_s(CONFIGURATION_POLL_S)
    kiosk.shell.stop()
    kiosk.window.run()
    assert kiosk.shell.model.configuration.version == 1
    assert "configuration_invalid" in caplog.text


def test_a_configuration_that_cannot_be_read_is_asked_for_again(kiosk):
    kiosk.keeper.unreadable = True
    kiosk.window.pass_s(CONFIGURATION_POLL_S)
    kiosk.shell._medium.submit(int).result()
    kiosk.keeper.unreadable = False
    kiosk.keeper.held = wire.configuration_message(configuration(version=2))
    kiosk.window.pass_s(CONFIGURATION_POLL_S)
    kiosk.window.run(lambda: kiosk.shell.model.configuration.version == 2)


def test_closing_keeps_an_unfinished_visit_before_it_returns():
    kiosk = Kiosk().start().visit(1, 2, 3)
    kiosk.shell.stop()
    assert [body.answers for body in kiosk.keeper.bodies] == [dict(zip(CODES, (1, 2, 3), strict=False))]


def test_closing_tries_once_more_what_could_not_be_kept():
    kiosk = Kiosk().start()
    kiosk.keeper.failing = True
    kiosk.visit(*(3,) * 9).finish().until(Screen.OUT_OF_SERVICE)
    kiosk.keeper.failing = False
    kiosk.shell.stop()
    assert len(kiosk.keeper.bodies) == 1


def test_after_closing_nothing_is_heard():
    kiosk = Kiosk().start()
    kiosk.shell.stop()
    kiosk.shell.stop()
    before = kiosk.shell.model
    kiosk.tap(Start())
    kiosk.shell.crashed()
    assert kiosk.shell.model == before


def test_an_unexpected_error_shows_the_apology_and_then_the_start(kiosk):
    kiosk.visit(1)
    kiosk.shell.crashed()
    assert kiosk.shell.model.fault is Fault.UNEXPECTED
    kiosk.window.run(lambda: not kiosk.shell.model.unsaved)
    kiosk.window.pass_s(7)
    assert kiosk.screen is Screen.ATTRACT
    assert len(kiosk.keeper.bodies) == 1


def test_closing_after_the_thanks_keeps_nothing_twice():
    kiosk = Kiosk().start().visit(*(3,) * 9).finish().until(Screen.THANKS)
    kiosk.shell.stop()
    assert len(kiosk.keeper.bodies) == 1


def test_closing_while_a_response_is_being_written_keeps_it_once():
    kiosk = Kiosk().start().visit(*(3,) * 9).finish()
    kiosk.shell.stop()
    assert len(kiosk.keeper.bodies) == 1


class MovingMachine(FakeMachine):
    """A machine whose clock moves, and whose trust in it changes with every look."""

    def __init__(self) -> None:
        self.looks = 0

    def clock(self) -> wire.Clock:
        self.looks += 1
        state = ("unknown", "synced", "held")[self.looks % 3]
        return wire.Clock(boot_id=BOOT, boot_ms=self.looks, state=state, wall_ms=1_793_500_000_000 + self.looks)


def test_a_retry_brings_the_very_same_bytes_however_the_clock_moved(monkeypatch):
    # a commit may fail and yet have reached the file; only the same bytes let the store see that it has them
    kiosk = Kiosk()
    kiosk.shell._machine = MovingMachine()
    tried: list[bytes] = []
    honest = kiosk.keeper.append

    def append(body: wire.ResponseBody) -> object:
        tried.append(wire.canonical(body))
        if len(tried) < 3:
            raise OSError("input/output error")
        return honest(body)

    monkeypatch.setattr(kiosk.keeper, "append", append)
    kiosk.start().visit(*[3] * 9).finish()
    for count in (1, 2):
        # the attempt is over when the window has heard of it: the screen alone is still the one of the attempt before
        kiosk.window.run(lambda count=count: len(tried) == count and not kiosk.shell._writing)
        assert kiosk.screen is Screen.OUT_OF_SERVICE
        kiosk.window.pass_s(RETRY_MS / 1000 + 0.1)
    kiosk.until(Screen.ATTRACT)
    assert len(tried) == 3
    assert len(set(tried)) == 1
    kiosk.visit(*[3] * 9).finish().until(Screen.THANKS)
    assert len(set(tried)) == 2
    kiosk.shell.stop()


def test_training_answers_go_where_nothing_is_sent_from():
    keeper = FakeKeeper()
    keeper.settings = Local(training=True)
    kiosk = Kiosk(keeper).start().visit(*(3,) * 9).finish().until(Screen.THANKS)
    assert (len(keeper.training), keeper.bodies) == (1, [])
    kiosk.shell.stop()


def test_settings_that_cannot_be_read_leave_the_kiosk_running():
    keeper = FakeKeeper()
    keeper.local = broken
    kiosk = Kiosk(keeper).start()
    assert kiosk.screen is Screen.ATTRACT
    kiosk.shell.stop()


def test_training_ends_between_citizens_and_not_under_whoever_is_answering():
    keeper = FakeKeeper()
    keeper.settings = Local(training=True, trained_on=date(2026, 11, 24), volume=3)
    kiosk = Kiosk(keeper).start().visit(3, 3)
    kiosk.shell.training_ended()
    kiosk.window.pass_s(3)
    assert kiosk.shell.model.training
    kiosk.visit(*(3,) * 7).finish().until(Screen.THANKS)
    assert (len(keeper.training), keeper.bodies) == (1, [])
    kiosk.window.pass_s(configuration().thanks_s + 2)
    assert kiosk.shell.model.standing.local == Local(volume=3)
    kiosk.visit(*(4,) * 9).finish().until(Screen.THANKS)
    assert (len(keeper.training), len(keeper.bodies)) == (1, 1)
    kiosk.shell.stop()


def test_a_configuration_taken_into_use_is_told_in_the_log(caplog):
    caplog.set_level("INFO")
    kiosk = Kiosk().start()
    kiosk.keeper.held = wire.configuration_message(configuration(version=2))
    kiosk.window.pass_s(CONFIGURATION_POLL_S)
    kiosk.window.run(lambda: kiosk.shell.model.configuration.version == 2)
    kiosk.shell.stop()
    told = [record.getMessage() for record in caplog.records if "taken into use" in record.getMessage()]
    assert told == ["configuration 1 taken into use", "configuration 2 taken into use"]


def broken():
    raise OSError("input/output error")


OFFICE = tuple(Opening(day, 8 * 60, 15 * 60) for day in range(1, 6))
MONDAY_9_WIB = 1_795_399_200_000


@pytest.mark.parametrize(
    ("wall_ms", "state", "screen"),
    [
        (MONDAY_9_WIB, "synced", Screen.ATTRACT),
        (MONDAY_9_WIB + 8 * 3_600_000, "synced", Screen.SLEEP),
        (MONDAY_9_WIB - 24 * 3_600_000, "held", Screen.SLEEP),
        # a clock nobody vouches for must not hide the kiosk from a citizen
        (MONDAY_9_WIB + 8 * 3_600_000, "unknown", Screen.ATTRACT),
    ],
)
def test_the_screen_sleeps_outside_opening_hours(wall_ms, state, screen):
    kiosk = Kiosk(FakeKeeper(wire.configuration_message(configuration(opening=OFFICE))))
    kiosk.machine.now = msgspec.structs.replace(clock(wall_ms), state=state)
    kiosk.start()
    # whoever may have been reading at closing time is given the time to finish
    kiosk.window.pass_s(configuration().idle_s + 2)
    assert kiosk.screen is screen
    kiosk.shell.stop()


def test_the_counts_of_short_forms_come_from_the_medium():
    keeper = FakeKeeper(wire.configuration_message(configuration(instrument=Instrument.ROTATING)))
    keeper.counts = dict.fromkeys(CODES[3:], 1)
    kiosk = Kiosk(keeper).start()
    assert kiosk.shell.model.standing.asked == CODES[:3]
    kiosk.visit(3, 3, 3).finish().until(Screen.THANKS)
    [body] = keeper.bodies
    assert (body.instrument, body.asked) == (Instrument.ROTATING, list(CODES[:3]))
    assert body.visit.inputs == ["touch"]
    kiosk.shell.stop()


def test_staff_leave_their_settings_behind(kiosk):
    kiosk.shell.staff_came()
    assert kiosk.screen is Screen.STAFF
    kiosk.keeper.held = wire.configuration_message(configuration(version=2))
    kiosk.shell.staff_left(Local(language="en"))
    kiosk.window.run(lambda: kiosk.shell.model.configuration.version == 2)
    assert (kiosk.screen, kiosk.shell.model.language) == (Screen.ATTRACT, "en")
    assert kiosk.shell.model.configuration.version == 2


def test_a_stop_in_the_middle_of_a_tap_waits_for_its_answer_to_be_kept(kiosk, monkeypatch):
    kiosk.visit(*(3,) * 8)
    kiosk.window.pass_s(0.5)
    update = interview.update

    def interrupted(model, event):
        after = update(model, event)
        # as a signal would, between the decision and what it wants done
        kiosk.shell.stop()
        return after

    monkeypatch.setattr(interview, "update", interrupted)
    kiosk.tap(Rate(2))
    [body] = kiosk.keeper.bodies
    assert body.answers == dict(zip(CODES, (*(3,) * 8, 2), strict=True))
    kiosk.tap(Rate(4))
    assert len(kiosk.keeper.bodies) == 1


def test_reading_the_configuration_never_holds_up_the_window(kiosk):
    kiosk.window.pass_s(0.1)
    kiosk.keeper.held = wire.configuration_message(configuration(version=2))
    kiosk.shell.configuration_came()
    assert kiosk.shell.model.configuration.version == 1
    kiosk.window.run(lambda: kiosk.shell.model.configuration.version == 2)


def test_a_clock_nobody_can_read_is_told_once_and_hides_no_kiosk(kiosk, monkeypatch, caplog):
    def unreadable(_machine):
        raise OSError("no clock")

    with monkeypatch.context() as patch:
        patch.setattr(FakeMachine, "clock", unreadable)
        kiosk.window.pass_s(8)
    assert kiosk.screen is Screen.ATTRACT
    assert caplog.text.count("the clock could not be read") == 1
    assert caplog.text.count("Traceback") == 1
