"""Every screen on every size of display, in every language, with every aid: readable whole, and in reach."""

from dataclasses import replace

import pytest

from ikm.domain.configuration import Aid, Service
from ikm.domain.questionnaire import Questionnaire
from kiosk.model import Screen
from kiosk.theme import Theme
from kiosk.widgets.drawn import Face
from tests.screens.measure import (
    assert_reachable,
    assert_readable,
    contrast,
    ground,
    ink_box,
    labels,
    lay_out,
    look_of,
    overlap,
    pixels,
    walk,
)
from tests.screens.scenes import LANGUAGES, SEVERAL, full, plain, scenes
from tests.support.stage import SIZES

LAYOUTS = ((), (Aid.LARGE,), (Aid.LOW,), (Aid.LARGE, Aid.LOW))
"""The aids that move things. Contrast only changes colours, reading aloud and scanning nothing that is drawn."""

EXTREMES = [(800, 480), (1080, 1920)]
"""The least room and the other shape; `make screens` sweeps everything over all sizes."""


def named(size):
    return "x".join(map(str, size))


sizes = pytest.mark.parametrize("size", SIZES, ids=named)
extremes = pytest.mark.parametrize("size", EXTREMES, ids=named)
in_words = pytest.mark.parametrize(
    ("size", "language"),
    [
        pytest.param(size, language, id=f"{language}-{named(size)}")
        for size in SIZES
        for language in (LANGUAGES if size in EXTREMES else ["id"])
    ],
)
"""Words differ in length by language, and what is tight is tight first at the extremes."""


def each(stage, size, held=None, *, only="", **of):
    """Lays out one scene after another, with each set of aids; a window is resized once, since that takes longest."""
    stage.resize(size)
    for aids in LAYOUTS:
        for name, model in scenes(held, aids=aids, **of).items():
            if name.startswith(only):
                lay_out(stage, model)
                yield " ".join((name, *aids))


def check(stage, name, *, whole=True):
    """Says which scene it was where a check fails."""
    try:
        assert_readable(stage, whole=whole)
        assert_reachable(stage)
    except AssertionError as failure:
        raise AssertionError(f"{name}: {failure}") from failure


# the other sizes and languages come with `make screens`
@extremes
@pytest.mark.parametrize("language", ["id", "jv"])
def test_every_screen_is_readable_and_in_reach(stage, size, language):
    for name in each(stage, size, language=language):
        check(stage, name)


@extremes
def test_names_and_questions_of_200_letters_never_cover_anything(stage, size):
    name = ("Unit Pelaksana Teknis Dinas Kependudukan dan Pencatatan Sipil Kecamatan " * 3)[:200]
    text = plain(("Bagaimana kesesuaian persyaratan pelayanan dengan jenis " * 5)[:199] + "?")
    asked: Questionnaire = full().questionnaire
    questions = tuple(replace(question, text=text, labels=(text,) * 4) for question in asked.questions)
    services = tuple(replace(service, name=plain(name), standard={"REQ": (text,) * 3}) for service in SEVERAL)
    held = full(
        unit_name=plain(name), regency=name, services=services[:1], pledge=(text, text),
        questionnaire=replace(asked, questions=questions),
    )  # fmt: skip
    for scene in each(stage, size, held):
        check(stage, scene, whole=False)


@sizes
def test_services_of_200_letters_never_cover_anything(stage, size):
    stage.resize(size)
    name = plain(("Surat keterangan pindah datang antarkabupaten bagi pemohon dengan surat kuasa " * 3)[:200])
    held = full(services=tuple(replace(service, name=name) for service in SEVERAL))
    for aids in LAYOUTS:
        for scene, model in scenes(aids=aids).items():
            if scene.startswith("service"):
                lay_out(stage, replace(model, standing=replace(model.standing, configuration=held)))
                check(stage, " ".join((scene, *aids)))


@extremes
def test_sixteen_elements_fit_like_nine(stage, size):
    asked = full().questionnaire
    questions = tuple(replace(asked.questions[place % 9], code=f"Q{place}") for place in range(16))
    held = full(questionnaire=replace(asked, questions=questions))
    for scene in each(stage, size, held, only="question-1"):
        check(stage, scene)
        number = scene.split()[0].removeprefix("question-")
        assert f"{number} dari 16" in {label.words for label in labels(stage.app.screen())}


@sizes
def test_the_longest_standard_is_read_whole_page_by_page(stage, size):
    long = plain(" ".join(f"syarat{number}" for number in range(150)))
    lines = tuple(plain(f"Baris {number}: berkas asli dan salinan") for number in range(30))
    service = Service("x", plain("Izin"), {"REQ": (long,), "PROC": lines, "CMPL": (plain("Meja pengaduan"),)})
    unit = ("Unit Pelaksana Teknis Dinas Kependudukan dan Pencatatan Sipil Kecamatan " * 3)[:200].strip()
    held = full(services=(service,), pledge=lines, unit_name=plain(unit))
    meant = " ".join(text["id"] for text in (long, *lines, plain("Meja pengaduan"), *lines)).split()
    titles = (["Persyaratan"], ["Prosedur"], ["Pengaduan"])
    stage.resize(size)
    for aids in LAYOUTS:
        first = scenes(held, aids=aids)["reading-1"]
        read = []
        for page in range(first.reading_pages):
            lay_out(stage, replace(first, page=page))
            check(stage, f"page {page}")
            sheet = stage.app.screen().ids.sheet
            read += [label.text.split() for label in reversed(labels(sheet))]
            assert unit.split() in [label.text.split() for label in labels(stage.app.screen())]
        assert [word for words in read for word in words if words not in titles] == meant


