"""Whatever happens in whatever order, the staff's screens hold together and open to nobody without the PIN."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from ikm.domain.configuration import Aid
from kiosk import admin
from kiosk.admin.events import (
    AddressTaken,
    Carried,
    CarryOut,
    Check,
    Checked,
    Enrol,
    Enrolled,
    Erased,
    EraseTraining,
    Failed,
    Feel,
    Follow,
    Go,
    KeepPin,
    Leave,
    Louder,
    PinKept,
    Probed,
    Restart,
    Run,
    RunProbe,
    Searched,
    Settle,
    Settled,
    Skip,
    TakeBack,
    Tap,
    Tick,
    Told,
    Touched,
    Train,
    Written,
)  # fmt: skip
from kiosk.admin.model import ADDRESS_LETTERS, Model, Page, Probe, Result, Stick
from kiosk.events import Back, Choose, Done, Erase, Speak, Turn, Use, Write
from kiosk.guard import MOST_DIGITS
from kiosk.local import Local
from tests.support.staff import facts, unenrolled

ASSISTANT = {Page.ADDRESS, Page.CODE, Page.ENROLLING, Page.NEW_PIN, Page.REPEAT_PIN, Page.READY}
known = st.builds(
    facts, pin_set=st.booleans(), pin_due=st.booleans(), server_pin=st.booleans(), training=st.integers(0, 9),
    wait_ms=st.sampled_from([0, 60_000]),
) | st.builds(unenrolled)  # fmt: skip
actions = st.one_of(
    st.builds(Write, st.sampled_from([*"0123456789", "b", "C", ".", "", "12"])),
    st.sampled_from([Done(), Done(), Back(), Erase(), Skip(), Follow(), Train(on=True), Train(on=False)]),
    st.builds(Go, st.sampled_from(Page)),
    st.builds(Run, st.sampled_from(Probe)),
    st.builds(Feel, st.integers(-1, 12)),
    st.builds(Louder, st.integers(-3, 3)),
    st.builds(Turn, st.integers(-2, 2)),
    st.builds(Choose, st.sampled_from(["", "ktp", "lain"])),
    st.builds(Speak, st.sampled_from(["id", "en", "zz"])),
    st.builds(Use, st.sampled_from(Aid)),
    st.sampled_from([CarryOut("/media/USB"), TakeBack("/media/USB/x.receipts")]),
)
FORBIDDEN = (Settle, EraseTraining, Restart, KeepPin, Enrol, RunProbe, CarryOut, TakeBack)
"""What only the staff may have done."""
WRONG = st.builds(Checked, st.just(0), st.just(False), st.sampled_from([0, 60_000]))
events = st.one_of(
    st.builds(Tap, st.just(0), st.sampled_from(Page), actions),
    st.builds(Tap, st.just(0), st.none(), actions),
    st.builds(Tap, st.just(0), st.none(), actions),
    WRONG,
    st.builds(Touched, st.just(0)),
    st.builds(Tick, st.just(0)),
    st.builds(Told, st.just(0), known),
    st.builds(AddressTaken, st.just(0), st.just("https://ikm.example")),
    st.builds(Enrolled, st.just(0), known),
    st.builds(PinKept, st.just(0), known),
    st.builds(Erased, st.just(0), known),
    st.builds(Settled, st.just(0), st.builds(Local, volume=st.integers(0, 10))),
    st.builds(Probed, st.just(0), st.sampled_from(Probe), st.just(Result(passed=True, sentence="Baik."))),
    st.builds(Searched, st.just(0), st.sampled_from([(), (Stick("/media/USB"),) * 6])),
    st.builds(Written, st.just(0), st.integers(0, 9)),
    st.builds(Carried, st.just(0), st.just(Result(passed=True, sentence="Baik."))),
    st.builds(Failed, st.just(0), st.just("Gagal."), st.sampled_from([None, Page.ADDRESS, Page.CODE])),
)
pauses = st.sampled_from([0, 50, 300, 300, 300, 5_000, 130_000])


@settings(max_examples=150, deadline=None)
@given(start=known, story=st.lists(st.tuples(events, pauses), max_size=40))
def test_no_order_of_events_raises_or_opens_without_the_right_pin(start, story):
    """No event of this story says that a PIN was right."""
    now_ms = 1_000
    model = admin.opened(Model(), start, now_ms)
    for event, pause_ms in story:
        now_ms += pause_ms
        happened = replace(event, at_ms=now_ms)
        if isinstance(happened, Tap) and happened.page is None:
            happened = replace(happened, page=model.page)
        before = model
        model, effects = admin.update(model, happened)
        admin.view(model)
        if start.device and not start.pin_due:
            assert model.page in {Page.PIN, Page.CLOSED}
            assert not any(isinstance(effect, FORBIDDEN) for effect in effects)
        elif model.page not in ASSISTANT:
            # only a PIN that was really asked for twice leads out of the assistant
            assert model.page is Page.CLOSED or isinstance(happened, PinKept) or before.page not in ASSISTANT
        if model.page is Page.CLOSED:
            assert (model.typed, model.first_pin, model.code) == ("", "", "")
        assert (before.page is not model.page is Page.CLOSED) == any(isinstance(effect, Leave) for effect in effects)
        assert len(model.typed) <= MOST_DIGITS
        assert not model.typed or model.typed.isdigit()
        assert len(model.address) <= ADDRESS_LETTERS
        assert 0 <= model.local.volume <= 10
        checks = [effect for effect in effects if isinstance(effect, Check)]
        assert not checks or (before.page is Page.PIN and before.wait_s == 0 and not before.busy)
