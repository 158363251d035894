"""Every screen on every size of display, in every language: nothing clipped, nothing covered, everything in reach."""

from dataclasses import replace

import pytest

from ikm.domain.questionnaire import Questionnaire
from kiosk.model import Screen
from kiosk.theme import Theme
from tests.screens.scenes import scenes
from tests.support.samples import configuration
from tests.support.stage import SIZES

NAMES = tuple(scenes())
MM_20_ON_10_INCH = 118 / 800


def labels(screen):
    from kiosk.widgets.fitted import FittedLabel

    def walk(widget):
        if widget.opacity == 0:
            return
        if isinstance(widget, FittedLabel) and widget.text:
            yield widget
        for child in widget.children:
            yield from walk(child)

    return list(walk(screen))


def ink_box(label):
    width, height = label.texture_size
    x = label.x + (label.width - width) * {"left": 0, "right": 1}.get(label.halign, 0.5)
    y = label.y + (label.height - height) * {"bottom": 0, "top": 1}.get(label.valign, 0.5)
    return x, y, x + width, y + height


def overlap(one, other, slack=1):
    across = min(one[2], other[2]) - max(one[0], other[0])
    upright = min(one[3], other[3]) - max(one[1], other[1])
    return across > slack and upright > slack


def assert_readable(stage, *, whole=True):
    screen, (width, height) = stage.app.screen(), stage.window.size
    shown = labels(screen)
    assert shown
    for label in shown:
        assert label.texture_size[0] <= label.width + 1, label.words
        assert label.texture_size[1] <= label.height + 1, label.words
        left, bottom, right, top = ink_box(label)
        assert left >= 0, label.words
        assert bottom >= 0, label.words
        assert right <= width, label.words
        assert top <= height, label.words
        assert label.font_size >= int(min(height, 1.25 * width) / 42), label.words
        if whole:
            assert label.text.split() == label.words.split()
    for place, label in enumerate(shown):
        for other in shown[place + 1 :]:
            assert not overlap(ink_box(label), ink_box(other)), (label.words, other.words)


def assert_reachable(stage):
    width, height = stage.window.size
    least = MM_20_ON_10_INCH * min(height, 1.25 * width)
    boxes = {name: (x, y, x + w, y + h) for name, (x, y, w, h) in stage.app.targets().items()}
    for name, (left, top, right, bottom) in boxes.items():
        assert left >= 0, name
        assert top >= 0, name
        assert right <= width, name
        assert bottom <= height, name
        assert right - left >= least - 1, (name, right - left, least)
        assert bottom - top >= least - 1, (name, bottom - top, least)
    names = list(boxes)
    for place, name in enumerate(names):
        for other in names[place + 1 :]:
            assert not overlap(boxes[name], boxes[other], slack=0), (name, other)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: "x".join(map(str, size)))
@pytest.mark.parametrize("language", ["id", "en"])
def test_every_screen_is_readable_and_in_reach(stage, size, language):
    stage.resize(size)
    for model in scenes(language=language).values():
        stage.show(model)
        assert_readable(stage)
        assert_reachable(stage)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: "x".join(map(str, size)))
def test_names_of_200_letters_never_cover_anything(stage, size):
    stage.resize(size)
    name = ("Unit Pelaksana Teknis Dinas Kependudukan dan Pencatatan Sipil Kecamatan " * 3)[:200]
    held = configuration(unit_name={"id": name}, regency=name, counter_name=name)
    held = replace(held, services=tuple(replace(service, name={"id": name}) for service in held.services))
    for model in scenes(held).values():
        stage.show(model)
        assert_readable(stage, whole=False)
        assert_reachable(stage)


def test_one_endless_word_stays_in_its_box(stage):
    stage.show(scenes(configuration(unit_name={"id": "Dinas" * 40}))["attract"])
    assert_readable(stage, whole=False)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: "x".join(map(str, size)))
def test_questions_and_labels_of_200_letters_never_cover_anything(stage, size):
    stage.resize(size)
    text = {"id": ("Bagaimana kesesuaian persyaratan pelayanan dengan jenis " * 5)[:199] + "?"}
    asked: Questionnaire = configuration().questionnaire
    first = replace(asked.questions[0], text=text, labels=(text,) * 4)
    held = configuration(questionnaire=replace(asked, questions=(first, *asked.questions[1:])))
    stage.show(scenes(held)["question-1"])
    assert_readable(stage, whole=False)
    assert_reachable(stage)


def test_the_four_labels_share_one_size(stage):
    stage.show(scenes()["question-9"])
    sizes = {label.font_size for label in labels(stage.app.screen()) if label.group and label.bold}
    assert len(sizes) == 1


def test_no_word_is_left_alone_on_the_last_line(stage):
    stage.resize((1280, 800))
    stage.show(scenes()["question-1"])
    [question] = [label for label in labels(stage.app.screen()) if label.words.endswith("?")]
    assert min(len(line) for line in question.text.split("\n")) > len(question.words) / 4


def test_a_resized_window_is_laid_out_anew(stage):
    stage.show(scenes()["question-1"])
    before = stage.app.targets()
    stage.resize((800, 480))
    after = stage.app.targets()
    assert before.keys() == after.keys()
    assert_readable(stage)
    assert all(after[name][2:] < before[name][2:] for name in before)


def test_portrait_lays_the_answers_one_above_the_other(stage):
    stage.resize((1080, 1920))
    stage.show(scenes()["question-1"])
    assert Theme(1080, 1920).portrait
    boxes = [stage.app.targets()[f"rating-{rating}"] for rating in (1, 2, 3, 4)]
    assert len({box[0] for box in boxes}) == 1
    assert [box[1] for box in boxes] == sorted({box[1] for box in boxes})


def test_every_screen_of_the_interview_is_in_the_scenes():
    assert {model.screen for model in scenes().values()} == set(Screen)
