"""The profile on the glass: many fields, many choices, never anything to scroll."""

from dataclasses import replace

import pytest

from ikm.domain.configuration import Aid
from ikm.domain.questionnaire import Option, ProfileField
from kiosk.events import Done, Toggle, Turn
from kiosk.model import Screen
from tests.screens.measure import assert_reachable, assert_readable, lay_out
from tests.screens.scenes import full, scenes
from tests.support.samples import skm
from tests.support.stage import SIZES


def held(option):
    fields = tuple(
        ProfileField(
            f"f{number}",
            {"id": f"Pertanyaan nomor {number + 1}"},
            tuple(Option(f"o{at}", {"id": option.format(at)}) for at in range(10)),
        )
        for number in range(6)
    )
    return full(questionnaire=replace(skm(), profile_fields=fields))


def pages(model):
    for page in range(len(model.profile_pages)):
        yield replace(model, session=replace(model.session, profile_page=page))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: "x".join(map(str, size)))
@pytest.mark.parametrize("aids", [(), (Aid.LARGE,), (Aid.LOW,), (Aid.LARGE, Aid.LOW)], ids="-".join)
@pytest.mark.parametrize("option", ["Pilihan {}", "Pilihan nomor {} dengan keterangan"], ids=["short", "long"])
def test_six_fields_of_ten_choices_are_readable_and_in_reach(stage, size, aids, option):
    stage.resize(size)
    seen = set()
    # ten long choices in the lower half of a totem in large letters are shortened; without one of the aids they are not
    whole = not ("dengan" in option and len(aids) == 2 and size == (1080, 1920))
    for model in pages(scenes(held(option), aids=aids)["profile"]):
        lay_out(stage, model)
        assert_readable(stage, whole=whole)
        assert_reachable(stage)
        seen |= {name for name in stage.app.targets() if name.startswith("option-")}
    assert len(seen) == 60


@pytest.mark.parametrize("size", SIZES, ids=lambda size: "x".join(map(str, size)))
def test_all_chips_of_a_screen_are_equally_high(stage, size):
    stage.resize(size)
    stage.show(scenes()["profile"])
    heights = [box[3] for name, box in stage.app.targets().items() if name.startswith("option-")]
    assert max(heights) - min(heights) <= 1


def test_the_way_on_turns_pages_until_the_last(stage):
    *before, last = pages(scenes(held("Pilihan {}"))["profile"])
    for model in before:
        stage.show(model)
        stage.tap("done")
    assert stage.tapped == [Turn(1)] * len(before)
    stage.tapped.clear()
    stage.show(last)
    stage.tap("option-f5-o9")
    stage.tap("done")
    assert stage.tapped == [Toggle("f5", "o9"), Done()]


def test_a_profile_by_pages_with_hands_kept_low(kiosk):
    kiosk.tap("start", *["rating-3"] * 9)
    kiosk.tap("options", "aid-low", "done")
    assert kiosk.shell.model.screen is Screen.PROFILE
    kiosk.tap("option-gender-P", "done", "done", "option-occupation-PNS", "back", "option-education-S1", "done", "done")
    assert kiosk.shell.model.screen is Screen.COMMENT
    assert kiosk.shell.model.session.profile == {"gender": "P", "occupation": "PNS", "education": "S1"}


def test_a_double_tap_on_the_way_on_skips_no_page(kiosk):
    kiosk.tap("start", *["rating-3"] * 9)
    kiosk.tap("options", "aid-low", "done")
    x, y = kiosk.stage.middle("done")
    for _ in range(2):
        kiosk.stage.press(x, y)
        kiosk.stage.release(x, y)
    kiosk.rest()
    assert kiosk.shell.model.profile_page == 1


def test_a_finger_resting_on_one_page_chooses_nothing_on_the_next(stage):
    first, second, *_ = pages(scenes(aids=(Aid.LOW,))["profile"])
    stage.show(first)
    x, y = stage.middle("option-gender-L")
    stage.press(x, y)
    stage.show(second)
    stage.release(x, y)
    assert stage.tapped == []
