import json

import pytest
from typer.testing import CliRunner

from ikm.server.cli import app


@pytest.fixture(autouse=True)
def _eighty_columns(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")


def run(*words):
    return CliRunner().invoke(app, ["sample", *words])


def test_a_population_gets_its_target_by_formula_table_and_slovin():
    told = run("4384").stdout
    for words in ("Populasi 4.384: target 353 responden", "(4.500): 354", "Slovin dengan galat 0,05: 367", "150"):
        assert words in told
    assert max(map(len, told.splitlines())) <= 80


def test_without_a_population_the_whole_table_is_shown_uncut():
    told = run().stdout
    assert "target" not in told
    numbers = told.replace(".", "").split()
    for people, target in (("10", "10"), ("1000", "278"), ("1000000", "384")):
        assert target == numbers[numbers.index(people) + 1]
    assert "…" not in told


def test_the_answer_stands_below_the_table_where_a_screen_ends():
    lines = run("1.000").stdout.splitlines()
    assert "Populasi 1.000: target 278 responden" in lines[-6]


@pytest.mark.parametrize(
    ("people", "row"), [("5", "ke atas (10): 5"), ("5.000.000", "baris terakhir (1.000.000): 384")]
)
def test_beyond_the_ends_of_the_table_the_row_is_named_as_what_it_is(people, row):
    assert row in run(people).stdout


def test_programs_get_numbers():
    told = json.loads(run("1000", "--json").stdout)
    assert (told["target"], told["table_target"], told["slovin"], len(told["table"])) == (278, 278, 286, 90)
    assert told["margin_of_error"] == pytest.approx(5.0, abs=0.1)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("1000", "--error", "sedikit"), "tulis seperti 0,05"),
        (("1000", "--error", "1,5"), "harus antara 0 dan 1"),
        (("0",), "bukan bilangan orang"),
    ],
)
def test_what_is_no_number_of_people_or_error_is_refused(words, said):
    result = run(*words)
    assert result.exit_code == 2
    assert said in result.stderr
