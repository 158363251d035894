"""The kiosk's decisions, told as one citizen after another."""

from dataclasses import replace

import pytest

from ikm.domain.configuration import Configuration, Service
from ikm.domain.response import Status, check
from kiosk import interview
from kiosk.events import (
    Back,
    Because,
    Choose,
    Closing,
    Configured,
    Crashed,
    Done,
    Leave,
    Options,
    Rate,
    Retry,
    Saved,
    SaveFailed,
    Speak,
    Start,
    Stay,
    Tap,
    Tick,
    Toggle,
    Touched,
    Turn,
)  # fmt: skip
from kiosk.interview import LEAP_MS, RETRY_MS, SAVE_LIMIT_MS, due_ms, home, update
from kiosk.model import Fault, Place, Screen, Standing
from kiosk.moves import GUARD_MS
from kiosk.rotation import next_seed
from kiosk.taps import CONFIRM_MS, SAME_PLACE_GUARD_MS
from tests.support.samples import CODES, configuration
from tests.support.visit import Visit

SERVICES = (Service("ktp", {"id": "KTP"}), Service("akta", {"id": "Akta"}))


def several() -> Configuration:
    return configuration(services=SERVICES)


def started(held: Configuration | None = None) -> Visit:
    return Visit(held).tap(Start())


def test_a_whole_visit_is_kept_before_it_is_thanked_for():
    visit = started().rate(4, 3, 2, 1, 4, 3, 2, 1, 4)
    assert visit.screen is Screen.PROFILE
    visit.tap(Toggle("gender", "P")).finish()
    assert visit.screen is Screen.SAVING
    [keep] = visit.kept
    assert keep.response.answers == dict(zip(CODES, (4, 3, 2, 1, 4, 3, 2, 1, 4), strict=True))
    assert keep.response.profile == {"gender": "P"}
    assert keep.response.status is Status.COMPLETE
    assert (keep.response.service, keep.configuration) == ("ktp", 1)
    check(keep.response, configuration().questionnaire)
    assert visit.saved().screen is Screen.THANKS
    assert visit.tap(Done()).screen is Screen.ATTRACT


def test_duration_runs_from_the_first_screen_to_the_last_tap():
    visit = started()
    begun_ms = visit.now_ms
    visit.rate(*(3,) * 9).tap(Done()).wait(5_000).tap(Done())
    [keep] = visit.kept
    assert keep.response.duration_ms == visit.now_ms - begun_ms
    assert keep.last_tap_ms == visit.now_ms


def test_thanks_pass_by_themselves():
    visit = started().rate(*(3,) * 9).finish().saved()
    visit.wait(configuration().thanks_s * 1000 - 1)
    assert visit.screen is Screen.THANKS
    assert visit.wait(1).screen is Screen.ATTRACT


def test_a_counter_with_several_services_asks_which_one():
    visit = started(several())
    assert visit.screen is Screen.SERVICE
    visit.tap(Choose("passport"))
    assert visit.screen is Screen.SERVICE
    visit.tap(Choose("akta")).rate(*(3,) * 9).finish()
    assert visit.kept[0].response.service == "akta"


def test_services_turn_by_pages_and_stop_at_both_ends():
    many = configuration(services=tuple(Service(f"s{n}", {"id": f"Layanan {n}"}) for n in range(13)))
    visit = started(many)
    pages = [visit.tap(Turn(by)).model.session.page for by in (-1, 1, 1, 1, -1)]
    assert pages == [0, 1, 2, 2, 1]


def test_a_rating_stands_confirmed_before_the_next_question_comes():
    visit = started().tap(Rate(3))
    assert visit.model.session.answers == {CODES[0]: 3}
    assert (visit.model.place.subject, visit.model.accepts) == (CODES[0], False)
    visit.wait(CONFIRM_MS - 1)
    assert visit.model.place.subject == CODES[0]
    assert visit.wait(1).model.place.subject == CODES[1]


