import json
from dataclasses import replace
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ikm.domain.chains import Chain, Way, cut, fit, span
from ikm.domain.explain import explain
from ikm.domain.findings import find
from ikm.domain.printed import Printed, read_grade, read_means, read_number, read_weight
from ikm.domain.regulations import IPKP, KEP_25_2004, PERMENPANRB_14_2017, PERMENPANRB_16_2014
from ikm.domain.weights import printed_conventions

TABLES = json.loads((Path(__file__).parents[2] / "golden/published_tables.json").read_text())["tables"]
BANTUL = read_means("3.31,3.35,3.49,3.93,3.45,3.39,3.39,3.76,3.35")
D = Decimal


def numbers(*texts):
    return tuple(read_number(text) for text in texts)


def printed(table) -> Printed:
    elements = len(table["means"])
    return Printed(
        means=numbers(*table["means"]),
        indices=numbers(*table["indices"]),
        weighted_sum=read_number(table["weighted_sum"]) if "weighted_sum" in table else None,
        weighted_cells=numbers(*table.get("weighted_cells", [])),
        weight=read_weight(table["weight"], elements) if "weight" in table else None,
        grade=read_grade(table["grade"]) if "grade" in table else None,
        respondents=table.get("respondents"),
        minimum=table.get("minimum"),
    )


def told(contradiction) -> dict[str, object]:
    facts = contradiction.facts.items()
    return {"code": contradiction.code} | {name: str(fact) if isinstance(fact, D) else fact for name, fact in facts}


def codes(report: Printed) -> list[str]:
    return [contradiction.code for contradiction in explain(report).contradictions]


def bantul(**said) -> Printed:
    return Printed(means=BANTUL, **said)


published = pytest.mark.parametrize("table", TABLES, ids=[table["id"] for table in TABLES])


@published
def test_a_published_table_has_the_conventions_that_reproduce_it(table):
    found = explain(printed(table)).findings
    assert {str(one.fit.value): list(one.fit.conventions) for one in found.figures} == table["conventions"]
    assert found.fits


@published
def test_a_published_table_has_its_exact_figure(table):
    found = explain(printed(table)).findings
    assert {"index": str(found.index), "grade": found.band.grade} == table["exact"]
    assert not any(one.letter_changes for one in found.figures)


@published
def test_every_contradiction_in_a_published_table_is_named(table):
    assert [told(contradiction) for contradiction in explain(printed(table)).contradictions] == table["contradictions"]


@pytest.mark.parametrize(
    ("elements", "rules", "added"),
    [
        (14, [KEP_25_2004], 0),
        (9, [PERMENPANRB_14_2017, PERMENPANRB_16_2014], 0),
        (11, [PERMENPANRB_14_2017], 2),
        (15, [PERMENPANRB_14_2017], 6),
    ],
)
def test_the_number_of_elements_tells_the_rule(elements, rules, added):
    found = find(Printed(means=(D("3.00"),) * elements))
    assert (list(found.rules), found.added, found.exact) == (rules, added, 75)


def test_fewer_elements_than_the_rule_has_are_told():
    assert codes(Printed(means=(D("3.00"),) * 8)) == ["elements_missing"]
    assert codes(bantul(regulation=KEP_25_2004)) == ["elements_missing"]


def test_added_elements_weigh_one_by_their_number():
    means = (*BANTUL, D("3.00"), D("3.00"))
    found = find(Printed(means=means, indices=(D("85.05"), D("84.20"))))
    assert found.exact == 25 * Fraction("37.42") / 11
    assert [one.fit.conventions for one in found.figures] == [("exact",), ("0.09",)]


def test_the_two_rules_of_nine_elements_share_the_figure_but_not_the_letter():
    found = find(bantul())
    assert [rule.grade(found.index).grade for rule in found.rules] == ["B", "A"]


@pytest.mark.parametrize(
    ("index", "convention", "chain", "kept"),
    [
        ("87.28", "exact", Chain.ONCE, None),
        ("86.41", "0.11", Chain.ONCE, None),
        ("87.19", "0.111", Chain.ONCE, None),
        ("87.27", "0.1111", Chain.ONCE, None),
        ("87.3", "exact", Chain.FEWER_DECIMALS, None),
        ("87.25", "exact", Chain.SUM_ROUNDED, 2),
        ("87.26", "0.1111", Chain.CUT, None),
        ("86.45", "0.11", Chain.CELLS_ROUNDED, 3),
        ("86.28", "0.11", Chain.CELLS_CUT, 3),
        ("86.25", "0.11", Chain.SUM_CUT, 2),
    ],
)
def test_each_chain_is_found_by_its_figure(index, convention, chain, kept):
    (figure,) = find(bantul(indices=(D(index),))).figures
    assert figure.fit.ways[0] == Way(convention, chain, kept)


