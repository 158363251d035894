"""Fingers on glass: whole visits, and everything a finger, a mouse or a panel can get wrong."""

import pytest

from ikm import wire
from ikm.domain.configuration import Aid, Opening
from kiosk.events import Back, Because, Choose, Done, Leave, Options, Rate, Read, Speak, Start, Stay, Turn, Use
from kiosk.model import Fault, Screen
from kiosk.spoken import texts_of
from kiosk.theme import CALM
from tests.screens.scenes import full, scenes
from tests.support.samples import CODES, configuration
from tests.support.stage import SIZES

RATINGS = (4, 3, 2, 1, 4, 3, 2, 1, 4)


def answers(*ratings):
    """The taps that give these ratings, and no reason after a low one."""
    return [
        name for rating in ratings for name in ([f"rating-{rating}", "skip"] if rating < 3 else [f"rating-{rating}"])
    ]


def finger(stage, x, y):
    """A touch with an identity of its own, for several at once."""
    from kivy.tests.common import UnitTestTouch

    return UnitTestTouch(x, stage.window.height - y)


def test_a_whole_visit_by_touch(kiosk):
    kiosk.tap("start", *answers(*RATINGS), "option-gender-P", "option-education-S1", "done", "done")
    kiosk.until(lambda: kiosk.shell.model.screen is Screen.THANKS)
    kiosk.tap("done")
    assert kiosk.shell.model.screen is Screen.ATTRACT
    [body] = kiosk.keeper.bodies
    assert body.answers == dict(zip(CODES, RATINGS, strict=True))
    assert body.profile == {"gender": "P", "education": "S1"}


def test_a_visit_in_english_with_a_change_of_mind(kiosk):
    kiosk.tap("language-en", "start", "rating-1", "back", "rating-4", "options", "language-id", "done", "rating-2")
    session = kiosk.shell.model.session
    assert session.answers == {CODES[0]: 4, CODES[1]: 2}
    assert kiosk.shell.model.language == "id"


def test_visit_after_visit_leaves_nothing_behind(kiosk):
    fresh = None
    for visit in range(5):
        kiosk.tap("start", *answers(*[1 if visit % 2 else 3] * 9), "done", "done")
        kiosk.until(lambda: kiosk.shell.model.screen is Screen.THANKS)
        kiosk.tap("done")
        widgets = sum(1 for screen in kiosk.stage.app._screens.values() for _ in screen.walk())
        fresh = fresh or widgets
        assert widgets == fresh
        assert kiosk.shell.model.session is None
    assert len(kiosk.keeper.bodies) == 5
    kiosk.tap("start")
    assert not any(kiosk.stage.widget(f"rating-{rating}").chosen for rating in (1, 2, 3, 4))


def test_the_answer_given_is_marked_before_the_next_question_comes(kiosk):
    kiosk.tap("start")
    kiosk.stage.tap("rating-3")
    assert kiosk.stage.widget("rating-3").chosen
    kiosk.rest()
    assert not kiosk.stage.widget("rating-3").chosen
    kiosk.tap("back")
    assert kiosk.stage.widget("rating-3").chosen


def test_a_double_tap_answers_one_question(kiosk):
    kiosk.tap("start")
    middles = {rating: kiosk.stage.middle(f"rating-{rating}") for rating in (2, 3)}

    def hit(rating):
        kiosk.stage.press(*middles[rating])
        kiosk.stage.release(*middles[rating])

    hit(2)
    hit(2)
    kiosk.time.pass_s(0.16)
    kiosk.stage.frames()
    hit(3)
    assert kiosk.shell.model.session.answers == {CODES[0]: 2}


@pytest.mark.parametrize("apart_s", [0.05, 0.16, 0.24, 0.31, 0.39])
def test_a_trembling_hand_does_not_answer_a_question_that_has_just_come(kiosk, apart_s):
    kiosk.tap("start")
    middle = kiosk.stage.middle("rating-3")
    for _ in range(2):
        kiosk.stage.press(*middle)
        kiosk.stage.release(*middle)
        kiosk.rest(apart_s)
    assert kiosk.shell.model.session.answers == {CODES[0]: 3}
    kiosk.rest()
    assert "rating-3" in kiosk.stage.app.targets()


