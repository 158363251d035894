"""What each citizen did, taken down where the window emits it and by rules of its own, to compare with what is kept."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from ikm import wire
from ikm.domain.response import check
from kiosk.events import Action, Because, Choose, Done, Erase, Rate, Speak, Tap, Toggle, Write
from kiosk.interview import update
from kiosk.model import Model, Place, Screen

LETTERS = 300
PUNCTUATION = " .,?!'-/()"


@dataclass
class Citizen:
    """What one citizen has said, and what they were asked under."""

    version: int
    language: str
    training: bool
    service: str = ""
    answers: dict[str, int] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    profile: dict[str, str] = field(default_factory=dict)
    comment: str = ""
    sent: bool = False

    def does(self, place: Place, action: Action) -> None:
        """Take down something that was heard."""
        match action, place.screen:
            case Rate(rating=rating), Screen.QUESTION | Screen.ATTRACT:
                self._rates(place.subject, rating)
            case Because(reason=reason), Screen.REASONS:
                self.reasons[place.subject] = reason
            case Choose(service=service), Screen.SERVICE:
                self.service = service
            case Speak(locale=locale), _:
                self.language = locale
            case Toggle(field=name, option=option), Screen.PROFILE:
                self._tells(name, option)
            case Write(letter=letter), Screen.COMMENT:
                self._writes(letter)
            case Erase(), Screen.COMMENT:
                self.comment = self.comment[:-1]
            case Done(), Screen.COMMENT:
                self.sent = True

    def _rates(self, question: str, rating: int) -> None:
        if self.answers.get(question) != rating:
            self.reasons.pop(question, None)
        self.answers[question] = rating

    def _tells(self, name: str, option: str) -> None:
        taken_back = self.profile.pop(name, None) == option
        if not taken_back:
            self.profile[name] = option

    def _writes(self, letter: str) -> None:
        if len(self.comment) < LETTERS and (letter.isalpha() or letter in PUNCTUATION):
            self.comment += letter

    def facts(self) -> dict[str, object]:
        """As `facts_of` a body."""
        return {
            "configuration": self.version,
            "language": self.language,
            "service": self.service,
            "answers": self.answers,
            "reasons": self.reasons,
            "profile": self.profile,
            # what was written and not sent is not given
            "comment": self.comment.strip() if self.sent else "",
        }


def facts_of(body: wire.ResponseBody) -> dict[str, object]:
    """What a body says that its citizen said."""
    return {name: getattr(body, name) for name in (
        "configuration", "language", "service", "answers", "reasons", "profile", "comment",
    )}  # fmt: skip


class Carried(AssertionError):
    """Something is shown or kept that its citizen never said, or is lost that they did."""


class Ledger:
    """Stands between window and shell: hears what is emitted, sees what is shown, and never asks the interview's state
    of the visit, which is what it is there to judge."""

    def __init__(self, model: Callable[[], Model], now_ms: Callable[[], int]) -> None:
        self._model = model
        self._now_ms = now_ms
        self.citizen: Citizen | None = None
        self.gone: list[Citizen] = []
        self.begun = 0

    def hears(self, place: Place, action: Action, tell: Callable[[], None]) -> None:
        """Pass on what the window emitted, and take it down where the kiosk has to hear it."""
        before = self._model()
        heard = replace(before, seen_ms=max(before.seen_ms, self._now_ms()))
        accepted = place == heard.place and heard.accepts
        if isinstance(action, Rate):
            # which taps are echoes is the interview's to say; what it did with the visit is not asked
            tried, _ = update(before, Tap(self._now_ms(), place, action))
            accepted = accepted and tried.session is not None and tried.session.advance_ms is not None
        if accepted and self.citizen is not None:
            self.citizen.does(place, action)
        tell()
        after = self._model()
        if before.session is None and after.session is not None:
            self._begins(before, place, action)

    def sees(self, model: Model) -> None:
        """A model is shown: without a visit, its citizen has gone."""
        if model.session is None and self.citizen is not None:
            if self.citizen.answers:
                self.gone.append(self.citizen)
            self.citizen = None

    def _begins(self, before: Model, place: Place, action: Action) -> None:
        assert self.citizen is None
        self.begun += 1
        self.citizen = Citizen(before.configuration.version, before.language, before.training)
        if len(before.standing.services) == 1:
            self.citizen.service = before.standing.services[0].code
        if isinstance(action, Rate):
            self.citizen.does(place, action)

    def assert_kept(self, kept: list[wire.ResponseBody], training: list[wire.ResponseBody], held: dict) -> None:
        """Everything that was said is kept once, under its citizen, and nothing else is; each a possible response."""
        for practised, bodies in ((False, kept), (True, training)):
            said = [citizen.facts() for citizen in self.gone if citizen.training is practised]
            found = [facts_of(body) for body in bodies]
            for number, (one, other) in enumerate(zip(said, found, strict=False)):
                if one != other:
                    raise Carried(f"citizen {number} (training: {practised}) said {one}, kept is {other}")
            if len(said) != len(found):
                raise Carried(f"{len(said)} citizens (training: {practised}) said something, kept are {len(found)}")
            for body in bodies:
                assert wire.decode_body(wire.canonical(body)) == body
                check(body.to_domain(), held[body.configuration].questionnaire)
