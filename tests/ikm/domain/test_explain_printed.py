from decimal import Decimal

import pytest

from ikm.domain.errors import Refusal
from ikm.domain.printed import Printed, places, read_grade, read_means, read_number, read_weight, read_weighted
from ikm.domain.regulations import IPKP

D = Decimal
BANTUL = ("3.31", "3.35", "3.49")


def written(means):
    return tuple(str(mean) for mean in means)


@pytest.mark.parametrize(
    "text",
    [
        "3.31,3.35,3.49",
        "3.31, 3.35, 3.49",
        "3.31 3.35 3.49",
        "3.31;3.35;3.49",
        "3,31;3,35;3,49",
        "3,31; 3,35 ;3,49",
        "3,31 3,35 3,49",
        "3,31, 3,35, 3,49",
        "3,31\t3,35\n3,49",
        '"3,31","3,35","3,49"',
        "'3,31', '3,35', '3,49'",
        "[3.31, 3.35, 3.49]",
        "3,31,3,35,3,49",
        " 3.31 , 3.35 , 3.49 ,",
        "3,31;3,35;3,49.",
        "3.31, 3.35, 3.49.",
        "3,31\u00a0;\u00a03,35\u202f;\u202f3,49\u00a0",
        "\ufeff3,31;3,35;3,49",
    ],
)
def test_means_are_understood_however_they_are_written(text):
    assert written(read_means(text)) == BANTUL


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("3,31", ("3.31",)),
        ("4", ("4",)),
        ("4,4,4,4,4,4,4,4,4", ("4",) * 9),
        ("4,4", ("4", "4")),
        ("3,4 3,5", ("3.4", "3.5")),
        ("3.310 4 2.9", ("3.310", "4", "2.9")),
        ("33,1;3,35", ("33.1", "3.35")),
        ("3,007,2,993", ("3.007", "2.993")),
    ],
)
def test_means_keep_what_was_printed(text, means):
    assert written(read_means(text)) == means


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("3,3,3,4", "lebih dari satu cara"),
        ("3,3", "lebih dari satu cara"),
        ("3,31,35,5", "tidak jelas mana koma desimalnya"),
        ("3,31,3,4", "tidak jelas mana koma desimalnya"),
        ("5,31,5,35", "tidak jelas mana koma desimalnya"),
        ("3.31 3,35", "bercampur"),
        ("3.31,3.35 3,49", "bercampur"),
        ("3.31,,3.35", "bukan angka"),
        ("3,31;tiga", "'tiga' bukan angka"),
        ("3,31,3,35;3,49", "bukan angka"),
        ("3.31.3.35", "bukan angka"),
        ("-3;3", "bukan angka"),
        ("3,٣", "tidak jelas"),
        ("nan", "bukan angka"),
        ("1e1 3", "bukan angka"),
        ("", "Tidak ada angka"),
        (" ; ", "Tidak ada angka"),
    ],
)
def test_means_that_could_be_read_wrongly_are_refused_with_how_to_write_them(text, why):
    with pytest.raises(Refusal) as refused:
        read_means(text)
    assert refused.value.code == "means_invalid"
    assert why in refused.value.detail
    assert "3,31;3,35;3,49" in refused.value.detail


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("87,28", "87.28"),
        (" 87.280 ", "87.280"),
        ("100", "100"),
        ("87,28 %", "87.28"),
        ("87,28%", "87.28"),
        ("87,28.", "87.28"),
        ("87,28 %.", "87.28"),
        ("\u00a087,28\u202f%\u00a0", "87.28"),
        ("\u200b87.28\ufeff", "87.28"),
    ],
)
def test_a_number_keeps_its_decimals(text, number):
    assert str(read_number(text)) == number


@pytest.mark.parametrize(
    "text",
    [
        "", "87,28 91", "87.28.1", "1.234,5", "-1", "NaN", "%", ".", "87,28%%", "87,28..", "% 87", "8 7,28",
        "1" * 7, "1," + "1" * 11,
    ],
)  # fmt: skip
def test_what_is_not_one_number_is_refused(text):
    with pytest.raises(Refusal, match="bukan satu angka") as refused:
        read_number(text)
    assert refused.value.code == "printed_invalid"


