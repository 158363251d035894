"""What the kiosk is showing and to whom: the state of the interview, and nothing that happens to it.

Moments are milliseconds of one monotonic clock.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ikm.domain.configuration import Aid, Configuration, Service
from ikm.domain.questionnaire import OFFICIAL_LOCALE, Instrument, ProfileField, Question, Reason, words
from kiosk.fields import pages_of
from kiosk.local import Local
from kiosk.reading import LARGE_PAGE_LETTERS, PAGE_LETTERS, Page, pages_to_read
from kiosk.rotation import deal

SERVICES_PER_PAGE = 6
LONG_NAME = 60
"""A service whose name is longer than this, in letters, needs a chip as wide as the screen."""


class Screen(StrEnum):
    """What a citizen sees. From SERVICE to COMMENT they are the stations of a visit, in order."""

    SLEEP = "sleep"
    ATTRACT = "attract"
    READING = "reading"
    OPTIONS = "options"
    SERVICE = "service"
    QUESTION = "question"
    REASONS = "reasons"
    PROFILE = "profile"
    COMMENT = "comment"
    IDLE = "idle"
    SAVING = "saving"
    THANKS = "thanks"
    OUT_OF_SERVICE = "out_of_service"
    STAFF = "staff"


class Fault(StrEnum):
    """Why the kiosk is out of service."""

    UNCONFIGURED = "unconfigured"
    REVOKED = "revoked"
    FULL = "full"
    SAVE = "save"
    UNEXPECTED = "unexpected"


LASTING = frozenset({Fault.UNCONFIGURED, Fault.REVOKED, Fault.FULL})
"""Faults that no attempt and no time mend: they last until the world is another one."""


@dataclass(frozen=True, slots=True)
class Place:
    """What a tap was aimed at: the screen, and the question's code or the page where there is one."""

    screen: Screen
    subject: str = ""

    @property
    def stage(self) -> str:
        """The place as paradata name it: `profile`, `question-REQ`."""
        return f"{self.screen}-{self.subject}" if self.screen in {Screen.QUESTION, Screen.REASONS} else self.screen


@dataclass(frozen=True, slots=True)
class Session:
    """One citizen's visit.

    `station` is where the way through it stands, `step` the place of the question in `asked` (codes). `advance_ms` is
    the moment the answer just given makes room for the next screen, or None. `touched_ms` is the last touch of any
    kind, wherever it went. `spent_ms` is the time each stage was shown, `aids` and `inputs` what has been used.
    """

    started_ms: int
    active_ms: int
    asked: tuple[str, ...]
    station: Screen = Screen.QUESTION
    step: int = 0
    touched_ms: int = 0
    service: str = ""
    page: int = 0
    answers: Mapping[str, int] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    profile: Mapping[str, str] = field(default_factory=dict)
    profile_page: int = 0
    comment: str = ""
    advance_ms: int | None = None
    spent_ms: Mapping[str, int] = field(default_factory=dict)
    back_steps: int = 0
    aids: frozenset[Aid] = frozenset()
    inputs: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Standing:
    """All that is left when a citizen goes: what the kiosk runs on, and counts without a face.

    `incoming` is a newer configuration that waits for the next change of citizens, `counted` the counts that come with
    it. `answered` counts the answers each question has had, so that the rotating form stays even, `seed` decides its
    next draw. `unanswered` counts visits that began and gave nothing, by the stage they were left at. `open` is false
    outside opening hours, `full` says that there is no room for another answer, `revoked` that the server counts none.
    """

    configuration: Configuration | None = None
    incoming: Configuration | None = None
    counted: Mapping[str, int] = field(default_factory=dict)
    local: Local = field(default_factory=Local)
    answered: Mapping[str, int] = field(default_factory=dict)
    seed: int = 0
    unanswered: Mapping[str, int] = field(default_factory=dict)
    open: bool = True
    full: bool = False
    revoked: bool = False

    @property
    def fault(self) -> Fault | None:
        """Why no visit can begin, or None: better refused than taken and lost."""
        if self.configuration is None:
            return Fault.UNCONFIGURED
        if self.revoked:
            return Fault.REVOKED
        return Fault.FULL if self.full else None

    @property
    def services(self) -> tuple[Service, ...]:
        """What a citizen may have come for: the one service the staff have set, or all of the configuration's."""
        if self.configuration is None:
            return ()
        every = self.configuration.services
        return tuple(service for service in every if service.code == self.local.service) or every

    @property
    def language(self) -> str:
        """What the next citizen is greeted in."""
        if self.configuration is None:
            return OFFICIAL_LOCALE
        own = self.local.language
        return own if own in self.configuration.languages else self.configuration.default_language

    @property
    def aids(self) -> frozenset[Aid]:
        """What the next citizen starts with."""
        if self.local.aids is not None:
            return self.local.aids
        return self.configuration.aids if self.configuration else frozenset()

    @property
    def asked(self) -> tuple[str, ...]:
        """The questions put to the next citizen, in the questionnaire's order."""
        if self.configuration is None:
            return ()
        codes = tuple(question.code for question in self.configuration.questionnaire.questions)
        each = {
            Instrument.FULL: len(codes),
            Instrument.ROTATING: self.configuration.questions_each,
            Instrument.ONE_TAP: 1,
        }
        return deal(codes, self.answered, each[self.configuration.instrument], self.seed)