def test_a_way_that_rounds_nothing_is_not_listed_twice():
    ways = find(Printed(means=(D("4.00"),) * 9, indices=(D("99.00"),))).figures[0].fit.ways
    # 36 x 0.11 is 3.96 as it stands, so a sum kept to two decimals is the same way
    assert [way for way in ways if way.convention == "0.11"] == [Way("0.11", Chain.ONCE, None)]


def test_a_weighted_sum_is_not_explained_by_rounding_itself_first():
    ways = find(bantul(weighted_sum=D("3.49"))).weighted_sum.ways
    assert {way.chain for way in ways} == {Chain.ONCE, Chain.CELLS_ROUNDED, Chain.CELLS_CUT}


def test_several_printed_figures_are_explained_one_by_one_and_each_once():
    found = find(bantul(indices=(D("86.41"), D("87.28"), D("87.28"))))
    assert [one.fit.conventions for one in found.figures] == [("0.11",), ("exact",)]


def test_when_nothing_fits_the_nearest_convention_and_its_distance_are_told():
    found = find(bantul(indices=(D("80.00"),)))
    (figure,) = found.figures
    assert (found.fits, figure.fit.ways, figure.fit.conventions, figure.fit.within) == (False, (), (), ())
    assert (figure.fit.nearest, figure.fit.gives, figure.fit.distance) == ("0.11", D("86.41"), D("6.41"))


def test_a_figure_from_means_not_yet_rounded_does_not_fit_but_may_be():
    (figure,) = find(bantul(indices=(D("87.33"),))).figures
    assert (figure.fit.ways, figure.fit.within) == ((), ("exact", "0.1111"))


def test_one_figure_of_two_that_fits_is_not_enough():
    assert not find(bantul(indices=(D("87.28"), D("80.00")))).fits


def test_without_an_index_the_weighted_means_tell_whether_it_fits():
    assert find(bantul(weighted_sum=D("3.491"))).fits
    assert not find(bantul(weighted_sum=D("3.200"))).fits
    assert not find(bantul(weighted_cells=(D("0.37"),) * 9)).fits


@pytest.mark.parametrize(
    ("means", "low", "high", "certain"),
    [
        (("3.31",) * 9, "82.63", "82.87", True),
        (("4.00",) * 9, "99.88", "100.00", True),
        (("1.00",) * 9, "25.00", "25.12", True),
        (("3.53",) * 9, "88.13", "88.37", False),
        (("3.1", "3") + ("3.0",) * 7, "74.03", "76.53", True),
        (("3.5",) * 9, "86.25", "88.75", False),
        (("4",) * 9, "87.50", "100.00", False),
    ],
)
def test_the_range_is_what_means_not_yet_rounded_could_give(means, low, high, certain):
    found = find(Printed(means=numbers(*means)))
    assert (str(found.low), str(found.high), found.letter_certain) == (low, high, certain)


def test_the_highest_figure_counts_only_when_its_means_can_be_reached():
    # 3.995 would have been printed as 4.00, but 4 itself was
    assert span((D("3.99"),) * 4, Fraction(1, 4), 1, 2)[1] == D("3.99")
    assert span((D("4.00"),) * 4, Fraction("0.2503125"), 1, 2)[1] == D("4.01")


@given(st.lists(st.lists(st.integers(1, 4), min_size=9, max_size=9), min_size=1, max_size=60), st.integers(0, 4))
def test_the_figure_of_the_raw_answers_lies_in_the_range_of_their_rounded_means(rows, shown):
    with localcontext() as context:
        context.prec = 50
        raw = [D(sum(column)) / len(rows) for column in zip(*rows, strict=True)]
        means = tuple(mean.quantize(D(1).scaleb(-shown), ROUND_HALF_UP) for mean in raw)
        index = (D(25 * sum(map(sum, rows))) / (9 * len(rows))).quantize(D("0.01"), ROUND_HALF_UP)
    found = find(Printed(means=means, indices=(index,)))
    assert found.low <= index <= found.high
    assert "exact" in found.figures[0].fit.within