def test_four_taps_in_one_frame_answer_one_question():
    visit = started().wait(GUARD_MS)
    for _ in range(4):
        visit.do(Tap(visit.now_ms, visit.model.place, Rate(1)))
    visit.wait(CONFIRM_MS)
    visit.do(Tap(visit.now_ms, visit.model.place, Rate(1)))
    assert visit.model.session.answers == {CODES[0]: 1}


@pytest.mark.parametrize(("after_ms", "heard"), [(GUARD_MS - 1, {}), (GUARD_MS, {CODES[1]: 2})])
def test_taps_are_heard_again_exactly_when_the_guard_ends(after_ms, heard):
    visit = started().tap(Rate(3))
    tapped_ms = visit.now_ms
    visit.wait(CONFIRM_MS).do(Tap(tapped_ms + after_ms, Place(Screen.QUESTION, CODES[1]), Rate(2)))
    assert visit.model.session.answers == {CODES[0]: 3, **heard}


@pytest.mark.parametrize("rating", [3, 2])
def test_a_second_tap_too_soon_is_a_trembling_hand_whatever_it_meets(rating):
    visit = started().tap(Rate(3)).wait(GUARD_MS - 1)
    visit.do(Tap(visit.now_ms, visit.model.place, Rate(rating)))
    assert visit.model.session.answers == {CODES[0]: 3}
    visit.wait(SAME_PLACE_GUARD_MS)
    visit.do(Tap(visit.now_ms, visit.model.place, Rate(rating)))
    assert visit.model.session.answers == {CODES[0]: 3, CODES[1]: rating}


@pytest.mark.parametrize("pause_ms", [150, 220, 300, 390])
def test_a_double_tap_on_what_changes_the_screen_does_not_answer_the_next(pause_ms):
    for action in (Start(), Rate(1), Rate(4)):
        visit = started() if isinstance(action, Rate) else Visit()
        visit.tap(action).wait(pause_ms)
        before = visit.model.session
        for second in (Rate(2), Because("other"), Done(), Back()):
            visit.do(Tap(visit.now_ms, visit.model.place, second))
        assert (visit.model.session.answers, visit.model.session.reasons) == (before.answers, before.reasons)
        assert visit.model.session.station is before.station


def test_a_touch_anywhere_puts_off_the_question_whether_somebody_is_there():
    visit = started()
    idle_ms = configuration().idle_s * 1000
    visit.wait(idle_ms - 1_000).do(Touched(visit.now_ms)).wait(idle_ms - 1)
    assert visit.model.screen is Screen.QUESTION
    assert visit.wait(1).model.screen is Screen.IDLE


def test_a_touch_beside_the_buttons_does_not_say_that_it_is_still_the_same_citizen():
    visit = started().rate(3)
    visit.wait(configuration().idle_s * 1000).do(Touched(visit.now_ms))
    assert visit.screen is Screen.IDLE
    visit.wait(configuration().countdown_s * 1000)
    assert visit.kept[0].response.answers == {CODES[0]: 3}


def test_somebody_else_sends_the_last_visit_home_and_sees_none_of_it():
    visit = started().rate(3, 4).wait(configuration().idle_s * 1000).tap(Leave())
    assert visit.screen is Screen.SAVING
    assert visit.kept[0].response.visit.left_at == f"question-{CODES[2]}"
    visit.saved()
    assert (visit.screen, visit.model.session) == (Screen.ATTRACT, None)


def test_a_citizen_may_end_the_visit_early_and_is_thanked():
    visit = started().tap(Options()).tap(Leave())
    assert visit.screen is Screen.OPTIONS
    visit.tap(Done()).rate(1, 4).tap(Options()).tap(Leave()).saved()
    assert (visit.screen, visit.model.unhappy) == (Screen.THANKS, True)
    assert visit.kept[0].response.answers == {CODES[0]: 1, CODES[1]: 4}
    assert visit.kept[0].response.status is Status.PARTIAL
    assert visit.tap(Done()).model == home(visit.model.standing, visit.now_ms)