@dataclass(frozen=True, slots=True)
class Model:
    """Everything the window shows.

    `page` is the page being read, where no session counts it. `unsaved` says that a response is on its way to the
    medium, `thankful` that its citizen is waiting for the thanks, `unhappy` that they gave a low rating. `since_ms` is
    when this screen came, `seen_ms` the last event, `touched_ms` the last touch outside a session, `guard_until_ms` the
    moment taps are heard again.
    """

    standing: Standing
    screen: Screen
    language: str
    aids: frozenset[Aid]
    session: Session | None
    page: int
    fault: Fault | None
    unsaved: bool
    thankful: bool
    unhappy: bool
    since_ms: int
    seen_ms: int
    touched_ms: int
    guard_until_ms: int

    @property
    def configuration(self) -> Configuration | None:
        """What the kiosk runs on, or None before it has any."""
        return self.standing.configuration

    @property
    def training(self) -> bool:
        """Whether nothing counts that is answered now."""
        return self.standing.local.training

    @property
    def place(self) -> Place:
        """Where a tap must have been aimed to be heard."""
        question = self.question
        if question and self.screen in {Screen.QUESTION, Screen.REASONS, Screen.ATTRACT}:
            return Place(self.screen, question.code)
        if self.screen is Screen.READING:
            return Place(self.screen, str(self.page))
        if self.screen is Screen.SERVICE and self.session:
            return Place(self.screen, str(self.service_page))
        if self.screen is Screen.PROFILE and self.profile_page:
            return Place(self.screen, str(self.profile_page))
        return Place(self.screen)

    @property
    def one_tap(self) -> bool:
        """Whether the question stands on the first screen itself, so that one tap is all."""
        if self.configuration is None or self.configuration.instrument is not Instrument.ONE_TAP:
            return False
        return len(self.standing.services) == 1

    @property
    def question(self) -> Question | None:
        """The question being asked, if one is."""
        if self.configuration is None:
            return None
        asked, step = (self.session.asked, self.session.step) if self.session else (self.standing.asked, 0)
        known = self.session.station in {Screen.QUESTION, Screen.REASONS} if self.session else self.one_tap
        return self.configuration.questionnaire.question(asked[step]) if known and step < len(asked) else None

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """What may be chosen after the low rating of the question."""
        question = self.question
        if self.configuration is None or question is None:
            return ()
        return self.configuration.questionnaire.reasons_for(question.code)

    @property
    def service(self) -> Service | None:
        """The service this visit is about, once it is known."""
        chosen = self.session.service if self.session else ""
        return next((service for service in self.standing.services if service.code == chosen), None)

    @property
    def accepts(self) -> bool:
        """Whether a tap would be heard now."""
        waiting = self.screen in {Screen.SAVING, Screen.OUT_OF_SERVICE, Screen.SLEEP, Screen.STAFF}
        confirming = self.session is not None and self.session.advance_ms is not None
        return not waiting and not confirming and self.seen_ms >= self.guard_until_ms

    @property
    def can_go_back(self) -> bool:
        """Whether there is an earlier screen. Leaving altogether is offered only while nothing has been answered."""
        if self.screen in {Screen.READING, Screen.OPTIONS}:
            return True
        if self.session is None:
            return False
        first = first_station(self.standing)
        at_first = self.session.station is first and self.session.step == 0
        return not self.session.answers or not at_first

    @property
    def can_leave(self) -> bool:
        """Whether there is something to keep if the citizen goes now."""
        return self.session is not None and bool(self.session.answers)

    @property
    def seconds_left(self) -> int:
        """Whole seconds until an unanswered "Masih di sini?" ends the session."""
        if self.configuration is None:
            return 0
        end_ms = self.since_ms + self.configuration.countdown_s * 1000
        return max(0, -((self.seen_ms - end_ms) // 1000))

    @property
    def services_per_page(self) -> int:
        """How many services are shown at once: fewer where names are long or must lie in the lower half."""
        wide = any(len(words(service.name, self.language)) > LONG_NAME for service in self.standing.services)
        if wide and {Aid.LARGE, Aid.LOW} <= self.aids:
            return 1
        if wide or Aid.LARGE in self.aids:
            return 2 if Aid.LOW in self.aids else 3
        return 4 if Aid.LOW in self.aids else SERVICES_PER_PAGE

    @property
    def pages(self) -> int:
        """How many pages the services take."""
        return -(-len(self.standing.services) // self.services_per_page)

    @property
    def profile_pages(self) -> tuple[tuple[ProfileField, ...], ...]:
        """What is asked about the respondent, page by page."""
        if self.configuration is None:
            return ()
        return pages_of(self.configuration.questionnaire.profile_fields, self.language, self.aids)

    @property
    def profile_page(self) -> int:
        """The page of the profile that is shown: an aid turned off may leave fewer than there were."""
        return min(self.session.profile_page, max(0, len(self.profile_pages) - 1)) if self.session else 0

    @property
    def service_page(self) -> int:
        """The page of services shown: the last one, where an aid that made more pages has been turned off."""
        return min(self.session.page, self.pages - 1) if self.session else 0

    @property
    def reading(self) -> tuple[Page, ...]:
        """What there is to read, page by page."""
        if self.configuration is None:
            return ()
        letters = LARGE_PAGE_LETTERS if Aid.LARGE in self.aids else PAGE_LETTERS
        return pages_to_read(self.configuration, self.language, letters=letters)

    @property
    def reading_pages(self) -> int:
        """How many pages there are to read."""
        return len(self.reading)


def first_station(standing: Standing) -> Screen:
    """Where a visit starts: at the choice of service, unless there is nothing to choose."""
    return Screen.QUESTION if len(standing.services) == 1 else Screen.SERVICE
