"""Random events on a running kiosk: the real window, shell and store. Time is run by hand, the store's thread is real.

The events follow from the seed; how they fall between the turns of the store's own thread does not, quite.
"""

import logging
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlalchemy import select

from ikm import wire
from ikm.domain.configuration import Aid, Configuration
from ikm.domain.questionnaire import Instrument
from kiosk.local import Local
from kiosk.model import Fault, Model, Screen
from kiosk.shell import Shell
from kiosk.store import Store, tables
from sync.ports import Identity
from tests.screens.scenes import SEVERAL, full, plain
from tests.support import samples
from tests.support.fake_keeper import FakeMachine, FakeScheduler, FakeWorker
from tests.support.stage import Stage
from tests.torture.ledger import Carried, Ledger

SIZE = (800, 480)
"""The smallest screen is drawn soonest, and has the least room between targets."""
KEYS = (
    (282, "", []), (27, "", []), (285, "", ["alt"]), (9, "\t", []), (9, "\t", ["shift"]), (13, "\r", []),
    (32, " ", []), (8, "", []), (49, "1", []), (50, "2", []), (51, "3", []), (52, "4", []), (97, "a", []),
    (122, "z", []), (113, "q", ["ctrl"]), (99, "c", ["ctrl"]), (101, "e", ["ctrl"]), (293, "", []), (292, "", []),
    (274, "", []), (276, "", []), (55, "7", []), (46, ".", []), (311, "", []), (257, "1", []),
)  # fmt: skip
"""Code, text and modifiers as SDL gives them: F1, Escape, Alt+F4, Tab, Enter, space, figures, letters, and others."""
ONWARD = ("start", "rating", "service", "skip", "done", "stay")
"""What brings a visit forward."""


def configurations() -> list[Configuration]:
    """What a kiosk may be told to be: among them 16 questions and names of 200 letters."""
    plainly = full()
    asked = plainly.questionnaire
    name = ("Unit Pelaksana Teknis Dinas Kependudukan dan Pencatatan Sipil Kecamatan " * 3)[:200]
    text = plain(("Bagaimana kesesuaian persyaratan pelayanan dengan jenis " * 5)[:199] + "?")
    sixteen = tuple(
        replace(asked.questions[place % 9], code=f"Q{place}", text=text, labels=(text,) * 4) for place in range(16)
    )
    long_services = tuple(replace(service, name=plain(name)) for service in SEVERAL)
    return [
        plainly,
        replace(plainly, services=SEVERAL),
        replace(plainly, instrument=Instrument.ROTATING),
        replace(plainly, instrument=Instrument.ONE_TAP),
        replace(plainly, asks_comment=False, default_language="en"),
        replace(plainly, aids=frozenset({Aid.LARGE, Aid.LOW}), default_language="su"),
        replace(
            plainly,
            unit_name=plain(name),
            regency=name,
            pledge=(text, text),
            services=long_services,
            questionnaire=replace(asked, code="sixteen", questions=sixteen),
        ),
    ]


class Flaky:
    """The real store, which refuses to write while `failing`."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.failing = False
        self.refused = 0

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)

    def append(self, body: wire.ResponseBody) -> object:
        """As the store's, or an error."""
        return self._kept(self._store.append, body)

    def append_training(self, body: wire.ResponseBody) -> object:
        """As the store's, or an error."""
        return self._kept(self._store.append_training, body)

    def _kept(self, append: Callable[[wire.ResponseBody], object], body: wire.ResponseBody) -> object:
        if self.failing:
            self.refused += 1
            raise OSError("no space left on device")
        return append(body)


class Errors(logging.Handler):
    """Collects every error logged that the storm did not cause itself."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep what is not the planted failure of the medium."""
        cause = record.exc_info[1] if record.exc_info else None
        if not (isinstance(cause, OSError) and "no space left" in str(cause)):
            self.found.append(self.format(record))


