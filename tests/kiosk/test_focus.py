"""The ring of keyboard and switch: where it goes, what a key does, and what it never does."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from ikm.domain.configuration import Aid
from kiosk.events import Erase, Use, Write
from kiosk.focus import BOUNCE_MS, Act, Focus, Here, Key, Press, Sight, groups_of, moved_on, pressed, shown, touched
from kiosk.model import Place, Screen

QUESTION = Place(Screen.QUESTION, "REQ")
RATINGS = ("rating-1", "rating-2", "rating-3", "rating-4")
ASKED = Sight(QUESTION, (*((name,) for name in RATINGS), ("back",), ("options",)))
ROWS = (("key-q", "key-w", "key-e"), ("key-a", "key-s"), ("key-erase", "key-space"))
COMMENT = Sight(Place(Screen.COMMENT), (("done",), ("back",), *ROWS))


def scanned(sight: Sight) -> Sight:
    return Sight(sight.place, sight.groups, scanning=True)


def key(focus: Focus, *keys: str, at_ms: int = 0) -> tuple[Focus, list[object]]:
    outcomes: list[object] = []
    for number, one in enumerate(keys):
        focus, outcome = pressed(focus, one, at_ms + number * 1_000)
        outcomes.append(outcome)
    return focus, outcomes


def stepped(focus: Focus, count: int) -> Focus:
    for _ in range(count):
        focus = moved_on(focus)
    return focus


def test_figures_rate_and_nothing_else_does():
    assert [pressed(Focus(ASKED), figure, 0)[1] for figure in "1234"] == [Press(n, "keyboard") for n in RATINGS]
    assert all(pressed(Focus(ASKED), other, 0)[1] is None for other in "06789abcxyz")
    assert pressed(Focus(COMMENT), "1", 0) == (Focus(COMMENT), None)


def test_the_key_with_the_dot_is_the_voices_but_for_who_writes():
    attract, thanks = Sight(Place(Screen.ATTRACT), (("start",),)), Sight(Place(Screen.THANKS), ())
    for sight in (ASKED, attract, thanks, scanned(ASKED)):
        assert pressed(Focus(sight), "5", 0) == (Focus(sight), Act(Use(Aid.ALOUD), "keyboard"))
    staff = Sight(Place(Screen.STAFF), (("key-5",),))
    assert [pressed(Focus(sight), "5", 0)[1] for sight in (COMMENT, staff, replace(staff, groups=()))] == [
        None, Press("key-5", "keyboard"), None,
    ]  # fmt: skip
    # where the only thing to say is "I am here", it says that
    assert pressed(Focus(Sight(Place(Screen.IDLE), (("stay",),))), "5", 0)[1] == Press("stay", "keyboard")


def test_a_rating_that_is_not_offered_now_cannot_be_given_by_its_figure():
    echo = Sight(QUESTION, tuple((name,) for name in ("rating-1", "rating-3", "rating-4")))
    assert pressed(Focus(echo), "2", 0)[1] is None


def test_the_ring_goes_round_in_both_directions():
    focus, _ = key(Focus(ASKED), *[Key.NEXT] * 7)
    assert focus.ring == ("rating-1",)
    focus, _ = key(Focus(ASKED), Key.BEFORE)
    assert focus.ring == ("options",)
    focus, _ = key(focus, Key.BEFORE)
    assert focus.ring == ("back",)


def test_enter_presses_what_the_ring_surrounds_and_nothing_without_it():
    assert key(Focus(ASKED), Key.ENTER)[1] == [Here()]
    assert key(Focus(ASKED), Key.NEXT, Key.NEXT, Key.ENTER)[1][-1] == Press("rating-2", "keyboard")


def test_escape_goes_back_where_there_is_a_way_back():
    assert key(Focus(ASKED), Key.ESCAPE)[1] == [Press("back", "keyboard")]
    assert key(Focus(Sight(Place(Screen.ATTRACT), (("start",),))), Key.ESCAPE)[1] == [Here()]


def test_letters_write_on_the_comment_screen_alone():
    assert key(Focus(COMMENT), "r", "A", ".", " ", Key.ERASE)[1] == [
        *(Act(Write(letter), "keyboard") for letter in "rA. "), Act(Erase(), "keyboard"),
    ]  # fmt: skip
    assert key(Focus(ASKED), "r", Key.ERASE)[1] == [None, None]


def test_the_space_bar_writes_a_space_unless_it_is_the_switch():
    assert key(Focus(scanned(COMMENT)), Key.SWITCH)[1] == [Here()]
    assert key(Focus(scanned(COMMENT)), "r")[1] == [Act(Write("r"), "keyboard")]


def test_the_first_press_of_the_switch_turns_scanning_on():
    assert key(Focus(ASKED), Key.SWITCH)[1] == [Act(Use(Aid.SCANNING), "switch")]


def test_scanning_begins_at_the_first_target_after_one_step_and_a_press_before_chooses_nothing():
    focus = shown(Focus(ASKED), scanned(ASKED))
    assert (focus.ring, key(focus, Key.SWITCH)[1]) == ((), [Here()])
    focus = moved_on(focus)
    assert key(focus, Key.SWITCH)[1] == [Press("rating-1", "switch")]
    assert key(stepped(focus, 2), Key.SWITCH)[1] == [Press("rating-3", "switch")]
    assert stepped(focus, 6).ring == ("rating-1",)


def test_a_bouncing_switch_chooses_once():
    focus = moved_on(Focus(scanned(COMMENT)))
    focus, first = pressed(focus, Key.SWITCH, 5_000)
    assert first == Press("done", "switch")
    assert pressed(focus, Key.SWITCH, 5_000 + BOUNCE_MS - 1)[1] is None
    assert pressed(focus, Key.SWITCH, 5_000 + BOUNCE_MS)[1] == Press("done", "switch")


def test_on_the_keyboard_a_row_is_chosen_first_and_then_a_key_in_it():
    focus = stepped(Focus(scanned(COMMENT)), 3)
    assert focus.ring == ROWS[0]
    focus, [entered] = key(focus, Key.SWITCH)
    assert (entered, focus.ring) == (Here(), ("key-q",))
    focus = stepped(focus, 2)
    focus, [typed] = key(focus, Key.SWITCH, at_ms=5_000)
    assert typed == Press("key-e", "switch")
    # and the rows again, so that the next letter needs no way round by "Kirim"
    assert focus.ring == ROWS[0]


def test_a_row_entered_by_mistake_is_left_again_by_waiting():
    focus, _ = key(stepped(Focus(scanned(COMMENT)), 4), Key.SWITCH)
    assert [stepped(focus, count).ring for count in range(4)] == [("key-a",), ("key-s",), ROWS[1], ROWS[2]]


def test_the_ring_stays_on_a_chip_that_was_chosen_and_goes_with_its_screen():
    focus = stepped(Focus(scanned(ASKED)), 3)
    assert shown(focus, scanned(ASKED)).ring == focus.ring
    fewer = Sight(QUESTION, ASKED.groups[:2], scanning=True)
    assert shown(focus, fewer).ring == ()
    assert shown(focus, Sight(Place(Screen.QUESTION, "PROC"), ASKED.groups, scanning=True)).ring == ()
    assert shown(focus, ASKED).ring == ()


def test_a_finger_takes_the_ring_away_unless_it_moves_by_itself():
    assert touched(key(Focus(ASKED), Key.NEXT)[0]).ring == ()
    scanning = moved_on(Focus(scanned(ASKED)))
    assert touched(scanning) == scanning


def test_still_here_is_under_the_ring_at_once_and_any_key_says_it():
    idle = Sight(Place(Screen.IDLE), (("stay",),))
    assert shown(Focus(scanned(ASKED)), scanned(idle)).ring == ("stay",)
    assert key(Focus(idle), Key.SWITCH, "3", Key.ENTER)[1] == [
        Press("stay", "switch"), Press("stay", "keyboard"), Press("stay", "keyboard"),
    ]  # fmt: skip
    assert key(Focus(idle), "f5", "x")[1] == [None, None]


def test_whoever_came_after_says_so_by_keyboard_and_by_switch_too():
    idle = Sight(Place(Screen.IDLE), (("stay",), ("leave",)))
    assert key(Focus(idle), Key.NEXT, Key.NEXT, Key.ENTER)[1][-1] == Press("leave", "keyboard")
    scanning = shown(Focus(scanned(ASKED)), scanned(idle))
    assert key(scanning, Key.SWITCH)[1] == [Press("stay", "switch")]
    assert key(moved_on(scanning), Key.SWITCH)[1] == [Press("leave", "switch")]


def test_escape_leaves_languages_and_help_by_the_way_on():
    options = Sight(Place(Screen.OPTIONS), (("language-id",), ("done",)))
    assert key(Focus(options), Key.ESCAPE)[1] == [Press("done", "keyboard")]
    assert key(Focus(ASKED), Key.ESCAPE)[1] == [Press("back", "keyboard")]


def test_a_sleeping_kiosk_is_woken_by_any_key_that_means_something():
    asleep = Focus(Sight(Place(Screen.SLEEP), ()))
    assert key(asleep, Key.SWITCH, Key.ENTER, "1", "q")[1] == [Here(), Here(), Here(), None]


def test_a_technician_types_on_the_staffs_keyboard_and_no_citizens_switch_is_heard_there():
    staff = Focus(Sight(Place(Screen.STAFF), (("done",), ("key-7", "key-B", "key-erase"))))
    assert key(staff, "7", "b", Key.ERASE, "8", Key.SWITCH)[1] == [
        Press("key-7", "keyboard"), Press("key-B", "keyboard"), Press("key-erase", "keyboard"), None, Here(),
    ]  # fmt: skip


def test_keys_in_one_line_are_one_group_and_come_last():
    boxes = {
        "done": (900, 700, 200, 80), "key-s": (100, 300, 80, 80), "key-q": (0, 200, 80, 80),
        "key-a": (0, 300, 80, 80), "back": (0, 700, 200, 80),
    }  # fmt: skip
    assert groups_of(boxes) == (("done",), ("back",), ("key-q",), ("key-a", "key-s"))


KEYS = st.sampled_from([*Key, "1", "4", "9", "a", "ctrl", ""])
IDLE, THANKS = Sight(Place(Screen.IDLE), (("stay",),)), Sight(Place(Screen.THANKS), ())
SIGHTS = st.sampled_from([ASKED, COMMENT, scanned(ASKED), scanned(COMMENT), IDLE, THANKS])
EVENTS = st.lists(st.one_of(KEYS, SIGHTS, st.just(moved_on), st.just(touched)), max_size=40)


@given(EVENTS)
def test_whatever_comes_the_ring_lies_on_the_screen_and_only_what_it_shows_is_pressed(events):
    focus, at_ms = Focus(ASKED), 0
    for event in events:
        at_ms += 300
        match event:
            case str():
                before = focus
                focus, outcome = pressed(focus, event, at_ms)
                if isinstance(outcome, Press):
                    assert outcome.name in before.sight.names
                    assert outcome.by == ("switch" if event == Key.SWITCH else "keyboard")
                    direct = outcome.name in {"back", "stay", f"rating-{event}"}
                    assert direct or before.ring == (outcome.name,)
            case Sight():
                focus = shown(focus, event)
            case _:
                focus = event(focus)
        assert set(focus.ring) | set(focus.inside) <= set(focus.sight.names)
        assert not focus.inside or focus.ring[0] in focus.inside


@given(SIGHTS)
def test_scanning_passes_every_group_once_a_round(sight):
    focus = shown(Focus(ASKED), Sight(sight.place, sight.groups, scanning=True))
    met = []
    for _ in sight.groups:
        focus = moved_on(focus)
        met.append(focus.ring)
    assert sorted(met) == sorted(sight.groups)