@sizes
def test_no_title_is_left_alone_at_the_foot_of_a_column(stage, size):
    for scene in each(stage, size, only="reading-1"):
        sheet = labels(stage.app.screen().ids.sheet)
        for column in {label.x for label in sheet}:
            lowest = min((label for label in sheet if label.x == column), key=lambda label: label.y)
            assert not lowest.bold, (scene, lowest.words)


def test_one_endless_word_stays_in_its_box(stage):
    stage.resize(SIZES[0])
    for scene, model in scenes(full(unit_name=plain("Dinas" * 40))).items():
        if not scene.startswith("reading"):
            lay_out(stage, model)
            check(stage, scene, whole=False)


@pytest.mark.parametrize("aids", [(), (Aid.CONTRAST,)], ids=["calm", "stark"])
def test_words_stand_out_seven_to_one_from_what_they_stand_on(stage, aids):
    # colours are the same in every size, and a small screen is drawn soonest
    stage.resize((800, 480))
    for scene, model in scenes(aids=aids).items():
        # asleep the screen is as dark as can be
        if model.screen is Screen.SLEEP:
            continue
        stage.show(model)
        picture = pixels(stage)
        for label in labels(stage.app.screen()):
            on = ground(picture, ink_box(label))
            assert contrast(label.color, on) >= 7, (scene, label.words, label.color, on)


@extremes
def test_the_mark_of_training_is_on_every_screen_and_covers_no_word(stage, size):
    for scene in each(stage, size, training=True):
        mark = stage.app.root.children[0]
        assert [label.text for label in labels(mark)] == ["LATIHAN – tidak dihitung"], scene
        band = (0, mark.top - look_of(stage).band_px, mark.width, mark.top)
        for label in labels(stage.app.screen()):
            assert not overlap(ink_box(label), band, slack=0), (scene, label.words)
    lay_out(stage, scenes()["attract"])
    assert labels(mark) == []


def test_the_mark_of_training_is_seen(stage):
    stage.resize(SIZES[0])
    seen = []
    for training in (False, True):
        stage.show(scenes(training=training)["question-1"])
        seen.append(pixels(stage))
    assert (seen[0] != seen[1]).any(axis=2)[-20:].mean() > 0.9


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


def test_an_aid_lays_out_anew_what_is_seen_and_later_what_follows(stage):
    stage.show(scenes()["question-1"])
    plain_height = stage.app.targets()["rating-1"][1]
    stage.show(scenes(aids=(Aid.LOW,))["question-1"])
    assert stage.app.targets()["rating-1"][1] >= stage.window.height / 2 > plain_height
    stage.show(scenes(aids=(Aid.LOW,))["options"])
    assert_reachable(stage)
    stage.show(scenes()["question-1"])
    assert stage.app.targets()["rating-1"][1] == plain_height


@in_words
def test_large_text_makes_no_question_smaller(stage, size, language):
    stage.resize(size)
    sizes_px = []
    for aids in ((), (Aid.LARGE,)):
        measured = {}
        for name, model in scenes(language=language, aids=aids).items():
            if name.startswith(("attract", "question")):
                lay_out(stage, model)
                asking = "question" if name.startswith("question") or model.one_tap else "invitation"
                measured[name] = stage.app.screen().ids[asking].font_size
        sizes_px.append(measured)
    assert len(sizes_px[0]) > 12
    assert not {name: px for name, px in sizes_px[0].items() if sizes_px[1][name] < px}


@sizes
def test_the_first_screen_leads_nobody_to_an_answer(stage, size):
    """All four faces or none, equally large."""
    stage.resize(size)
    for aids in LAYOUTS:
        for name, model in scenes(aids=aids).items():
            if name.startswith("attract"):
                lay_out(stage, model)
                shown = [face for face in walk(stage.app.screen()) if isinstance(face, Face)]
                assert sorted(face.rating for face in shown) in ([], [1, 2, 3, 4]), name
                radii = [min(face.size) for face in shown]
                assert not shown or max(radii) - min(radii) < 1, name


def test_portrait_lays_the_answers_one_above_the_other(stage):
    stage.resize((1080, 1920))
    stage.show(scenes()["question-1"])
    assert Theme(1080, 1920).portrait
    boxes = [stage.app.targets()[f"rating-{rating}"] for rating in (1, 2, 3, 4)]
    assert len({box[0] for box in boxes}) == 1
    assert [box[1] for box in boxes] == sorted({box[1] for box in boxes})


def test_every_screen_of_the_interview_is_in_the_scenes():
    # the staff's screens are many, and have scenes of their own
    assert {model.screen for model in scenes().values()} == set(Screen) - {Screen.STAFF}
