"""Where an answer could not be kept or would not count, nobody is asked for one: refused is better than lost."""

import errno
import logging
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from ikm import wire
from kiosk.events import (
    Configured,
    Crashed,
    Done,
    Hours,
    Options,
    Rate,
    Saved,
    SaveFailed,
    Speak,
    StaffCame,
    StaffLeft,
    Start,
    Surveyed,
    Touched,
)
from kiosk.interview import RETRY_MS, due_ms
from kiosk.model import Fault, Screen, Standing
from kiosk.quiet import quieten
from kiosk.shell import CONFIGURATION_POLL_S
from kiosk.space import FULL_BYTES, MIB, NEARLY_FULL_BYTES, Room
from kiosk.store import Store
from tests.contracts.outbox import IDENTITY
from tests.kiosk.test_drafts import real
from tests.kiosk.test_shell import Kiosk
from tests.support.samples import configuration
from tests.support.visit import Visit

FULL, REVOKED = {"full": True}, {"revoked": True}
FAULTS = [(FULL, Fault.FULL), (REVOKED, Fault.REVOKED), (FULL | REVOKED, Fault.REVOKED)]
faults = pytest.mark.parametrize(("what", "fault"), FAULTS, ids=["full", "revoked", "both"])


def surveyed(visit: Visit, **what: bool) -> Visit:
    return visit.do(Surveyed(visit.now_ms, **what))


@faults
def test_between_citizens_the_screen_says_so_takes_no_tap_and_comes_back_by_itself(what, fault):
    visit = surveyed(Visit(), **what)
    assert (visit.screen, visit.model.fault, visit.model.accepts) == (Screen.OUT_OF_SERVICE, fault, False)
    assert due_ms(visit.wait(500).model) is None
    visit.wait(3_600_000).tap(Start()).tap(Rate(4))
    assert (visit.screen, visit.model.fault, visit.model.session) == (Screen.OUT_OF_SERVICE, fault, None)
    assert visit.effects == []
    assert surveyed(visit).screen is Screen.ATTRACT
    assert visit.tap(Start()).screen is Screen.QUESTION


@faults
def test_whoever_has_begun_finishes_and_is_thanked(what, fault):
    visit = surveyed(Visit().tap(Start()).rate(3), **what).rate(*(3,) * 8).finish().saved()
    assert visit.screen is Screen.THANKS
    assert len(visit.kept) == 1
    assert visit.tap(Done()).model.fault == fault


@pytest.mark.parametrize("action", [Speak("en"), Options()])
def test_whoever_was_about_to_begin_is_told_at_once(action):
    visit = Visit(configuration(languages=("id", "en"))).tap(action)
    assert surveyed(visit, full=True).model.fault is Fault.FULL


def test_a_kiosk_that_sleeps_says_so_too_and_sleeps_on_when_it_is_over():
    visit = Visit(standing=Standing(configuration(), open=False))
    assert visit.screen is Screen.SLEEP
    surveyed(visit, full=True).do(Touched(visit.now_ms))
    assert visit.screen is Screen.OUT_OF_SERVICE
    visit.do(Hours(visit.now_ms, open=True)).do(Hours(visit.now_ms, open=False))
    assert visit.model.fault is Fault.FULL
    assert surveyed(visit).screen is Screen.SLEEP


def test_a_newer_configuration_and_the_staff_lead_nobody_past_it():
    visit = surveyed(Visit(), revoked=True)
    visit.do(Configured(visit.now_ms, configuration(version=2)))
    assert (visit.model.configuration.version, visit.model.fault) == (2, Fault.REVOKED)
    visit.do(StaffCame(visit.now_ms))
    assert visit.screen is Screen.STAFF
    surveyed(visit, full=True)
    assert visit.screen is Screen.STAFF
    assert visit.do(StaffLeft(visit.now_ms)).model.fault is Fault.FULL
    visit.do(Crashed(visit.now_ms)).wait(7_000)
    assert visit.model.fault is Fault.FULL


def test_what_could_not_be_written_is_tried_on_before_the_screen_says_anything_else():
    visit = Visit().tap(Start()).rate(*(3,) * 9).finish()
    visit.do(SaveFailed(visit.now_ms))
    surveyed(visit, full=True)
    assert visit.model.fault is Fault.SAVE
    before = len(visit.effects)
    assert len(visit.wait(RETRY_MS).effects) == before + 1
    assert visit.do(Saved(visit.now_ms)).model.fault is Fault.FULL


# -- in the shell ----------------------------------------------------------------------------------------------------


@pytest.fixture
def kiosk():
    made = Kiosk()
    yield made
    made.keeper.open.set()
    made.shell.stop()


def later(kiosk: Kiosk) -> None:
    """The next look at the world has been taken."""
    kiosk.window.pass_s(CONFIGURATION_POLL_S)
    kiosk.shell._medium.submit(int).result()
    kiosk.window.run()


def test_a_kiosk_that_starts_without_room_never_shows_a_first_screen(kiosk):
    kiosk.keeper.space = Room.FULL
    kiosk.start()
    assert [model.fault for model in kiosk.shown] == [Fault.FULL]


