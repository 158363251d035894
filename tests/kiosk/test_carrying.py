"""Answers carried out on a USB stick, and receipts brought back: the pages, the staff's machine, the folders found."""

import os
import subprocess
import threading
from pathlib import Path

import pytest

from kiosk import admin
from kiosk.admin.events import Carried, CarryOut, Go, Leave, Look, Search, Searched, TakeBack, Tick
from kiosk.admin.facts import NAME_LETTERS
from kiosk.admin.model import Page, Result, Stick
from kiosk.admin.update import CARRY_IDLE_MS, IDLE_MS
from kiosk.admin.view import PLACES_SHOWN
from kiosk.events import Back, Done
from kiosk.staff import Trouble
from kiosk.sticks import sticks
from tests.kiosk.test_staff import Counter
from tests.support.staff import FakeDesk, Screens, facts

USB = "/media/KINGSTON"
RECEIPTS = f"{USB}/ikm-3-1.receipts"
DONE = Result(passed=True, sentence="12 jawaban ditulis.")


def carrying() -> Screens:
    screens = Screens(facts(pending=12)).at(Page.CARRY)
    return screens.hear(Searched(screens.now_ms, (Stick(USB, (RECEIPTS,)),)))


def choices(screens: Screens) -> dict[str, object]:
    return {choice.name: choice.action for choice in admin.view(screens.model).choices}


def test_the_page_looks_for_sticks_and_says_how_many_answers_wait():
    screens = Screens(facts(pending=12)).at(Page.MENU).tap(Go(Page.CARRY))
    assert set(screens.effects) == {Look(), Search()}
    page = admin.view(screens.model)
    assert page.lead.startswith("12 jawaban menunggu server.")
    assert page.note == "USB sedang dicari …"
    assert "Pasang USB" in admin.view(screens.hear(Searched(screens.now_ms, ())).model).note


def test_a_stick_can_be_written_to_and_its_receipts_read():
    screens = carrying()
    assert choices(screens) == {"carry-0": CarryOut(USB), "receipt-0": TakeBack(RECEIPTS)}
    for action in (CarryOut(USB), TakeBack(RECEIPTS)):
        screens.effects.clear()
        screens.tap(action)
        assert screens.effects == [action]
        assert "Jangan cabut" in admin.view(screens.model).note
        screens.hear(Carried(screens.now_ms, DONE))
        assert (screens.model.note, screens.model.good) == (DONE.sentence, True)
        # what was written can now be seen, and fewer may be waiting
        assert set(screens.effects[1:]) == {Look(), Search()}


def test_one_thing_is_carried_at_a_time():
    screens = carrying().tap(CarryOut(USB))
    before = list(screens.effects)
    assert choices(screens) == {}
    screens.tap(CarryOut(USB), TakeBack(RECEIPTS))
    assert screens.effects == before


def test_while_a_stick_hangs_the_staff_can_leave_its_page_and_the_screens_close_in_the_end():
    screens = carrying().tap(CarryOut(USB))
    assert screens.tap(Back()).page is Page.MENU
    screens.hear(Tick(screens.now_ms + IDLE_MS))
    assert screens.page is Page.MENU
    assert screens.hear(Tick(screens.now_ms + CARRY_IDLE_MS)).page is Page.CLOSED
    assert isinstance(screens.effects[-1], Leave)


def test_a_result_nobody_waits_for_any_more_is_not_shown():
    screens = carrying().tap(CarryOut(USB)).tap(Back())
    screens.hear(Carried(screens.now_ms, DONE))
    assert (screens.page, screens.model.note, screens.model.carrying) == (Page.MENU, "", False)
    assert Screens().at(Page.CARRY).hear(Carried(0, DONE)).model.note == ""


def test_more_than_a_page_holds_leaves_room_for_a_receipt_and_long_names_show_their_end():
    many = tuple(Stick(f"/media/USB{n}", (f"/media/USB{n}/{'x' * 60}{n}.receipts",)) for n in range(6))
    screens = Screens().at(Page.CARRY)
    shown = admin.view(screens.hear(Searched(screens.now_ms, many)).model).choices
    assert len(shown) == PLACES_SHOWN
    assert [choice.name for choice in shown] == ["carry-0", "carry-1", "carry-2", "receipt-0"]
    name = shown[-1].detail.removesuffix(" di USB USB0")
    assert (len(name), name[0], name[-2:]) == (NAME_LETTERS, "…", "x0")


def test_a_receipt_is_told_by_the_time_its_answers_were_carried_out_and_others_receipts_are_not_offered():
    screens = carrying()
    ours, theirs = screens.model.facts.device, f"{'0' * 8}-0000-7000-8000-{'0' * 12}"
    names = [f"ikm-{device}-20261124-193833.jsonl.receipts" for device in (theirs, ours)]
    names += [f"ikm-{ours}-20261399-999999.jsonl.receipts", f"ikm-{ours}-20261123-000000.jsonl.receipts"]
    # the newest of a stick that has been to many offices are not this kiosk's
    stick = Stick(USB, (*[f"{USB}/{names[0]}"] * 60, *(f"{USB}/{name}" for name in names[1:])))
    shown = admin.view(screens.hear(Searched(screens.now_ms, (stick,))).model).choices[1:]
    assert [choice.action for choice in shown] == [TakeBack(f"{USB}/{name}") for name in names[1:3]]
    # as a calendar here says it, and not the clock of Greenwich
    assert shown[0].detail == "25 November 2026 pukul 02.38 WIB di USB KINGSTON"
    assert shown[1].detail.endswith("-20261399-999999 di USB KINGSTON")


