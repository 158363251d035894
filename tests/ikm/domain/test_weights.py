from decimal import Decimal
from fractions import Fraction

import pytest

from ikm.domain.errors import Refusal
from ikm.domain.regulations import KEP_25_2004, PERMENPANRB_14_2017
from ikm.domain.weights import exact_weights, own_weights, parse_weights, printed_conventions, printed_weights

NINE = PERMENPANRB_14_2017.codes


def refused(text: str, codes=NINE) -> str:
    with pytest.raises(Refusal) as refusal:
        parse_weights(text, codes)
    assert refusal.value.code == "weights_invalid"
    return refusal.value.detail


def test_exact_weights_add_up_to_one_whatever_their_number():
    for count in range(1, 40):
        weights = exact_weights([f"E{number}" for number in range(count)])
        assert sum(weights.by_element.values()) == 1
        assert not weights.printed


@pytest.mark.parametrize(
    ("elements", "conventions"),
    [
        (9, ["0.11", "0.111", "0.1111"]),
        (14, ["0.07", "0.071", "0.0714"]),
        (11, ["0.09", "0.091", "0.090", "0.0909"]),
        (7, ["0.14", "0.143", "0.142", "0.1429", "0.1428"]),
        (5, []),
    ],
)
def test_printed_conventions_are_one_nth_rounded_or_cut(elements, conventions):
    assert set(printed_conventions(elements)) == {Decimal(convention) for convention in conventions}


@pytest.mark.parametrize("written", ["0.11", "0,11", " 0,110 "])
def test_a_printed_weight_is_exactly_the_decimal_it_says(written):
    weights = parse_weights(written, NINE)
    assert weights.convention == "0.11"
    assert set(weights.by_element.values()) == {Fraction(11, 100)}
    assert weights.printed


def test_the_rules_own_printed_weights_are_conventions():
    for rule in (PERMENPANRB_14_2017, KEP_25_2004):
        assert printed_weights(rule.codes, rule.printed_weight).convention == str(rule.printed_weight)


def test_a_decimal_that_is_no_rounding_of_one_nth_is_refused():
    assert "bobot 0,12 bukan pembulatan 1/9; pilih exact, 0,11, 0,111, 0,1111" in refused("0.12")
    assert "1/14" in refused("0.11", KEP_25_2004.codes)


def test_own_weights_are_exact_fractions_that_add_up_to_one():
    text = " ".join(f"{code}=1/10" for code in NINE[:8]) + " faci=0,2"
    weights = parse_weights(text, NINE)
    assert weights.convention == "own"
    assert weights.by_element["FACI"] == Fraction(1, 5)
    assert parse_weights(text.replace(" ", "; "), NINE) == weights


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (" ".join(f"{code}=0,111" for code in NINE), "jumlah bobot 999/1000, harus tepat 1"),
        (" ".join(f"{code}=1/8" for code in NINE[:8]), "unsur FACI belum diberi bobot"),
        (" ".join(f"{code}=1/9" for code in NINE) + " SAFE=1/9", "unsur SAFE tidak ada"),
        ("REQ=1/9 REQ=1/9", "unsur REQ diberi bobot dua kali"),
        ("REQ=1/0", "'1/0' bukan bobot"),
        ("REQ=banyak", "'banyak' bukan bobot"),
        ("sedang", "'sedang' bukan bobot"),
        ("NaN", "'NaN' bukan bobot"),
        ("", "'' bukan bobot"),
    ],
)
def test_anything_else_is_refused_and_says_why(text, said):
    assert said in refused(text)


def test_a_weight_of_nothing_is_refused_even_when_the_sum_is_right():
    weights = dict.fromkeys(NINE, Fraction(1, 8)) | {"REQ": Fraction(0)}
    with pytest.raises(Refusal, match="lebih dari nol"):
        own_weights(NINE, weights)


def test_one_nth_itself_is_the_exact_convention_however_it_is_written():
    ten = [f"E{number}" for number in range(10)]
    assert parse_weights("0,1", ten) == parse_weights("1/10", ten) == exact_weights(ten)
    assert parse_weights("1/9", NINE) == exact_weights(NINE)
