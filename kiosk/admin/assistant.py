"""The first-start assistant's part of the update: address, code, enrolment, a PIN twice, ready."""

from dataclasses import replace

from kiosk.admin.events import AddressTaken, CheckAddress, Enrol, Enrolled, KeepPin, Leave, PinKept, Step
from kiosk.admin.model import CODE_LETTERS, Facts, Model, Page
from kiosk.guard import complaint

GUARD_MS = 250
_PAGES = frozenset({Page.ADDRESS, Page.CODE, Page.NEW_PIN, Page.REPEAT_PIN, Page.READY})


def is_there(model: Model) -> bool:
    """Whether the page is one of the assistant's on which something can be finished."""
    return model.page in _PAGES


def done(model: Model, *, skipping: bool) -> Step | None:
    """What finishing the page leads to, or None where it is not finished yet."""
    step: Step | None = None
    match model.page:
        case Page.NEW_PIN if skipping:
            may = model.pin_due and model.facts is not None and model.facts.server_pin
            step = (replace(model, busy=True), (KeepPin(""),)) if may else None
        case _ if skipping:
            step = None
        case Page.ADDRESS:
            step = replace(model, busy=True, note=""), (CheckAddress(model.address),)
        case Page.CODE if len(model.code) < CODE_LETTERS:
            step = replace(model, note=f"Kode terdiri dari {CODE_LETTERS} huruf."), ()
        case Page.CODE:
            step = replace(_show(model, Page.ENROLLING), busy=True), (Enrol(model.address, model.code),)
        case Page.NEW_PIN:
            step = _new_pin(model)
        case Page.REPEAT_PIN:
            step = _repeated(model)
        case Page.READY:
            step = Model(address=model.address, seen_ms=model.seen_ms), (Leave(model.local),)
    return step


def heard(model: Model, event: AddressTaken | Enrolled | PinKept) -> Step:
    """What the world's answer leads to; an answer nobody waits for changes nothing."""
    match event:
        case AddressTaken(origin=origin) if model.page is Page.ADDRESS and model.busy:
            return replace(_show(model, Page.CODE), address=origin), ()
        case Enrolled(facts=facts) if model.page is Page.ENROLLING:
            told = replace(model, facts=facts, local=facts.local, code="")
            return _show(told, Page.NEW_PIN if facts.pin_due else Page.READY), ()
        case PinKept(facts=facts) if model.page in {Page.NEW_PIN, Page.REPEAT_PIN} and model.busy:
            return _pin_kept(model, facts), ()
    return model, ()


def _new_pin(model: Model) -> Step:
    wrong = complaint(model.typed)
    if wrong:
        return replace(model, typed="", note=wrong, good=False), ()
    return replace(_show(model, Page.REPEAT_PIN), first_pin=model.typed), ()


def _repeated(model: Model) -> Step:
    if model.typed != model.first_pin:
        again = _show(model, Page.NEW_PIN)
        return replace(again, first_pin="", note="Kedua PIN tidak sama. Ulangi dari awal."), ()
    return replace(model, busy=True, note=""), (KeepPin(model.typed),)


def _pin_kept(model: Model, facts: Facts) -> Model:
    setting_up = model.pin_due
    told = replace(model, facts=facts, first_pin="")
    if setting_up:
        return _show(told, Page.READY)
    return replace(_show(told, Page.MENU), note="PIN baru sudah berlaku.", good=True)


def _show(model: Model, page: Page) -> Model:
    return replace(model, page=page, note="", good=False, busy=False, typed="", guard_until_ms=model.seen_ms + GUARD_MS)
