"""Whatever happens in whatever order: nothing raises, nothing of a citizen survives, everything kept is sound."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from ikm.domain.configuration import Aid, Service
from ikm.domain.questionnaire import Instrument, Reason
from ikm.domain.response import check
from kiosk.events import (
    Back,
    Because,
    Choose,
    Closing,
    Configured,
    Crashed,
    Done,
    Draft,
    Erase,
    Hours,
    Keep,
    Leave,
    Options,
    Rate,
    Read,
    Saved,
    SaveFailed,
    Settled,
    Speak,
    StaffCame,
    StaffLeft,
    Start,
    Stay,
    Surveyed,
    Tap,
    Tick,
    Toggle,
    Touched,
    Turn,
    Use,
    Write,
)  # fmt: skip
from kiosk.interview import due_ms, home, update
from kiosk.local import Local
from kiosk.model import LASTING, Place, Screen, Standing
from tests.support.samples import CODES, configuration, skm

REASONS = (Reason("slow", {"id": "Lama"}, ("REQ", "PROC")), Reason("other", {"id": "Lainnya"}, ("REQ", "TIME")))
SHORT = replace(skm(), questions=skm().questions[:3], reasons=REASONS)
SERVICES = tuple(Service(f"s{n}", {"id": f"Layanan {n}"}, {"REQ": ({"id": "KTP"},)}) for n in range(8))
CONFIGURATIONS = (
    configuration(questionnaire=SHORT, idle_s=3, countdown_s=2, thanks_s=2),
    configuration(questionnaire=SHORT, services=SERVICES, idle_s=3, countdown_s=2, pledge=({"id": "Kami"},)),
    configuration(questionnaire=replace(SHORT, profile_fields=()), services=SERVICES[:2], asks_comment=False),
    configuration(questionnaire=SHORT, instrument=Instrument.ROTATING, questions_each=2, idle_s=3),
    configuration(questionnaire=SHORT, instrument=Instrument.ONE_TAP, idle_s=3),
    configuration(questionnaire=SHORT, instrument=Instrument.ONE_TAP, services=SERVICES),
)

ratings = st.sampled_from([0, 1, 2, 3, 4, 5])
fields = st.sampled_from(["gender", "education", "age"])
options = st.sampled_from(["L", "P", "S1", "XX"])
actions = st.one_of(
    st.builds(Rate, ratings), st.builds(Rate, ratings), st.just(Start()), st.just(Done()), st.just(Back()),
    st.just(Stay()), st.builds(Toggle, fields, options), st.builds(Turn, st.sampled_from([-1, 1, 7])),
    st.builds(Choose, st.sampled_from(["s0", "s7", "nope"])), st.builds(Speak, st.sampled_from(["id", "en", "fr"])),
    st.builds(Because, st.sampled_from(["slow", "other", "nope"])), st.builds(Use, st.sampled_from(Aid)),
    st.builds(Write, st.sampled_from(["a", "7", " ", "", "ab", "\n"])), st.just(Erase()), st.just(Read()),
    st.just(Options()), st.just(Leave()), st.just(Done()), st.builds(Rate, ratings), st.just(Start()),
)  # fmt: skip
places = st.one_of(st.none(), st.none(), st.none(), st.builds(Place, st.sampled_from(Screen), st.sampled_from(CODES)))
pauses = st.sampled_from([0, 1, 150, 300, 400, 400, 400, 1000, 3000, 16_000, -500])
plain = st.sampled_from(
    ["tick", "saved", "saved", "saved", "failed", "crashed", "closing", "configured", "touched", "open", "closed",
     "staff", "left", "left", "trained", "settled", "full", "revoked", "clear", "clear"]
)  # fmt: skip
steps = st.lists(
    st.tuples(pauses, st.one_of(st.tuples(actions, places), st.tuples(actions, places), plain)), max_size=80
)


def events(model, now_ms, what, version):
    match what:
        case (action, place):
            return Tap(now_ms, place or model.place, action)
        case "configured":
            return Configured(now_ms, replace(CONFIGURATIONS[version % len(CONFIGURATIONS)], version=version))
        case "open" | "closed":
            return Hours(now_ms, what == "open")
        case "full" | "revoked" | "clear":
            return Surveyed(now_ms, full=what == "full", revoked=what == "revoked")
        case "trained" | "settled":
            return Settled(now_ms, Local(training=what == "trained", service="s1"))
        case kind:
            return {
                "tick": Tick, "saved": Saved, "failed": SaveFailed, "crashed": Crashed, "closing": Closing,
                "touched": Touched, "staff": StaffCame, "left": StaffLeft,
            }[kind](now_ms)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(CONFIGURATIONS), steps)
def test_any_sequence_of_events(first, sequence):
    now_ms, version, model = 1_000, 1, home(Standing(first), 1_000)
    accepted: dict[str, int] = {}
    for pause_ms, what in sequence:
        now_ms += pause_ms
        version += what == "configured"
        event = events(model, now_ms, what, version)
        before = model
        ready, _ = update(before, Tick(now_ms))
        model, effects = update(before, event)

        given = ready.session.answers if ready.session else {}
        rated = isinstance(event, Tap) and isinstance(event.action, Rate) and model.session
        if rated and model.session.answers != given:
            assert ready.accepts
            assert event.place == ready.place
            accepted[event.place.subject] = event.action.rating
        for effect in effects:
            if isinstance(effect, Keep):
                asked = before.configuration
                assert asked is not None
                check(effect.response, asked.questionnaire)
                assert effect.configuration == asked.version
                assert effect.response.answers == accepted
                assert effect.response.duration_ms >= 0
                assert effect.response.service in {service.code for service in asked.services}
                assert not any(letter.isdigit() for letter in effect.response.comment)
                assert effect.training == before.training
                assert model.unsaved
        if model.session is None:
            accepted = {}
        if model.screen is Screen.ATTRACT and before.screen is not Screen.ATTRACT:
            # nothing is left of the citizen: the model is the fresh one, but for what stands and the time
            woken = before.screen in {Screen.SLEEP, Screen.READING, Screen.OPTIONS}
            fresh = home(replace(model.standing, open=True, full=False, revoked=False), 0)
            if woken:
                fresh = replace(fresh, language=model.language, aids=model.aids, page=model.page)
            timeless = replace(model, standing=fresh.standing, since_ms=0, seen_ms=0, touched_ms=0, guard_until_ms=0)
            assert timeless == replace(fresh, guard_until_ms=0)
        due = due_ms(model)
        assert due is None or due > model.seen_ms or model.session is not None or not model.standing.open


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(CONFIGURATIONS), steps)
def test_at_every_moment_the_last_draft_holds_all_that_was_given(first, sequence):
    now_ms, version, model, drafted = 1_000, 1, home(Standing(first), 1_000), None
    for pause_ms, what in sequence:
        now_ms += pause_ms
        version += what == "configured"
        before = model
        model, effects = update(before, events(before, now_ms, what, version))
        for effect in effects:
            if isinstance(effect, Draft):
                drafted = effect.response
                check(drafted, model.configuration.questionnaire)
                assert (drafted.comment, model.training) == ("", False)
        session = model.session
        if session is None:
            drafted = None
        elif session.answers and not model.training:
            given = (session.answers, session.reasons, session.profile, session.service)
            assert (drafted.answers, drafted.reasons, drafted.profile, drafted.service) == given
        # and nobody begins where nothing could be kept or would count
        assert model.standing.fault is None or before.session is not None or session is None


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(CONFIGURATIONS), steps)
def test_left_alone_with_a_working_medium_the_kiosk_always_comes_home(first, sequence):
    now_ms, model = 1_000, home(Standing(first), 1_000)
    for pause_ms, what in sequence:
        now_ms = max(now_ms, now_ms + pause_ms)
        model, _ = update(model, events(model, now_ms, what, 1))
    for _ in range(200):
        now_ms = max(now_ms + 1, due_ms(model) or 0)
        model, _ = update(model, Tick(now_ms))
        if model.unsaved:
            model, _ = update(model, Saved(now_ms))
        if model.screen is Screen.STAFF:
            model, _ = update(model, StaffLeft(now_ms))
        if model.fault in LASTING:
            model, _ = update(model, Surveyed(now_ms))
        if model.screen in {Screen.ATTRACT, Screen.SLEEP} and due_ms(model) is None:
            assert (model.language, model.aids, model.session) == ("id", frozenset(), None)
            return
    raise AssertionError(model.screen)
