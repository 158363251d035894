"""What `explain` doubts: figures that nothing gives, letters that change, means that are on another scale."""

from decimal import Decimal

import pytest

from ikm.domain.explain import explain
from ikm.domain.findings import find
from ikm.domain.printed import OtherScale, Printed, other_scale, read_means
from ikm.domain.regulations import IPKP

BANTUL = read_means("3.31,3.35,3.49,3.93,3.45,3.39,3.39,3.76,3.35")
D = Decimal


def contradictions(report):
    return {one.code: dict(one.facts) for one in explain(report).contradictions}


def numbers(*texts):
    return tuple(D(text) for text in texts)


def test_a_figure_that_nothing_gives_is_a_contradiction_and_so_is_its_letter():
    assert contradictions(Printed(means=BANTUL, indices=(D("91.11"),))) == {
        "printed_not_reproduced": {
            "printed": D("91.11"), "weight": "exact", "gives": D("87.28"), "distance": D("3.83"),
        },
        "grade_changes": {"figure": D("91.11"), "grade": "A", "exact": D("87.28"), "exact_grade": "B"},
    }  # fmt: skip


def test_a_figure_that_nothing_gives_keeps_its_letter_when_that_is_the_same():
    assert list(contradictions(Printed(means=BANTUL, indices=(D("80.00"),)))) == ["printed_not_reproduced"]


def test_a_weighted_sum_that_nothing_gives_is_a_contradiction():
    facts = contradictions(Printed(means=BANTUL, weighted_sum=D("3.20")))["printed_not_reproduced"]
    assert facts == {"printed": D("3.20"), "weight": "0.11", "gives": D("3.46"), "distance": D("0.26")}


def test_a_figure_off_the_scale_is_not_told_twice():
    assert list(contradictions(Printed(means=BANTUL, indices=(D("187.28"),)))) == ["outside_scale"]
    assert list(contradictions(Printed(means=BANTUL, indices=(D("3.49"),)))) == ["index_not_converted"]


def test_a_figure_that_means_not_yet_rounded_may_give_is_no_contradiction():
    assert contradictions(Printed(means=BANTUL, indices=(D("87.33"),))) == {}


def test_a_letter_that_the_weight_changes_is_told_with_the_weight():
    # 25 x 3.56 is 89.00, an A; by 0.11 it is 88.11, a B
    assert contradictions(Printed(means=(D("3.56"),) * 9, indices=(D("88.11"),))) == {
        "grade_changes_by_weight": {
            "figure": D("88.11"), "grade": "B", "exact": D("89.00"), "exact_grade": "A", "weight": "0.11",
        },
    }  # fmt: skip


def test_a_letter_that_rounding_changes_is_told_as_that():
    # a mean of 3.534 gives 88.35, an A; kept as 3.53 it gives 88.25, a B
    found = contradictions(Printed(means=numbers(*["3.534"] * 9), indices=(D("88.25"),)))
    assert found["grade_changes_by_rounding"] == {
        "figure": D("88.25"), "grade": "B", "exact": D("88.35"), "exact_grade": "A",
    }  # fmt: skip


def test_a_letter_that_means_not_yet_rounded_may_change_is_uncertain():
    assert contradictions(Printed(means=(D("3.53"),) * 9, indices=(D("88.33"),))) == {
        "grade_uncertain": {"figure": D("88.33"), "grade": "A", "exact": D("88.25"), "exact_grade": "B"}
    }


def test_a_letter_is_told_to_change_by_the_weight_when_only_that_weight_may_give_its_figure():
    # means not yet rounded give 88.17 by 0.11, not by exactly 1/9, which makes it an A beyond doubt
    assert contradictions(Printed(means=(D("3.56"),) * 9, indices=(D("88.17"),))) == {
        "grade_changes": {"figure": D("88.17"), "grade": "B", "exact": D("89.00"), "exact_grade": "A"}
    }


