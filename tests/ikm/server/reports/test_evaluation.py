from decimal import Decimal

import pytest

from ikm.domain.regulations import KEP_25_2004
from ikm.domain.regulations import PERMENPANRB_14_2017 as RULE
from ikm.domain.tally import Tally, tally_rows
from ikm.domain.weights import exact_weights, parse_weights
from ikm.server.reports.evaluation import evaluate
from ikm.server.reports.machine import as_values

ASKED = {code: (code,) for code in RULE.codes}


def counted(*rows: tuple[int, int]) -> Tally:
    """That many respondents per rating, who gave it throughout."""
    return tally_rows(RULE.codes, {(rating,) * 9: times for rating, times in rows})


def evaluated(tallies, **facts):
    return evaluate(tallies, ASKED, RULE, exact_weights(RULE.codes), **facts)


def test_the_whole_is_all_groups_pooled():
    found = evaluated({"A": counted((4, 1)), "B": counted((2, 3))}, by="unit")
    assert (found.whole.score.responses, found.whole.score.index) == (4, Decimal("62.50"))
    assert found.groups.mean.index == Decimal("75.00")


def test_groups_come_by_index_then_name_and_those_without_last():
    found = evaluated({"C": Tally(), "B": counted((3, 2)), "A": counted((3, 9)), "D": counted((4, 2))}, by="unit")
    assert [group.name for group in found.groups.groups] == ["D", "A", "B", "C"]
    assert found.groups.silent == ("C",)
    assert found.groups.groups[-1].standing is None


def test_the_unknown_group_is_in_the_whole_and_in_no_mean_or_rank():
    found = evaluated({"A": counted((4, 5)), "?": counted((1, 5)), "B": counted((3, 5))}, by="unit", unknown="?")
    assert (found.groups.mean.units, found.groups.mean.index) == (2, Decimal("87.50"))
    assert found.whole.score.responses == 15
    [unknown] = [group for group in found.groups.groups if not group.counted]
    assert (unknown.name, unknown.standing) == ("?", None)


def test_without_a_column_there_are_no_groups():
    assert evaluated({"": counted((3, 2))}).groups is None


def test_the_population_is_that_of_the_whole():
    found = evaluated({"A": counted((4, 1), (3, 5)), "B": counted((2, 3), (3, 3))}, by="unit", population=20)
    assert (found.whole.sample.population, found.whole.sample.target) == (20, 19)
    assert all(group.figures.sample.population is None for group in found.groups.groups)
    open_ended = evaluated({"A": counted((4, 1), (3, 5)), "B": counted((2, 3), (3, 3))}, by="unit")
    assert found.whole.certainty.effective > open_ended.whole.certainty.effective


def test_weights_hold_for_the_whole_and_for_groups():
    weights = parse_weights("0.11", RULE.codes)
    found = evaluate({"A": counted((4, 5))}, ASKED, RULE, weights, by="unit")
    assert str(found.whole.score.index) == str(found.groups.groups[0].figures.score.index) == "99.00"
    assert as_values(found)["index_equal_weights"] == "100/1"


def test_the_minimum_of_a_rule_is_the_target_where_no_population_is_known():
    asked = {code: (code,) for code in KEP_25_2004.codes}
    tally = tally_rows(KEP_25_2004.codes, {(3,) * 14: 150})
    found = evaluate({"": tally}, asked, KEP_25_2004, exact_weights(KEP_25_2004.codes))
    assert (found.whole.sample.target, found.whole.sample.adequate) == (150, True)


def test_nobody_is_null_for_programs_and_not_zero():
    values = as_values(evaluated({"": Tally()}))
    assert (values["n"], values["index"], values["grade"], values["interval"]) == (0, None, None, None)
    assert values["reliability"]["alpha"] is None
    assert values["shortfalls"] == []
    assert values["by"] is None


@pytest.mark.parametrize("group", ["=1+1", "<b>", "[red]"])
def test_names_of_groups_stay_as_written(group):
    assert as_values(evaluated({group: counted((3, 2))}, by="unit"))["by"]["groups"][0]["name"] == group
