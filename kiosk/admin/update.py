"""What the staff's screens do with what happens. Pure: `update` decides, `kiosk.staff` does.

Only a right PIN leads from the pad to the menu, and only the assistant of a device without one asks for none.
"""

from dataclasses import replace

from kiosk.admin import assistant
from kiosk.admin.events import (
    AddressTaken,
    Carried,
    CarryOut,
    Check,
    Checked,
    Enrolled,
    Erased,
    EraseTraining,
    Event,
    Failed,
    Feel,
    Follow,
    Go,
    Leave,
    Look,
    Louder,
    PinKept,
    Probed,
    Restart,
    Run,
    RunProbe,
    Search,
    Searched,
    Settle,
    Settled,
    Skip,
    Step,
    TakeBack,
    Tap,
    Told,
    Touched,
    Train,
    TrainingEnded,
    Written,
)
from kiosk.admin.model import CELLS, PINS, Facts, Model, Page, Probe, Result
from kiosk.events import Back, Choose, Done, Erase, Speak, Turn, Use, Write
from kiosk.local import FULL_VOLUME, Local

GUARD_MS = 250
"""Taps sooner than this after the last are a bouncing panel, or meant for the page before."""
KEY_GUARD_MS = 60
"""The same for one key, where a finger may be fast."""
IDLE_MS = 120_000
PIN_IDLE_MS = 30_000
"""A pad somebody opened by mistake does not keep citizens waiting for two minutes."""
ASSISTANT_IDLE_MS = 600_000
CARRY_IDLE_MS = 600_000
"""A stick that hangs keeps citizens waiting for no longer than this."""

_MENU = (
    Page.STATUS, Page.CARRY, Page.SERVICE, Page.DEFAULTS, Page.SOUND, Page.HOURS, Page.TRAINING, Page.DIAGNOSIS,
    Page.NEW_PIN, Page.RESTART,
)  # fmt: skip
_UNDER = {
    Page.DEVICE: Page.STATUS,
    Page.ERASING: Page.TRAINING,
    Page.PANEL: Page.DIAGNOSIS,
    Page.CODE: Page.ADDRESS,
    Page.REPEAT_PIN: Page.NEW_PIN,
}


def opened(before: Model, facts: Facts, at_ms: int) -> Model:
    """The staff's screens as they open: the assistant, or the pad. An address typed earlier is still there."""
    page = Page.PIN
    if not facts.device:
        page = Page.ADDRESS
    elif facts.pin_due:
        page = Page.NEW_PIN
    return Model(
        page=page,
        facts=facts,
        local=facts.local,
        address=before.address,
        waits_until_ms=at_ms + facts.wait_ms,
        seen_ms=at_ms,
        active_ms=at_ms,
        guard_until_ms=at_ms + GUARD_MS,
    )


def update(model: Model, event: Event) -> Step:
    """The model after an event, and what is to be done. Never raises, whatever the order of events."""
    model = replace(model, seen_ms=max(model.seen_ms, event.at_ms))
    if model.page is Page.CLOSED:
        return model, ()
    if _idle(model):
        return leave(model)
    match event:
        case Tap():
            return _tapped(model, event)
        case Touched():
            return replace(model, active_ms=model.seen_ms), ()
    return _heard(model, event)


def leave(model: Model) -> Step:
    """Back to the citizens; what was typed is forgotten, but for the server's address."""
    return Model(address=model.address, seen_ms=model.seen_ms), (Leave(model.local),)


def show(model: Model, page: Page, note: str = "", *, good: bool = False) -> Model:
    """The model on that page, its field empty."""
    return replace(
        model, page=page, note=note, good=good, busy=False, typed="", guard_until_ms=model.seen_ms + GUARD_MS
    )


def _idle(model: Model) -> bool:
    if model.busy or model.running or (model.pin_due and model.page in PINS):
        return False
    lasts_ms = IDLE_MS
    if model.page is Page.PIN:
        lasts_ms = PIN_IDLE_MS
    elif model.page in {Page.ADDRESS, Page.CODE}:
        lasts_ms = ASSISTANT_IDLE_MS
    elif model.carrying:
        lasts_ms = CARRY_IDLE_MS
    return model.seen_ms - model.active_ms >= lasts_ms


