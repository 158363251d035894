"""Every rule's table, from both sides of every bound, and what an agency may change in a rule."""

from dataclasses import replace
from decimal import Decimal

import pytest

from ikm.domain.errors import Refusal
from ikm.domain.regulation import FACTOR_NAMES, Element, Factor, extended
from ikm.domain.regulations import (
    IPAK,
    IPKP,
    KEP_25_2004,
    PERMENPANRB_14_2017,
    PERMENPANRB_16_2014,
    REGULATIONS,
    regulation_named,
)

OF_2017 = (("25.00", "64.99", "D"), ("65.00", "76.60", "C"), ("76.61", "88.30", "B"), ("88.31", "100.00", "A"))
OF_2004 = (("25.00", "43.75", "D"), ("43.76", "62.50", "C"), ("62.51", "81.25", "B"), ("81.26", "100.00", "A"))
TABLES = {
    PERMENPANRB_14_2017.code: OF_2017,
    PERMENPANRB_16_2014.code: OF_2004,
    KEP_25_2004.code: OF_2004,
    IPKP.code: (("1.00", "3.19", "belum"), ("3.20", "4.00", "memenuhi")),
    IPAK.code: (("1.00", "3.59", "belum"), ("3.60", "4.00", "memenuhi")),
}
EXTRA = Element("SECU", 0, 0, "Keamanan", "Safety", Factor.FACILITIES)


def test_every_rule_has_its_table_here():
    assert TABLES.keys() == REGULATIONS.keys()


@pytest.mark.parametrize(
    ("rule", "index", "grade"),
    [(code, bound, grade) for code, table in TABLES.items() for *bounds, grade in table for bound in bounds],
)
def test_both_printed_bounds_of_every_band_earn_its_grade(rule, index, grade):
    assert REGULATIONS[rule].grade(Decimal(index)).grade == grade


@pytest.mark.parametrize("rule", REGULATIONS)
def test_every_hundredth_of_the_scale_has_a_grade_and_grades_only_rise(rule):
    found = REGULATIONS[rule]
    low, high = found.index_factor * 100, found.index_factor * 400
    grades = [found.grade(Decimal(step) / 100).lower for step in range(low, high + 1)]
    assert grades == sorted(grades)
    assert {band.lower for band in found.bands} == set(grades)


@pytest.mark.parametrize(
    ("rule", "count", "first", "last"),
    [
        (KEP_25_2004, 14, "PROC", "SAFE"),
        (PERMENPANRB_16_2014, 9, "REQ", "CMPL"),
        (PERMENPANRB_14_2017, 9, "REQ", "FACI"),
        (IPKP, 9, "REQ", "FACI"),
        (IPAK, 5, "DISK", "BROK"),
    ],
)
def test_elements_are_numbered_from_one_each_with_its_own_code(rule, count, first, last):
    assert [element.annex_number for element in rule.elements] == list(range(1, count + 1))
    assert sorted(element.form_number for element in rule.elements) == list(range(1, count + 1))
    assert len(set(rule.codes)) == count
    assert (rule.codes[0], rule.codes[-1]) == (first, last)


def test_only_the_rules_of_2017_number_annex_and_form_differently():
    assert {rule.code for rule in REGULATIONS.values() if rule.order_differs} == {"permenpanrb-14-2017", "ipkp"}


def test_the_eighth_element_of_2014_is_not_that_of_2017():
    # the series across the two rules is not comparable by element
    assert "PLDG" in PERMENPANRB_16_2014.codes
    assert "FACI" not in PERMENPANRB_16_2014.codes


def test_every_factor_has_a_name_and_every_rule_of_the_index_an_element_in_the_four():
    assert set(FACTOR_NAMES) == set(Factor)
    assert {element.factor for element in PERMENPANRB_14_2017.elements} == set(Factor)
    assert {element.factor for element in KEP_25_2004.elements} == set(Factor)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("14/2017", "permenpanrb-14-2017"),
        (" 2004 ", "kep-25-2004"),
        ("16/2014", "permenpanrb-16-2014"),
        ("IPAK", "ipak"),
        ("permenpanrb-14-2017", "permenpanrb-14-2017"),
    ],
)
def test_a_rule_is_known_by_its_code_and_by_its_usual_name(name, code):
    assert regulation_named(name).code == code


def test_an_unknown_rule_is_refused():
    with pytest.raises(Refusal) as refusal:
        regulation_named("15/2014")
    assert (refusal.value.code, refusal.value.detail) == ("regulation_unknown", "15/2014")


def test_added_elements_follow_the_rules_own_and_remember_it():
    rule = extended(PERMENPANRB_14_2017, [EXTRA])
    assert rule.codes == (*PERMENPANRB_14_2017.codes, "SECU")
    assert (rule.element("SECU").annex_number, rule.element("SECU").form_number) == (10, 10)
    assert rule.base == PERMENPANRB_14_2017
    assert rule.printed_weight is None


def test_an_element_put_in_the_place_of_another_takes_its_number_and_factor():
    rule = extended(PERMENPANRB_14_2017, replaced={"COST": replace(EXTRA, code="SITE", name="Kualitas situs web")})
    assert rule.codes[3] == "SITE"
    assert rule.element("SITE").factor is PERMENPANRB_14_2017.element("COST").factor
    assert "COST" not in rule.codes


def test_nothing_added_is_the_rule_itself():
    assert extended(PERMENPANRB_14_2017) is PERMENPANRB_14_2017


@pytest.mark.parametrize(
    "change", [{"added": [replace(EXTRA, code="REQ")]}, {"added": [EXTRA, EXTRA]}, {"replaced": {"SAFE": EXTRA}}]
)
def test_a_code_twice_or_an_element_the_rule_does_not_have_is_refused(change):
    with pytest.raises(Refusal) as refusal:
        extended(PERMENPANRB_14_2017, **change)
    assert refusal.value.code == "regulation_invalid"