@pytest.mark.parametrize(("text", "shown"), [("3.310", 3), ("4", 0), ("1E+1", 0)])
def test_places_are_those_printed(text, shown):
    assert places(D(text)) == shown


@pytest.mark.parametrize(
    ("text", "elements", "figures"),
    [
        ("29,87", 14, ("29.87",)),
        ("2.987", 14, ("2.987",)),
        ("0,44,0,44,0,44", 3, ("0.44",) * 3),
        ("0.44,0.44", 2, ("0.44", "0.44")),
        ("0,44 0,44 0,44", 3, ("0.44",) * 3),
    ],
)
def test_weighted_means_are_the_sum_or_the_cells(text, elements, figures):
    assert written(read_weighted(text, elements)) == figures


def test_weighted_means_that_could_be_a_sum_or_cells_are_refused():
    with pytest.raises(Refusal, match="lebih dari satu cara") as refused:
        read_weighted("2,98", 2)
    assert refused.value.code == "printed_invalid"


@pytest.mark.parametrize(
    ("text", "elements", "name"),
    [
        ("0,111", 9, "0.111"), ("0.110", 9, "0.11"), ("1/9", 9, "exact"), ("0,2", 5, "exact"),
        ("1/10", 9, "1/10"), ("1", 9, "1"), ("1", 1, "exact"), ("0,111.", 9, "0.111"), ("\u00a01/9.", 9, "exact"),
    ],
)  # fmt: skip
def test_a_stated_weight_is_named_by_its_convention(text, elements, name):
    assert read_weight(text, elements) == name


@pytest.mark.parametrize("text", ["", "0", "2", "10/9", "1/0", "a/9", "1/", "0,111 0,1", "-0,1", "11%"])
def test_a_weight_that_is_none_is_refused(text):
    with pytest.raises(Refusal) as refused:
        read_weight(text, 9)
    assert refused.value.code == "weights_invalid"


@pytest.mark.parametrize(
    ("text", "grade"),
    [
        ("A", "A"), ("b", "B"), ("A (SANGAT BAIK)", "A"), ("Sangat  Baik", "A"), ("BAIK", "B"),
        ("kurang baik", "C"), ("Tidak baik", "D"), ("C/Kurang Baik", "C"),
        ("B (Baik)", "B"), ("Sangat\u00a0Baik", "A"), ("Baik.", "B"), ("B.", "B"), ("Baik (B)", "B"), ("Mutu C", "C"),
        ("'B'", "B"), ("mutu: SANGAT BAIK", "A"),
    ],
)  # fmt: skip
def test_a_grade_is_its_letter_or_its_words(text, grade):
    assert read_grade(text) == grade


def test_a_rule_without_letters_has_its_own_grades():
    assert read_grade("Memenuhi", IPKP) == "memenuhi"


@pytest.mark.parametrize("text", ["", "E", "AB", "bagus", "Mutu", "Baik (E)", "Baik sekali"])
def test_a_grade_no_table_has_is_refused_with_those_there_are(text):
    with pytest.raises(Refusal, match="A, B, C, D") as refused:
        read_grade(text)
    assert refused.value.code == "printed_invalid"


@pytest.mark.parametrize(
    ("report", "code", "why"),
    [
        ({"means": ()}, "means_invalid", "Ada 0 rata-rata"),
        ({"means": (D(3),) * 51}, "means_invalid", "Ada 51 rata-rata"),
        ({"means": (D(3),) * 9, "weighted_cells": (D("0.33"),) * 8}, "printed_invalid", "Ada 8 NRR tertimbang untuk 9"),
        ({"means": (D(3),) * 9, "respondents": 0}, "printed_invalid", "1 atau lebih"),
        ({"means": (D(3),) * 9, "minimum": 0}, "printed_invalid", "1 atau lebih"),
    ],
)
def test_counts_that_make_no_report_are_refused(report, code, why):
    with pytest.raises(Refusal, match=why) as refused:
        Printed(**report)
    assert refused.value.code == code
