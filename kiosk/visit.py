"""The way of one citizen through the screens, and the response that is kept of it. Pure, as all of the interview."""

from collections.abc import Mapping
from dataclasses import replace

from ikm.domain.configuration import Configuration
from ikm.domain.questionnaire import Instrument
from ikm.domain.response import LOW_RATINGS, Channel, Response, Status, Visit
from kiosk.model import Model, Screen, Session, Standing, first_station

COMMENT_LETTERS = 300
"""A comment ends here; the screen says so."""

LONGEST_STAGE_MS = 600_000
"""No screen counts as read for longer than this: the machine slept, or a countdown ran out."""

_PUNCTUATION = " .,?!'-/()"


def begin(model: Model) -> Session:
    """A visit that starts now."""
    standing = model.standing
    only = standing.services[0].code if len(standing.services) == 1 else ""
    return Session(
        started_ms=model.seen_ms,
        active_ms=model.seen_ms,
        asked=standing.asked,
        station=first_station(standing),
        service=only,
        aids=model.aids,
    )


def after(configuration: Configuration, session: Session) -> Session | None:
    """The visit one station further on, or None at its end."""
    session = replace(session, advance_ms=None)
    if session.station is Screen.SERVICE:
        return replace(session, station=Screen.QUESTION)
    if session.station is Screen.QUESTION and _may_say_why(configuration, session):
        return replace(session, station=Screen.REASONS)
    if session.station in {Screen.QUESTION, Screen.REASONS} and session.step + 1 < len(session.asked):
        return replace(session, station=Screen.QUESTION, step=session.step + 1)
    return _after_questions(configuration, session)


def before(standing: Standing, session: Session) -> Session | None:
    """The visit one station back, or None where there is none."""
    back = replace(session, advance_ms=None, back_steps=session.back_steps + 1)
    match session.station:
        case Screen.COMMENT if standing.configuration and standing.configuration.questionnaire.profile_fields:
            return replace(back, station=Screen.PROFILE)
        case Screen.PROFILE if session.profile_page > 0:
            return replace(back, profile_page=session.profile_page - 1)
        case Screen.COMMENT | Screen.PROFILE | Screen.REASONS:
            return replace(back, station=Screen.QUESTION)
        case Screen.QUESTION if session.step > 0:
            return replace(back, step=session.step - 1)
        case Screen.QUESTION if first_station(standing) is Screen.SERVICE:
            return replace(back, station=Screen.SERVICE)
    return None


def rated(session: Session, question: str, rating: int) -> Session:
    """The visit with that answer. A reason given for another rating is none for this one."""
    kept = {code: reason for code, reason in session.reasons.items() if code != question}
    same = session.answers.get(question) == rating
    return replace(session, answers={**session.answers, question: rating}, reasons=session.reasons if same else kept)


def written(session: Session, letter: str) -> Session | None:
    """The visit with one more letter in its comment, or None where that letter is not taken.

    Digits never are: no identity or telephone number can be left behind.
    """
    taken = len(letter) == 1 and (letter.isalpha() or letter in _PUNCTUATION)
    if not taken or len(session.comment) >= COMMENT_LETTERS:
        return None
    return replace(session, comment=session.comment + letter)


def toggled(
    configuration: Configuration, profile: Mapping[str, str], code: str, option: str
) -> Mapping[str, str] | None:
    """The profile with that option chosen, or taken back where it was; None where there is no such option."""
    known = configuration.questionnaire.profile_field(code)
    if known is None or all(option != choice.code for choice in known.options):
        return None
    rest = {name: choice for name, choice in profile.items() if name != code}
    return rest if profile.get(code) == option else {**rest, code: option}


def timed(model: Model) -> Session | None:
    """The visit with the time the present screen has been shown."""
    session = model.session
    if session is None:
        return None
    stage = model.place.stage
    shown_ms = min(LONGEST_STAGE_MS, max(0, model.seen_ms - model.since_ms))
    spent_ms = {**session.spent_ms, stage: session.spent_ms.get(stage, 0) + shown_ms}
    return replace(session, spent_ms=spent_ms, aids=session.aids | model.aids)


def stage_left(model: Model, session: Session) -> str:
    """The stage at which a visit was abandoned, whatever covered it then."""
    return replace(model, screen=session.station, session=session).place.stage


def response_of(model: Model, configuration: Configuration, session: Session, *, left_at: str) -> Response:
    """What is kept of a visit."""
    whole = len(session.answers) == len(configuration.questionnaire.questions)
    short = configuration.instrument is not Instrument.FULL
    return Response(
        questionnaire=configuration.questionnaire.code,
        unit=configuration.unit,
        service=session.service,
        counter=configuration.counter,
        channel=Channel.KIOSK,
        language=model.language,
        status=Status.COMPLETE if whole else Status.PARTIAL,
        answers=session.answers,
        profile=session.profile,
        duration_ms=session.active_ms - session.started_ms,
        instrument=configuration.instrument,
        asked=session.asked if short else (),
        reasons=session.reasons,
        # what was written and not sent is not given
        comment="" if left_at else session.comment.strip(),
        visit=Visit(
            spent_ms=session.spent_ms,
            back_steps=session.back_steps,
            left_at=left_at,
            aids=tuple(sorted(session.aids)),
            inputs=tuple(sorted(session.inputs)),
            unanswered=model.standing.unanswered,
        ),
    )


def _may_say_why(configuration: Configuration, session: Session) -> bool:
    code = session.asked[session.step]
    return session.answers.get(code) in LOW_RATINGS and bool(configuration.questionnaire.reasons_for(code))


def _after_questions(configuration: Configuration, session: Session) -> Session | None:
    if configuration.instrument is Instrument.ONE_TAP:
        return None
    if session.station in {Screen.QUESTION, Screen.REASONS} and configuration.questionnaire.profile_fields:
        return replace(session, station=Screen.PROFILE)
    if session.station is not Screen.COMMENT and configuration.asks_comment:
        return replace(session, station=Screen.COMMENT)
    return None
