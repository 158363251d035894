"""Whether words fit on a kiosk's screen, by its own rules."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from ikm.server.configuring.fitting import Box, Fit, fit, question_fits, width_px
from tests.support.samples import skm

WORD = "ketidaksesuaian"


def test_every_word_of_the_shipped_questionnaire_fits_in_every_language():
    for question in skm().questions:
        for locale in ("id", "en", "jv", "su"):
            assert not question_fits(question, locale).cut


def labelled(text, **more):
    question = skm().questions[0]
    return replace(question, labels=({"id": text, **more}, *question.labels[1:]))


def test_a_label_grows_small_and_then_loses_its_end():
    assert question_fits(labelled("Tidak sesuai"), "id").labels.fit is Fit.WELL
    assert question_fits(labelled(" ".join([WORD] * 7)), "id").labels.fit is Fit.SMALL
    assert question_fits(labelled(" ".join([WORD] * 15)), "id").labels.fit is Fit.CUT
    assert question_fits(labelled("x" * 30), "id").labels.fit is Fit.CUT


def test_four_labels_share_the_size_of_the_longest():
    short, long = question_fits(labelled("Baik"), "id"), question_fits(labelled("x" * 24), "id")
    assert long.labels.px < short.labels.px


def test_the_official_words_under_a_translation_take_room():
    alone = question_fits(labelled("Kurang maksimal sekali begitu"), "id").labels.px
    under = question_fits(labelled("Kurang", en="Kurang maksimal sekali begitu"), "en")
    assert (under.labels.px, under.official.fit) <= (alone, Fit.WELL)


def test_a_question_beside_a_promise_has_less_room():
    question = replace(skm().questions[0], text={"id": " ".join(["pelayanan"] * 11)})
    assert question_fits(question, "id", promised=True).question.px < question_fits(question, "id").question.px
    assert question_fits(replace(question, text={"id": " ".join([WORD] * 45)}), "id").question.fit is Fit.CUT


@given(st.text(alphabet="abc déf–&", max_size=120), st.integers(40, 400), st.integers(20, 200))
def test_what_fits_fits_in_a_larger_box_at_least_as_large(text, width, height):
    small = fit(text, Box(width, height, 40, 12))
    large = fit(text, Box(width + 50, height + 50, 40, 12))
    assert large.px >= small.px
    assert small.fit is Fit.CUT or large.fit is not Fit.CUT


def test_bold_letters_are_as_wide_as_measured():
    assert (
        width_px("Sangat sesuai", 32)
        == 32 * (593 + 544 + 552 + 561 + 544 + 327 + 248 + 516 + 530 + 516 + 551 + 544 + 243) / 1000
    )
