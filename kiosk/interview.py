"""What happens at the kiosk, decided without a window, a clock or a store: `update(model, event) -> (model, effects)`.

Time passes before an event is heard, so a tap that comes after too long a silence finds the session already closed.
"""

from collections.abc import Mapping
from dataclasses import replace

from ikm.domain.configuration import Configuration
from ikm.domain.questionnaire import OFFICIAL_LOCALE
from ikm.domain.regulation import RATINGS
from ikm.domain.response import Channel, Response, Status
from kiosk.model import (
    Action,
    Back,
    Choose,
    Closing,
    Configured,
    Crashed,
    Done,
    Effect,
    Event,
    Fault,
    Keep,
    Model,
    Rate,
    Retry,
    Saved,
    SaveFailed,
    Screen,
    Session,
    Speak,
    Start,
    Stay,
    Tap,
    Tick,
    Toggle,
    Touched,
    Turn,
    first_step,
)  # fmt: skip

GUARD_MS = 200
"""Taps sooner than this after the last accepted one are a bouncing panel or a second finger."""
ECHO_MS = 400
"""A second tap on the same face this soon is a trembling hand, not an answer to the question that has just come."""
CONFIRM_MS = 150
"""How long a rating is shown as chosen before the next screen comes."""
LEAP_MS = 15_000
"""Ticks come every second; a gap longer than this is a machine that slept or hung."""
SAVE_LIMIT_MS = 10_000
"""A save that takes longer is shown as what it is: out of service."""
RETRY_MS = 5_000
"""How long after a failed save the next attempt starts."""
APOLOGY_MS = 6_000
"""How long the apology for an unexpected error stays."""

Step = tuple[Model, tuple[Effect, ...]]


def home(configuration: Configuration | None, at_ms: int) -> Model:
    """The kiosk between citizens: it knows its configuration and the time, and nothing else."""
    return Model(
        configuration=configuration,
        incoming=None,
        screen=Screen.ATTRACT if configuration else Screen.OUT_OF_SERVICE,
        language=configuration.default_language if configuration else OFFICIAL_LOCALE,
        session=None,
        fault=None if configuration else Fault.UNCONFIGURED,
        unsaved=False,
        thankful=False,
        since_ms=at_ms,
        seen_ms=at_ms,
        guard_until_ms=at_ms + GUARD_MS,
    )


def update(model: Model, event: Event) -> Step:
    """The model after an event, and what is to be done in the world. Never raises, whatever the order of events."""
    model, effects = _pass_time(model, event.at_ms)
    match event:
        case Tap():
            model, more = _tap(model, event)
        case Configured(configuration=configuration):
            model, more = _configured(model, configuration), ()
        case Saved():
            model, more = _saved(model), ()
        case SaveFailed():
            model, more = _save_failed(model), ()
        case Crashed():
            model, more = _crashed(model)
        case Closing():
            model, more = _leave(model)
        case Touched():
            model, more = _touched(model), ()
        case Tick():
            more = ()
    return model, effects + more


def due_ms(model: Model) -> int | None:
    """The next moment at which something changes by itself, or None."""
    moments = [model.guard_until_ms] if model.guard_until_ms > model.seen_ms else []
    session, configuration = model.session, model.configuration
    if session and session.echo_until_ms > model.seen_ms:
        moments.append(session.echo_until_ms)
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


def _pass_time(model: Model, at_ms: int) -> Step:
    leapt = at_ms - model.seen_ms > LEAP_MS
    model = replace(model, seen_ms=max(model.seen_ms, at_ms))
    session = model.session
    if session is None:
        return _pass_screen(model, leapt=leapt)
    if leapt or (model.screen is Screen.IDLE and model.seconds_left == 0):
        return _leave(model)
    if session.advance_ms is not None:
        return _advance(model, session) if model.seen_ms >= session.advance_ms else (model, ())
    if model.screen is not Screen.IDLE and model.seen_ms >= _present_ms(session) + _idle_ms(model):
        return _show(model, Screen.IDLE), ()
    return model, ()