def test_mashing_one_spot_answers_one_question():
    visit = started().wait(GUARD_MS)
    for _ in range(60):
        visit.do(Tap(visit.now_ms, visit.model.place, Rate(4))).wait(100)
    assert visit.model.session.answers == {CODES[0]: 4}
    visit.wait(GUARD_MS)
    assert visit.rate(4).model.session.answers == {CODES[0]: 4, CODES[1]: 4}


def test_a_configuration_that_came_while_a_language_was_tried_is_used_once_nobody_is_there():
    visit = Visit().tap(Speak("en")).do(Configured(0, configuration(version=2))).tap(Speak("id"))
    assert visit.wait(1_000).model.configuration.version == 2
    assert visit.model.standing.incoming is None


def test_a_touch_between_citizens_is_nobodys():
    visit = Visit()
    before = visit.model
    assert visit.do(Touched(visit.now_ms)).model == replace(before, touched_ms=visit.now_ms)


def test_a_tap_meant_for_a_question_no_longer_shown_is_not_heard():
    visit = started()
    stale = visit.model.place
    visit.rate(4).tap(Rate(1), stale)
    assert visit.model.session.answers == {CODES[0]: 4}


@pytest.mark.parametrize("rating", [0, 5, -1])
def test_a_rating_off_the_scale_is_not_heard(rating):
    assert started().tap(Rate(rating)).model.session.answers == {}


@pytest.mark.parametrize("action", [Start(), Done(), Stay(), Toggle("gender", "L"), Choose("ktp"), Turn(1)])
def test_what_a_question_does_not_offer_changes_nothing(action):
    visit = started().wait(GUARD_MS)
    before = visit.model
    assert replace(visit.tap(action).model, seen_ms=before.seen_ms) == before


def test_back_keeps_the_earlier_answer_to_be_seen_and_changed():
    visit = started().rate(1, 2).tap(Back())
    assert visit.model.place.subject == CODES[1]
    assert visit.model.session.answers == {CODES[0]: 1, CODES[1]: 2}
    visit.rate(4)
    assert visit.model.session.answers == {CODES[0]: 1, CODES[1]: 4}
    assert visit.model.place.subject == CODES[2]


def test_back_from_the_profile_keeps_the_profile():
    visit = started().rate(*(3,) * 9).tap(Toggle("gender", "L")).tap(Back())
    assert visit.model.place.subject == CODES[-1]
    visit.rate(1)
    assert visit.model.session.profile == {"gender": "L"}


def test_leaving_by_back_is_possible_until_something_is_answered():
    assert started().tap(Back()).screen is Screen.ATTRACT
    visit = started().rate(3).tap(Back())
    assert not visit.model.can_go_back
    assert visit.tap(Back()).model.place.subject == CODES[0]


def test_back_from_the_first_question_reaches_the_services():
    visit = started(several()).tap(Choose("ktp")).rate(1).tap(Back()).tap(Back())
    assert visit.screen is Screen.SERVICE
    visit.tap(Choose("akta"))
    assert (visit.model.session.service, visit.model.session.answers) == ("akta", {CODES[0]: 1})


def test_an_option_tapped_twice_is_taken_back():
    visit = started().rate(*(3,) * 9)
    visit.tap(Toggle("gender", "P")).tap(Toggle("education", "S1")).tap(Toggle("gender", "L"))
    assert visit.model.session.profile == {"gender": "L", "education": "S1"}
    visit.tap(Toggle("gender", "L")).tap(Toggle("education", "XX")).tap(Toggle("age", "S1"))
    assert visit.model.session.profile == {"education": "S1"}


def test_a_questionnaire_without_profile_ends_with_its_last_question():
    asked = replace(configuration().questionnaire, profile_fields=())
    visit = started(configuration(questionnaire=asked, asks_comment=False)).rate(*(3,) * 9)
    assert visit.screen is Screen.SAVING
    assert visit.kept[0].response.profile == {}


