"""docs/regulation.md says what the code does: every table and worked figure is computed again and compared.

Answers of the worked example: Sekadau regency, first semester 2019, published at sekadaukab.go.id. Figures of the two
roll-ups: the public survey data of Mahakam Ulu and Pangkep regencies, as respondents and points of each unit.
"""

import ast
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path

import pytest

import ikm.domain
from ikm.assets import asset
from ikm.domain import chains, distributions, period, printed, regulations, sampling, statistics, weights
from ikm.domain.regulation import FACTOR_NAMES, RATINGS, Element, Factor, Regulation
from ikm.domain.regulations import IPAK, IPKP, KEP_25_2004, PERMENPANRB_14_2017, PERMENPANRB_16_2014
from ikm.domain.rollup import shortfalls, standings, unit_mean
from ikm.domain.score import Score, round_half_up, score
from ikm.domain.statistics import certainty, reliability
from ikm.domain.tally import Tally, merge_all, tally_rows

RULE = PERMENPANRB_14_2017
ASKED = {code: [code] for code in RULE.codes}
DOCUMENT = Path(__file__).parents[3] / "docs" / "regulation.md"
PANGKEP = [
    (3, 106), (3, 105), (5, 175), (5, 172), (6, 204), (4, 136), (4, 135), (4, 134), (4, 133), (5, 166), (3, 98),
    (4, 130), (5, 160),
]  # fmt: skip


@cache
def document() -> str:
    return DOCUMENT.read_text()


@cache
def prose() -> str:
    """The document in one line, so that a sentence may break anywhere."""
    return " ".join(document().split())


def table(*heads: str, under: str = "") -> list[list[str]]:
    """The rows of the one table with those column heads, below the heading `under` where several have them."""
    text = document()[document().index(f"### {under}\n") :] if under else document()
    lines = iter(text.splitlines())
    for line in lines:
        if cells(line) == list(heads):
            next(lines)
            return [cells(row) for row in rows(lines)]
    raise AssertionError(f"no table with the columns {heads}")


