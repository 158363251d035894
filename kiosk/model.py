"""The words of the interview: what the window shows, what can happen to it, what is then to be done in the world.

Moments are milliseconds of one monotonic clock.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ikm.domain.configuration import Configuration
from ikm.domain.questionnaire import Question
from ikm.domain.response import Response

SERVICES_PER_PAGE = 6


class Screen(StrEnum):
    """What a citizen sees."""

    ATTRACT = "attract"
    SERVICE = "service"
    QUESTION = "question"
    PROFILE = "profile"
    IDLE = "idle"
    SAVING = "saving"
    THANKS = "thanks"
    OUT_OF_SERVICE = "out_of_service"


class Fault(StrEnum):
    """Why the kiosk is out of service."""

    UNCONFIGURED = "unconfigured"
    SAVE = "save"
    UNEXPECTED = "unexpected"


@dataclass(frozen=True, slots=True)
class Place:
    """What a tap was aimed at: the screen, and the question's code where there is one."""

    screen: Screen
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Session:
    """One citizen's visit. `step` counts from the first question; -1 is the choice of service, the last the profile.

    `advance_ms` is the moment the rating just given makes room for the next screen, or None. Until `echo_until_ms`
    another tap on the same rating is its echo. `touched_ms` is the last touch of any kind, wherever it went.
    """

    started_ms: int
    active_ms: int
    step: int
    touched_ms: int = 0
    echo: int = 0
    echo_until_ms: int = 0
    service: str = ""
    page: int = 0
    answers: Mapping[str, int] = field(default_factory=dict)
    profile: Mapping[str, str] = field(default_factory=dict)
    advance_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Model:
    """Everything the window shows.

    `since_ms` is when this screen came, `seen_ms` the last event, `guard_until_ms` the moment taps are heard again.
    `unsaved` says that a response is on its way to the medium, `thankful` that its citizen is waiting for the thanks.
    `incoming` is a newer configuration that waits for this citizen to finish.
    """

    configuration: Configuration | None
    incoming: Configuration | None
    screen: Screen
    language: str
    session: Session | None
    fault: Fault | None
    unsaved: bool
    thankful: bool
    since_ms: int
    seen_ms: int
    guard_until_ms: int

    @property
    def place(self) -> Place:
        """Where a tap must have been aimed to be heard."""
        question = self.question
        return Place(self.screen, question.code if question and self.screen is Screen.QUESTION else "")

    @property
    def question(self) -> Question | None:
        """The question being asked, if one is."""
        if self.configuration is None or self.session is None:
            return None
        questions = self.configuration.questionnaire.questions
        return questions[self.session.step] if 0 <= self.session.step < len(questions) else None

    @property
    def accepts(self) -> bool:
        """Whether a tap would be heard now."""
        waiting = self.screen in {Screen.SAVING, Screen.OUT_OF_SERVICE}
        confirming = self.session is not None and self.session.advance_ms is not None
        return not waiting and not confirming and self.seen_ms >= self.guard_until_ms

    @property
    def echo(self) -> int:
        """The rating that would not be heard now, since it has only just been given to the question before; or 0."""
        session = self.session
        return session.echo if session is not None and self.seen_ms < session.echo_until_ms else 0

    @property
    def can_go_back(self) -> bool:
        """Whether there is an earlier screen. Leaving altogether is offered only while nothing has been answered."""
        if self.configuration is None or self.session is None:
            return False
        return not self.session.answers or self.session.step > first_step(self.configuration)

    @property
    def seconds_left(self) -> int:
        """Whole seconds until an unanswered "Masih di sini?" ends the session."""
        if self.configuration is None:
            return 0
        end_ms = self.since_ms + self.configuration.countdown_s * 1000
        return max(0, -((self.seen_ms - end_ms) // 1000))

    @property
    def pages(self) -> int:
        """How many pages the services take."""
        return -(-len(self.configuration.services) // SERVICES_PER_PAGE) if self.configuration else 0


# -- what can be done on a screen --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Start:
    """Begin."""


@dataclass(frozen=True, slots=True)
class Speak:
    """Use this language."""

    locale: str


@dataclass(frozen=True, slots=True)
class Turn:
    """Show other services: the next page (1) or the one before (-1)."""

    by: int


@dataclass(frozen=True, slots=True)
class Choose:
    """This is the service I came for."""

    service: str


@dataclass(frozen=True, slots=True)
class Rate:
    """My answer to the question on the screen."""

    rating: int


@dataclass(frozen=True, slots=True)
class Toggle:
    """Choose an option of the profile, or take it back."""

    field: str
    option: str


@dataclass(frozen=True, slots=True)
class Back:
    """One screen back."""


@dataclass(frozen=True, slots=True)
class Done:
    """Finished: with the profile, or reading the thanks."""


@dataclass(frozen=True, slots=True)
class Stay:
    """Yes, I am still here."""


Action = Start | Speak | Turn | Choose | Rate | Toggle | Back | Done | Stay


# -- events ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tap:
    """A finger did something on the screen it saw."""

    at_ms: int
    place: Place
    action: Action


@dataclass(frozen=True, slots=True)
class Touched:
    """A finger came down somewhere: whoever it is, they are still here."""

    at_ms: int


@dataclass(frozen=True, slots=True)
class Tick:
    """Time passed."""

    at_ms: int


@dataclass(frozen=True, slots=True)
class Configured:
    """A configuration arrived."""

    at_ms: int
    configuration: Configuration


@dataclass(frozen=True, slots=True)
class Saved:
    """The response handed over last is on the medium."""

    at_ms: int


@dataclass(frozen=True, slots=True)
class SaveFailed:
    """The response handed over last could not be written."""

    at_ms: int


@dataclass(frozen=True, slots=True)
class Crashed:
    """The window met an error nobody expected."""

    at_ms: int


@dataclass(frozen=True, slots=True)
class Closing:
    """The process ends."""

    at_ms: int


Event = Tap | Touched | Tick | Configured | Saved | SaveFailed | Crashed | Closing


# -- effects -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Keep:
    """Write this response to the medium and say how it went. `last_tap_ms` is the moment it belongs to."""

    response: Response
    configuration: int
    last_tap_ms: int


@dataclass(frozen=True, slots=True)
class Retry:
    """Try again to write what could not be written."""


Effect = Keep | Retry
Step = tuple[Model, tuple[Effect, ...]]


def first_step(configuration: Configuration) -> int:
    """Where a session starts: at the choice of service, unless there is nothing to choose."""
    return 0 if len(configuration.services) == 1 else -1