def test_the_language_is_the_citizens_and_goes_with_them():
    visit = Visit().tap(Speak("en")).tap(Start()).rate(*(3,) * 9).finish()
    assert (visit.kept[0].response.language, visit.model.language) == ("en", "en")
    assert visit.saved().model.language == "en"
    assert visit.tap(Done()).model.language == "id"


def test_the_language_changes_on_any_screen_without_losing_the_place():
    visit = started().rate(1)
    visit.tap(Speak("en"))
    assert (visit.model.language, visit.model.place.subject) == ("en", CODES[1])
    assert visit.tap(Speak("fr")).model.language == "en"


def test_a_language_chosen_and_left_alone_returns_to_the_default():
    visit = Visit().tap(Speak("en")).wait(configuration().idle_s * 1000)
    assert visit.model.language == "id"


def test_silence_asks_then_counts_down_then_keeps_a_partial():
    held = configuration()
    visit = started().rate(1, 2).wait(held.idle_s * 1000)
    assert visit.screen is Screen.IDLE
    assert 0 < visit.model.seconds_left <= held.countdown_s
    assert visit.wait(held.countdown_s * 1000).screen is Screen.SAVING
    [keep] = visit.kept
    assert keep.response.status is Status.PARTIAL
    assert keep.response.answers == {CODES[0]: 1, CODES[1]: 2}
    assert keep.last_tap_ms < visit.now_ms - held.idle_s * 1000
    assert visit.model.session is None
    assert visit.saved().screen is Screen.ATTRACT


def test_the_countdown_shows_every_second():
    held = configuration()
    visit = started()
    visit.wait(held.idle_s * 1000)
    shown = [visit.model.seconds_left]
    while visit.do(Tick(due_ms(visit.model) or 0)).screen is Screen.IDLE:
        shown.append(visit.model.seconds_left)
    assert sorted(set(shown), reverse=True) == [*range(held.countdown_s, 0, -1)]


def test_staying_returns_to_the_same_question_with_the_answers():
    visit = started().rate(1, 2).wait(configuration().idle_s * 1000).tap(Stay())
    assert visit.model.place == Place(Screen.QUESTION, CODES[2])
    assert visit.model.session.answers == {CODES[0]: 1, CODES[1]: 2}
    assert visit.wait(configuration().idle_s * 1000 - 1).screen is Screen.QUESTION


def test_silence_without_an_answer_keeps_nothing():
    held = configuration()
    visit = started().wait((held.idle_s + held.countdown_s) * 1000)
    assert (visit.screen, visit.kept) == (Screen.ATTRACT, [])


def test_silence_at_the_profile_keeps_a_complete_response():
    held = configuration()
    visit = started().rate(*(3,) * 9).wait((held.idle_s + held.countdown_s) * 1000)
    assert visit.kept[0].response.status is Status.COMPLETE


def test_a_question_just_on_its_way_out_is_not_answered_by_the_tap_that_finds_idle():
    visit = started().rate(1)
    while visit.screen is not Screen.IDLE:
        visit.wait(100)
    visit.do(Tap(visit.now_ms, visit.model.place, Stay()))
    assert visit.screen is Screen.IDLE


def test_a_machine_that_slept_goes_home_and_keeps_what_was_answered():
    visit = started().rate(1)
    visit.do(Tap(visit.now_ms + LEAP_MS + 1, visit.model.place, Rate(4)))
    assert visit.kept[0].response.answers == {CODES[0]: 1}
    assert visit.saved().screen is Screen.ATTRACT


def test_a_machine_that_slept_under_the_thanks_goes_home():
    visit = started(configuration(thanks_s=60)).rate(*(3,) * 9).finish().saved()
    assert visit.do(Tick(visit.now_ms + LEAP_MS + 1)).screen is Screen.ATTRACT


def test_a_clock_that_goes_back_changes_nothing():
    visit = started().rate(1)
    before = visit.model
    assert visit.do(Tick(0)).model == before