@given(
    st.lists(st.decimals(1, 4, places=3), min_size=2, max_size=20),
    st.integers(0, 5),
    st.tuples(
        st.sampled_from(["once", "sum", "cells"]),
        st.sampled_from([2, 3, 4]),
        st.sampled_from([ROUND_HALF_UP, ROUND_DOWN]),
    ),
    st.sampled_from([2, 3, 4]),
)
def test_a_figure_computed_by_any_chain_is_explained_by_its_weight(means, pick, chain, shown):
    where, kept, rounding = chain
    weights = printed_conventions(len(means))
    assume(weights)
    weight = weights[pick % len(weights)]
    with localcontext() as context:
        context.prec = 50
        step, last = D(1).scaleb(-kept), D(1).scaleb(-shown)
        if where == "once":
            figure = (25 * weight * sum(means)).quantize(last, rounding)
        elif where == "sum":
            figure = (25 * (weight * sum(means)).quantize(step, rounding)).quantize(last, ROUND_HALF_UP)
        else:
            cells = sum((weight * mean).quantize(step, rounding) for mean in means)
            figure = (25 * cells).quantize(last, ROUND_HALF_UP)
    found = find(Printed(means=tuple(means), indices=(figure,)))
    assert str(weight) in {way.convention for way in found.figures[0].fit.ways}


def test_the_letter_is_told_when_it_changes():
    # 88.31 to 89.19 by exactly 1/9 is an A that 0.11 makes a B
    means = (D("3.56"),) * 9
    found = find(Printed(means=means, indices=(D("88.11"),)))
    (figure,) = found.figures
    assert (found.band.grade, figure.band.grade, figure.letter_changes) == ("A", "B", True)
    assert figure.fit.conventions == ("0.11",)


def test_a_figure_cut_is_not_rounded():
    assert [str(cut(Fraction(value), 2)) for value in ("2.999", "2/3", "3")] == ["2.99", "0.66", "3.00"]


@pytest.mark.parametrize("value", ["8728", "872.8", "8.728", "0.8728"])
def test_an_index_with_its_comma_elsewhere_is_explained_by_what_is_meant(value):
    explanation = explain(bantul(indices=(D(value),)))
    (fit_of_it,) = [figure.fit for figure in explanation.findings.figures]
    assert (fit_of_it.meant, fit_of_it.conventions) == (D("87.28"), ("exact",))
    assert [one.code for one in explanation.contradictions] == ["comma_misplaced"]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"indices": (D("3.49"),)}, ["index_not_converted"]),
        ({"indices": (D("187.28"),)}, ["outside_scale"]),
        ({"weighted_sum": D("7.00")}, ["outside_scale"]),
        ({"indices": (D("86.41"),), "weighted_sum": D("3.491")}, ["sum_contradicts_index"]),
        ({"indices": (D("87.28"),), "weighted_sum": D("3.491")}, []),
        ({"indices": (D("87.28"),), "weighted_sum": D("3.49")}, []),
        ({"weighted_sum": D("3.45"), "weight": "0.11"}, ["cut_not_rounded"]),
        ({"weighted_sum": D("3.49"), "weight": "0.11"}, ["stated_weight_not_used"]),
        ({"indices": (D("87.28"),), "weight": "exact"}, []),
        ({"indices": (D("86.41"),), "weight": "exact"}, ["stated_weight_not_used"]),
        ({"indices": (D("87.28"),), "weight": "0.071"}, ["weight_foreign", "stated_weight_not_used"]),
        ({"weight": "0.11111"}, []),
        ({"weight": "1/10"}, ["weight_foreign"]),
        ({"indices": (D("87.26"),)}, ["cut_not_rounded"]),
        ({"indices": (D("86.25"),)}, ["sum_cut_first"]),
        ({"indices": (D("86.45"),)}, ["cells_rounded_first"]),
        ({"indices": (D("86.28"),)}, ["cells_cut_first"]),
        ({"indices": (D("87.28"), D("80.00"))}, ["printed_not_reproduced", "figures_differ"]),
        ({"respondents": 1}, ["means_impossible", "single_respondent"]),
        ({"respondents": 100}, []),
        ({"respondents": 100, "minimum": 100}, []),
        ({"respondents": 100, "minimum": 101}, ["below_stated_minimum"]),
        ({"minimum": 150}, ["minimum_of_other_rule"]),
    ],
)  # fmt: skip
def test_what_a_report_cannot_say_is_named(said, expected):
    assert codes(bantul(**said)) == expected


def test_the_sum_of_cells_rounded_as_a_table_prints_them_is_no_contradiction():
    cells = (D("0.372"),) * 9
    assert codes(Printed(means=(D("3.35"),) * 9, weighted_cells=cells, weighted_sum=D("3.348"))) == []