def test_from_elsewhere_nothing_is_carried():
    for page in (Page.MENU, Page.STATUS, Page.DIAGNOSIS):
        assert Screens().at(page).tap(CarryOut(USB), TakeBack(RECEIPTS)).effects == []


# -- the staff's machine ---------------------------------------------------------------------------------------------


@pytest.fixture
def counter():
    desk = FakeDesk(facts(pending=12))
    desk.found = (Stick(USB, (RECEIPTS,)),)
    made = Counter(desk)
    made.at_menu().tap(Go(Page.CARRY)).until(lambda: made.staff.model.sticks is not None)
    yield made
    made.desk.open.set()
    made.staff.stop()


@pytest.mark.parametrize(
    ("action", "asked", "sentence"),
    [
        (CarryOut(USB), ("carry_out", Path(USB)), "12 jawaban ditulis."),
        (TakeBack(RECEIPTS), ("take_back", Path(RECEIPTS)), "2 tanda terima dibaca."),
    ],
)
def test_the_desk_carries_and_its_answer_is_shown(counter, action, asked, sentence):
    counter.tap(action).until(lambda: not counter.staff.model.carrying)
    assert asked in counter.desk.calls
    assert (counter.staff.model.note, counter.staff.model.good) == (sentence, True)


@pytest.mark.parametrize(
    ("trouble", "sentence"), [(Trouble("USB sudah penuh."), "USB sudah penuh."), (RuntimeError("x"), "tidak terduga")]
)
def test_what_a_stick_cannot_do_is_said_and_the_page_goes_on(counter, monkeypatch, trouble, sentence):
    def broken(_folder, _written):
        raise trouble

    with monkeypatch.context() as patch:
        patch.setattr(counter.desk, "carry_out", broken)
        counter.tap(CarryOut(USB)).until(lambda: not counter.staff.model.carrying)
    assert sentence in counter.staff.model.note
    assert not counter.staff.model.good
    counter.tap(CarryOut(USB)).until(lambda: counter.staff.model.good)


@pytest.fixture
def stick():
    answers = threading.Event()
    yield answers
    answers.set()


def test_a_stick_that_hangs_holds_up_neither_the_pages_nor_the_medium_nor_the_end(counter, stick, monkeypatch):
    def hanging(_folder, written):
        written(7)
        stick.wait(60)
        return DONE

    monkeypatch.setattr(counter.desk, "carry_out", hanging)
    counter.tap(CarryOut(USB)).until(lambda: counter.staff.model.carried == 7)
    assert "7 jawaban sudah ditulis." in admin.view(counter.staff.model).note
    counter.desk.known = facts(pending=3)
    counter.tap(Back(), Go(Page.STATUS)).until(lambda: counter.staff.model.facts.pending == 3)
    counter.tap(Back(), Done())
    assert counter.page is Page.CLOSED
    counter.staff.stop()


# -- the folders -----------------------------------------------------------------------------------------------------


@pytest.fixture
def mounted(tmp_path):
    """Mounts real file systems, and takes them away."""
    done = []

    def mount(folder: Path, *options: str) -> Path:
        folder.mkdir(parents=True)
        subprocess.run(["mount", "-t", "tmpfs", *options, "tmpfs", folder], check=True)
        done.append(folder)
        return folder

    yield mount
    for folder in reversed(done):
        subprocess.run(["umount", folder], check=True)


def test_sticks_are_the_mounted_folders_and_the_settings_own_comes_first(tmp_path, mounted):
    root, own = tmp_path / "media", tmp_path / "own"
    below, beside = mounted(root / "petugas/KINGSTON"), mounted(root / "SANDISK")
    (root / "not mounted").mkdir()
    (root / "a file").write_text("x")
    own.mkdir()
    assert [stick.folder for stick in sticks(own, [root, tmp_path / "nowhere"])] == [str(own), str(beside), str(below)]
    assert [stick.name for stick in sticks(None, [root])] == ["SANDISK", "KINGSTON"]
    assert sticks(tmp_path / "gone", [root])[0].folder == str(beside)


def test_the_newest_receipts_of_a_stick_come_first(tmp_path):
    for number in range(4):
        path = tmp_path / f"ikm-{number}.receipts"
        path.write_text("x")
        os.utime(path, (number, number))
    (tmp_path / "ikm-9.jsonl").write_text("x")
    [stick] = sticks(tmp_path, [])
    assert [path.rpartition("/")[2] for path in stick.receipts] == [f"ikm-{number}.receipts" for number in (3, 2, 1, 0)]