@dataclass
class Outcome:
    """What a storm came to."""

    seed: int
    events: Counter[str] = field(default_factory=Counter)
    screens: Counter[str] = field(default_factory=Counter)
    citizens: int = 0
    kept: int = 0
    training: int = 0
    refused: int = 0
    versions: int = 0
    warm_bytes: int = 0
    end_bytes: int = 0

    @property
    def growth(self) -> float:
        """Of resident memory since the kiosk was warm, as a share."""
        return self.end_bytes / self.warm_bytes - 1 if self.warm_bytes else 0.0


class Storm:
    """One running kiosk and chance."""

    def __init__(self, stage: Stage, folder: Path, seed: int) -> None:
        self.random = random.Random(seed)
        self.stage = stage
        self.outcome = Outcome(seed)
        self.errors = Errors()
        self._store = Store.open(folder)
        self._choices = configurations()
        self._held = {1: self._choices[0]}
        identity = Identity(samples.DEVICE, samples.SERVER, "http://127.0.0.1:9", bytes(32))
        self._store.enrol(identity, wire.configuration_message(self._held[1]))
        self.keeper = Flaky(self._store)
        self.time = FakeScheduler()
        self.shell = Shell(
            self.keeper, FakeWorker(), FakeMachine(), scheduler=self.time, show=self._show, now_ms=self.time.now_ms,
            seed=seed,
        )  # fmt: skip
        self.ledger = Ledger(lambda: self.shell.model, self.time.now_ms)
        self._fingers: list[object] = []
        self._local = Local()
        self._acts: list[tuple[int, Callable[[], None]]] = [
            (60, self.tap), (10, self.tap_on), (6, self.tap_anywhere), (5, self.drag), (3, self.hold), (3, self.let_go),
            (3, self.ten_fingers), (3, self.other_button), (9, self.key), (8, self.wait), (2, self.fall_silent),
            (1, self.sleep), (2, self.change_configuration), (2, self.medium), (1, self.staff), (1, self.close),
        ]  # fmt: skip

    def run(self, count: int, *, warm: float = 0.3, progress: Callable[[int, int], None] | None = None) -> Outcome:
        """So many events and then peace; raises AssertionError at whatever is wrong."""
        logging.getLogger().addHandler(self.errors)
        self.stage.resize(SIZE)
        self.stage.heard = self._hear
        self.stage.felt = self.shell.touched
        try:
            self.shell.start()
            self._rest(0.5)
            weights, acts = [weight for weight, _ in self._acts], [act for _, act in self._acts]
            for number in range(count):
                act = self.random.choices(acts, weights)[0]
                act()
                self.outcome.events[act.__name__] += 1
                if self.keeper.failing and self.random.random() < 0.1:
                    self.keeper.failing = False
                self._rest(self.random.choice((0.0, 0.05, 0.22, 0.22, 0.45)))
                if number == int(count * warm):
                    self.outcome.warm_bytes = resident_bytes()
                if progress and number % 500 == 0:
                    progress(number, resident_bytes())
            self.outcome.end_bytes = resident_bytes()
            self._come_to_peace()
        finally:
            logging.getLogger().removeHandler(self.errors)
            self.shell.stop()
            self._store.close()
        return self.outcome

    # -- what can happen -----------------------------------------------------------------------------------------

    def tap(self) -> None:
        """A target, as a citizen who wants to get on would choose it."""
        targets = list(self.stage.app.targets())
        kinds = ("key",) if self.random.random() < 0.7 and "key-a" in targets else ONWARD
        onward = [name for name in targets if name.split("-")[0] in kinds]
        if names := (onward if onward and self.random.random() < 0.7 else targets):
            self.stage.tap(self.random.choice(names))

    def tap_on(self) -> None:
        """The same target twice or thrice, as a trembling hand does."""
        if targets := list(self.stage.app.targets()):
            x, y = self.stage.middle(self.random.choice(targets))
            for _ in range(self.random.randint(2, 3)):
                self.stage.press(x, y)
                self.stage.release(x, y)
                self._rest(self.random.choice((0.0, 0.03, 0.12, 0.3)))

    def tap_anywhere(self) -> None:
        """Wherever a finger may come down."""
        x, y = self._point()
        self.stage.press(x, y)
        self.stage.release(x, y)

    def drag(self) -> None:
        """From a target, or anywhere, to anywhere, and perhaps back."""
        targets = list(self.stage.app.targets())
        x, y = self.stage.middle(self.random.choice(targets)) if targets else self._point()
        self.stage.press(x, y)
        for _ in range(self.random.randint(1, 4)):
            self.stage.move(*self._point())
        end = (x, y) if self.random.random() < 0.3 else self._point()
        self.stage.move(*end)
        self.stage.release(*end)

    def hold(self) -> None:
        """A finger that stays, of which several may lie about."""
        if len(self._fingers) < 4:
            self._fingers.append(self._finger())

    def let_go(self) -> None:
        """Whatever fingers lie about leave, wherever the screens are by now."""
        while self._fingers:
            self._fingers.pop(0).touch_up()

    def ten_fingers(self) -> None:
        """Both hands: as fingers, or as SDL gives them with one mouse, presses without the end of the one before."""
        if self.random.random() < 0.5:
            fingers = [self._finger() for _ in range(10)]
            self.stage.frames(1)
            for finger in self.random.sample(fingers, 10):
                finger.touch_up()
            return
        points = [self._point() for _ in range(10)]
        for x, y in points:
            self.stage.press(x, y)
        for x, y in points:
            self.stage.release(x, y)

    def other_button(self) -> None:
        """A mouse's other buttons and its wheel, on a target where there is one."""
        targets = list(self.stage.app.targets())
        x, y = self.stage.middle(self.random.choice(targets)) if targets else self._point()
        button = self.random.choice(("right", "middle", "scrollup", "scrolldown"))
        self.stage.press(x, y, button)
        self.stage.release(x, y, button)

    def key(self) -> None:
        """Keys of a keyboard somebody left on the counter; some stay down."""
        for _ in range(self.random.randint(1, 3)):
            code, text, modifiers = self.random.choice(KEYS)
            self.stage.window.dispatch("on_key_down", code, 0, text, modifiers)
            self.stage.window.dispatch("on_keyboard", code, 0, text, modifiers)
            if self.random.random() < 0.9:
                self.stage.window.dispatch("on_key_up", code, 0)
            self.stage.frames(1)

    def wait(self) -> None:
        """A moment."""
        self._rest(self.random.uniform(0.05, 4))

    def fall_silent(self) -> None:
        """Long enough to be asked, and perhaps to be given up."""
        self._rest(self.random.choice((21, 26, 31, 95)))

    def sleep(self) -> None:
        """The machine was asleep, or hung: no tick came all the while."""
        self.time.now_s += self.random.choice((16, 300, 40_000))

    def change_configuration(self) -> None:
        """The sync has brought a newer one."""
        version = len(self._held) + 1
        # parts are shared: what the storm itself remembers must not look like memory of the kiosk
        made = replace(self.random.choice(self._choices), version=version)
        self._held[version] = made
        self._store.hold_configuration(wire.configuration_message(made))
        self.outcome.versions += 1

    def medium(self) -> None:
        """The medium is full from now on, for some events."""
        self.keeper.failing = True

    def staff(self) -> None:
        """The staff come between or during visits, and set training or a service, or take them back."""
        self.shell.staff_came()
        self._rest(self.random.uniform(0.1, 3))
        service = self.random.choice(("", "", "ktp", "s2"))
        self._local = Local(training=self.random.random() < 0.3, service=service)
        self._store.put_local(self._local)
        self.shell.staff_left(self._local)

    def close(self) -> None:
        """The window is asked to close, as Alt+F4 does."""
        assert self.stage.window.dispatch("on_request_close") is not False

    # -- the storm's own -----------------------------------------------------------------------------------------

    def _hear(self, place, action, by) -> None:
        self.ledger.hears(place, action, lambda: self.shell.tap(place, action, by))

    def _show(self, model: Model) -> None:
        self.outcome.screens[model.screen] += 1
        self.ledger.sees(model)
        self.stage.app.show(model)
        self._look_at(model)

    def _look_at(self, model: Model) -> None:
        """What is marked as chosen or written on the screen is this citizen's own, and nothing else.

        The tap that begins a visit is shown before the ledger has heard of it, so that one sight is left out.
        """
        screen, said = self.stage.app.screen(), self.ledger.citizen
        came = model.since_ms == model.seen_ms != model.touched_ms
        if model.screen is Screen.ATTRACT and said is None and came:
            fresh = (model.standing.language, model.standing.aids)
            self._own((model.language, model.aids) == fresh, model, (model.language, model.aids), fresh)
        chosen = {name for name, target in screen.targets() if getattr(target, "chosen", False)}
        if said is None:
            return
        match model.screen:
            case Screen.QUESTION:
                given = said.answers.get(model.place.subject)
                self._own(chosen == ({f"rating-{given}"} if given else set()), model, chosen, given)
            case Screen.REASONS:
                reason = said.reasons.get(model.place.subject)
                self._own(chosen == ({f"reason-{reason}"} if reason else set()), model, chosen, reason)
            case Screen.PROFILE:
                own = {f"option-{name}-{option}" for name, option in said.profile.items()}
                self._own(chosen <= own, model, chosen, own)
            case Screen.SERVICE:
                self._own(chosen <= {f"service-{said.service}"}, model, chosen, said.service)
            case Screen.COMMENT:
                written = screen.ids.entry.words
                self._own(written == said.comment, model, written, said.comment)

    @staticmethod
    def _own(is_own: bool, model: Model, shown: object, said: object) -> None:
        if not is_own:
            raise Carried(f"on {model.place} is {shown}, where its citizen said {said}")

    def _rest(self, seconds: float) -> None:
        self.time.pass_s(seconds)
        self.time.run()
        # now and then taps go on while the medium is still at work
        if self.shell.model.unsaved and self.random.random() < 0.9:
            self._await_the_medium()
        self.stage.frames(1)
        assert not self.errors.found, self.errors.found

    def _await_the_medium(self) -> None:
        self.time.run(
            lambda: (
                not self.shell.model.unsaved
                or self.shell.model.fault is Fault.SAVE
                or self.shell.model.screen is Screen.STAFF
            )
        )

    def _come_to_peace(self) -> None:
        """Nobody comes any more, and the medium has room: what is unsaved is saved, and the compare is made."""
        self.let_go()
        self.keeper.failing = False
        for _ in range(40):
            self._rest(6)
            # the store's thread lives in real time: its next attempt must have had some of it
            if self.shell.model.unsaved:
                time.sleep(0.1)
        assert self.shell.model.session is None
        assert not self.shell.model.unsaved
        kept = self._rows()
        training = self._practised()
        self.outcome.citizens, self.outcome.kept = self.ledger.begun, len(kept)
        self.outcome.training, self.outcome.refused = len(training), self.keeper.refused
        self.ledger.assert_kept(kept, training, self._held)

    def _rows(self) -> list[wire.ResponseBody]:
        """All that would be sent; of training nothing may be among it."""
        found, before = [], wire.GENESIS
        for row in self._store.pending(self._store.epoch(), 1_000_000):
            assert row.prev_hash == before
            before = row.hash
            found.append(wire.decode_body(row.body))
        assert len(found) == self._store.queue().pending == self._store.queue().stored
        return found

    def _practised(self) -> list[wire.ResponseBody]:
        # the store only counts them: nothing in the kiosk may read them back
        with self._store._engine.connect() as connection:
            raw = connection.scalars(select(tables.training.c.body).order_by(tables.training.c.id)).all()
        assert len(raw) == self._store.training_count()
        return [wire.decode_body(body) for body in raw]

    def _point(self) -> tuple[float, float]:
        return self.random.uniform(0, SIZE[0]), self.random.uniform(0, SIZE[1])

    def _finger(self):
        from kivy.tests.common import UnitTestTouch

        targets = list(self.stage.app.targets())
        aimed = targets and self.random.random() < 0.7
        x, y = self.stage.middle(self.random.choice(targets)) if aimed else self._point()
        finger = UnitTestTouch(x, SIZE[1] - y)
        finger.touch_down()
        return finger


def resident_bytes() -> int:
    """Memory of this process that is in use now."""
    import gc
    import os

    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
