"""From one screen to another: what each change of screens does to the model, whoever asked for it."""

from collections.abc import Mapping
from dataclasses import replace

from ikm.domain.configuration import Configuration
from ikm.domain.questionnaire import Instrument
from ikm.domain.response import LOW_RATINGS
from kiosk import visit
from kiosk.events import Keep, Step
from kiosk.model import Fault, Model, Screen, Session, Standing
from kiosk.rotation import next_seed

GUARD_MS = 400
"""Taps sooner than this after one that led elsewhere are its echo: a bouncing panel, a trembling hand, a second finger
that presses what has just come under it."""


def home(standing: Standing, at_ms: int) -> Model:
    """The kiosk between citizens: made of what stands, so nothing of the last citizen can be left over."""
    ready = Screen.ATTRACT if standing.open else Screen.SLEEP
    return Model(
        standing=standing,
        screen=Screen.OUT_OF_SERVICE if standing.fault else ready,
        language=standing.language,
        aids=standing.aids,
        session=None,
        page=0,
        fault=standing.fault,
        unsaved=False,
        thankful=False,
        unhappy=False,
        since_ms=at_ms,
        seen_ms=at_ms,
        touched_ms=at_ms,
        guard_until_ms=at_ms + GUARD_MS,
    )


def go_home(model: Model) -> Model:
    """The kiosk for the next citizen, on the newest configuration and with the next draw."""
    standing = model.standing
    if standing.incoming is not None:
        standing = replace(
            standing, configuration=standing.incoming, incoming=None, answered=standing.counted, counted={}
        )
    return home(replace(standing, seed=next_seed(standing.seed)), model.seen_ms)


def go_to(model: Model, session: Session, *, timed: bool = False) -> Model:
    """To the station of that session; `timed` as in `show`."""
    shown = replace(model, session=session)
    return show(shown, session.station, timed=timed)


def show(model: Model, screen: Screen, *, timed: bool = False) -> Model:
    """Another screen. `timed` says that the time on this one is in the session already, or does not belong to it."""
    session = model.session if timed else visit.timed(model)
    # a finger already on its way to the screen before must not press what has just come under it
    guard_until_ms = model.seen_ms + GUARD_MS
    return replace(model, screen=screen, session=session, since_ms=model.seen_ms, guard_until_ms=guard_until_ms)


def go_on(model: Model, configuration: Configuration, session: Session) -> Step:
    """To the next station, or to the medium where there is none."""
    timed = visit.timed(replace(model, session=session)) or session
    further = visit.after(configuration, timed)
    if further is not None:
        return go_to(model, further, timed=True), ()
    return kept(model, configuration, timed, left_at="", thankful=True)


def leave(model: Model, *, thankful: bool = False) -> Step:
    """End the session before its end: what was answered is kept, all else forgotten."""
    session, configuration = visit.timed(model), model.configuration
    if session is None or configuration is None:
        return model, ()
    if not session.answers:
        return go_home(regretted(model)), ()
    return kept(model, configuration, session, left_at=visit.stage_left(model, session), thankful=thankful)


def kept(model: Model, configuration: Configuration, session: Session, *, left_at: str, thankful: bool) -> Step:
    """On the way to the medium. `thankful` says whether its citizen waits for the thanks."""
    response = visit.response_of(model, configuration, session, left_at=left_at)
    keep = Keep(response, configuration.version, session.active_ms, training=model.training)
    standing = model.standing
    if not model.training:
        standing = replace(standing, unanswered={})
        if configuration.instrument is not Instrument.FULL:
            standing = replace(standing, answered=_raised(standing.answered, session))
            incoming = standing.incoming
            if incoming is not None and incoming.questionnaire.code == configuration.questionnaire.code:
                standing = replace(standing, counted=_raised(standing.counted, session))
    saving = show(replace(model, standing=standing), Screen.SAVING)
    unhappy = any(rating in LOW_RATINGS for rating in session.answers.values())
    return replace(saving, session=None, unsaved=True, thankful=thankful, unhappy=unhappy), (keep,)


def _raised(counts: Mapping[str, int], session: Session) -> Mapping[str, int]:
    return {**counts, **{code: counts.get(code, 0) + 1 for code in session.answers}}


def regretted(model: Model) -> Model:
    """The model that remembers where one more visit ended without an answer."""
    if model.session is None or model.training:
        return model
    stage = visit.stage_left(model, model.session)
    counted = {**model.standing.unanswered, stage: model.standing.unanswered.get(stage, 0) + 1}
    return replace(model, standing=replace(model.standing, unanswered=counted))


def fail(model: Model, fault: Fault) -> Model:
    """Out of service, with that fault."""
    return replace(show(model, Screen.OUT_OF_SERVICE), fault=fault, thankful=False)


def idle_ms(model: Model) -> int:
    """The silence after which a citizen is asked whether they are still there."""
    return model.configuration.idle_s * 1000 if model.configuration else 0
