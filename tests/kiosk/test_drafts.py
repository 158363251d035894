"""What a power cut leaves of a running visit: all that was answered, once, and nothing of it for anybody else."""

from dataclasses import replace

import pytest

from ikm import wire
from ikm.domain.errors import Refusal
from ikm.domain.response import Status, check
from kiosk.events import Back, Because, Choose, Done, Draft, Leave, Options, Rate, Speak, Start, Toggle, Write
from kiosk.interview import RETRY_MS
from kiosk.local import Local
from kiosk.model import Screen, Standing
from kiosk.shell import CONFIGURATION_POLL_S, Shell
from kiosk.space import Room
from kiosk.store import Store
from tests.contracts.outbox import IDENTITY
from tests.kiosk.test_shell import Kiosk
from tests.support import samples
from tests.support.fake_keeper import FakeKeeper, FakeMachine, FakeScheduler, FakeWorker
from tests.support.samples import CODES, configuration
from tests.support.visit import Visit


def drafts(visit: Visit) -> list[Draft]:
    return [effect for effect in visit.effects if isinstance(effect, Draft)]


# -- what is drafted -------------------------------------------------------------------------------------------------


def test_an_answer_is_drafted_with_the_tap_and_where_its_citizen_stands_with_the_next_screen():
    visit = Visit().tap(Start())
    assert drafts(visit) == []
    visit.tap(Rate(3))
    [first] = drafts(visit)
    assert (first.response.answers, first.response.visit.left_at) == ({CODES[0]: 3}, f"question-{CODES[0]}")
    assert (first.response.status, first.configuration, first.last_tap_ms) == (Status.PARTIAL, 1, visit.now_ms)
    visit.wait(200)
    assert drafts(visit)[1:] == [drafts(visit)[-1]]
    assert drafts(visit)[-1].response.visit.left_at == f"question-{CODES[1]}"


def test_whatever_is_given_is_drafted_and_what_is_only_looked_at_is_not():
    visit = Visit().tap(Start()).rate(3)
    before = len(drafts(visit))
    visit.tap(Options()).tap(Speak("en")).tap(Done()).wait(1_000)
    assert len(drafts(visit)) == before
    visit.rate(*(3,) * 8).tap(Toggle("gender", "P"))
    assert drafts(visit)[-1].response.profile == {"gender": "P"}
    visit.tap(Toggle("gender", "P"))
    assert drafts(visit)[-1].response.profile == {}


def test_the_draft_is_what_would_be_kept_if_the_citizen_went_now():
    visit = Visit().tap(Start()).rate(3, 2, 4).tap(Back())
    visit.tap(Options()).tap(Leave())
    [keep] = visit.kept
    drafted = drafts(visit)[-1].response
    assert replace(drafted, visit=None, duration_ms=0) == replace(keep.response, visit=None, duration_ms=0)
    assert drafted.visit.left_at == keep.response.visit.left_at


def test_what_is_written_and_not_sent_is_in_no_draft():
    visit = Visit().tap(Start()).rate(*(3,) * 9)
    while visit.screen is not Screen.COMMENT:
        visit.tap(Done())
    visit.tap(Write("a")).tap(Write("b"))
    assert {draft.response.comment for draft in drafts(visit)} == {""}


def test_training_is_never_drafted():
    visit = Visit(standing=Standing(configuration(), local=Local(training=True))).tap(Start()).rate(3, 3)
    assert drafts(visit) == []


def test_a_reason_and_another_service_are_drafted():
    held = configuration(
        services=(replace(configuration().services[0], code="a"), replace(configuration().services[0], code="b"))
    )
    visit = Visit(held).tap(Start()).tap(Choose("a")).tap(Rate(1)).wait(200)
    if visit.screen is Screen.REASONS:
        reason = visit.model.reasons[0].code
        visit.tap(Because(reason))
        assert drafts(visit)[-1].response.reasons == {CODES[0]: reason}
        visit.wait(200).tap(Back())
    visit.tap(Back()).tap(Back()) if visit.screen is not Screen.QUESTION else visit.tap(Back())
    if visit.screen is Screen.REASONS:
        visit.tap(Back())
    while visit.screen is not Screen.SERVICE:
        visit.tap(Back())
    visit.tap(Choose("b"))
    assert drafts(visit)[-1].response.service == "b"


# -- how it comes to the medium --------------------------------------------------------------------------------------


@pytest.fixture
def kiosk():
    made = Kiosk().start()
    yield made
    made.keeper.open.set()
    made.shell.stop()


