"""What a tap means: what was touched, on the screen it was aimed at, and what that leads to."""

from dataclasses import replace

from ikm.domain.configuration import Configuration
from ikm.domain.regulation import RATINGS
from kiosk import visit
from kiosk.events import (
    Back,
    Because,
    Choose,
    Done,
    Erase,
    Leave,
    Options,
    Rate,
    Read,
    Speak,
    Start,
    Stay,
    Step,
    Tap,
    Toggle,
    Turn,
    Use,
    Write,
)  # fmt: skip
from kiosk.model import Model, Screen, Session
from kiosk.moves import GUARD_MS, go_home, go_on, go_to, leave, regretted, show

TYPING_GUARD_MS = 40
"""The guard between two letters: people who write are fast, and a wrong letter can be taken back."""
SAME_PLACE_GUARD_MS = 200
"""The guard after a tap that led nowhere else: options of one screen are chosen quickly one after another."""
CONFIRM_MS = 150
"""How long an answer is shown as chosen before the next screen comes."""


def tapped(model: Model, tap: Tap) -> Step:
    """The model after a tap, unchanged where it was not aimed at this screen, came too soon or means nothing."""
    if model.seen_ms < model.guard_until_ms:
        return _mashed(model, tap), ()
    if tap.place != model.place or not model.accepts or model.configuration is None:
        return model, ()
    step = _act(model, model.configuration, tap)
    if step is None:
        return model, ()
    after, effects = step
    if after.session is not None:
        inputs = after.session.inputs | {tap.by}
        after = replace(after, session=replace(after.session, active_ms=model.seen_ms, inputs=inputs))
    guard_until_ms = model.seen_ms + _guard_ms(model, after, tap)
    return replace(after, touched_ms=model.seen_ms, guard_until_ms=guard_until_ms), effects


def _mashed(model: Model, tap: Tap) -> Model:
    """As long as taps keep coming too soon they answer nothing: a trembling hand, a child, a second finger."""
    if isinstance(tap.action, Write | Erase):
        return model
    return replace(model, guard_until_ms=max(model.guard_until_ms, model.seen_ms + SAME_PLACE_GUARD_MS))


def _guard_ms(before: Model, after: Model, tap: Tap) -> int:
    if isinstance(tap.action, Write | Erase):
        return TYPING_GUARD_MS
    moves_on = after.place != before.place or (after.session is not None and after.session.advance_ms is not None)
    return GUARD_MS if moves_on else SAME_PLACE_GUARD_MS


def _act(model: Model, configuration: Configuration, tap: Tap) -> Step | None:
    """What the action leads to, or None where it means nothing."""
    if isinstance(tap.action, Leave) and model.screen is Screen.OPTIONS:
        return leave(model, thankful=True) if model.can_leave else None
    if model.screen in {Screen.ATTRACT, Screen.READING, Screen.OPTIONS, Screen.THANKS}:
        return _act_anywhere(model, configuration, tap)
    if model.session is None:
        return None
    if isinstance(tap.action, Speak | Use | Options) and model.screen is not Screen.IDLE:
        return _act_anywhere(model, configuration, tap)
    return _act_in_session(model, configuration, replace(model.session, inputs=model.session.inputs | {tap.by}), tap)


def _act_anywhere(model: Model, configuration: Configuration, tap: Tap) -> Step | None:
    after: Model | None = None
    match tap.action, model.screen:
        case Speak(locale=locale), _ if locale in configuration.languages and locale != model.language:
            after = replace(model, language=locale)
        case Use(aid=aid), _:
            after = replace(model, aids=model.aids ^ {aid})
        case Start(), Screen.ATTRACT:
            after = go_to(model, visit.begin(model), timed=True)
        case Rate(), Screen.ATTRACT if model.one_tap:
            session = visit.begin(model)
            return _act_in_session(go_to(model, session, timed=True), configuration, session, tap)
        case Read(), Screen.ATTRACT if model.reading_pages:
            after = replace(show(model, Screen.READING), page=0)
        case Turn(by=by), Screen.READING if by in {-1, 1} and 0 <= model.page + by < model.reading_pages:
            after = replace(show(model, Screen.READING), page=model.page + by)
        case Options(), _ if model.screen is not Screen.OPTIONS:
            after = show(model, Screen.OPTIONS)
        case ((Back() | Done()), Screen.READING | Screen.OPTIONS):
            after = go_to(model, model.session) if model.session else show(model, Screen.ATTRACT)
        case Done(), Screen.THANKS:
            after = go_home(model)
    return None if after is None else (after, ())


def _act_in_session(model: Model, configuration: Configuration, session: Session, tap: Tap) -> Step | None:
    match tap.action, model.screen:
        case (Stay() | Leave()) as action, Screen.IDLE:
            return (go_to(model, session), ()) if isinstance(action, Stay) else leave(model)
        case Back(), _ if model.screen is session.station and model.can_go_back:
            return _back(model, session), ()
        case Turn(by=by), Screen.SERVICE if by in {-1, 1} and 0 <= model.service_page + by < model.pages:
            return replace(model, session=replace(session, page=model.service_page + by)), ()
        case Choose(service=code), Screen.SERVICE if any(code == known.code for known in model.standing.services):
            return go_on(model, configuration, replace(session, service=code))
        case Done(), _ if _may_go_on(model, session):
            return go_on(model, configuration, replace(session, active_ms=model.seen_ms))
    changed = _changed(model, configuration, session, tap)
    return None if changed is None else (replace(model, session=changed), ())


def _may_go_on(model: Model, session: Session) -> bool:
    return model.screen in {Screen.REASONS, Screen.PROFILE, Screen.COMMENT} or (
        model.screen is Screen.SERVICE and bool(session.service)
    )


def _back(model: Model, session: Session) -> Model:
    here = replace(visit.timed(model) or session, profile_page=model.profile_page)
    back = visit.before(model.standing, here)
    return go_home(regretted(model)) if back is None else go_to(model, back, timed=True)


def _changed(model: Model, configuration: Configuration, session: Session, tap: Tap) -> Session | None:
    """The visit with what the tap says on its screen, or None where that means nothing."""
    match tap.action, model.screen:
        case Rate(rating=rating), Screen.QUESTION if rating in RATINGS and model.question:
            return replace(visit.rated(session, model.question.code, rating), advance_ms=model.seen_ms + CONFIRM_MS)
        case Because(reason=reason), Screen.REASONS if model.question:
            if any(reason == known.code for known in model.reasons):
                reasons = {**session.reasons, model.question.code: reason}
                return replace(session, reasons=reasons, advance_ms=model.seen_ms + CONFIRM_MS)
        case (Toggle() | Turn()) as action, Screen.PROFILE:
            return _told(model, configuration, session, action)
        case Write(letter=letter), Screen.COMMENT:
            return visit.written(session, letter)
        case Erase(), Screen.COMMENT if session.comment:
            return replace(session, comment=session.comment[:-1])
    return None


def _told(model: Model, configuration: Configuration, session: Session, action: Toggle | Turn) -> Session | None:
    """The visit with what is said on the profile's screen, or None where that means nothing."""
    if isinstance(action, Turn):
        page = model.profile_page + action.by
        turns = action.by in {-1, 1} and 0 <= page < len(model.profile_pages)
        return replace(session, profile_page=page) if turns else None
    profile = visit.toggled(configuration, session.profile, action.field, action.option)
    return None if profile is None else replace(session, profile=profile)