def _heard(model: Model, event: Event) -> Step:
    step: Step = model, ()
    match event:
        case Told(facts=facts):
            step = replace(model, facts=facts), ()
        case Checked() if model.page is Page.PIN and model.busy:
            step = _checked(model, event)
        case Probed() | Searched() | Written() | Carried():
            step = _tried(model, event)
        case Settled(local=local) if model.facts:
            step = replace(model, facts=replace(model.facts, local=local)), ()
        case TrainingEnded() if model.facts:
            facts = replace(model.facts, local=model.facts.local.train(None))
            step = replace(model, facts=facts, local=model.local.train(None)), ()
        case Erased(facts=facts) if model.page is Page.ERASING:
            told = replace(model, facts=facts)
            step = show(told, Page.TRAINING, "Jawaban latihan sudah dihapus.", good=True), ()
        case Failed():
            step = _failed(model, event)
        case AddressTaken() | Enrolled() | PinKept():
            step = assistant.heard(model, event)
    return step


def _tried(model: Model, event: Probed | Searched | Written | Carried) -> Step:
    """How something went that was done beside the page."""
    match event:
        case Probed(probe=probe, result=result):
            results = {**model.results, probe: result}
            return replace(model, results=results, running=model.running - {probe}), ()
        case Searched(sticks=sticks):
            return replace(model, sticks=sticks), ()
        case Written(rows=rows) if model.carrying:
            return replace(model, carried=rows), ()
        case Carried(result=result) if model.carrying:
            return _carried(model, result)
    return model, ()


def _carried(model: Model, result: Result) -> Step:
    model = replace(model, carrying=False)
    if model.page is Page.CARRY:
        model = replace(model, note=result.sentence, good=bool(result.passed))
    # a receipt changes how many are waiting, and what was written can now be seen on the stick
    return model, (Search(), Look())


def _checked(model: Model, checked: Checked) -> Step:
    waits_until_ms = model.seen_ms + checked.wait_ms
    if checked.right:
        return replace(show(model, Page.MENU), waits_until_ms=0), (Look(),)
    return replace(show(model, Page.PIN, "PIN salah."), waits_until_ms=waits_until_ms), (Look(),)


def _failed(model: Model, failed: Failed) -> Step:
    page = failed.page if failed.page and model.page is Page.ENROLLING else model.page
    # a setting that could not be kept is shown as it is, not as it was wished
    local = model.facts.local if model.facts else Local()
    return replace(show(model, page, failed.sentence), local=local), ()


def _tapped(model: Model, tap: Tap) -> Step:
    model = replace(model, active_ms=model.seen_ms)
    if tap.page is not model.page or model.busy or model.seen_ms < model.guard_until_ms:
        return model, ()
    typing = isinstance(tap.action, (Write, Erase, Feel))
    # only the same key: two fingers are fast, and a slow frame hands over several taps at once
    if typing and tap.action == model.key and model.seen_ms < model.key_until_ms:
        return model, ()
    step = _act(model, tap)
    if step is None:
        return model, ()
    after, effects = step
    if typing:
        return replace(after, key=tap.action, key_until_ms=model.seen_ms + KEY_GUARD_MS), effects
    return replace(after, key=None, guard_until_ms=model.seen_ms + GUARD_MS), effects


def _act(model: Model, tap: Tap) -> Step | None:
    """What the action leads to, or None where it means nothing."""
    match tap.action:
        case Write(letter=letter):
            return _typed(model, letter)
        case Erase():
            return _write(model, model.field[:-1]) if model.room else None
        case Back():
            return _back(model)
        case Done() if model.page is Page.PIN:
            return _check(model)
        case Done() | Skip() if assistant.is_there(model):
            return assistant.done(model, skipping=isinstance(tap.action, Skip))
    return _act_on_pages(model, tap)


def _typed(model: Model, letter: str) -> Step | None:
    if len(letter) != 1 or (model.page is Page.PIN and not _pad_open(model)):
        return None
    if model.page is Page.CODE and len(model.code) == model.room and model.note:
        # the note says that it was refused, and there is no room to go on: whoever types now begins anew
        return _write(model, letter)
    if len(model.field) >= model.room:
        return None
    if model.page in PINS and not (letter.isascii() and letter.isdigit()):
        return None
    return _write(model, model.field + letter)


def _write(model: Model, text: str) -> Step:
    if model.page is Page.ADDRESS:
        return replace(model, address=text, note=""), ()
    if model.page is Page.CODE:
        return replace(model, code=text, note=""), ()
    return replace(model, typed=text, note=""), ()


def _pad_open(model: Model) -> bool:
    return model.facts is not None and model.facts.pin_set and model.wait_s == 0


def _check(model: Model) -> Step | None:
    if not model.typed or not _pad_open(model):
        return None
    return replace(model, busy=True, note=""), (Check(model.typed),)


