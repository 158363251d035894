"""The profile by pages: everything asked has one place, what is chosen survives the turning, and no page overflows."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ikm.domain.configuration import Aid
from ikm.domain.questionnaire import Option, ProfileField
from kiosk.events import Back, Done, Start, Toggle, Turn, Use
from kiosk.fields import FIELDS_PER_PAGE, LINES, LINES_PORTRAIT, columns, pages_of
from kiosk.model import Screen
from tests.support.samples import configuration, skm
from tests.support.visit import Visit


def asked(code, *options):
    return ProfileField(code, {"id": code}, tuple(Option(f"o{at}", {"id": text}) for at, text in enumerate(options)))


SIX = tuple(asked(f"f{number}", *(f"Pilihan {at}" for at in range(10))) for number in range(6))
FIELDS = st.lists(st.lists(st.text("ab ", min_size=1, max_size=40), min_size=1, max_size=10), max_size=6)


def many():
    return configuration(questionnaire=replace(skm(), profile_fields=SIX))


def at_profile(held=None):
    visit = Visit(held).tap(Start()).rate(*(3,) * 9)
    assert visit.screen is Screen.PROFILE
    return visit


def do(visit, *actions):
    for action in actions:
        visit.tap(action)
    return visit


def lines_of(page, *, portrait):
    return sum(-(-len(field.options) // columns(field, "id", portrait=portrait, low=False)) for field in page)


def test_the_official_fields_are_one_page():
    assert pages_of(skm().profile_fields, "id", ()) == (skm().profile_fields,)


def test_hands_that_must_stay_low_get_one_field_at_a_time():
    assert [len(page) for page in pages_of(skm().profile_fields, "id", {Aid.LOW})] == [1, 1, 1]


@given(fields=FIELDS, low=st.booleans())
def test_everything_asked_has_one_place_and_no_page_overflows(fields, low):
    made = tuple(asked(f"f{number}", *options) for number, options in enumerate(fields))
    pages = pages_of(made, "id", {Aid.LOW} if low else ())
    assert tuple(field for page in pages for field in page) == made
    for page in pages:
        assert 1 <= len(page) <= FIELDS_PER_PAGE
        assert lines_of(page, portrait=False) <= LINES
        assert lines_of(page, portrait=True) <= LINES_PORTRAIT


@pytest.mark.parametrize(
    ("count", "wide", "portrait", "low"), [(1, 1, 1, 1), (2, 2, 2, 2), (6, 6, 3, 3), (7, 7, 4, 4), (10, 5, 4, 5)]
)
def test_choices_stand_in_lines_as_equal_as_can_be(count, wide, portrait, low):
    field = asked("f", *("kata" for _ in range(count)))
    assert columns(field, "id", portrait=False, low=False) == wide
    assert columns(field, "id", portrait=True, low=False) == portrait
    assert columns(field, "id", portrait=False, low=True) == low


def test_long_choices_get_wide_chips():
    field = asked("f", *("kata yang panjang sekali " * 2 for _ in range(10)))
    assert columns(field, "id", portrait=False, low=False) == 4
    assert columns(field, "id", portrait=True, low=False) == 2


def test_turning_keeps_what_was_chosen_and_ends_at_the_first_and_last_page():
    visit = at_profile(many())
    pages = len(visit.model.profile_pages)
    assert pages > 1
    do(visit, Toggle("f0", "o3"), Turn(-1))
    assert visit.model.profile_page == 0
    do(visit, *(Turn(1) for _ in range(pages)), Toggle("f5", "o9"))
    assert visit.model.profile_page == pages - 1
    assert visit.model.session.profile == {"f0": "o3", "f5": "o9"}
    assert visit.model.place.stage == "profile"


def test_a_page_is_turned_by_one_at_most():
    visit = at_profile(many())
    visit.tap(Turn(2))
    assert visit.model.profile_page == 0


def test_a_second_tap_aimed_at_the_page_before_neither_turns_nor_ends():
    visit = at_profile(many())
    first = visit.model.place
    visit.tap(Turn(1))
    assert visit.model.profile_page == 1
    visit.tap(Turn(1), first).tap(Done(), first)
    assert (visit.screen, visit.model.profile_page) == (Screen.PROFILE, 1)


def test_back_turns_the_pages_before_it_leaves_the_profile():
    visit = do(at_profile(many()), Turn(1), Back())
    assert (visit.screen, visit.model.profile_page) == (Screen.PROFILE, 0)
    assert visit.tap(Back()).screen is Screen.QUESTION


def test_coming_back_from_the_comment_shows_the_page_that_was_left():
    visit = do(at_profile(many()), *(Turn(1),) * 6)
    left = visit.model.profile_page
    visit.tap(Done())
    assert visit.screen is Screen.COMMENT
    visit.tap(Back())
    assert (visit.screen, visit.model.profile_page) == (Screen.PROFILE, left)
    assert left > 0


def test_an_aid_that_leaves_fewer_pages_shows_the_last_of_them():
    visit = do(at_profile(), Use(Aid.LOW), Turn(1), Turn(1))
    assert visit.model.profile_page == 2
    visit.tap(Use(Aid.LOW))
    assert (visit.model.profile_page, len(visit.model.profile_pages)) == (0, 1)
    assert visit.tap(Back()).screen is Screen.QUESTION


def test_the_next_citizen_begins_at_the_first_page():
    visit = at_profile(many()).tap(Turn(1))
    visit.finish().saved().tap(Done())
    assert visit.screen is Screen.ATTRACT
    visit.tap(Start()).rate(*(3,) * 9)
    assert visit.model.profile_page == 0
