"""What a visit may hold besides nine ratings: reasons, a comment, a short form, aids, and how it went."""

from collections import Counter
from dataclasses import replace

import pytest

from ikm.domain.configuration import Aid, Configuration, Service
from ikm.domain.questionnaire import Instrument, Reason
from ikm.domain.response import Status, check
from kiosk.events import (
    Back,
    Because,
    Choose,
    Configured,
    Crashed,
    Done,
    Erase,
    Hours,
    Options,
    Rate,
    Read,
    SaveFailed,
    Settled,
    Speak,
    StaffCame,
    StaffLeft,
    Start,
    Tap,
    Touched,
    Turn,
    Use,
    Write,
)  # fmt: skip
from kiosk.interview import RETRY_MS, due_ms, home
from kiosk.local import Local
from kiosk.model import Fault, Place, Screen, Standing
from kiosk.taps import CONFIRM_MS
from kiosk.visit import COMMENT_LETTERS
from tests.support.samples import CODES, configuration, skm
from tests.support.visit import Visit

REASONS = (
    Reason("slow", {"id": "Menunggu lama"}, ("TIME",)),
    Reason("other", {"id": "Lainnya"}, ("REQ", "PROC", "TIME")),
)
SERVICES = (Service("ktp", {"id": "KTP"}), Service("akta", {"id": "Akta"}))


def held(**changes: object) -> Configuration:
    return configuration(questionnaire=replace(skm(), reasons=REASONS), **changes)


def started(**changes: object) -> Visit:
    return Visit(held(**changes)).tap(Start())


def writing(**changes: object) -> Visit:
    visit = started(**changes).rate(*(3,) * 9).tap(Done())
    assert visit.screen is Screen.COMMENT
    return visit


# -- reasons -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rating", [1, 2])
def test_a_low_rating_is_followed_by_the_question_why(rating):
    visit = started().tap(Rate(rating)).wait(CONFIRM_MS)
    assert visit.model.place == Place(Screen.REASONS, CODES[0])
    assert [reason.code for reason in visit.model.reasons] == ["other"]
    visit.tap(Because("other")).wait(CONFIRM_MS)
    assert visit.model.place == Place(Screen.QUESTION, CODES[1])
    assert visit.model.session.reasons == {CODES[0]: "other"}


def test_a_good_rating_and_an_element_without_reasons_are_not_asked_why():
    assert started().tap(Rate(3)).wait(CONFIRM_MS).model.place == Place(Screen.QUESTION, CODES[1])
    visit = started().rate(3, 3, 3).tap(Rate(1)).wait(CONFIRM_MS)
    assert visit.model.place == Place(Screen.QUESTION, CODES[4])


def test_why_may_be_skipped_and_a_reason_of_another_element_is_not_heard():
    visit = started().tap(Rate(1)).wait(CONFIRM_MS).tap(Because("slow")).wait(CONFIRM_MS)
    assert visit.screen is Screen.REASONS
    assert visit.skip().model.session.reasons == {}


def test_a_reason_goes_with_the_rating_it_was_given_for():
    visit = started().tap(Rate(1)).wait(CONFIRM_MS).tap(Because("other")).wait(CONFIRM_MS)
    visit.tap(Back()).rate(4)
    assert visit.model.session.reasons == {}
    visit.rate(*(3,) * 8).finish()
    check(visit.kept[0].response, held().questionnaire)


def test_back_from_the_reasons_is_the_question_they_are_about():
    visit = started().tap(Rate(2)).wait(CONFIRM_MS).tap(Back())
    assert visit.model.place == Place(Screen.QUESTION, CODES[0])


# -- comment -------------------------------------------------------------------------------------------------------


def test_a_comment_is_written_letter_by_letter_and_kept():
    visit = writing()
    for letter in "Baik, Bu.x":
        visit.tap(Write(letter))
    visit.tap(Erase()).tap(Done())
    assert visit.kept[0].response.comment == "Baik, Bu."


def test_fast_typing_loses_no_letter():
    visit = writing().wait(1_000)
    for letter in "cepat":
        visit.now_ms += 60
        visit.do(Tap(visit.now_ms, visit.model.place, Write(letter)))
    assert visit.model.session.comment == "cepat"


@pytest.mark.parametrize("letter", ["7", "", "ab", "\n", "@", "<"])
def test_digits_and_what_is_no_letter_cannot_be_written(letter):
    assert writing().tap(Write(letter)).model.session.comment == ""