def rows(lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        if not line.startswith("|"):
            return
        yield line


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def written(value: Fraction | Decimal | float, places: int) -> str:
    rounded = round_half_up(abs(Fraction(value)), places)
    return ("-" if value < 0 else "") + f"{rounded:,f}".translate(str.maketrans(",.", ".,"))


@cache
def survey() -> Tally:
    _, *lines = asset("samples/sekadau-2019-s1.csv").read_text().split()
    return tally_rows(RULE.codes, Counter(tuple(map(int, line.split(",")[1:])) for line in lines))


def sekadau(weight: str | None = None) -> Score:
    chosen = weights.printed_weights(RULE.codes, Decimal(weight)) if weight else None
    return score(survey(), ASKED, RULE, chosen)


def of_points(respondents: int, points: int) -> Tally:
    """A tally of that many complete sheets whose nine ratings add up to those points together."""
    answers = 9 * respondents
    ratings = [points // answers + (place < points % answers) for place in range(answers)]
    sheets = (tuple(ratings[place::respondents]) for place in range(respondents))
    return tally_rows(RULE.codes, Counter(sheets))


def test_the_table_of_elements_is_the_rules():
    expected = [
        [e.code, f"U{e.annex_number}", str(e.form_number), e.name, FACTOR_NAMES[e.factor]] for e in RULE.elements
    ]
    assert table("kode", "lampiran", "contoh kuesioner", "unsur", "faktor pendukung") == expected


def test_the_worked_example_is_what_the_code_computes():
    expected = [
        [
            f"U{line.element.annex_number} {line.element.name}",
            str(line.total),
            written(line.mean, 3),
            written(line.weighted, 3),
            written(line.index, 2),
            line.band.grade,
        ]
        for line in sekadau().elements
    ]
    assert table("unsur", "jumlah", "NRR", "NRR tertimbang", "nilai x 25", "mutu") == expected


def test_the_steps_below_the_worked_example_add_up():
    found = sekadau()
    total = sum(line.total for line in found.elements)
    assert f"Jumlah semua nilai: {total}, dari {found.responses} x 9 = {9 * found.responses} jawaban." in prose()
    weighted = sum(line.weighted for line in found.elements)
    assert f"Jumlah NRR tertimbang: {weighted} = {written(weighted, 5)}." in prose()
    exact, index = found.index_exact, written(found.index, 2)
    assert (
        f"IKM: {weighted} x 25 = {exact} = {written(exact, 4)}, dibulatkan "
        f"**{index}, mutu {found.band.grade} ({found.band.label})**." in prose()
    )


def test_what_rounding_early_would_give():
    found = sekadau().elements
    early = {
        "sekali, di akhir": sekadau().index_exact,
        "jumlah NRR tertimbang dahulu, dua desimal (3,15)": 25
        * Fraction(round_half_up(sum(line.weighted for line in found), 2)),
        "tiap NRR dahulu, dua desimal": Fraction(25, 9) * sum(Fraction(round_half_up(line.mean, 2)) for line in found),
        "tiap NRR tertimbang dahulu, dua desimal": 25
        * sum(Fraction(round_half_up(line.weighted, 2)) for line in found),
    }
    assert table("dibulatkan di mana", "IKM") == [[where, written(figure, 2)] for where, figure in early.items()]


@pytest.mark.parametrize(
    ("respondents", "points", "sentence"),
    [
        (19, 524, "19 responden dengan jumlah nilai 524 menghasilkan {exact}, dibulatkan {index}, mutu {grade}."),
        (19, 604, "Jumlah nilai 604 menghasilkan {exact}, dibulatkan {index}, mutu {grade}."),
        (58, 1357, "58 responden dengan jumlah nilai 1357 menghasilkan {exact}, dibulatkan {index}, mutu {grade}."),
    ],
)
def test_the_figures_at_the_bounds(respondents, points, sentence):
    found = score(of_points(respondents, points), ASKED, RULE)
    expected = sentence.format(
        exact=written(found.index_exact, 4), index=written(found.index, 2), grade=found.band.grade
    )
    assert expected in prose()


def test_what_the_printed_weights_give():
    exact, two, three = (written(sekadau(weight).index, 2) for weight in (None, "0.11", "0.111"))
    assert f"**{exact}** dengan 1/9, **{two}** dengan 0,11, dan **{three}** dengan 0,111" in prose()
    assert f"Empat belas kali 0,071 adalah {written(14 * Fraction('0.071'), 3)}." in prose()
    ones = score(of_points(10, 90), ASKED, RULE, weights.printed_weights(RULE.codes, Decimal("0.11")))
    assert f"semua menjawab 1 dengan bobot 0,11 menjadi {written(ones.index, 2)}), mutunya tetap D" in prose()
    assert ones.band.grade == "D"


def flips(rule: Regulation, weight: Fraction) -> list[str]:
    """The exact indices, as 'from-to', whose letter a printed weight lowers: from A, from B, from C."""
    lowered: dict[str, list[Decimal]] = {}
    for hundredths in range(2500, 10_001):
        index = Decimal(hundredths).scaleb(-2)
        less = rule.grade(round_half_up(Fraction(index) * weight * len(rule.elements), 2)).grade
        if less != rule.grade(index).grade:
            assert less == chr(ord(rule.grade(index).grade) + 1)
            lowered.setdefault(rule.grade(index).grade, []).append(index)
    return [f"{written(found[0], 2)}-{written(found[-1], 2)}" for _, found in sorted(lowered.items())]


def test_which_letters_a_printed_weight_can_flip():
    short = {"14/2017": PERMENPANRB_14_2017, "25/2004": KEP_25_2004}
    heads = ("aturan", "bobot cetak", "semua menjawab 4 menjadi", "A menjadi B", "B menjadi C", "C menjadi D")
    found = table(*heads)
    assert [row[:2] for row in found] == [["14/2017", "0,11"], ["14/2017", "0,111"], ["25/2004", "0,071"]]
    for name, weight, fours, *ranges in found:
        rule, share = short[name], Fraction(weight.replace(",", "."))
        assert fours == written(share * len(rule.elements) * 100, 2)
        assert ranges == flips(rule, share)


@pytest.mark.parametrize("rule", [PERMENPANRB_14_2017, PERMENPANRB_16_2014, KEP_25_2004], ids=lambda rule: rule.code)
def test_the_grade_table_of_every_rule_with_both_bounds(rule):
    expected = []
    upper = Decimal(100)
    for band in rule.bands:
        interval = f"{written(Fraction(band.lower) / 25, 4)}-{written(Fraction(upper) / 25, 4)}"
        expected.append([band.grade, interval, written(band.lower, 2), written(upper, 2), band.label])
        upper = band.lower - Decimal("0.01")
    assert table("mutu", "nilai interval", "dari", "sampai", "kinerja", under=rule.title) == expected


def test_the_thresholds_of_the_second_instrument():
    expected = [[rule.code.upper(), written(rule.bands[0].lower, 2), rule.bands[-1].label] for rule in (IPKP, IPAK)]
    assert table("indeks", "ambang", "di bawahnya") == expected


def test_the_same_figure_has_another_letter_by_another_rule():
    figure = Decimal("82.00")
    assert (PERMENPANRB_16_2014.grade(figure).grade, RULE.grade(figure).grade) == ("A", "B")
    assert "82 adalah A menurut tabel 2014, B menurut tabel 2017" in prose()


def test_the_two_roll_ups_of_real_units():
    found = table("bagian", "responden", "jumlah nilai sembilan unsur", "IKM")
    tallies = [of_points(int(respondents), int(points)) for _, respondents, points, _ in found]
    scores = [score(tally, ASKED, RULE) for tally in tallies]
    assert [row[3] for row in found] == [written(one.index, 2) for one in scores]
    pooled, mean = score(merge_all(tallies), ASKED, RULE), unit_mean(scores)
    points = sum(line.total for line in pooled.elements)
    assert (
        f"Gabungan seluruh responden: {points} dari {pooled.responses} responden, **{written(pooled.index, 2)}**. "
        f"Rata-rata IKM unit: **{written(mean.index, 2)}**." in prose()
    )


def test_the_two_roll_ups_of_thirteen_agencies():
    tallies = [of_points(*figures) for figures in PANGKEP]
    pooled = score(merge_all(tallies), ASKED, RULE)
    mean = unit_mean(score(tally, ASKED, RULE) for tally in tallies)
    assert (
        f"({pooled.responses} responden, {mean.units} instansi) keduanya **{written(pooled.index, 2)}** "
        f"dan **{written(mean.index, 2)}**" in prose()
    )


def test_samples_by_formula_table_and_slovin():
    found = table("populasi", "rumus", "baris tabel", "sampel di tabel", "Slovin, galat 5 %")
    assert len(found) == 5
    for row in found:
        population = int(row[0].replace(".", ""))
        place, target = sampling.table_row(population)
        figures = (
            population,
            sampling.krejcie_morgan(population),
            place,
            target,
            sampling.slovin(population, Fraction("0.05")),
        )
        assert row == [written(Fraction(figure), 0) for figure in figures]
    assert f"Sekadau dengan populasi 200 baru 49 dari {sampling.krejcie_morgan(200)}" in prose()
    assert f"sedikitnya {KEP_25_2004.minimum}" in prose()


def interval(tally: Tally, population: int | None = None) -> str:
    found = certainty(tally, score(tally, ASKED, RULE), population)
    return " sampai ".join(written(end, 2) for end in found.interval)


def test_how_sure_the_worked_example_is():
    assert f"selangnya **{interval(survey())}**" in prose()
    assert f"selangnya menyempit menjadi **{interval(survey(), 200)}**" in prose()
    found = certainty(survey(), sekadau()).grade_probabilities
    b, c = (written(100 * found[grade], 0) for grade in "BC")
    assert f"mutu yang sebenarnya B adalah **{b} %**, dan C **{c} %**" in prose()
    assert f"IKM 100,00, tetapi selangnya {interval(of_points(10, 360))}" in prose()
    measure = reliability(survey(), RULE.codes)
    assert f"Sekadau: **{written(measure.alpha, 2)}**" in prose()
    assert f"Persyaratan **{written(measure.item_total['REQ'], 2)}**" in prose()
    assert min(measure.item_total, key=measure.item_total.get) == "REQ"


def test_agencies_with_a_handful_of_respondents_share_every_rank():
    # sheets that add up to the published points, as even as they can be: real answers vary more
    tallies = [of_points(*figures) for figures in PANGKEP]
    places = standings([certainty(tally, score(tally, ASKED, RULE)).interval for tally in tallies])
    assert {(place.rank, place.last) for place in places} == {(1, 13)}
    assert "ketiga belasnya berbagi peringkat 1-13" in prose()


def test_where_the_missing_points_went():
    groups = shortfalls(sekadau())
    expected = [
        [
            FACTOR_NAMES[group.factor],
            written(group.points, 2),
            f"{group.elements[0].element.name} ({written(group.elements[0].points, 2)})",
        ]
        for group in groups
    ]
    assert table("faktor pendukung", "nilai yang hilang", "terbanyak pada") == expected
    missing = sum(group.points for group in groups)
    assert missing == 100 - sekadau().index_exact
    assert f"jadi {written(missing, 2)} dari nilai penuh hilang" in prose()
    assert sum(element.factor is Factor.SYSTEMS for element in RULE.elements) == 5


CONSTANTS = ("nama di `ikm/domain`", "nilai", "sumber", "keadaan")
STATES = {"terkonfirmasi", "perlu dicocokkan", "rumus baku", "pilihan kami"}


def listed(values: Sequence[Decimal | Fraction | int], places: int) -> str:
    return "; ".join(written(Fraction(value), places) for value in values)


def rule_facts(name: str) -> dict[str, str]:
    rule: Regulation = getattr(regulations, name)
    facts = {
        f"{name}.elements": f"{len(rule.elements)} unsur",
        f"{name}.index_factor": str(rule.index_factor),
        f"{name}.bands": listed([band.lower for band in rule.bands], 2),
    }
    if rule.printed_weight is not None:
        facts[f"{name}.printed_weight"] = str(rule.printed_weight).replace(".", ",")
    if rule.minimum is not None:
        facts[f"{name}.minimum"] = str(rule.minimum)
    return facts


def facts() -> dict[str, str]:
    found = {
        "regulation.RATINGS": ", ".join(map(str, RATINGS)),
        "regulation.FACTOR_NAMES": f"{len(FACTOR_NAMES)} faktor",
        "weights.PLACES": ", ".join(map(str, weights.PLACES)),
        "sampling._CHI_SQUARE": written(sampling._CHI_SQUARE, 3),
        "sampling._SHARE": written(sampling._SHARE, 1),
        "sampling._ERROR": written(sampling._ERROR, 2),
        "sampling.TABLE_POPULATIONS": f"{len(sampling.TABLE_POPULATIONS)} baris",
        "statistics.CONFIDENCE": f"{statistics.CONFIDENCE:.0%}".replace("%", " %"),
        "statistics._NEARLY_NONE": str(statistics._NEARLY_NONE),
        "statistics.TRUST": str(statistics.TRUST),
        "distributions._TINY": str(distributions._TINY),
        "distributions._EPSILON": str(distributions._EPSILON),
        "distributions._STEPS": written(Fraction(distributions._STEPS), 0),
        "chains.LEAST_PLACES": str(chains.LEAST_PLACES),
        "printed.MOST_ELEMENTS": str(printed.MOST_ELEMENTS),
        "period._MONTHS_IN": ", ".join(map(str, period._MONTHS_IN.values())),
    }
    for name in rules():
        found |= rule_facts(name)
    return found


def rules() -> list[str]:
    return [name for name, value in vars(regulations).items() if isinstance(value, Regulation)]


def test_every_constant_in_the_document_has_the_value_of_the_code():
    told = {row[0].strip("`"): row[1] for row in table(*CONSTANTS)}
    assert {name: told.get(name) for name in facts()} == facts()


def test_what_else_the_document_lists_is_a_function_that_exists():
    domain = Path(ikm.domain.__file__).parent
    for name in (row[0].strip("`") for row in table(*CONSTANTS)):
        if name not in facts():
            module, function = name.split(".")
            tree = ast.parse((domain / f"{module}.py").read_text())
            assert function in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, name


def test_every_line_of_the_constants_has_a_source_and_a_state():
    found = table(*CONSTANTS)
    assert {row[3] for row in found} == STATES
    assert all(row[2] for row in found)
    confirmed = [row for row in found if row[3] == "terkonfirmasi"]
    # confirmed means read somewhere, so there is somewhere
    assert all(re.search(r"[a-z]\.(com|id|site|asia)", row[2]) for row in confirmed)


DERIVED = {"statistics._TAIL", "statistics._Z", "statistics._SPAN", "tally._NONE"}
"""Follow from constants in the table, and have no value of their own."""


def numeric(node: ast.AST) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, int | float) and not isinstance(node.value, bool)
    return isinstance(node, ast.Name) and node.id in {"Fraction", "Decimal", "NormalDist"}


def numeric_constants() -> Iterator[str]:
    """Module and name of what each module of the domain sets at its top to numbers or to rules."""
    for path in sorted(Path(ikm.domain.__file__).parent.glob("*.py")):
        for node in ast.parse(path.read_text()).body:
            targets = (
                node.targets
                if isinstance(node, ast.Assign)
                else [node.target]
                if isinstance(node, ast.AnnAssign)
                else []
            )
            names = [name.id for name in targets if isinstance(name, ast.Name)]
            if any(re.fullmatch(r"_?[A-Z][A-Z0-9_]*", name) for name in names) and any(map(numeric, ast.walk(node))):
                yield f"{path.stem}.{names[0]}"


NOT_OF_THE_INDEX = {
    "period._EPOCH", "period._DAY", "period._FIRST_MS", "period._LAST_MS", "errors.PROBLEMS",
    "configuration.MINUTES_A_DAY", "response.LOW_RATINGS",
}  # fmt: skip
"""The calendar, HTTP statuses, and when a kiosk asks why."""
NOT_OF_THE_RULE = frozenset(
    {"filled", "masking", "opening", "organisation", "population", "remark", "selfassessment", "standard"}
)
"""Modules about words, places, hours and what officers write down, none of which touches an index."""


def test_no_number_in_the_domain_is_left_out_of_the_document():
    told = {row[0].strip("`") for row in table(*CONSTANTS)}
    rule_names = {name.split(".")[0] for name in told}
    missing = {
        name
        for name in numeric_constants()
        if name not in told | DERIVED | NOT_OF_THE_INDEX
        and name.split(".")[0] not in NOT_OF_THE_RULE
        and name.split(".")[1] not in rule_names
        and not isinstance(getattr(regulations, name.split(".")[1], None), Element)
    }
    assert missing == set(), "name the constant, its source and its state in docs/regulation.md"


def test_every_command_shown_has_the_options_it_is_shown_with():
    # imported here: the command line is not the domain's
    from typer.main import get_command

    from ikm.server.cli import app

    commands = get_command(app).commands
    shown = re.findall(r"^    ikm (\w+) ([^#\n]*)", document(), re.MULTILINE)
    assert {name for name, _ in shown} == {"score", "explain", "sample"}
    for name, rest in shown:
        known = {option for parameter in commands[name].params for option in parameter.opts}
        assert set(re.findall(r"--[a-z-]+", rest)) <= known
