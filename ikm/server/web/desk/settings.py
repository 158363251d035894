"""What a place decides about the kiosks below it."""

from enum import StrEnum
from typing import Annotated, Any

from litestar import Response, get, post
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect
from msgspec import Meta

from ikm import wire
from ikm.domain.configuration import Aid
from ikm.domain.errors import Refusal
from ikm.domain.organisation import Level
from ikm.domain.questionnaire import OFFICIAL_LOCALE, Instrument
from ikm.domain.rights import Act
from ikm.server.configuring.pins import pin_hash
from ikm.server.configuring.settings import KioskSettings, merged
from ikm.server.settings import base_url
from ikm.server.web.desk.desk import Desk, GivenDesk, done
from ikm.server.web.desk.forms import Form, FormFaults, FormMessage, GivenForm, Revision
from ikm.server.web.desk.gate import GivenOfficer, Officer, needs

LOCALES = {"id": "Indonesia", "en": "Inggris", "jv": "Jawa", "su": "Sunda"}
"""The languages kiosks have words in."""

News = Annotated[str, QueryParameter(name="kabar")]
NEWS = {
    "diterapkan": "Disimpan dan diterapkan: kios loket ini mengambilnya pada kabar berikutnya.",
    "disimpan": "Disimpan. Kios tidak berubah karenanya.",
    "menunggu": "Disimpan. Loket ini masih menunggu gelombang penerapan sebelumnya, jadi belum diterapkan.",
}
_Seconds = Annotated[int, Meta(ge=1, le=600)]
_Few = Annotated[int, Meta(ge=1, le=100)]
_Url = Annotated[str, Meta(max_length=120, pattern=r"\A(https?://[A-Za-z0-9.:\[\]-]+(/[A-Za-z0-9._~/-]*)?)?\Z")]
_Pin = Annotated[str, Meta(pattern=r"\A(\d{6,8})?\Z")]


class Say(StrEnum):
    """Yes, no, or what the place above says."""

    ABOVE = ""
    YES = "ya"
    NO = "tidak"


class Pin(StrEnum):
    """What becomes of the PIN: it stays, there is a new one, or the place above decides again."""

    STAYS = ""
    NEW = "baru"
    ABOVE = "atas"


class _Decided(FormMessage, frozen=True):
    revision: Revision
    instrument: Instrument | None = None
    questions_each: _Few | None = None
    own_languages: bool = False
    languages: frozenset[wire.Locale] = frozenset()
    default_language: Annotated[str, Meta(max_length=3)] = ""
    idle_s: _Seconds | None = None
    countdown_s: _Seconds | None = None
    thanks_s: _Seconds | None = None
    asks_comment: Say = Say.ABOVE
    own_aids: bool = False
    aids: frozenset[Aid] = frozenset()
    always_open: Say = Say.ABOVE
    public_url: _Url = ""
    pin_is: Pin = Pin.STAYS
    pin: _Pin = ""
    own_services: bool = False
    services: frozenset[wire.Code] = frozenset()


@get("/kelola/kios/setelan", sync_to_thread=True, opt=needs(Act.SEE))
def overview(officer: GivenOfficer, desk: GivenDesk) -> Response[str]:
    """The places, and which of them decide something."""
    said = {code: len(held.said()) for code, held in desk.store.all_kiosk_settings().items()}
    return desk.page(
        "settings_overview.html", officer, here="fleet", tree=officer.rights.tree, roots=officer.rights.roots(Act.SEE),
        said=said, level=Level,
    )  # fmt: skip


@get("/kelola/kios/setelan/{node:str}", sync_to_thread=True, opt=needs(Act.SEE, "node"))
def settings_page(officer: GivenOfficer, desk: GivenDesk, node: FromPath[str], kabar: News = "") -> Response[str]:
    """What a place decides, beside what the places above it do."""
    return _page(desk, officer, node, notice=NEWS.get(kabar, ""))


@post("/kelola/kios/setelan/{node:str}", sync_to_thread=True, opt=needs(Act.ARRANGE, "node"))
def decide(officer: GivenOfficer, desk: GivenDesk, form: GivenForm, node: FromPath[str]) -> Response[Any]:
    """Decide for a place; a counter's own decisions reach its kiosks at once."""
    try:
        given = form.read(_Decided)
        settings = _settings(given, desk.store.kiosk_settings(node).settings)
        by = officer.doing(desk.now_ms(), once=form.once)
        desk.store.put_kiosk_settings(node, settings, given.revision, by)
    except FormFaults as faults:
        return _again(desk, officer, form, node, faults.faults)
    except Refusal as refusal:
        if refusal.code == "configuration_invalid":
            return _again(desk, officer, form, node, {"": refusal.detail})
        if refusal.code == "changed_meanwhile":
            return _again(desk, officer, form, node, {"": refusal.problem.title}, status=409)
        raise
    return _after(desk, officer, node)