def test_a_comment_has_an_end():
    visit = writing()
    visit.model = replace(visit.model, session=replace(visit.model.session, comment="a" * COMMENT_LETTERS))
    assert len(visit.tap(Write("b")).model.session.comment) == COMMENT_LETTERS


def test_a_comment_that_was_not_sent_is_not_given():
    visit = writing().tap(Write("B")).wait((held().idle_s + held().countdown_s) * 1000)
    assert visit.kept[0].response.status is Status.COMPLETE
    assert visit.kept[0].response.comment == ""


def test_a_comment_may_be_left_out_by_the_configuration():
    visit = started(asks_comment=False).rate(*(3,) * 9).tap(Done())
    assert visit.screen is Screen.SAVING


# -- short forms ---------------------------------------------------------------------------------------------------


def test_the_rotating_form_asks_a_few_and_stays_even_within_one():
    visit = Visit(held(instrument=Instrument.ROTATING, questions_each=4))
    asked: Counter[str] = Counter()
    for _citizen in range(60):
        visit.tap(Start())
        subset = visit.model.session.asked
        assert len(subset) == len(set(subset)) == 4
        assert list(subset) == sorted(subset, key=CODES.index)
        visit.rate(*(3,) * 4).finish().saved().tap(Done())
        asked.update(list(visit.kept[-1].response.answers))
        assert max(asked.values()) - min(asked.get(code, 0) for code in CODES) <= 1
    response = visit.kept[0].response
    assert (response.instrument, response.status) == (Instrument.ROTATING, Status.PARTIAL)
    assert set(response.asked) == set(response.answers)
    check(response, held().questionnaire)


def test_which_citizen_is_asked_what_is_left_to_chance():
    drawn = {Standing(held(instrument=Instrument.ROTATING), seed=seed).asked for seed in range(200)}
    assert len(drawn) > 60
    first = Counter(code for subset in drawn for code in subset)
    assert min(first.values()) > max(first.values()) / 2


def test_what_a_citizen_left_unanswered_is_made_up_for_by_the_next():
    visit = Visit(held(instrument=Instrument.ROTATING, questions_each=3)).tap(Start())
    given, *left = visit.model.session.asked
    visit.rate(3).do(Crashed(visit.now_ms)).saved().wait(7_000)
    visit.tap(Start())
    assert given not in visit.model.session.asked
    assert visit.model.standing.answered == {given: 1}
    assert left


def test_counts_of_earlier_days_come_with_the_configuration():
    visit = Visit()
    counts = dict.fromkeys(CODES[:6], 5)
    visit.do(Configured(visit.now_ms, held(version=2, instrument=Instrument.ROTATING), counts))
    assert visit.model.standing.asked == CODES[6:]


def test_counts_that_come_with_a_waiting_configuration_wait_too():
    # the question on a one-tap first screen must not change under a finger
    visit = Visit(held(instrument=Instrument.ONE_TAP)).tap(Speak("en"))
    place = visit.model.place
    other = held(version=2, instrument=Instrument.ONE_TAP)
    visit.do(Configured(visit.now_ms, other, dict.fromkeys(CODES, 7) | {CODES[8]: 6}))
    assert visit.model.place == place
    visit.tap(Rate(4)).wait(CONFIRM_MS).saved().tap(Done())
    assert visit.kept[0].configuration == 1
    answered = dict.fromkeys(CODES, 7) | {CODES[8]: 6}
    answered[place.subject] += 1
    assert (visit.model.configuration.version, visit.model.standing.answered) == (2, answered)


def test_counts_of_another_questionnaire_are_not_raised_by_the_last_answers_of_this_one():
    visit = Visit(held(instrument=Instrument.ONE_TAP)).tap(Speak("en"))
    other = configuration(version=2, questionnaire=replace(skm(), code="skm-next"), instrument=Instrument.ONE_TAP)
    visit.do(Configured(visit.now_ms, other, {})).tap(Rate(4)).wait(CONFIRM_MS).saved().tap(Done())
    assert (visit.model.configuration.version, visit.model.standing.answered) == (2, {})


def test_one_tap_stands_on_the_first_screen_and_is_one_tap():
    visit = Visit(held(instrument=Instrument.ONE_TAP))
    [code] = visit.model.standing.asked
    assert visit.model.place == Place(Screen.ATTRACT, code)
    visit.tap(Rate(4)).wait(CONFIRM_MS)
    assert visit.screen is Screen.SAVING
    response = visit.kept[0].response
    assert (response.answers, response.asked, response.instrument) == ({code: 4}, (code,), Instrument.ONE_TAP)
    check(response, held().questionnaire)


