"""What carries the interview's decisions into the world: the clock, the keeper of answers, the sync, the window.

All decisions run on the window's thread. What touches the medium runs, one thing after another, on a single thread of
its own and comes back as an event, so a slow disk never holds up a finger.
"""

import logging
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from ikm import wire
from ikm.domain.errors import Refusal
from kiosk import interview
from kiosk.complaints import Complaints
from kiosk.drafts import Drafts
from kiosk.events import (
    Action,
    Closing,
    Configured,
    Crashed,
    Draft,
    Effect,
    Event,
    Hours,
    Keep,
    Retry,
    Saved,
    SaveFailed,
    Settled,
    StaffCame,
    StaffLeft,
    Surveyed,
    Tap,
    Tick,
    Touched,
)  # fmt: skip
from kiosk.local import Local
from kiosk.model import Model, Place, Standing
from kiosk.space import Room
from kiosk.world import Keeper, Machine, Scheduler, Worker

TICK_S = 1.0
"""Time passes in steps no longer than this, so that a machine that slept is noticed."""
CONFIGURATION_POLL_S = 2.0

log = logging.getLogger(__name__)


def monotonic_ms() -> int:
    """Milliseconds since the machine started, sleep included: a kiosk that slept must notice."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000


class Shell:
    """One running interview. `show` is called with every new model, on the window's thread.

    `seed` decides the draws of the rotating form. `standing` says what the server last called this device: `active`,
    `forked` or `revoked`; `roomed` is told how much room the medium has whenever that changes.
    """

    def __init__(
        self,
        keeper: Keeper,
        worker: Worker,
        machine: Machine,
        *,
        scheduler: Scheduler,
        show: Callable[[Model], None],
        now_ms: Callable[[], int] = monotonic_ms,
        seed: int = 0,
        standing: Callable[[], str] = lambda: "active",
        roomed: Callable[[Room], None] = lambda _room: None,
    ) -> None:
        self._keeper = keeper
        self._worker = worker
        self._machine = machine
        self._scheduler = scheduler
        self._show = show
        self._now_ms = now_ms
        self._standing = standing
        self._roomed = roomed
        self._room = Room.PLENTY
        self._drafts = Drafts(keeper, self._body)
        self._medium = ThreadPoolExecutor(max_workers=1, thread_name_prefix="keeper")
        self._unsaved: Keep | None = None
        # of the medium's thread alone
        self._made: tuple[Keep, wire.ResponseBody] | None = None
        self._writing = False
        self._closed = False
        self._busy = False
        self._stop_asked = False
        self._cancel_tick: Callable[[], None] = _nothing
        self._held_version = -1
        self._surveyed = (False, False)
        self._unkept = Complaints(log, "a response could not be kept")
        self._unread = Complaints(log, "the configuration could not be read")
        self._unclocked = Complaints(log, "the clock could not be read")
        self._unsurveyed = Complaints(log, "room and standing could not be read")
        self.model = interview.home(Standing(seed=seed), now_ms())

    def start(self) -> None:
        """Show the first screen and let time pass. Reads the configuration at once, before anybody waits."""
        for event in (self._settled(), self._newer_configuration(), self._survey()):
            if event is not None:
                before = self.model
                self.model, _ = interview.update(before, event)
                self._tell_configuration(before)
        self._show(self.model)
        # first of all that is written, so that nothing writes over what a power cut has left
        self._submit(self._recover)
        self._look_at_the_clock()
        self._await_next()
        self._scheduler.later(CONFIGURATION_POLL_S, self._poll_configuration)

    @property
    def idle_ms(self) -> int:
        """How long nobody has been there, in ms."""
        model = self.model
        return 0 if model.session is not None else self._now_ms() - max(model.touched_ms, model.since_ms)

    def tap(self, place: Place, action: Action, by: str = "touch") -> None:
        """Somebody did something on the screen they saw, by `touch`, `keyboard` or `switch`."""
        self._hear(Tap(self._now_ms(), place, action, by))

    def touched(self) -> None:
        """A finger came down, wherever it was aimed."""
        self._hear(Touched(self._now_ms()))

    def crashed(self) -> None:
        """The window met an error nobody expected; it has been logged."""
        self._hear(Crashed(self._now_ms()))

    def staff_came(self) -> None:
        """Show the staff's screens instead of the interview; whoever was answering has gone."""
        self._hear(StaffCame(self._now_ms()))

    def staff_left(self, local: Local) -> None:
        """Back to the citizens, on these settings and the newest configuration."""
        self._hear(Settled(self._now_ms(), local))
        self.configuration_came()
        self._hear(StaffLeft(self._now_ms()))

    def training_ended(self) -> None:
        """Take training out of the settings, as soon as nobody is in the middle of it."""
        standing = self.model.standing
        if self.model.session is None:
            if standing.local.training:
                self._hear(Settled(self._now_ms(), standing.local.train(None)))
        elif not self._closed:
            self._scheduler.later(TICK_S, self.training_ended)

    def configuration_came(self) -> None:
        """Look soon whether the configuration held is a newer one."""
        self._submit(self._read_configuration)

    def stop(self) -> None:
        """Keep what an unfinished visit has given, wait until it is on the medium, and be silent from then on.

        A signal may ask for it in the middle of anything; what is under way on this thread is then finished first.
        """
        if self._closed:
            return
        if self._busy:
            self._stop_asked = True
            return
        self._closed = True
        self._cancel_tick()
        # not shown: the window may be gone already
        self.model, effects = interview.update(self.model, Closing(self._now_ms()))
        for effect in (*effects, Retry()):
            self._perform(effect)
        self._medium.shutdown(wait=True)

    def _hear(self, event: Event) -> None:
        with self._undisturbed():
            if self._closed:
                return
            before = self.model
            self.model, effects = interview.update(before, event)
            for effect in effects:
                self._perform(effect)
            self._tell_configuration(before)
            if self.model != before:
                self._show(self.model)
            self._await_next()

    def _tell_configuration(self, before: Model) -> None:
        held = self.model.configuration
        if held is not None and held is not before.configuration:
            log.info("configuration %d taken into use", held.version)

    @contextmanager
    def _undisturbed(self) -> Iterator[None]:
        """What is begun here is finished before the shell stops."""
        outermost, self._busy = not self._busy, True
        try:
            yield
        finally:
            if outermost:
                self._busy = False
                if self._stop_asked:
                    self.stop()

    def _submit(self, work: Callable[[], None]) -> None:
        with self._undisturbed():
            if not self._closed:
                self._medium.submit(work)

    def _await_next(self) -> None:
        self._cancel_tick()
        due_ms = interview.due_ms(self.model)
        delay_s = TICK_S if due_ms is None else min(TICK_S, max(0, due_ms - self._now_ms()) / 1000)
        self._cancel_tick = self._scheduler.later(delay_s, self._tick)

    def _tick(self) -> None:
        self._look_at_the_clock()
        self._hear(Tick(self._now_ms()))

    def _look_at_the_clock(self) -> None:
        """Tell the interview when the counter opens or closes."""
        configuration = self.model.configuration
        if self._closed or configuration is None:
            return
        # a kiosk that is not sure of the time must not hide from a citizen
        is_open = True
        try:
            clock = self._machine.clock()
            is_open = clock.state == "unknown" or configuration.is_open(clock.wall_ms)
            self._unclocked.succeeded()
        except OSError as trouble:
            # asked every second, so told once and then counted
            self._unclocked.failed(trouble)
        if is_open != self.model.standing.open:
            self._hear(Hours(self._now_ms(), is_open))

    def _perform(self, effect: Effect) -> None:
        if isinstance(effect, Draft):
            self._draft(effect)
            return
        if isinstance(effect, Keep):
            self._unsaved = effect
            self._drafts.forget()
        if self._unsaved is not None and not self._writing:
            self._writing = True
            self._medium.submit(self._write, self._unsaved)

    def _draft(self, draft: Draft) -> None:
        if self._room is Room.PLENTY:
            self._drafts.offer(draft)
            self._medium.submit(self._drafts.write)

    def _recover(self) -> None:
        try:
            recovered = self._drafts.recover()
        # the next response tries again, and whoever gave it learns how it went
        except Exception as trouble:  # noqa: BLE001 - as above
            self._unkept.failed(trouble)
            return
        if recovered:
            self._scheduler.soon(self._worker.poke)

    def _body(self, keep: Keep | Draft) -> wire.ResponseBody:
        response, visit = keep.response, keep.response.visit
        return wire.ResponseBody(
            answers=dict(response.answers),
            asked=list(response.asked),
            channel=response.channel,
            clock=_earlier(self._machine.clock(), max(0, self._now_ms() - keep.last_tap_ms)),
            comment=response.comment,
            configuration=keep.configuration,
            counter=response.counter,
            duration_ms=response.duration_ms,
            instrument=response.instrument,
            language=response.language,
            profile=dict(response.profile),
            questionnaire=response.questionnaire,
            reasons=dict(response.reasons),
            service=response.service,
            status=response.status,
            unit=response.unit,
            visit=None if visit is None else wire.visit_message(visit),
        )

    def _write(self, keep: Keep) -> None:
        try:
            self._drafts.recover()
            # made once: a commit may fail and yet have reached the file, and only the very same bytes show that
            if self._made is None or self._made[0] is not keep:
                self._made = (keep, self._body(keep))
            append = self._keeper.append_training if keep.training else self._keeper.append
            append(self._made[1])
            self._made = None
            self._unkept.succeeded()
        # whatever goes wrong with the medium, the window must learn that nothing is kept
        except Exception as trouble:  # noqa: BLE001 - logged, once and then counted
            self._unkept.failed(trouble)
            self._scheduler.soon(lambda: self._written(kept=False))
        else:
            self._scheduler.soon(lambda: self._written(kept=True))

    def _written(self, *, kept: bool) -> None:
        self._writing = False
        now_ms = self._now_ms()
        if not kept:
            self._hear(SaveFailed(now_ms))
            return
        self._unsaved = None
        self._hear(Saved(now_ms))
        self._worker.poke()

    def _poll_configuration(self) -> None:
        def read() -> None:
            self._read_configuration()
            surveyed = self._survey()
            if surveyed is not None:
                self._scheduler.soon(lambda: self._hear(surveyed))
            # only now, so that on a medium that hangs the wishes do not pile up
            self._scheduler.later(CONFIGURATION_POLL_S, self._poll_configuration)

        self._submit(read)

    def _read_configuration(self) -> None:
        configured = self._newer_configuration()
        if configured is not None:
            self._scheduler.soon(lambda: self._hear(configured))

    def _newer_configuration(self) -> Configured | None:
        try:
            held = self._keeper.configuration()
            self._unread.succeeded()
            if held is None or held.version <= self._held_version:
                return None
            self._held_version = held.version
            return Configured(self._now_ms(), held.to_domain(), self._keeper.answered(held.questionnaire.code))
        except Refusal as refusal:
            log.warning("the configuration held cannot be used: %s", refusal)
        # the medium may fail in any way; the kiosk runs on with what it has
        except Exception as trouble:  # noqa: BLE001 - as above
            self._unread.failed(trouble)
        return None

    def _survey(self) -> Surveyed | None:
        """Whether an answer given now would be kept and counted, where that has changed."""
        try:
            room, revoked = self._keeper.room(), self._standing() == "revoked"
            self._unsurveyed.succeeded()
        # the medium may fail in any way; what it last said holds until it speaks again
        except Exception as trouble:  # noqa: BLE001 - as above
            self._unsurveyed.failed(trouble)
            return None
        if room is not self._room:
            self._room = room
            self._roomed(room)
        now = Surveyed(self._now_ms(), full=room is Room.FULL, revoked=revoked)
        before, self._surveyed = self._surveyed, (now.full, now.revoked)
        return None if before == self._surveyed else now

    def _settled(self) -> Settled | None:
        try:
            return Settled(self._now_ms(), self._keeper.local())
        except Exception:  # as above
            log.exception("the staff's settings could not be read")
        return None


def _earlier(clock: wire.Clock, by_ms: int) -> wire.Clock:
    return wire.Clock(
        boot_id=clock.boot_id,
        boot_ms=max(0, clock.boot_ms - by_ms),
        state=clock.state,
        wall_ms=clock.wall_ms - by_ms,
    )


def _nothing() -> None:
    pass