def test_a_finger_anywhere_says_that_somebody_is_there(kiosk):
    kiosk.tap("start")
    for _ in range(3):
        kiosk.rest(15)
        kiosk.stage.press(640, 330)
        kiosk.stage.release(640, 330)
    assert kiosk.shell.model.screen == "question"


def test_only_its_button_says_that_the_same_person_is_still_there(kiosk):
    kiosk.tap("start", "rating-2")
    kiosk.rest(21)
    assert kiosk.shell.model.screen == "idle"
    kiosk.stage.press(100, 100)
    kiosk.stage.release(100, 100)
    assert kiosk.shell.model.screen == "idle"
    kiosk.tap("stay")
    assert kiosk.shell.model.screen == "reasons"


def test_a_finger_whose_end_was_lost_does_not_leave_a_dead_button(kiosk):
    lost = finger(kiosk.stage, *kiosk.stage.middle("start"))
    lost.touch_down()
    kiosk.rest()
    kiosk.tap("start")
    assert kiosk.shell.model.screen == "question"


def test_the_picture_of_four_faces_begins_too(kiosk):
    width, height = kiosk.stage.window.size
    kiosk.stage.press(width * 0.82, height / 2)
    kiosk.stage.release(width * 0.82, height / 2)
    kiosk.rest()
    assert kiosk.shell.model.screen == "question"


def test_ten_fingers_answer_one_question(kiosk):
    kiosk.tap("start")
    boxes = [kiosk.stage.middle(f"rating-{1 + place % 4}") for place in range(10)]
    fingers = [finger(kiosk.stage, x + place, y + place) for place, (x, y) in enumerate(boxes)]
    for touch in fingers:
        touch.touch_down()
    kiosk.stage.frames(1)
    assert all(kiosk.stage.widget(f"rating-{rating}").pressed for rating in (1, 2, 3, 4))
    for touch in fingers:
        touch.touch_up()
    kiosk.rest()
    assert list(kiosk.shell.model.session.answers) == [CODES[0]]


def test_a_finger_resting_on_one_question_does_not_answer_the_next(kiosk):
    kiosk.tap("start")
    resting = finger(kiosk.stage, *kiosk.stage.middle("rating-1"))
    resting.touch_down()
    assert kiosk.stage.widget("rating-1").pressed
    kiosk.tap("rating-4")
    kiosk.rest()
    resting.touch_up()
    kiosk.rest()
    assert kiosk.shell.model.session.answers == {CODES[0]: 4}


def test_sliding_off_takes_a_tap_back(stage):
    stage.show(scenes()["question-1"])
    x, y = stage.middle("rating-1")
    stage.press(x, y)
    assert stage.widget("rating-1").pressed
    stage.move(x, 20)
    assert not stage.widget("rating-1").pressed
    stage.release(x, 20)
    assert stage.tapped == []


def test_sliding_from_one_answer_to_another_chooses_neither(stage):
    stage.show(scenes()["question-1"])
    stage.press(*stage.middle("rating-1"))
    stage.move(*stage.middle("rating-2"))
    stage.release(*stage.middle("rating-2"))
    assert stage.tapped == []


@pytest.mark.parametrize("button", ["right", "middle", "scrollup", "scrolldown"])
def test_only_the_left_button_taps(stage, button):
    stage.show(scenes()["question-1"])
    stage.tap("rating-1", button)
    assert stage.tapped == []
    stage.tap("rating-1")
    assert stage.tapped == [Rate(1)]


def test_a_tap_between_targets_does_nothing(stage):
    stage.show(scenes()["question-1"])
    x, y, width, height = stage.app.targets()["rating-1"]
    stage.press(x + width + 4, y + height / 2)
    stage.release(x + width + 4, y + height / 2)
    assert stage.tapped == []


def test_what_is_not_offered_cannot_be_tapped(stage):
    stage.show(scenes()["service-page-2"])
    assert "next" not in stage.app.targets()
    x, y, width, height = [int(value) for value in stage.app.targets()["previous"]]
    stage.press(x + width * 1.5, y + height / 2)
    stage.release(x + width * 1.5, y + height / 2)
    assert stage.tapped == []


