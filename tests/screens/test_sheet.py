"""What the contact sheet measures, on a sample: letters and faces as drawn; and that it sees what is wrong."""

import pytest

from tests.screens.measure import labels, lay_out
from tests.screens.picture import capture, sheet_of, shrunk
from tests.screens.scenes import scenes
from tests.screens.sheet import LOOKS, Figures, measure, measure_picture

SAMPLE = ("attract", "question-1", "reasons-1", "profile", "comment-begun", "thanks", "idle", "attract-one-tap")


def figures_of(stage, name, look, language="id"):
    found = Figures()
    lay_out(stage, scenes(language=language, aids=LOOKS[look])[name])
    measure(stage, found, f"- {look} {language} {name}")
    measure_picture(stage, capture(stage), found, f"- {look} {language} {name}")
    return found


@pytest.mark.parametrize("look", ["normal", "contrast"])
@pytest.mark.parametrize("language", ["id", "su"])
def test_letters_and_faces_stand_out_as_drawn(stage, look, language):
    stage.resize((800, 480))
    for name in SAMPLE:
        found = figures_of(stage, name, look, language)
        assert found.defects == []
        assert found.labels > 0
        assert found.targets > 0
        assert "kontras tulisan, piksel" in found.worst
    assert "kontras raut wajah pada kepalanya" in figures_of(stage, "question-1", look).worst


def test_pale_letters_pale_faces_small_targets_and_lost_words_are_defects(stage):
    from kiosk.widgets.drawn import Face
    from tests.screens.measure import walk

    lay_out(stage, scenes()["question-1"])
    screen = stage.app.screen()
    [question] = [label for label in labels(screen) if label.words.endswith("?")]
    face = next(widget for widget in walk(screen) if isinstance(widget, Face))
    target = stage.widget("rating-1")
    kept = question.color, face.features, target.height
    try:
        question.color, face.features, target.height = (0.6, 0.6, 0.6, 1), face.head, 20
        question.text = question.text.split()[0]
        found = Figures()
        measure(stage, found, "-")
        measure_picture(stage, capture(stage), found, "-")
    finally:
        question.color, face.features, target.height = kept
        lay_out(stage, scenes()["attract"])
        lay_out(stage, scenes()["question-1"])
    said = "\n".join(found.defects)
    assert "has 2." in said
    assert "was drawn with" in said
    assert f"the face of {int(face.rating)} has" in said
    assert "rating-1" in said
    assert found.worst["sasaran terkecil, mm acuan"][0] < 20


def test_a_sheet_holds_its_pictures_in_order(stage):
    import numpy

    one, other = numpy.full((8, 8, 3), 10, numpy.uint8), numpy.full((8, 8, 3), 200, numpy.uint8)
    sheet = sheet_of([shrunk(one, 4), shrunk(other, 4)], 2, gap=1)
    assert (sheet[2, 2, 0], sheet[2, 7, 0]) == (10, 200)
