from decimal import Decimal

import pytest

from ikm.domain.regulations import PERMENPANRB_14_2017 as RULE


@pytest.mark.parametrize(
    ("index", "grade"),
    [
        ("25.00", "D"), ("64.99", "D"),
        ("65.00", "C"), ("76.60", "C"),
        ("76.61", "B"), ("88.30", "B"),
        ("88.31", "A"), ("100.00", "A"),
    ],
)  # fmt: skip
def test_every_bound_of_the_printed_table_from_both_sides(index, grade):
    assert RULE.grade(Decimal(index)).grade == grade


def test_an_index_not_yet_rounded_has_no_grade():
    with pytest.raises(ValueError, match="not a figure"):
        RULE.grade(Decimal("76.605"))


def test_an_index_below_the_scale_has_the_lowest_grade():
    # all ones by the printed weight of 0.11
    assert RULE.grade(Decimal("24.75")).grade == "D"


def test_a_negative_index_has_no_grade():
    with pytest.raises(ValueError, match="not a figure"):
        RULE.grade(Decimal("-0.01"))


def test_grades_carry_the_words_of_the_rule():
    assert [(band.grade, band.label) for band in RULE.bands] == [
        ("A", "Sangat baik"),
        ("B", "Baik"),
        ("C", "Kurang baik"),
        ("D", "Tidak baik"),
    ]


def test_annex_and_form_number_complaints_and_facilities_the_other_way_round():
    assert (RULE.element("CMPL").annex_number, RULE.element("CMPL").form_number) == (8, 9)
    assert (RULE.element("FACI").annex_number, RULE.element("FACI").form_number) == (9, 8)


def test_an_element_the_rule_does_not_have_is_a_key_error():
    with pytest.raises(KeyError):
        RULE.element("U8")


def test_nine_elements_each_with_its_own_code_and_numbers():
    assert len({element.code for element in RULE.elements}) == 9
    assert sorted(element.annex_number for element in RULE.elements) == list(range(1, 10))
    assert sorted(element.form_number for element in RULE.elements) == list(range(1, 10))