def _pass_screen(model: Model, *, leapt: bool) -> Step:
    end_ms = _screen_ends_ms(model)
    passing = model.screen is Screen.THANKS or (model.screen is Screen.ATTRACT and end_ms is not None)
    waiting = model.screen is Screen.ATTRACT and end_ms is None
    if (leapt and passing) or (waiting and model.incoming is not None):
        return _go_home(model), ()
    if end_ms is None or model.seen_ms < end_ms:
        return model, ()
    if model.screen is Screen.SAVING:
        return _fail(model, Fault.SAVE), ()
    if model.fault is Fault.SAVE:
        return replace(model, since_ms=model.seen_ms), (Retry(),)
    if model.unsaved:
        return replace(_show(model, Screen.SAVING), fault=None), ()
    return _go_home(model), ()


def _screen_ends_ms(model: Model) -> int | None:
    """When a screen without a session passes by itself, or None."""
    lasts_ms: int | None = None
    if model.screen is Screen.THANKS and model.configuration:
        lasts_ms = model.configuration.thanks_s * 1000
    elif model.screen is Screen.ATTRACT and model.configuration:
        lasts_ms = _idle_ms(model) if model.language != model.configuration.default_language else None
    elif model.screen is Screen.SAVING:
        lasts_ms = SAVE_LIMIT_MS
    elif model.fault is not Fault.UNCONFIGURED:
        lasts_ms = RETRY_MS if model.fault is Fault.SAVE else APOLOGY_MS
    return None if lasts_ms is None else model.since_ms + lasts_ms


def _tap(model: Model, tap: Tap) -> Step:
    if tap.place != model.place or not model.accepts or model.configuration is None:
        return model, ()
    step = _act(model, model.configuration, tap.action)
    if step is None:
        return model, ()
    after, effects = step
    if after.session is not None:
        after = replace(after, session=replace(after.session, active_ms=model.seen_ms))
    return replace(after, guard_until_ms=model.seen_ms + GUARD_MS), effects


def _act(model: Model, configuration: Configuration, action: Action) -> Step | None:
    """What the action leads to, or None where it means nothing."""
    session = model.session
    match action:
        case Speak(locale=locale) if locale in configuration.languages and locale != model.language:
            since_ms = model.seen_ms if model.screen is Screen.ATTRACT else model.since_ms
            return replace(model, language=locale, since_ms=since_ms), ()
        case Start() if model.screen is Screen.ATTRACT:
            return _start(model, configuration), ()
        case Done() if model.screen is Screen.THANKS:
            return _go_home(model), ()
    return None if session is None else _act_in_session(model, configuration, session, action)


def _act_in_session(model: Model, configuration: Configuration, session: Session, action: Action) -> Step | None:
    step: Step | None = None
    match action, model.screen:
        case Stay(), Screen.IDLE:
            step = _go_to(model, configuration, session), ()
        case Back(), Screen.SERVICE | Screen.QUESTION | Screen.PROFILE if model.can_go_back:
            leaves = session.step == first_step(configuration)
            before = replace(session, step=session.step - 1)
            step = _go_home(model) if leaves else _go_to(model, configuration, before), ()
        case Turn(by=by), Screen.SERVICE if by in {-1, 1} and 0 <= session.page + by < model.pages:
            step = replace(model, session=replace(session, page=session.page + by)), ()
        case Choose(service=code), Screen.SERVICE if any(code == known.code for known in configuration.services):
            step = _go_to(model, configuration, replace(session, service=code, step=0)), ()
        case Rate(rating=rating), Screen.QUESTION if rating in RATINGS and rating != model.echo and model.question:
            rated = replace(
                session,
                answers={**session.answers, model.question.code: rating},
                advance_ms=model.seen_ms + CONFIRM_MS,
                echo=rating,
                echo_until_ms=model.seen_ms + ECHO_MS,
            )
            step = replace(model, session=rated), ()
        case Toggle(field=code, option=option), Screen.PROFILE:
            if (profile := _toggled(configuration, session.profile, code, option)) is not None:
                step = replace(model, session=replace(session, profile=profile)), ()
        case Done(), Screen.PROFILE:
            step = _finish(model, configuration, replace(session, active_ms=model.seen_ms))
    return step


def _touched(model: Model) -> Model:
    """Presence, wherever the finger came down; on "Masih di sini?" the whole screen says yes."""
    session, configuration = model.session, model.configuration
    if session is None or configuration is None:
        return model
    session = replace(session, touched_ms=model.seen_ms)
    if model.screen is Screen.IDLE:
        return _go_to(model, configuration, session)
    return replace(model, session=session)