def test_one_tap_asks_why_when_it_was_low():
    visit = Visit(standing=Standing(held(instrument=Instrument.ONE_TAP), answered=dict.fromkeys(CODES[1:], 1)))
    visit.tap(Rate(1)).wait(CONFIRM_MS)
    assert visit.model.place == Place(Screen.REASONS, CODES[0])
    visit.tap(Because("other")).wait(CONFIRM_MS)
    assert visit.kept[0].response.reasons == {CODES[0]: "other"}


def test_one_tap_at_a_counter_with_several_services_asks_which_first():
    visit = Visit(held(instrument=Instrument.ONE_TAP, services=SERVICES))
    assert visit.tap(Rate(4)).screen is Screen.ATTRACT
    visit.tap(Start()).tap(Choose("akta")).rate(4)
    assert visit.kept[0].response.service == "akta"


# -- options, aids, reading ----------------------------------------------------------------------------------------


def test_options_cover_a_question_and_give_it_back():
    visit = started().rate(3).tap(Options())
    assert visit.screen is Screen.OPTIONS
    visit.tap(Use(Aid.LARGE)).tap(Speak("en")).tap(Done())
    assert (visit.model.place, visit.model.language) == (Place(Screen.QUESTION, CODES[1]), "en")
    assert visit.model.aids == {Aid.LARGE}


def test_aids_and_language_go_with_the_citizen():
    visit = Visit(held()).tap(Use(Aid.CONTRAST)).tap(Speak("en")).tap(Start()).rate(*(3,) * 9).finish()
    assert visit.kept[0].response.visit.aids == ("contrast",)
    visit.saved().tap(Done())
    assert (visit.model.aids, visit.model.language) == (frozenset(), "id")


def test_an_aid_tried_and_left_alone_is_taken_back():
    visit = Visit(held()).tap(Use(Aid.LARGE)).wait(held().idle_s * 1000)
    assert visit.model.aids == frozenset()


def test_aids_the_staff_or_the_configuration_set_are_where_a_citizen_starts():
    assert Visit(held(aids=frozenset({Aid.LOW}))).model.aids == {Aid.LOW}
    local = Local(language="en", aids=frozenset({Aid.LARGE}))
    visit = Visit(standing=Standing(held(aids=frozenset({Aid.LOW})), local=local))
    assert (visit.model.aids, visit.model.language) == ({Aid.LARGE}, "en")


def test_the_standard_is_read_page_by_page_and_closes_by_itself():
    standard = (Service("ktp", {"id": "KTP"}, {"TIME": ({"id": "3 hari kerja"},)}), SERVICES[1])
    visit = Visit(held(services=standard, pledge=({"id": "Kami sanggup"},))).tap(Read())
    pages = [visit.model.page, *(visit.tap(Turn(by)).model.page for by in (1, 1, -1, -1))]
    assert pages == [0, 1, 1, 0, 0]
    assert visit.tap(Back()).screen is Screen.ATTRACT
    assert visit.tap(Read()).wait(90_000).screen is Screen.ATTRACT


def test_where_there_is_nothing_to_read_nothing_opens():
    assert Visit(held()).tap(Read()).screen is Screen.ATTRACT


def test_one_service_set_by_the_staff_is_not_asked_for():
    visit = Visit(standing=Standing(held(services=SERVICES), local=Local(service="akta"))).tap(Start())
    visit.rate(*(3,) * 9).finish()
    assert visit.kept[0].response.service == "akta"


def test_fewer_pages_of_services_leave_nobody_on_a_page_that_is_gone():
    many = tuple(
        Service(f"s{n}", {"id": f"Layanan dengan nama yang panjang sekali dan masih lebih panjang lagi {n}"})
        for n in range(7)
    )
    visit = started(services=many).tap(Options()).tap(Use(Aid.LARGE)).tap(Use(Aid.LOW)).tap(Done())
    for _ in range(9):
        visit.tap(Turn(1))
    visit.tap(Options()).tap(Use(Aid.LARGE)).tap(Use(Aid.LOW)).tap(Done())
    assert visit.model.service_page == visit.model.pages - 1
    visit.tap(Turn(-1))
    assert visit.model.service_page == visit.model.pages - 2


def test_back_at_the_services_goes_on_with_the_service_chosen_before():
    visit = started(services=SERVICES).tap(Choose("ktp")).rate(3).tap(Back()).tap(Back())
    assert visit.screen is Screen.SERVICE
    assert visit.tap(Done()).model.place == Place(Screen.QUESTION, CODES[0])


# -- how it went ---------------------------------------------------------------------------------------------------


