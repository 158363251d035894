"""The staff's screens on a real window: every page laid out, the pad and the assistant tapped by hand."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import URL

from ikm.domain.configuration import Aid
from ikm.server.enrol import make_code
from ikm.server.ingest import now_ms
from ikm.server.settings import Settings as ServerSettings
from ikm.server.web.app import create_app
from kiosk import interview
from kiosk.admin.model import Page
from kiosk.desk import OwnDesk
from kiosk.events import Done, Erase, Write
from kiosk.machine import this_machine
from kiosk.model import Place, Screen, Standing
from kiosk.staff import Staff
from kiosk.store import Store
from kiosk.theme import Theme
from tests.screens.measure import assert_readable, box, overlap
from tests.screens.staff_pages import staff_pages
from tests.support.fake_keeper import FakeScheduler
from tests.support.sample_database import sample_store
from tests.support.served import running
from tests.support.stage import SIZES, Stage

LEAST = 0.5
"""Officers stand still and look: half the size of a citizen's target, 10 mm on a 10-inch screen, is enough for them."""


def staff_has_come(stage: Stage) -> None:
    stage.show(replace(interview.home(Standing(), 0), screen=Screen.STAFF, fault=None))


def attend(stage, model):
    from kivy.clock import Clock
    from kivy.lang import Builder

    stage.app.attend(model)
    for _ in range(4):
        Clock.tick()
        Builder.sync()
        Clock.tick_draw()


@pytest.mark.parametrize("aids", [(), (Aid.LARGE, Aid.CONTRAST)], ids=["plain", "large"])
@pytest.mark.parametrize("size", SIZES, ids=lambda size: "x".join(map(str, size)))
def test_every_page_is_readable_and_its_targets_lie_apart(stage, size, aids):
    stage.resize(size)
    staff_has_come(stage)
    screen = stage.app.screen()
    screen.look = Theme(*size, frozenset(aids))
    for name, model in staff_pages().items():
        attend(stage, model)
        try:
            if model.page is not Page.PANEL:
                assert_readable(stage)
            assert_in_place(screen, size)
        except AssertionError as failure:
            raise AssertionError(f"{name}: {failure}") from failure


def assert_in_place(screen, size):
    look = screen.look
    boxes = {name: box(target) for name, target in screen.targets() if target.offered}
    assert len(boxes) == sum(target.offered for _name, target in screen.targets()), "a name twice"
    for name, (left, bottom, right, top) in boxes.items():
        assert left >= -0.5, name
        assert bottom >= -0.5, name
        assert right <= size[0] + 0.5, name
        assert top <= size[1] + 0.5, name
        wide = look.key_px if name.startswith("key-") else look.target_px
        assert right - left >= wide * LEAST, (name, right - left)
        assert top - bottom >= look.target_px * LEAST, (name, top - bottom)
    names = [name for name in boxes if not name.startswith("cell-")]
    for place, name in enumerate(names):
        for other in names[place + 1 :]:
            assert not overlap(boxes[name], boxes[other], slack=0.5), (name, other)


class Counter:
    """The real staff's screens on the stage, over a real device; time is run by hand."""

    def __init__(self, stage: Stage, folder, carry_out=None) -> None:
        self.stage = stage
        self.time = FakeScheduler()
        self.told: list[object] = []
        self.store = Store.open(folder)
        self.staff = Staff(
            OwnDesk(self.store, this_machine(folder), folder),
            scheduler=self.time,
            show=stage.app.attend,
            came=lambda: staff_has_come(stage),
            left=self.told.append,
            enrolled=lambda: self.told.append("enrolled"),
            trained=lambda: self.told.append("trained"),
            restart=lambda: self.told.append("restart"),
            sound=lambda volume, told: self.told.append((volume, told)),
            now_ms=self.time.now_ms,
            carry_out=carry_out,
        )
        stage.heard = lambda place, action, _by: self.staff.tap(place, action)
        self.staff.start()
        self.staff.open()
        self.until(lambda: self.page is not Page.CLOSED)

    @property
    def page(self) -> Page:
        return self.staff.model.page

    def tap(self, *names: str) -> None:
        for name in names:
            self.time.pass_s(0.3)
            self.stage.tap(name)
            self.stage.frames(2)

    def type(self, text: str) -> None:
        self.tap(*(f"key-{letter}" for letter in text))

    def until(self, condition) -> None:
        self.time.run(condition)
        self.stage.frames()

    def read(self) -> str:
        return self.stage.app.screen().ids.note.words