def _after(desk: Desk, officer: Officer, node: str) -> Redirect:
    if officer.rights.tree.nodes[node].level is not Level.COUNTER:
        return done("/kelola/kios/penerapan", "setelan", tempat=node)
    if not officer.may(Act.EQUIP, node):
        return done(f"/kelola/kios/setelan/{node}", "disimpan")
    try:
        desk.store.roll_out(node, [], officer.doing(desk.now_ms()), base_url=base_url(desk.settings))
    except Refusal as refusal:
        told = {"nothing_to_apply": "disimpan", "rollout_open": "menunggu"}
        if refusal.code not in told:
            raise
        return done(f"/kelola/kios/setelan/{node}", told[refusal.code])
    return done(f"/kelola/kios/setelan/{node}", "diterapkan")


def _settings(given: _Decided, before: KioskSettings) -> KioskSettings:
    """The settings a form says. Raises FormFaults."""
    faults = {}
    if given.pin_is is Pin.NEW and not given.pin:
        faults["pin"] = "Isi enam sampai delapan angka."
    if given.own_services and not given.services:
        faults["services"] = "Pilih sedikitnya satu layanan."
    if given.own_languages and given.languages - LOCALES.keys():
        faults["languages"] = "Pilihan ini tidak dikenal."
    if faults:
        raise FormFaults(faults)
    languages = tuple(code for code in LOCALES if code == OFFICIAL_LOCALE or code in given.languages)
    pins = {Pin.STAYS: before.staff_pin, Pin.ABOVE: None}
    return KioskSettings(
        services=tuple(sorted(given.services)) if given.own_services else None,
        languages=languages if given.own_languages else None,
        default_language=given.default_language or None,
        idle_s=given.idle_s,
        countdown_s=given.countdown_s,
        thanks_s=given.thanks_s,
        instrument=given.instrument,
        questions_each=given.questions_each,
        asks_comment=_said(given.asks_comment),
        aids=tuple(sorted(given.aids)) if given.own_aids else None,
        staff_pin=pin_hash(given.pin) if given.pin_is is Pin.NEW else pins[given.pin_is],
        always_open=_said(given.always_open),
        public_url=given.public_url.rstrip("/") or None,
    )


def _said(say: Say) -> bool | None:
    return None if say is Say.ABOVE else say is Say.YES


def _again(
    desk: Desk, officer: Officer, form: Form, node: str, faults: dict[str, str], *, status: int = 422
) -> Response[str]:
    told = dict(faults)
    if "pin" in told:
        told["pin"] = "Isi enam sampai delapan angka."
    if "public_url" in told:
        told["public_url"] = "Tulis alamat seperti https://skm.contoh.go.id."
    # a PIN is never sent back
    values = {name: value for name, value in form.shown().items() if name != "pin"}
    return _page(desk, officer, node, faults=told, values=values, status=status)


def _page(desk: Desk, officer: Officer, node: str, **shown: Any) -> Response[str]:
    tree = officer.rights.tree
    every, path = desk.store.all_kiosk_settings(), tree.path(node)
    above = merged(every[code] for code in reversed(path[1:]) if code in every)
    held = desk.store.kiosk_settings(node)
    place = tree.nodes[node]
    services = desk.store.services(str(place.parent)) if place.level is Level.COUNTER else ()
    told: dict[str, Any] = {"notice": "", **shown}
    return desk.page(
        "settings.html", officer, here="fleet", place=place, path=[tree.nodes[code] for code in reversed(path)],
        held=held.settings, revision=held.revision, above=above, services=services, locales=LOCALES, aids=list(Aid),
        below=tree.children(node), said={code: len(one.said()) for code, one in every.items()}, level=Level,
        may=officer.may(Act.ARRANGE, node), own_url=base_url(desk.settings), **told,
    )  # fmt: skip


ROUTES: tuple[Any, ...] = (overview, settings_page, decide)
"""Settings of kiosks."""
