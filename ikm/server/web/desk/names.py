"""How things are called on the desk's pages."""

from collections.abc import Mapping

from ikm.domain.questionnaire import OFFICIAL_LOCALE, words
from ikm.server.web.desk.desk import Desk


def service_names(desk: Desk, unit: str) -> Mapping[str, str]:
    """The official names of a unit's services by code, of closed ones too: their answers are still shown."""
    return {one.code: words(one.name, OFFICIAL_LOCALE) for one in desk.store.services(unit, retired=True)}