def test_cells_of_no_weight_are_told_by_their_elements():
    cells = tuple((mean / 9).quantize(D("0.001")) for mean in BANTUL)
    wrong = (*cells[:3], D("0.411"), *cells[4:])
    (first, *_) = explain(bantul(weighted_cells=wrong)).contradictions
    assert told(first) == {"code": "cells_of_no_weight", "elements": (4,), "weight": "exact"}


def test_the_rule_of_2004_asks_for_150_respondents():
    means = (D("3.00"),) * 14
    assert codes(Printed(means=means, respondents=149)) == ["below_rule_minimum"]
    assert codes(Printed(means=means, respondents=150, minimum=150)) == []


def test_means_outside_the_scale_are_told_and_leave_no_grade():
    explanation = explain(Printed(means=(D("33.1"), *BANTUL[1:], D("0.50"))))
    assert told(explanation.contradictions[0]) == {"code": "mean_outside_scale", "elements": (1, 10)}
    assert (explanation.findings.band, explanation.findings.letter_certain) == (None, False)


@pytest.mark.parametrize(
    ("mean", "respondents", "possible"),
    [
        ("3.62", 29, True),    # 105 / 29 = 3.6207
        ("3.6206", 29, True),  # the same, cut
        ("3.6208", 29, False),
        ("3.33", 3, True),
        ("3.34", 3, False),
        ("3.66", 3, True),     # 11 / 3 cut
        ("3.67", 3, True),     # 11 / 3 rounded
        ("3.50", 1, False),
        ("3.51", 100, True),
        ("3.515", 100, False),
    ],
)  # fmt: skip
def test_means_must_come_from_whole_ratings_of_that_many_people(mean, respondents, possible):
    found = [told(one) for one in explain(Printed(means=(D(mean),) * 9, respondents=respondents)).contradictions]
    impossible = {"code": "means_impossible", "elements": tuple(range(1, 10)), "respondents": respondents}
    assert (impossible not in found) == possible


@given(
    st.lists(st.integers(1, 4), min_size=1, max_size=300),
    st.integers(0, 4),
    st.sampled_from([ROUND_HALF_UP, ROUND_DOWN]),
)
def test_a_mean_of_real_ratings_is_never_impossible(ratings, shown, rounding):
    with localcontext() as context:
        context.prec = 50
        mean = (D(sum(ratings)) / len(ratings)).quantize(D(1).scaleb(-shown), rounding)
    assert "means_impossible" not in codes(Printed(means=(mean,) * 9, respondents=len(ratings)))


@pytest.mark.parametrize(
    ("grade", "index", "expected"),
    [
        ("B", "87.28", None),
        ("A", "87.28", {"code": "grade_of_other_rule", "other_rule": PERMENPANRB_16_2014.title}),
        ("C", "87.28", {"code": "grade_of_no_rule"}),
        ("A", "8728", {"code": "grade_of_other_rule", "other_rule": PERMENPANRB_16_2014.title}),
    ],
)
def test_a_letter_must_be_that_of_the_figure_in_the_tables_of_the_rules(grade, index, expected):
    found = [told(one) for one in explain(bantul(indices=(D(index),), grade=grade)).contradictions]
    graded = [one for one in found if one["code"].startswith("grade")]
    common = {"grade": grade, "figure": "87.28", "belongs": "B", "rule": PERMENPANRB_14_2017.title}
    assert graded == ([] if expected is None else [common | expected])


def test_a_letter_without_a_figure_is_held_against_the_exact_one():
    assert codes(bantul(grade="B")) == []
    assert codes(bantul(grade="D")) == ["grade_of_no_rule"]


def test_a_given_rule_is_the_one_that_grades():
    report = bantul(indices=(D("87.28"),), grade="A", regulation=PERMENPANRB_16_2014)
    assert codes(report) == []
    assert codes(replace(report, regulation=PERMENPANRB_14_2017)) == ["grade_of_other_rule"]


def test_a_rule_on_the_scale_of_four_is_explained_on_it():
    found = find(bantul(indices=(D("3.49"),), regulation=IPKP))
    assert (str(found.index), found.band.grade, found.figures[0].fit.conventions[0]) == ("3.49", "memenuhi", "exact")
    assert [rule.code for rule in found.rules] == ["ipkp"]


def test_a_figure_on_the_scale_is_never_moved():
    assert fit(BANTUL, {"exact": Fraction(1, 9)}, 25, D("34.91")).meant == D("34.91")