def written(kiosk: Kiosk) -> list[wire.ResponseBody]:
    """The drafts on the medium, once all that was handed over has been looked at."""
    kiosk.shell._medium.submit(int).result()
    return kiosk.keeper.drafts


def test_each_answer_is_on_the_medium_while_its_citizen_goes_on(kiosk):
    kiosk.visit(3, 4)
    last = written(kiosk)[-1]
    assert (last.answers, last.status) == (dict(zip(CODES, (3, 4), strict=False)), Status.PARTIAL)
    check(wire.decode_body(wire.canonical(last)).to_domain(), configuration().questionnaire)
    assert kiosk.screen is Screen.QUESTION


def test_a_medium_slower_than_its_citizen_gets_the_newest_draft_only_and_holds_up_no_tap(kiosk):
    kiosk.keeper.open.clear()
    kiosk.visit(3)
    assert kiosk.keeper.drafting.wait(10)
    kiosk.visit_more(4, 3, 4, 3)
    assert kiosk.shell.model.session.step == 5
    kiosk.keeper.open.set()
    answers = [draft.answers for draft in written(kiosk)]
    assert [len(given) for given in answers] == [1, 5]


def test_a_draft_nobody_has_written_yet_never_follows_the_response_it_would_undo(kiosk):
    kiosk.keeper.open.clear()
    kiosk.visit(3)
    assert kiosk.keeper.drafting.wait(10)
    kiosk.visit_more(*(3,) * 8).finish()
    kiosk.keeper.open.set()
    kiosk.until(Screen.THANKS)
    # one was being written when the response came, and nothing after it
    assert [len(draft.answers) for draft in written(kiosk)] == [1]
    assert kiosk.keeper.left_over is None
    assert len(kiosk.keeper.bodies) == 1


def test_a_draft_that_cannot_be_written_disturbs_nobody_and_is_told_once(kiosk, caplog):
    kiosk.keeper.failing = True
    kiosk.visit(3, 4, 3)
    assert written(kiosk) == []
    assert kiosk.screen is Screen.QUESTION
    told = [record.getMessage() for record in caplog.records if record.exc_info]
    assert told == ["a draft could not be kept: disk full"]
    kiosk.keeper.failing = False
    kiosk.visit_more(4)
    assert len(written(kiosk)[-1].answers) == 4


def test_where_room_gets_scarce_drafts_are_the_first_to_go(kiosk):
    kiosk.keeper.space = Room.LOW
    kiosk.window.pass_s(CONFIGURATION_POLL_S)
    kiosk.shell._medium.submit(int).result()
    kiosk.visit(3, 4)
    assert written(kiosk) == []
    kiosk.keeper.space = Room.PLENTY
    kiosk.window.pass_s(CONFIGURATION_POLL_S)
    kiosk.shell._medium.submit(int).result()
    kiosk.visit_more(4)
    assert len(written(kiosk)[-1].answers) == 3


# -- what is found after a power cut ---------------------------------------------------------------------------------


def left_over() -> wire.ResponseBody:
    """What an earlier process had drafted."""
    kiosk = Kiosk().start().visit(1, 2)
    body = written(kiosk)[-1]
    kiosk.keeper.open.set()
    kiosk.shell.stop()
    return body


def found(**medium: object) -> Kiosk:
    keeper = FakeKeeper()
    keeper.left_over = left_over()
    for name, value in medium.items():
        setattr(keeper, name, value)
    return Kiosk(keeper).start()


def test_a_visit_that_was_cut_off_is_kept_as_a_partial_one_and_shown_to_nobody(caplog):
    caplog.set_level("INFO")
    kiosk = found()
    kiosk.window.run(lambda: kiosk.worker.pokes == 1)
    [body] = kiosk.keeper.bodies
    assert (body.status, body.answers) == (Status.PARTIAL, dict(zip(CODES, (1, 2), strict=False)))
    assert body.visit.left_at.endswith(CODES[2]) or body.visit.left_at.startswith("reasons")
    assert kiosk.keeper.left_over is None
    assert [(model.screen, model.session) for model in kiosk.shown] == [(Screen.ATTRACT, None)]
    assert caplog.text.count("a visit that was cut off is kept as far as it came") == 1
    kiosk.shell.stop()
    assert len(kiosk.keeper.bodies) == 1