def test_a_pressed_answer_changes_in_the_same_frame(stage):
    stage.show(scenes()["question-1"])
    x, y, width, height = stage.app.targets()["rating-3"]
    corner = x + width // 2, y + height - 12
    assert pixel(stage, *corner) == (255, 255, 255)
    stage.press(*stage.middle("rating-3"))
    assert pixel(stage, *corner) == tuple(round(part * 255) for part in CALM.pressed[:3])
    stage.release(*stage.middle("rating-3"))


def test_keys_lead_nowhere(stage):
    stage.show(scenes()["attract"])
    for key in (27, 282, 286, 291, 292, 293, ord("q"), ord("c"), ord("e"), 285):
        stage.window.dispatch("on_keyboard", key, 0, "", ["ctrl", "alt"])
        stage.window.dispatch("on_key_down", key, 0, "", ["ctrl", "alt"])
        stage.frames(1)
    assert stage.tapped == []
    assert stage.app.targets().keys() == set(dict(stage.app.screen().targets()))
    assert stage.window.dispatch("on_request_close") is not False
    stage.tap("start")
    assert stage.tapped == [Start()]


def test_the_thanks_wait_for_the_medium(kiosk):
    kiosk.keeper.open.clear()
    kiosk.tap("start", *["rating-3"] * 9, "done", "done")
    assert kiosk.shell.model.screen is Screen.SAVING
    assert kiosk.stage.app.targets() == {}
    kiosk.keeper.open.set()
    kiosk.until(lambda: kiosk.shell.model.screen is Screen.THANKS)


def test_a_medium_that_fails_is_said_and_tried_again(kiosk):
    kiosk.keeper.failing = True
    kiosk.tap("start", *["rating-3"] * 9, "done", "done")
    kiosk.until(lambda: kiosk.shell.model.fault is Fault.SAVE)
    kiosk.keeper.failing = False
    kiosk.time.pass_s(5)
    kiosk.until(lambda: kiosk.shell.model.screen is Screen.ATTRACT)
    assert len(kiosk.keeper.bodies) == 1


def test_silence_leads_home(kiosk):
    held = configuration()
    kiosk.tap("start", "rating-4")
    kiosk.rest(held.idle_s)
    assert kiosk.stage.app.targets().keys() == {"stay", "leave"}
    kiosk.tap("stay")
    assert "rating-1" in kiosk.stage.app.targets()
    kiosk.rest(held.idle_s + held.countdown_s)
    kiosk.until(lambda: kiosk.shell.model.screen is Screen.ATTRACT)
    assert kiosk.keeper.bodies[0].answers == {CODES[0]: 4}


def test_who_comes_to_a_visit_left_behind_begins_their_own(kiosk):
    held = configuration()
    kiosk.tap("language-en", "aid-low", "start", "rating-1")
    kiosk.rest(held.idle_s)
    kiosk.tap("leave")
    kiosk.until(lambda: kiosk.shell.model.screen is Screen.ATTRACT)
    assert (kiosk.shell.model.language, kiosk.shell.model.aids) == ("id", frozenset())
    kiosk.tap("start")
    assert kiosk.shell.model.session.answers == {}
    assert kiosk.keeper.bodies[0].answers == {CODES[0]: 1}


def test_a_visit_can_be_ended_early_and_is_thanked_for(kiosk):
    kiosk.tap("start", "options")
    assert "leave" not in kiosk.stage.app.targets()
    kiosk.tap("done", "rating-3", "rating-4", "options", "leave")
    kiosk.until(lambda: kiosk.shell.model.screen is Screen.THANKS)
    assert kiosk.keeper.bodies[0].answers == dict(zip(CODES, (3, 4), strict=False))


def pixel(stage, x, y):
    from kivy.graphics.opengl import GL_RGB, GL_UNSIGNED_BYTE, glReadPixels

    stage.draw()
    raw = glReadPixels(int(x), stage.window.height - 1 - int(y), 1, 1, GL_RGB, GL_UNSIGNED_BYTE)
    return tuple(raw[:3])


