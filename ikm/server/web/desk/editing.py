"""What the forms on places share: a form that is taken leads on, one that is not comes back with what was typed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from litestar import Response
from litestar.params import QueryParameter
from litestar.response import Redirect
from msgspec import Meta

from ikm.domain.errors import Refusal
from ikm.domain.filled import Filled
from ikm.domain.organisation import Level, Tree
from ikm.domain.period import Period, PeriodKind, TimeZone, period_of
from ikm.domain.questionnaire import Text
from ikm.server.store import Store
from ikm.server.store.places import Place
from ikm.server.web.desk.desk import Desk
from ikm.server.web.desk.forms import Form, FormFaults, FormMessage, OptionalLine, Revision
from ikm.server.web.desk.gate import Officer

LANGUAGES = {"en": "Inggris", "jv": "Jawa", "su": "Sunda"}
"""The languages besides Indonesian that a kiosk can show, by their names."""

HERE = "places"
News = Annotated[str, QueryParameter(name="kabar")]
Phone = Annotated[str, Meta(max_length=50)]

Show = Callable[..., Response[str]]
"""Makes a form's page from what is held now; takes `status`, `faults`, `values` and `clash`."""

_FIELDS = {"code_taken": ("code", "Kode ini sudah dipakai tempat atau layanan lain.")}
_CLASH = "Sementara Anda mengisi, orang lain mengubah data ini. Belum ada yang disimpan dari isian Anda."


class Moved(FormMessage, frozen=True, kw_only=True):
    """A form that only says what it saw."""

    revision: Revision


class Named(FormMessage, frozen=True, kw_only=True):
    """Names in all languages."""

    name: Annotated[str, Meta(min_length=1, max_length=200)]
    en: OptionalLine = ""
    jv: OptionalLine = ""
    su: OptionalLine = ""

    @property
    def others(self) -> Text:
        """The names in other languages than Indonesian, where they were given."""
        given = {"en": self.en, "jv": self.jv, "su": self.su}
        return {locale: name for locale, name in given.items() if name}


@dataclass(frozen=True, slots=True)
class Where:
    """A place with those above it, the regency first."""

    place: Place
    above: tuple[Place, ...]

    @property
    def code(self) -> str:
        """The place's code."""
        return self.place.node.code


def where(store: Store, code: str, level: Level | None = None) -> Where:
    """A place and what lies above it. Raises Refusal (`not_found`), also for one on another level."""
    place = store.place(code)
    if level is not None and place.node.level is not level:
        raise Refusal("not_found", code)
    above: list[Place] = []
    parent = place.node.parent
    while parent is not None:
        above.insert(0, store.place(parent))
        parent = above[0].node.parent
    return Where(place, tuple(above))


def take(form: Form, work: Callable[[], Redirect], show: Show) -> Response[Any]:
    """Where a form leads that was taken; else its page again: a sentence for each fault, or what is held meanwhile."""
    try:
        return work()
    except FormFaults as faults:
        return show(status=422, faults=faults.faults, values=form.shown())
    except Refusal as refusal:
        if refusal.code == "changed_meanwhile":
            return show(status=409, faults={"": _CLASH}, values=form.shown(), clash=True)
        if refusal.code in _FIELDS:
            field, told = _FIELDS[refusal.code]
            return show(status=409, faults={field: told}, values=form.shown())
        if refusal.code in ("place_invalid", "in_use", "population_overlaps"):
            told = refusal.detail if refusal.code != "population_overlaps" else _overlap(refusal)
            return show(status=refusal.problem.status, faults={"": told}, values=form.shown())
        raise


def place_page(desk: Desk, template: str, officer: Officer, at: Where, **shown: Any) -> Response[str]:
    """A page about a place; its template extends `place.html`."""
    told: dict[str, Any] = {"clash": False, "kabar": "", "tab": "", **shown}
    return desk.page(template, officer, here=HERE, at=at, place=at.place, languages=LANGUAGES, **told)


def this_year(desk: Desk, unit: str | None = None) -> Period:
    """The calendar year in a unit's zone, or in the westernmost of the country."""
    zone = TimeZone.WIB if unit is None else desk.store.time_zone(unit)
    return period_of(zone.local_date(desk.now_ms()), PeriodKind.YEAR)


def codes(tree: Tree) -> frozenset[str]:
    """Every code that a place bears, retired or not."""
    return frozenset(tree.nodes)


def _overlap(refusal: Refusal) -> str:
    return Filled("Masa ini tumpang tindih dengan %(other)s. Hapus atau ubah yang itu dahulu.", other=refusal.detail)