def test_what_every_convention_gives_is_known_whether_or_not_one_fits():
    for index in ("91.11", "87.28"):
        (figure,) = find(Printed(means=BANTUL, indices=(D(index),))).figures
        assert {name: str(gives) for name, gives in figure.fit.figures.items()} == {
            "exact": "87.28", "0.11": "86.41", "0.111": "87.19", "0.1111": "87.27",
        }  # fmt: skip


@pytest.mark.parametrize(
    ("means", "respondents", "scale"),
    [
        (("82.75", "83.75", "87.25"), None, OtherScale.INDEX),
        (("25", "82.75", "100"), None, OtherScale.INDEX),
        (("24.9", "82.75", "100"), None, None),
        (("82.75", "83.75", "100.1"), None, None),
        (("138", "139", "150"), None, OtherScale.SUMS),
        (("12", "13", "14"), None, OtherScale.SUMS),
        (("82.00", "83", "75"), None, OtherScale.EITHER),
        (("82", "83", "75"), 25, OtherScale.SUMS),
        (("82", "83", "75"), 75, OtherScale.SUMS),
        (("82", "83", "75"), 76, OtherScale.INDEX),
        (("82", "83", "75"), 20, OtherScale.INDEX),
        (("138", "139", "150"), 10, OtherScale.SUMS),
        (("5", "6", "7"), None, OtherScale.SUMS),
        (("4", "6", "7"), None, None),
        (("33.1", "3.35", "3.49"), None, None),
        (("6.5", "7.2", "8.0"), None, None),
        (("3.31", "3.35", "4"), None, None),
        (("1", "2", "4"), 1, None),
    ],
)
def test_means_of_another_scale_are_known_by_their_size(means, respondents, scale):
    assert other_scale(Printed(means=numbers(*means), respondents=respondents)) is scale


NINE_INDICES = numbers("82.75", "83.75", "87.25", "98.25", "86.25", "84.75", "84.75", "94", "83.75")
NINE_SUMS = numbers("138", "139", "150", "140", "141", "142", "143", "144", "168")


def test_means_on_the_scale_of_the_index_are_told_with_what_they_would_be():
    report = Printed(means=NINE_INDICES, indices=(D("87.28"),), weight="0.111", grade="C")
    assert contradictions(report) == {
        "means_on_index_scale": {"least": 25, "most": 100, "factor": 25, "means": BANTUL},
    }
    assert explain(report).findings is None


def test_means_on_the_scale_of_the_index_are_so_for_a_rule_without_it():
    assert "means_on_index_scale" in contradictions(Printed(means=NINE_INDICES, regulation=IPKP))


def test_sums_are_told_without_respondents():
    assert contradictions(Printed(means=NINE_SUMS)) == {"means_are_sums": {}}


def test_sums_are_told_with_the_means_that_the_respondents_make_of_them():
    (facts,) = contradictions(Printed(means=NINE_SUMS, respondents=42)).values()
    assert facts["respondents"] == 42
    assert [str(mean) for mean in facts["means"][:3]] == ["3.2857", "3.3095", "3.5714"]


def test_means_made_of_sums_have_the_fewest_decimals_that_say_them_whole():
    (facts,) = contradictions(Printed(means=NINE_SUMS, respondents=50)).values()
    assert [str(mean) for mean in facts["means"][:3]] == ["2.76", "2.78", "3.00"]


def test_sums_that_the_respondents_cannot_give_are_told_with_their_bounds():
    assert contradictions(Printed(means=NINE_SUMS, respondents=10)) == {
        "sums_of_other_respondents": {"respondents": 10, "least": 10, "most": 40}
    }


def test_figures_that_may_be_sums_or_indices_are_told_as_both():
    assert contradictions(Printed(means=numbers(*["82", "83", "75"] * 3))) == {
        "means_on_other_scale": {"least": 25, "most": 100, "factor": 25}
    }


def test_what_else_a_report_of_another_scale_says_is_still_checked():
    report = Printed(means=NINE_SUMS[:8], respondents=42, minimum=150)
    assert list(contradictions(report)) == [
        "means_are_sums_of_respondents", "elements_missing", "minimum_of_other_rule", "below_stated_minimum",
    ]  # fmt: skip