@pytest.mark.parametrize(
    ("scene", "target", "action"),
    [
        ("attract", "start", Start()),
        ("attract", "language-su", Speak("su")),
        *(("attract", f"aid-{aid}", Use(aid)) for aid in (Aid.LARGE, Aid.CONTRAST, Aid.LOW, Aid.ALOUD)),
        ("attract", "read", Read()),
        ("attract-one-tap", "rating-3", Rate(3)),
        ("attract-one-tap", "language-en", Speak("en")),
        *(("attract-one-tap", f"aid-{aid}", Use(aid)) for aid in (Aid.LARGE, Aid.CONTRAST, Aid.LOW, Aid.ALOUD)),
        ("attract-one-tap", "read", Read()),
        ("reading-1", "next", Turn(1)),
        ("reading-last", "previous", Turn(-1)),
        ("reading-1", "back", Back()),
        ("options", "language-jv", Speak("jv")),
        *(("options", f"aid-{aid}", Use(aid)) for aid in Aid),
        ("options", "done", Done()),
        ("options-in-visit", "done", Done()),
        ("options-in-visit", "leave", Leave()),
        ("idle", "stay", Stay()),
        ("idle", "leave", Leave()),
        ("question-1", "rating-2", Rate(2)),
        ("question-2", "back", Back()),
        ("question-2", "options", Options()),
        ("reasons-1", "reason-other", Because("other")),
        ("reasons-1", "skip", Done()),
        ("service-page-1", "service-s1", Choose("s1")),
        ("service-page-1", "next", Turn(1)),
        ("service-page-2", "previous", Turn(-1)),
        ("service-chosen", "go-on", Done()),
    ],
    ids=str,
)
def test_each_target_says_what_it_is_for(stage, scene, target, action):
    stage.show(scenes()[scene])
    stage.tap(target)
    assert stage.tapped == [action]


def test_a_service_chosen_before_can_be_kept_and_one_that_is_not_there_cannot(stage):
    stage.show(scenes()["service-chosen"])
    assert "go-on" in stage.app.targets()
    assert "back" not in stage.app.targets()
    stage.show(scenes()["service-page-1"])
    assert "go-on" not in stage.app.targets()
    assert "back" in stage.app.targets()


@pytest.mark.parametrize("size", SIZES, ids=lambda size: "x".join(map(str, size)))
def test_reasons_leave_no_hole(stage, size):
    stage.resize(size)
    for aids in ((), (Aid.LOW,)):
        for number in range(1, 10):
            stage.show(scenes(aids=aids)[f"reasons-{number}"])
            boxes = [box for name, box in stage.app.targets().items() if name.startswith("reason-")]
            ends = {y: max(x + width for x, y_of, width, _ in boxes if y_of == y) for _, y, _, _ in boxes}
            assert max(ends.values()) - min(ends.values()) <= 2, number


def test_chips_say_the_reasons_of_their_own_question(stage):
    for number, question in enumerate(full().questionnaire.questions, 1):
        stage.show(scenes()[f"reasons-{number}"])
        reasons = full().questionnaire.reasons_for(question.code)
        offered = {name for name in stage.app.targets() if name.startswith("reason-")}
        assert offered == {f"reason-{reason.code}" for reason in reasons}
        assert texts_of(stage.app.screen().spoken())[1:] == tuple(reason.text["id"] for reason in reasons)


@pytest.mark.parametrize("held_s", [0.1, 0.6])
def test_the_touch_that_wakes_the_screen_presses_nothing(kiosk, held_s):
    x, y = kiosk.stage.middle("start")
    closed = configuration(version=2, opening=(Opening(1, 0, 1),))
    kiosk.keeper.held = wire.configuration_message(closed)
    kiosk.shell.configuration_came()
    kiosk.until(lambda: kiosk.shell.model.configuration.version == 2)
    kiosk.rest(25)
    assert kiosk.shell.model.screen == "sleep"
    kiosk.stage.press(x, y)
    kiosk.rest(held_s)
    kiosk.stage.release(x, y)
    kiosk.rest()
    assert (kiosk.shell.model.screen, kiosk.shell.model.session) == ("attract", None)
    kiosk.tap("start")
    assert kiosk.shell.model.screen == "question"
