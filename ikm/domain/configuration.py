"""What a kiosk holds from the server: where it stands, what it asks, how it behaves. Numbered and read-only."""

from dataclasses import dataclass

from ikm.domain.errors import Refusal
from ikm.domain.period import TimeZone
from ikm.domain.questionnaire import OFFICIAL_LOCALE, Questionnaire, Text


@dataclass(frozen=True, slots=True)
class Service:
    """A service citizens come for."""

    code: str
    name: Text


@dataclass(frozen=True, slots=True)
class Configuration:
    """One numbered configuration of one kiosk; a higher `version` replaces a lower one between citizens.

    `idle_s` is the silence in seconds after which a citizen is asked whether they are still there, `countdown_s` how
    long they then have, `thanks_s` how long the thanks stay.

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

    def __post_init__(self) -> None:
        if not self.services:
            raise Refusal("configuration_invalid", "services")
        if len({service.code for service in self.services}) != len(self.services):
            raise Refusal("configuration_invalid", "services")
        if OFFICIAL_LOCALE not in self.languages or self.default_language not in self.languages:
            raise Refusal("configuration_invalid", "languages")
        if min(self.idle_s, self.countdown_s, self.thanks_s) < 1:
            raise Refusal("configuration_invalid", "idle_s, countdown_s, thanks_s")
        if not self.unit_name.get(OFFICIAL_LOCALE, "").strip():
            raise Refusal("configuration_invalid", "unit_name")