def test_paradata_say_how_long_each_screen_stood_and_what_was_used():
    visit = started()
    visit.wait(4_000).do(Tap(visit.now_ms, visit.model.place, Rate(3), "keyboard")).wait(CONFIRM_MS)
    visit.tap(Back()).wait(1_000).rate(*(3,) * 9).tap(Done()).wait(2_000).tap(Done())
    told = visit.kept[0].response.visit
    assert told.spent_ms[f"question-{CODES[0]}"] >= 5_000 + CONFIRM_MS
    assert 2_000 <= told.spent_ms["comment"] < 2_500
    assert told.back_steps == 1
    assert told.inputs == ("keyboard", "touch")
    assert told.left_at == ""
    whole_ms = visit.now_ms - visit.kept[0].response.duration_ms
    assert sum(told.spent_ms.values()) == pytest.approx(visit.now_ms - whole_ms, abs=50)


def test_an_abandoned_visit_says_where():
    visit = started().rate(3, 3).wait((held().idle_s + held().countdown_s) * 1000)
    told = visit.kept[0].response.visit
    assert told.left_at == f"question-{CODES[2]}"
    assert told.spent_ms["idle"] >= held().countdown_s * 1000


def test_visits_that_gave_nothing_are_told_by_the_next_that_does_and_only_once():
    visit = started().tap(Back()).tap(Start()).wait((held().idle_s + held().countdown_s) * 1000)
    visit.tap(Start()).rate(*(3,) * 9).finish().saved().tap(Done())
    assert visit.kept[0].response.visit.unanswered == {f"question-{CODES[0]}": 2}
    visit.tap(Start()).rate(*(3,) * 9).finish()
    assert visit.kept[1].response.visit.unanswered == {}


# -- training, hours, staff ----------------------------------------------------------------------------------------


def test_training_is_kept_apart_and_counts_for_nothing():
    standing = Standing(held(instrument=Instrument.ROTATING), local=Local(training=True))
    visit = Visit(standing=standing).tap(Start()).rate(3, 3, 3).finish()
    assert visit.kept[0].training
    assert visit.model.standing.answered == {}
    assert not Visit(held()).tap(Start()).rate(*(3,) * 9).finish().kept[0].training


def test_outside_opening_hours_the_screen_sleeps_and_a_touch_wakes_it():
    visit = Visit(held())
    visit.do(Hours(visit.now_ms, open=False)).wait(held().idle_s * 1000)
    assert (visit.screen, visit.model.accepts, due_ms(visit.model)) == (Screen.SLEEP, False, None)
    visit.do(Touched(visit.now_ms))
    assert visit.screen is Screen.ATTRACT
    assert not visit.model.accepts
    visit.tap(Start()).rate(*(3,) * 9).finish().saved().tap(Done())
    assert len(visit.kept) == 1
    assert visit.screen is Screen.SLEEP
    assert visit.do(Hours(visit.now_ms, open=True)).screen is Screen.ATTRACT


def test_closing_time_does_not_send_a_citizen_away():
    visit = started().rate(3)
    visit.do(Hours(visit.now_ms, open=False)).rate(*(3,) * 8).finish().saved()
    assert visit.screen is Screen.THANKS


def test_staff_find_no_citizen_and_leave_none():
    visit = started().rate(3)
    visit.do(StaffCame(visit.now_ms))
    assert (visit.screen, visit.model.session) == (Screen.STAFF, None)
    assert visit.kept[0].response.answers == {CODES[0]: 3}
    assert visit.saved().screen is Screen.STAFF
    visit.do(Settled(visit.now_ms, Local(training=True))).do(StaffLeft(visit.now_ms))
    assert (visit.screen, visit.model.training) == (Screen.ATTRACT, True)


def test_staff_can_come_while_the_medium_fails_and_its_answer_is_still_tried_afterwards():
    visit = started().rate(3)
    visit.do(StaffCame(visit.now_ms)).do(SaveFailed(visit.now_ms))
    assert visit.screen is Screen.STAFF
    visit.do(StaffLeft(visit.now_ms))
    assert (visit.screen, visit.model.fault) == (Screen.OUT_OF_SERVICE, Fault.SAVE)
    before = len(visit.effects)
    assert len(visit.wait(RETRY_MS).effects) == before + 1


def test_the_first_screen_is_made_of_what_stands_alone():
    visit = started().rate(2).finish()
    visit.do(Crashed(visit.now_ms)).saved().wait(7_000)
    standing = visit.model.standing
    fresh = home(standing, visit.model.since_ms)
    assert replace(visit.model, seen_ms=fresh.seen_ms) == fresh
