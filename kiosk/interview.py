"""What happens at the kiosk, decided without a window, a clock or a store: `update(model, event) -> (model, effects)`.

Time passes before an event is heard, so a tap that comes after too long a silence finds the session already closed.
"""

from dataclasses import replace

from kiosk import visit
from kiosk.events import (
    Closing,
    Configured,
    Crashed,
    Draft,
    Effect,
    Event,
    Hours,
    Retry,
    Saved,
    SaveFailed,
    Settled,
    StaffCame,
    StaffLeft,
    Step,
    Surveyed,
    Tap,
    Touched,
)  # fmt: skip
from kiosk.model import LASTING, Fault, Model, Screen, Session, Standing
from kiosk.moves import fail, go_home, go_on, home, idle_ms, leave, show
from kiosk.taps import tapped

LEAP_MS = 15_000
"""Ticks come every second; a gap longer than this is a machine that slept or hung."""
SAVE_LIMIT_MS = 10_000
"""A save that takes longer is shown as what it is: out of service."""
RETRY_MS = 5_000
"""How long after a failed save the next attempt starts."""
APOLOGY_MS = 6_000
"""How long the apology for an unexpected error stays."""
READING_MS = 90_000
"""How long a page of the service standard stays open untouched."""

_AT_HOME = frozenset({Screen.ATTRACT, Screen.READING, Screen.OPTIONS, Screen.SLEEP})
"""Where a citizen may be who has not begun."""


def update(model: Model, event: Event) -> Step:
    """The model after an event, and what is to be done in the world. Never raises, whatever the order of events."""
    before = model
    model, effects = _pass_time(model, event.at_ms)
    # what was handed over just now cannot have been written already
    if before.unsaved or not isinstance(event, Saved | SaveFailed):
        model, more = _hear(model, event)
        effects += more
    return model, effects + _drafted(before, model)


def due_ms(model: Model) -> int | None:
    """The next moment at which something changes by itself, or None."""
    moments = [model.guard_until_ms] if model.guard_until_ms > model.seen_ms else []
    session, configuration = model.session, model.configuration
    if session and session.advance_ms is not None:
        moments.append(session.advance_ms)
    elif model.screen is Screen.IDLE and configuration:
        left = max(0, model.seconds_left - 1)
        moments.append(model.since_ms + (configuration.countdown_s - left) * 1000)
    elif session and configuration:
        moments.append(_present_ms(session) + configuration.idle_s * 1000)
    elif (end := _screen_ends_ms(model)) is not None:
        moments.append(end)
    return min(moments, default=None)


def _hear(model: Model, event: Event) -> Step:
    match event:
        case Tap():
            return tapped(model, event)
        case Crashed():
            return _crashed(model)
        case Closing():
            return leave(model)
        case StaffCame():
            return _staff_came(model)
    return _hear_of_the_world(model, event), ()


def _hear_of_the_world(model: Model, event: Event) -> Model:
    after = model
    match event:
        case Touched():
            after = _touched(model)
        case Configured():
            after = _configured(model, event)
        case Settled(local=local):
            after = _stand(model, replace(model.standing, local=local))
        case Hours(open=is_open):
            after = _stand(model, replace(model.standing, open=is_open))
        case Surveyed(full=full, revoked=revoked):
            after = _stand(model, replace(model.standing, full=full, revoked=revoked))
        case Saved() if model.unsaved:
            after = _saved(replace(model, unsaved=False))
        case SaveFailed() if model.unsaved and model.screen is not Screen.STAFF:
            after = fail(model, Fault.SAVE)
        case StaffLeft() if model.screen is Screen.STAFF:
            # what could not be written is still waiting, and its retries stood still
            after = fail(model, Fault.SAVE) if model.unsaved else go_home(model)
    return after


def _pass_time(model: Model, at_ms: int) -> Step:
    leapt = at_ms - model.seen_ms > LEAP_MS
    model = replace(model, seen_ms=max(model.seen_ms, at_ms))
    session = model.session
    if session is None:
        return _pass_screen(model, leapt=leapt)
    if leapt or (model.screen is Screen.IDLE and model.seconds_left == 0):
        return leave(model)
    if session.advance_ms is not None:
        return _advance(model) if model.seen_ms >= session.advance_ms else (model, ())
    if model.screen is not Screen.IDLE and model.seen_ms >= _present_ms(session) + idle_ms(model):
        return show(model, Screen.IDLE), ()
    return model, ()