def _back(model: Model) -> Step | None:
    if model.page in {Page.PIN, Page.MENU, Page.ADDRESS, Page.READY}:
        return leave(model)
    if model.page is Page.ENROLLING or (model.page is Page.NEW_PIN and model.pin_due):
        return None
    if model.page is Page.PANEL:
        model = _panel_left(model)
    return show(model, _UNDER.get(model.page, Page.MENU)), ()


def _act_on_pages(model: Model, tap: Tap) -> Step | None:
    step: Step | None = None
    match model.page, tap.action:
        case Page.MENU, Go(page=page) if page in _MENU:
            shown = show(replace(model, first_pin="", services_page=0), page)
            step = shown, (Search(), Look()) if page is Page.CARRY else (Look(),)
        case Page.MENU, Done():
            step = leave(model)
        case ((Page.STATUS | Page.CARRY), _):
            step = _look_or_carry(model, tap)
        case Page.RESTART, Done():
            step = replace(model, busy=True, note="Kios sedang dimulai ulang."), (Restart(),)
        case Page.TRAINING, Go(page=Page.ERASING) if model.facts and model.facts.training:
            step = show(model, Page.ERASING), ()
        case Page.ERASING, Done():
            step = replace(model, busy=True), (EraseTraining(),)
        case Page.DIAGNOSIS, Run(probe=probe) if probe not in model.running:
            step = _run(model, probe)
        case Page.PANEL, Feel(cell=cell) if 0 <= cell < CELLS:
            step = _felt(model, cell)
        case _:
            step = _set(model, tap)
    return step


def _set(model: Model, tap: Tap) -> Step | None:
    """A change of the settings."""
    local, configuration = model.local, model.configuration
    match model.page, tap.action:
        case Page.SOUND, Louder(by=by):
            local = replace(local, volume=min(FULL_VOLUME, max(0, local.volume + by)))
        case Page.SOUND, Run(probe=Probe.SOUND) if Probe.SOUND not in model.running:
            return _run(model, Probe.SOUND)
        case Page.TRAINING, Train(on=on):
            local = local.train(model.today if on else None)
        case Page.DEFAULTS, Follow():
            local = replace(local, language="", aids=None)
        case Page.DEFAULTS, Speak(locale=locale) if configuration and locale in configuration.languages:
            local = replace(local, language=locale)
        case Page.DEFAULTS, Use(aid=aid) if configuration:
            held = configuration.aids if local.aids is None else local.aids
            local = replace(local, aids=held ^ {aid})
        case Page.SERVICE, Choose(service=code) if configuration and _known(model, code):
            local = replace(local, service=code)
        case Page.SERVICE, Turn(by=by) if by in {-1, 1} and 0 <= model.services_page + by < model.service_pages:
            return replace(model, services_page=model.services_page + by), ()
    if local == model.local:
        return None
    return replace(model, local=local, note=""), (Settle(local),)


def _look_or_carry(model: Model, tap: Tap) -> Step | None:
    """Looking at the device; carrying answers out or taking receipts back, one thing at a time."""
    match model.page, tap.action:
        case Page.STATUS, Go(page=Page.DEVICE):
            return show(model, Page.DEVICE), ()
        case Page.STATUS, Done():
            return replace(model, note=""), (Look(),)
        case Page.CARRY, Done():
            return replace(model, note=""), (Search(), Look())
        case Page.CARRY, (CarryOut() | TakeBack()) as wish if not model.carrying:
            return replace(model, note="", carrying=True, carried=0), (wish,)
    return None


def _known(model: Model, code: str) -> bool:
    services = model.configuration.services if model.configuration else ()
    return not code or any(service.code == code for service in services)


def _run(model: Model, probe: Probe) -> Step:
    if probe is Probe.PANEL:
        return show(replace(model, cells=frozenset()), Page.PANEL), ()
    results = {name: result for name, result in model.results.items() if name is not probe}
    return replace(model, results=results, running=model.running | {probe}), (RunProbe(probe, model.local.volume),)


def _felt(model: Model, cell: int) -> Step:
    model = replace(model, cells=model.cells | {cell})
    return (model, ()) if len(model.cells) < CELLS else (show(_panel_left(model), Page.DIAGNOSIS), ())


def _panel_left(model: Model) -> Model:
    missing = CELLS - len(model.cells)
    result = Result(passed=True, sentence="Semua bagian layar merasakan sentuhan.")
    if missing:
        sentence = f"{missing} dari {CELLS} bagian layar belum merasakan sentuhan. Bersihkan layar, lalu ulangi."
        result = Result(passed=False, sentence=sentence)
    return replace(model, results={**model.results, Probe.PANEL: result})