def _toggled(
    configuration: Configuration, profile: Mapping[str, str], code: str, option: str
) -> Mapping[str, str] | None:
    known = configuration.questionnaire.profile_field(code)
    if known is None or all(option != choice.code for choice in known.options):
        return None
    rest = {name: choice for name, choice in profile.items() if name != code}
    return rest if profile.get(code) == option else {**rest, code: option}


def _start(model: Model, configuration: Configuration) -> Model:
    only = configuration.services[0].code if len(configuration.services) == 1 else ""
    session = Session(model.seen_ms, model.seen_ms, step=first_step(configuration), service=only)
    return _go_to(model, configuration, session)


def _advance(model: Model, session: Session) -> Step:
    configuration = model.configuration
    if configuration is None:
        return model, ()
    after = replace(session, step=session.step + 1, advance_ms=None)
    asked_all = after.step >= len(configuration.questionnaire.questions)
    if asked_all and not configuration.questionnaire.profile_fields:
        return _finish(model, configuration, after)
    guard_until_ms = model.guard_until_ms
    return replace(_go_to(model, configuration, after), guard_until_ms=guard_until_ms), ()


def _finish(model: Model, configuration: Configuration, session: Session) -> Step:
    saving = replace(_show(model, Screen.SAVING), session=None, unsaved=True, thankful=True)
    return saving, (_keep(model, configuration, session),)


def _leave(model: Model) -> Step:
    """End the session as if its citizen had walked away: what was answered is kept, all else forgotten."""
    if model.session is None or model.configuration is None:
        return model, ()
    if not model.session.answers:
        return _go_home(model), ()
    keep = _keep(model, model.configuration, model.session)
    return replace(_show(model, Screen.SAVING), session=None, unsaved=True), (keep,)


def _keep(model: Model, configuration: Configuration, session: Session) -> Keep:
    complete = len(session.answers) == len(configuration.questionnaire.questions)
    response = Response(
        questionnaire=configuration.questionnaire.code,
        unit=configuration.unit,
        service=session.service,
        counter=configuration.counter,
        channel=Channel.KIOSK,
        language=model.language,
        status=Status.COMPLETE if complete else Status.PARTIAL,
        answers=session.answers,
        profile=session.profile,
        duration_ms=session.active_ms - session.started_ms,
    )
    return Keep(response, configuration.version, session.active_ms)


def _saved(model: Model) -> Model:
    if not model.unsaved:
        return model
    model = replace(model, unsaved=False)
    if model.fault is Fault.UNEXPECTED:
        return model
    if model.screen is Screen.SAVING and model.thankful:
        return replace(_show(model, Screen.THANKS), thankful=False)
    return _go_home(model)


def _save_failed(model: Model) -> Model:
    return _fail(model, Fault.SAVE) if model.unsaved else model


def _crashed(model: Model) -> Step:
    model, effects = _leave(model)
    return _fail(model, Fault.UNEXPECTED), effects


def _fail(model: Model, fault: Fault) -> Model:
    return replace(_show(model, Screen.OUT_OF_SERVICE), fault=fault, thankful=False)


def _configured(model: Model, configuration: Configuration) -> Model:
    held = model.incoming or model.configuration
    if held is not None and configuration.version <= held.version:
        return model
    waiting = model.screen is Screen.ATTRACT and _screen_ends_ms(model) is None
    if waiting or model.fault is Fault.UNCONFIGURED:
        return home(configuration, model.seen_ms)
    return replace(model, incoming=configuration)


def _go_home(model: Model) -> Model:
    return home(model.incoming or model.configuration, model.seen_ms)


def _go_to(model: Model, configuration: Configuration, session: Session) -> Model:
    return replace(_show(model, _screen_of(configuration, session)), session=session)


def _show(model: Model, screen: Screen) -> Model:
    # a finger already on its way to the screen before must not press what has just come under it
    return replace(model, screen=screen, since_ms=model.seen_ms, guard_until_ms=model.seen_ms + GUARD_MS)


def _screen_of(configuration: Configuration, session: Session) -> Screen:
    if session.step < 0:
        return Screen.SERVICE
    return Screen.QUESTION if session.step < len(configuration.questionnaire.questions) else Screen.PROFILE


def _present_ms(session: Session) -> int:
    return max(session.active_ms, session.touched_ms)


def _idle_ms(model: Model) -> int:
    return model.configuration.idle_s * 1000 if model.configuration else 0