def _pass_screen(model: Model, *, leapt: bool) -> Step:
    end_ms = _screen_ends_ms(model)
    passing = model.screen is Screen.THANKS or (model.screen in _AT_HOME and end_ms is not None)
    if (leapt and passing) or (_waiting(model) and model.standing.incoming is not None):
        return go_home(model), ()
    if end_ms is None or model.seen_ms < end_ms:
        return model, ()
    if model.screen is Screen.SAVING:
        return fail(model, Fault.SAVE), ()
    if model.fault is Fault.SAVE:
        return replace(model, since_ms=model.seen_ms), (Retry(),)
    if model.unsaved:
        return replace(show(model, Screen.SAVING), fault=None), ()
    return go_home(model), ()


def _screen_ends_ms(model: Model) -> int | None:
    """When a screen without a session passes by itself, or None."""
    lasts_ms = {
        Screen.READING: READING_MS,
        Screen.OPTIONS: idle_ms(model),
        Screen.SAVING: SAVE_LIMIT_MS,
        Screen.THANKS: model.configuration.thanks_s * 1000 if model.configuration else 0,
        Screen.ATTRACT: None if _untouched(model) else idle_ms(model),
        Screen.SLEEP: None,
        Screen.STAFF: None,
    }.get(model.screen)
    if model.screen is Screen.OUT_OF_SERVICE and model.fault not in LASTING:
        lasts_ms = RETRY_MS if model.fault is Fault.SAVE else APOLOGY_MS
    since_ms = max(model.since_ms, model.touched_ms) if model.screen in _AT_HOME else model.since_ms
    return None if lasts_ms is None else since_ms + lasts_ms


def _untouched(model: Model) -> bool:
    """Whether the first screen is as every citizen finds it, so that it may stay."""
    standing = model.standing
    return model.language == standing.language and model.aids == standing.aids and standing.open


def _waiting(model: Model) -> bool:
    return model.screen is Screen.SLEEP or (model.screen is Screen.ATTRACT and _untouched(model))


def _advance(model: Model) -> Step:
    if model.session is None or model.configuration is None:
        return model, ()
    guard_until_ms = model.guard_until_ms
    step, effects = go_on(model, model.configuration, model.session)
    return (replace(step, guard_until_ms=guard_until_ms) if step.session else step), effects


def _touched(model: Model) -> Model:
    """Presence, wherever the finger came down. "Masih di sini?" is not answered by it: it may be a stranger's."""
    model = replace(model, touched_ms=model.seen_ms)
    if model.screen is Screen.SLEEP:
        return show(model, Screen.ATTRACT)
    return replace(model, session=replace(model.session, touched_ms=model.seen_ms)) if model.session else model


def _saved(model: Model) -> Model:
    if model.fault is Fault.UNEXPECTED or model.screen is Screen.STAFF:
        return model
    if model.screen is Screen.SAVING and model.thankful:
        return replace(show(model, Screen.THANKS), thankful=False)
    return go_home(model)


def _crashed(model: Model) -> Step:
    model, effects = leave(model)
    return fail(model, Fault.UNEXPECTED), effects


def _staff_came(model: Model) -> Step:
    model, effects = leave(model)
    return replace(show(model, Screen.STAFF), fault=None, thankful=False), effects


def _configured(model: Model, event: Configured) -> Model:
    held = model.standing.incoming or model.configuration
    if held is not None and event.configuration.version <= held.version:
        return model
    return _stand(model, replace(model.standing, incoming=event.configuration, counted=event.answered))


def _stand(model: Model, standing: Standing) -> Model:
    """Run on that from now on: at once where nobody is in the way, else with the next citizen."""
    faulty = standing.fault is not None
    model = replace(model, standing=standing)
    # where no visit can begin, whoever is about to begin one is told at once
    nobody = _waiting(model) or model.fault in LASTING or (faulty and model.screen in _AT_HOME)
    return go_home(model) if nobody and model.session is None else model


def _drafted(before: Model, model: Model) -> tuple[Effect, ...]:
    """The draft of a visit that has given something new or stands elsewhere; of training there is none."""
    configuration, session = model.configuration, visit.timed(model)
    if session is None or configuration is None or not session.answers or model.training:
        return ()
    if before.session is not None and _given(before.session) == _given(session):
        return ()
    response = visit.response_of(model, configuration, session, left_at=visit.stage_left(model, session))
    return (Draft(response, configuration.version, session.active_ms),)


def _given(session: Session) -> tuple[object, ...]:
    # another service is chosen at a station of its own
    return session.answers, session.reasons, session.profile, session.station, session.step


def _present_ms(session: Session) -> int:
    return max(session.active_ms, session.touched_ms)


__all__ = ["due_ms", "home", "update"]