@pytest.mark.parametrize("how", ["failing", "unreadable"])
def test_what_was_found_waits_for_the_medium_and_comes_before_all_that_is_new(how):
    kiosk = found()
    kiosk.shell.stop()
    kiosk = found(**{how: True})
    assert kiosk.shell._medium.submit(int).result() == 0
    assert kiosk.keeper.bodies == []
    if how == "unreadable":
        kiosk.keeper.unreadable = False
        kiosk.window.pass_s(CONFIGURATION_POLL_S)
        kiosk.until(Screen.ATTRACT)
    kiosk.visit(4)
    # the draft of the new visit did not write over it
    assert how == "unreadable" or kiosk.keeper.left_over.answers == dict(zip(CODES, (1, 2), strict=False))
    kiosk.keeper.failing = False
    kiosk.visit_more(*(4,) * 8).finish().until(Screen.THANKS)
    assert [len(body.answers) for body in kiosk.keeper.bodies] == [2, 9]
    kiosk.shell.stop()


def test_a_new_visit_is_not_drafted_over_one_that_could_not_be_kept_yet(monkeypatch):
    keeper = FakeKeeper()
    keeper.left_over = old = left_over()

    def failing(_body):
        raise OSError("input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(keeper, "append", failing)
        kiosk = Kiosk(keeper).start().visit(4, 4)
        assert written(kiosk) == []
        assert keeper.left_over == old
    kiosk.visit_more(4)
    assert len(written(kiosk)[-1].answers) == 3
    assert keeper.bodies == [old]
    kiosk.shell.stop()


def test_a_response_that_cannot_be_kept_waits_behind_the_one_found_and_both_come_once():
    kiosk = found(failing=True)
    kiosk.visit(*(4,) * 9).finish().until(Screen.OUT_OF_SERVICE)
    kiosk.keeper.failing = False
    kiosk.window.pass_s(RETRY_MS / 1000)
    kiosk.until(Screen.ATTRACT)
    kiosk.shell.stop()
    assert [len(body.answers) for body in kiosk.keeper.bodies] == [2, 9]


class Refusing(FakeKeeper):
    """Its draft is damaged, or none the wire can carry."""

    def __init__(self, where: str) -> None:
        super().__init__()
        self.where = where
        self.left_over = samples.body()
        self.refused = 0

    def draft(self) -> wire.ResponseBody | None:
        if self.where == "draft":
            raise Refusal("response_malformed")
        return super().draft()

    def append(self, body: wire.ResponseBody) -> object:
        if self.where == "append" and not self.refused:
            self.refused += 1
            raise Refusal("response_malformed")
        return super().append(body)


@pytest.mark.parametrize("where", ["draft", "append"])
def test_a_damaged_draft_is_told_and_stands_in_nobodys_way(where, caplog):
    kiosk = Kiosk(Refusing(where)).start().visit(*(4,) * 9).finish().until(Screen.THANKS)
    assert [len(body.answers) for body in kiosk.keeper.bodies] == [9]
    assert caplog.text.count("what was left of a visit that was cut off cannot be") == 1
    kiosk.shell.stop()


# -- on the real store -----------------------------------------------------------------------------------------------


def real(store: Store) -> Kiosk:
    made = Kiosk.__new__(Kiosk)
    made.keeper, made.worker, made.machine, made.window = store, FakeWorker(), FakeMachine(), FakeScheduler()
    made.shown = []
    made.shell = Shell(
        store, made.worker, made.machine, scheduler=made.window, show=made.shown.append, now_ms=made.window.now_ms
    )
    return made


def test_on_the_real_store_a_cut_leaves_what_was_answered_and_a_whole_visit_leaves_no_draft(tmp_path):
    with Store.open(tmp_path) as store:
        store.enrol(IDENTITY, wire.configuration_message(configuration()))
        kiosk = real(store).start().visit(3, 4)
        kiosk.shell._medium.shutdown(wait=True)
        assert store.queue().stored == 0
    # as after a power cut: the process before never came to keep anything
    with Store.open(tmp_path) as store:
        kiosk = real(store).start()
        kiosk.window.run(lambda: kiosk.worker.pokes == 1)
        kiosk.visit(*(2,) * 9).finish().until(Screen.THANKS)
        assert store.draft() is None
        kiosk.shell.stop()
        rows = store.pending(store.epoch(), 10)
        bodies = [wire.decode_body(row.body) for row in rows]
    assert [len(body.answers) for body in bodies] == [2, 9]
    assert [body.status for body in bodies] == [Status.PARTIAL, Status.COMPLETE]
