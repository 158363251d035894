"""How things are called on the desk's pages."""

from collections.abc import Mapping

from ikm.domain.questionnaire import OFFICIAL_LOCALE, words
from ikm.server.web.desk.desk import Desk


def has_words(search: str, *names: str) -> bool:
    """Whether every word of a search is in one of those names: on the telephone a kiosk is "RSUD, loket 7"."""
    whole = " ".join(names).casefold()
    return all(word in whole for word in search.casefold().replace(",", " ").split())


def service_names(desk: Desk, unit: str) -> Mapping[str, str]:
    """The official names of a unit's services by code, of closed ones too: their answers are still shown."""
    return {one.code: words(one.name, OFFICIAL_LOCALE) for one in desk.store.services(unit, retired=True)}