@pytest.fixture
def counter(stage, tmp_path) -> Iterator[Counter]:
    made = Counter(stage, tmp_path / "device")
    yield made
    made.staff.stop()
    made.store.close()


@pytest.fixture
def server(tmp_path) -> Iterator[tuple[str, str]]:
    """A running server of the example regency, and a code for one of its counters."""
    database = tmp_path / "ikm.db"
    office = sample_store(database)
    code = make_code(office, "dukcapil-1", now_ms()).code
    office.close()
    settings = ServerSettings(
        database=URL.create("sqlite", database=str(database)), host="127.0.0.1", port=0, public_url="http://127.0.0.1"
    )
    with running(create_app(settings)) as address:
        yield address, code


def say_address(counter: Counter, address: str) -> None:
    """The address as if it had been typed; one test types it."""
    for action in (*[Erase()] * len("https://"), *(Write(letter) for letter in address), Done()):
        counter.time.pass_s(0.3)
        counter.staff.tap(Place(Screen.STAFF, "address"), action)
    counter.until(lambda: not counter.staff.model.busy)


def test_an_officer_sets_up_a_kiosk_by_tapping_and_gets_in_with_the_new_pin_only(counter, server):
    address, code = server
    assert counter.page is Page.ADDRESS
    counter.tap(*["key-erase"] * len("s://"))
    counter.type(address.removeprefix("http"))
    counter.tap("done")
    counter.until(lambda: not counter.staff.model.busy)
    counter.type(code.replace("-", ""))
    assert counter.stage.app.screen().ids.entry.words == code
    counter.tap("done")
    counter.until(lambda: counter.page is Page.NEW_PIN)
    identity = counter.store.identity()
    assert identity.server_url == address
    counter.type("8305")
    counter.tap("done")
    counter.type("8305")
    counter.tap("done")
    counter.until(lambda: counter.page is Page.READY)
    facts = dict(counter.stage.app.screen()._view.facts)
    assert (facts["Perangkat"].replace(" ", ""), facts["Server"]) == (identity.device, address)
    assert facts["Unit"] == counter.store.configuration().unit_name["id"]
    counter.tap("done")
    assert counter.told[0] == "enrolled"
    assert counter.page is Page.CLOSED

    counter.staff.open()
    counter.until(lambda: counter.page is Page.PIN)
    counter.type("8306")
    counter.tap("done")
    counter.until(lambda: not counter.staff.model.busy)
    assert (counter.page, counter.read()) == (Page.PIN, "PIN salah.")
    counter.type("8305")
    counter.tap("done")
    counter.until(lambda: counter.page is Page.MENU)


def test_a_code_that_was_used_says_so_and_leaves_address_and_code_to_be_mended(counter, server):
    address, _code = server
    say_address(counter, address)
    counter.type("BCDFGHJK")
    counter.tap("done")
    counter.until(lambda: counter.page is Page.CODE)
    assert "minta kode baru" in counter.read()
    assert counter.stage.app.screen().ids.entry.words == "BCDF-GHJK"
    counter.tap("back")
    assert counter.stage.app.screen().ids.entry.words == address
    assert counter.store.identity() is None


def test_a_server_that_is_not_there_says_so_and_keeps_what_was_typed(counter):
    say_address(counter, "http://127.0.0.1:9")
    counter.type("BCDFGHJK")
    counter.tap("done")
    counter.until(lambda: counter.page is Page.ADDRESS)
    assert counter.read().startswith("Server tidak dapat dihubungi")
    assert counter.stage.app.screen().ids.entry.words == "http://127.0.0.1:9"


def test_a_second_tap_on_what_a_page_before_offered_is_not_heard(counter, server):
    say_address(counter, server[0])
    x, y = counter.stage.middle("key-B")
    counter.stage.press(x, y)
    counter.stage.release(x, y)
    counter.stage.press(x, y)
    counter.stage.release(x, y)
    # the page is new: both fell into its guard
    assert counter.staff.model.code == ""


def test_what_a_page_does_not_have_is_neither_seen_nor_felt(stage):
    staff_has_come(stage)
    pages = staff_pages()
    for name in ("diagnosis", "menu", "panel", "pin", "status", "address"):
        attend(stage, pages[name])
        screen = stage.app.screen()
        named = {target.uid for _name, target in screen.targets() if target.offered}
        for widget in screen.walk(restrict=True):
            if getattr(widget, "offered", False) and widget.uid not in named:
                assert widget.right <= 0, (name, widget)