def test_a_failed_save_is_said_retried_and_ends_at_the_start():
    visit = started().rate(*(3,) * 9).finish()
    visit.do(SaveFailed(visit.now_ms))
    assert (visit.screen, visit.model.fault) == (Screen.OUT_OF_SERVICE, Fault.SAVE)
    assert not visit.model.accepts
    visit.wait(RETRY_MS)
    assert visit.effects[-1] == Retry()
    visit.do(SaveFailed(visit.now_ms)).wait(RETRY_MS)
    assert visit.effects.count(Retry()) == 2
    assert visit.saved().screen is Screen.ATTRACT
    assert len(visit.kept) == 1


def test_a_save_that_never_answers_puts_the_kiosk_out_of_service():
    visit = started().rate(*(3,) * 9).finish().wait(SAVE_LIMIT_MS)
    assert visit.model.fault is Fault.SAVE
    assert visit.saved().screen is Screen.ATTRACT


def test_a_save_nobody_asked_for_changes_nothing():
    visit = started().rate(1)
    before = visit.model
    assert visit.saved().do(SaveFailed(visit.now_ms)).model == before


def test_a_newer_configuration_waits_for_the_citizen_to_finish():
    visit = started().rate(1)
    visit.do(Configured(visit.now_ms, configuration(version=2, counter="dukcapil-2")))
    visit.rate(*(3,) * 8).finish()
    assert (visit.kept[0].configuration, visit.kept[0].response.counter) == (1, "dukcapil-1")
    visit.saved().tap(Done())
    assert visit.model.configuration.version == 2


def test_a_newer_configuration_is_used_at_once_between_citizens():
    visit = Visit()
    visit.do(Configured(visit.now_ms, configuration(version=2)))
    assert visit.model == home(Standing(configuration(version=2), seed=next_seed(0)), visit.now_ms)


def test_a_configuration_waits_for_someone_who_has_just_chosen_a_language():
    visit = Visit().tap(Speak("en"))
    visit.do(Configured(visit.now_ms, configuration(version=2)))
    assert (visit.model.configuration.version, visit.model.language) == (1, "en")


@pytest.mark.parametrize("version", [1, 0])
def test_an_older_configuration_is_ignored(version):
    visit = Visit()
    visit.do(Configured(visit.now_ms, configuration(version=version, counter="other")))
    assert visit.model.configuration == configuration()


def test_without_a_configuration_the_kiosk_waits_for_one():
    model = home(Standing(), 0)
    assert (model.screen, model.fault, model.accepts) == (Screen.OUT_OF_SERVICE, Fault.UNCONFIGURED, False)
    model, _ = update(model, Tick(1_000))
    model, _ = update(model, Configured(2_000, configuration()))
    assert model == home(Standing(configuration(), seed=next_seed(0)), 2_000)


def test_an_unexpected_error_apologises_and_keeps_what_was_answered():
    visit = started().rate(1)
    visit.do(Crashed(visit.now_ms))
    assert (visit.screen, visit.model.fault) == (Screen.OUT_OF_SERVICE, Fault.UNEXPECTED)
    assert visit.kept[0].response.answers == {CODES[0]: 1}
    visit.saved().wait(interview.APOLOGY_MS)
    assert visit.screen is Screen.ATTRACT


def test_no_citizen_starts_while_the_last_ones_answers_are_unsaved():
    visit = started().rate(1)
    visit.do(Crashed(visit.now_ms)).wait(interview.APOLOGY_MS)
    assert visit.screen is Screen.SAVING
    assert visit.saved().screen is Screen.ATTRACT


def test_closing_keeps_what_was_answered():
    visit = started().rate(1, 2)
    visit.do(Closing(visit.now_ms))
    assert visit.kept[0].response.answers == {CODES[0]: 1, CODES[1]: 2}


def test_news_of_an_earlier_save_says_nothing_of_what_is_handed_over_just_now():
    held = configuration()
    visit = started().rate(3).wait(held.idle_s * 1000)
    # time runs out in the very step in which the news comes
    visit.do(Saved(visit.now_ms + held.countdown_s * 1000))
    assert len(visit.kept) == 1
    assert visit.model.unsaved
    assert visit.screen is Screen.SAVING