def test_room_that_goes_and_comes_back_is_noticed_without_a_tap_and_told_the_log(kiosk):
    told = []
    kiosk.shell._roomed = told.append
    kiosk.start()
    kiosk.keeper.space = Room.FULL
    later(kiosk)
    assert kiosk.shell.model.fault is Fault.FULL
    kiosk.tap(Start())
    assert kiosk.screen is Screen.OUT_OF_SERVICE
    kiosk.keeper.space = Room.LOW
    later(kiosk)
    assert kiosk.screen is Screen.ATTRACT
    later(kiosk)
    assert told == [Room.FULL, Room.LOW]


def test_a_receipt_that_says_revoked_closes_the_kiosk_and_one_that_says_active_opens_it(kiosk):
    said = ["active"]
    kiosk.shell._standing = lambda: said[0]
    kiosk.start()
    for standing, screen in [("revoked", Screen.OUT_OF_SERVICE), ("forked", Screen.ATTRACT)]:
        said[0] = standing
        later(kiosk)
        assert kiosk.screen is screen


def test_what_cannot_be_read_leaves_everything_as_it_was_and_is_told_once(kiosk, caplog):
    def broken():
        raise OSError(errno.EIO, "input/output error")

    kiosk.keeper.space = Room.FULL
    kiosk.start()
    kiosk.shell._standing = broken
    for _ in range(5):
        later(kiosk)
    assert kiosk.shell.model.fault is Fault.FULL
    assert caplog.text.count("room and standing could not be read") == 1


def test_a_medium_that_fails_three_times_and_more_closes_the_kiosk_until_it_works_again(kiosk, monkeypatch):
    honest, tries = kiosk.keeper.append, []

    def failing(body):
        tries.append(body)
        if len(tries) <= 4:
            raise OSError(errno.EIO, "input/output error")
        return honest(body)

    monkeypatch.setattr(kiosk.keeper, "append", failing)
    kiosk.start().visit(*(3,) * 9).finish()
    for count in (1, 2, 3, 4):
        kiosk.window.run(lambda count=count: len(tries) == count and not kiosk.shell._writing)
        assert kiosk.shell.model.fault is Fault.SAVE
        kiosk.tap(Start())
        assert kiosk.screen is Screen.OUT_OF_SERVICE
        kiosk.window.pass_s(RETRY_MS / 1000)
    kiosk.until(Screen.ATTRACT)
    assert len(kiosk.keeper.bodies) == 1


# -- on a real medium that fills up ----------------------------------------------------------------------------------


@pytest.fixture
def small(tmp_path):
    """A medium of its own, of 128 MiB."""
    folder = tmp_path / "small"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=128m", "tmpfs", folder], check=True)
    yield folder
    subprocess.run(["umount", folder], check=True)


def leave_free(folder: Path, free_bytes: int) -> None:
    """Lets something else have all the room but that much."""
    other = folder / "else"
    other.unlink(missing_ok=True)
    taken = shutil.disk_usage(folder).free - free_bytes
    with other.open("wb") as stream:
        os.posix_fallocate(stream.fileno(), 0, taken)


def test_on_a_medium_that_fills_up_drafts_go_first_then_visits_and_all_come_back(small):
    with Store.open(small) as store:
        store.enrol(IDENTITY, wire.configuration_message(configuration()))
        kiosk = real(store).start()
        for free_bytes, screen in (
            (NEARLY_FULL_BYTES - 1, Screen.ATTRACT),
            (FULL_BYTES - 1, Screen.OUT_OF_SERVICE),
            (FULL_BYTES + MIB, Screen.ATTRACT),
        ):
            leave_free(small, free_bytes)
            later(kiosk)
            assert kiosk.screen is screen, free_bytes
        kiosk.visit(3, 3)
        kiosk.shell._medium.submit(int).result()
        assert store.draft() is None
        kiosk.visit_more(*(3,) * 7).finish().until(Screen.THANKS)
        assert store.queue().stored == 1
        leave_free(small, NEARLY_FULL_BYTES + MIB)
        later(kiosk)
        kiosk.tap(Done()).visit(4)
        kiosk.shell._medium.submit(int).result()
        assert len(store.draft().answers) == 1
        kiosk.shell.stop()


# -- the log ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def levels():
    loggers = [logging.getLogger(name) for name in ("kiosk", "sync")]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.INFO)
    yield
    for logger, level in zip(loggers, before, strict=True):
        logger.setLevel(level)


@pytest.mark.parametrize(
    ("room", "said"), [(Room.PLENTY, ["all is well", "it broke"]), (Room.LOW, ["it broke"]), (Room.FULL, [])]
)
def test_the_log_says_as_much_as_there_is_room_for_and_when_that_changes(levels, caplog, room, said):
    quieten(Room.FULL)
    caplog.clear()
    quieten(room)
    logging.getLogger("sync.once").info("all is well")
    logging.getLogger("kiosk.shell").error("it broke")
    told = [record.getMessage() for record in caplog.records]
    assert told == [f"room on the medium: {room.name.lower()}", *said]
