"""The real files in assets/samples, to the last digit (sources: assets/samples/README.md)."""

from fractions import Fraction

import pytest

from ikm.assets import asset
from ikm.domain.regulations import PERMENPANRB_14_2017
from ikm.domain.score import score
from ikm.domain.tally import tally_rows
from tests.ikm.server.answers.files import opened


def index(answers, rows):
    return score(tally_rows(answers.questions, rows), answers.asked, PERMENPANRB_14_2017)


@pytest.mark.parametrize(
    ("name", "respondents", "figure"),
    [("sekadau-2019-s1", 49, "78.74"), ("mpp-pangkep", 55, "93.64"), ("setda-mahakam-ulu", 26, "92.84")],
)
def test_real_files_give_their_index(name, respondents, figure):
    answers = opened(asset(f"samples/{name}.csv"))
    reading = answers.read()
    assert reading.respondents == respondents
    assert str(index(answers, reading.rows).index) == figure
    assert (reading.footers, reading.blank_rows, reading.skipped) == ((), 0, 0)


@pytest.mark.parametrize(
    ("name", "by", "groups", "figure"),
    [("mpp-pangkep", "INSTANSI", 13, "93.72"), ("setda-mahakam-ulu", "Bagian", 6, "92.65")],
)
def test_their_groups_give_the_mean_that_was_found_for_them(name, by, groups, figure):
    answers = opened(asset(f"samples/{name}.csv"), by=by)
    indices = [index(answers, rows).index_exact for rows in answers.read().groups.values()]
    assert len(indices) == groups
    assert round(sum(indices) / len(indices) - Fraction(figure), 2) == 0


def test_rows_say_where_they_stand_and_can_be_read_again():
    answers = opened(asset("samples/sekadau-2019-s1.csv"))
    first = list(answers.rows())
    assert first == list(answers.rows())
    assert first[0] == (2, None, (2, 2, 3, 4, 3, 4, 4, 4, 3))
    assert first[-1].number == 50
