"""What a kiosk holds from the server: where it stands, what it asks, how it behaves. Numbered and read-only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ikm.domain.errors import Refusal
from ikm.domain.period import TimeZone
from ikm.domain.questionnaire import OFFICIAL_LOCALE, Instrument, Questionnaire, Text

MINUTES_A_DAY = 24 * 60


class Aid(StrEnum):
    """What makes a kiosk usable for more people; each is one tap away."""

    LARGE = "large"
    CONTRAST = "contrast"
    LOW = "low"
    ALOUD = "aloud"
    SCANNING = "scanning"


@dataclass(frozen=True, slots=True)
class Service:
    """A service citizens come for.

    `standard` is what was promised for it: element code -> lines, of which the first is short enough to stand beside
    the question. The six components that must be published are those of REQ, PROC, TIME, COST, PROD and CMPL.
    """

    code: str
    name: Text
    standard: Mapping[str, tuple[Text, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PublishedIndex:
    """The unit's last published index, in hundredths, as the kiosk shows it to the public."""

    index_hundredths: int
    grade: str
    respondents: int
    period: Text


@dataclass(frozen=True, slots=True)
class Opening:
    """A stretch of opening hours in local time: `weekday` 1 (Monday) to 7, minutes since midnight, end excluded."""

    weekday: int
    opens_min: int
    closes_min: int


@dataclass(frozen=True, slots=True)
class Configuration:
    """One numbered configuration of one kiosk; a higher `version` replaces a lower one between citizens.

    `idle_s` is the silence in seconds after which a citizen is asked whether they are still there, `countdown_s` how
    long they then have, `thanks_s` how long the thanks stay. `questions_each` is how many questions the rotating form
    asks, at most all there are. `pledge` is the service pledge in lines. Without `opening` hours the kiosk never
    sleeps; `closed_on` are further local dates (YYYY-MM-DD) on which it does. `staff_pin` is an argon2id hash, or "".

    Raises:
        Refusal: `configuration_invalid` when a kiosk could not run on it.
    """

    version: int
    regency: str
    unit: str
    unit_name: Text
    counter: str
    counter_name: str
    services: tuple[Service, ...]
    questionnaire: Questionnaire
    languages: tuple[str, ...]
    default_language: str
    time_zone: TimeZone
    idle_s: int
    countdown_s: int
    thanks_s: int
    instrument: Instrument = Instrument.FULL
    questions_each: int = 3
    asks_comment: bool = True
    aids: frozenset[Aid] = frozenset()
    pledge: tuple[Text, ...] = ()
    published: PublishedIndex | None = None
    public_url: str = ""
    opening: tuple[Opening, ...] = ()
    closed_on: tuple[str, ...] = ()
    staff_pin: str = ""

    def __post_init__(self) -> None:
        if not self.services:
            raise Refusal("configuration_invalid", "services")
        if len({service.code for service in self.services}) != len(self.services):
            raise Refusal("configuration_invalid", "services")
        if OFFICIAL_LOCALE not in self.languages or self.default_language not in self.languages:
            raise Refusal("configuration_invalid", "languages")
        # bounded above too: a typing error must not leave one citizen's answers on the screen for an hour
        if not all(1 <= seconds <= 600 for seconds in (self.idle_s, self.countdown_s, self.thanks_s)):
            raise Refusal("configuration_invalid", "idle_s, countdown_s, thanks_s")
        if not self.unit_name.get(OFFICIAL_LOCALE, "").strip():
            raise Refusal("configuration_invalid", "unit_name")
        if self.questions_each < 1:
            raise Refusal("configuration_invalid", "questions_each")
        if any(OFFICIAL_LOCALE not in text for text in self._texts()):
            raise Refusal("configuration_invalid", "teks bahasa Indonesia tidak ada")
        for hours in self.opening:
            if not (1 <= hours.weekday <= 7 and 0 <= hours.opens_min < hours.closes_min <= MINUTES_A_DAY):
                raise Refusal("configuration_invalid", "opening")

    def is_open(self, utc_ms: int) -> bool:
        """Whether the counter is open at that moment (milliseconds since 1970, UTC); always, where no hours are set."""
        today = self.time_zone.local_date(utc_ms)
        if today.isoformat() in self.closed_on:
            return False
        minute = self.time_zone.minute_of_day(utc_ms)
        hours = [stretch for stretch in self.opening if stretch.weekday == today.isoweekday()]
        return not self.opening or any(stretch.opens_min <= minute < stretch.closes_min for stretch in hours)

    def _texts(self) -> list[Text]:
        published = [self.published.period] if self.published else []
        lines = [line for service in self.services for lines in service.standard.values() for line in lines]
        return [*(service.name for service in self.services), *lines, *self.pledge, *published]
