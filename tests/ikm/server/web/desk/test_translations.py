"""The officials' pages in English: every word is there, none is left over, and what people wrote stays as it is."""

import ast
import re
from datetime import date
from pathlib import Path

import pytest
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from ikm import wire
from ikm.domain import opening, period, regulation, selfassessment, standard
from ikm.domain.errors import PROBLEMS, Refusal
from ikm.domain.filled import Filled
from ikm.domain.rights import Role
from ikm.i18n import say, say_in_context, translator
from ikm.server.people import wording
from ikm.server.reports import desk_tables, unit_view
from ikm.server.web import render
from ikm.server.web.desk import (
    appointing,
    deed_words,
    drawing,
    editing,
    forms,
    importing,
    menu,
    places,
    remarks,
    settings,
)
from ikm.server.web.desk.asked import CHANNELS
from ikm.server.web.pages import views
from tests.support.desk import AGENCY, REGENCY, UNIT, words_of

ROOT = Path(__file__).parents[5]
CATALOGUE = ROOT / "assets/translations/en/LC_MESSAGES/desk.po"
FOLDERS = ("web/desk", "store", "configuring", "people")
MODULES = [
    path
    for folder in FOLDERS
    for path in sorted((ROOT / "ikm/server" / folder).glob("*.py"))
    if not path.name.startswith("backup")
]
"""Whose sentences officers read; backups are told to whoever keeps the server."""


PERIODS = [
    *(period.parse_period(code) for code in ("2026", "2026-S2", "2026-Q4")),
    period.Period(date(2026, 2, 1), date(2026, 2, 15)),
]
SHORT = [drawing._short(one).message for one in PERIODS[1:3]]
TABLES = {
    "menu": [label for _, label, _, _ in menu._ENTRIES],
    "roles": [*wording.ROLES.values(), *wording.DUTIES.values(), *wording.DIGESTS.values()],
    "levels": appointing._LEVELS.values(),
    "acts": [*deed_words.KINDS.values(), *deed_words.SENTENCES.values(), *deed_words._LABELS.values()],
    "faults": [*forms._SENTENCES.values(), *(problem.title for problem in PROBLEMS.values())],
    "remarks": [*remarks.STATUSES.values(), *remarks.CATEGORY_NAMES.values(), *remarks.MASKED_NAMES.values()],
    "imports": importing.LABELS.values(),
    "languages": [*editing.LANGUAGES.values(), *settings.LOCALES.values()],
    "lacks": places.LACKS.values(),
    "channels": CHANNELS.values(),
    "dates": [
        *period.MONTHS,
        "Agu",
        "Okt",
        "Des",
        *(one.label.message for one in PERIODS),
        *SHORT,
        period.TimeZone.WIB.written(0).message,
        views.FILTERS["undated"](2).message,
    ],
    "weekdays": [*opening.WEEKDAYS.values(), *desk_tables.WEEKDAYS],
    "standards": [word for one in standard.COMPONENTS for word in (one.name, one.asks)],
    "factors": [*regulation.FACTOR_NAMES.values(), *selfassessment.GRADES.values(), *selfassessment.ASKS.values()],
    "figures": [*desk_tables.STATES.values(), *desk_tables.DIRECTIONS.values(), *views._KIND_LABELS.values()],
    "columns": [f"Nilai {rating}" for rating in regulation.RATINGS],
    "respondents": [
        word
        for words in (unit_view._LANGUAGES, unit_view._AIDS, unit_view._SCREENS, unit_view._FORMS)
        for word in words.values()
    ],
}
"""Words that modules hand to the pages."""


def said_by_the_pages():
    with (ROOT / "assets/translations/desk.cfg").open(encoding="utf-8") as stream:
        methods, options = parse_mapping_cfg(stream)
    found = extract_from_dir(ROOT / "ikm/server", methods, options, keywords=DEFAULT_KEYWORDS)
    return {(context, message) for _file, _line, message, _comments, context in found}


def texts_of(path):
    """Every text of a module but its documentation and the pieces of texts that are put together."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    apart = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    apart |= {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in apart:
            yield node.value


def fields(text):
    return set(re.findall(r"%\(\w+\)s|%%", text))


@pytest.fixture(scope="module")
def known():
    with CATALOGUE.open("rb") as stream:
        read = read_po(stream)
    assert str(read.locale) == "en"
    assert not read.obsolete
    return {(message.context, message.id): message for message in read if message.id}


@pytest.fixture(scope="module")
def pages():
    return said_by_the_pages()


def test_every_sentence_of_the_pages_and_mails_has_its_english(known, pages):
    assert not pages - known.keys()


@pytest.mark.parametrize("table", TABLES)
def test_every_word_that_a_module_hands_to_a_page_has_its_english(known, table):
    assert not {(None, word) for word in TABLES[table]} - known.keys()


def test_every_sentence_in_the_modules_of_the_pages_has_its_english(known):
    # a sentence begins with a capital and ends as sentences do; whoever adds one is told here
    sentence = re.compile(r"[A-Z][^\n]* [^\n]*[.?!]")
    said = {text for path in MODULES for text in texts_of(path) if sentence.fullmatch(text)}
    assert len(said) > 100
    assert not {(None, text) for text in said} - known.keys()


def test_no_english_is_left_over_from_a_sentence_that_is_gone(known, pages):
    words = {word for table in TABLES.values() for word in table}
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "ikm").rglob("*.py"))
    # a word of which its place tells the meaning comes out of a table
    assert not [key for key in known if key not in pages and key[1] not in words and key[1] not in source]


def test_every_english_sentence_is_whole_and_keeps_its_values(known):
    for message in known.values():
        assert message.string, message.id
        assert not message.fuzzy, message.id
        assert fields(message.string) == fields(message.id), message.id
        assert message.string == message.string.strip()
        assert "  " not in message.string
        if message.id[-1] in ".?!…:":
            assert message.string[-1] == message.id[-1], message.id
    copied = [message.id for message in known.values() if message.string == message.id]
    assert len(copied) <= len(known) // 50, copied


def test_a_filled_sentence_is_said_again_with_its_values():
    english = translator("en", "desk")
    told = Filled("Terlalu panjang; paling banyak %(n)s huruf.", n=5)
    assert told == "Terlalu panjang; paling banyak 5 huruf."
    assert say(told, english) == "Too long; at most 5 characters."
    nested = Filled("%(day)s: %(told)s", day=Filled("Senin"), told=told)
    assert say(nested, english) == "Monday: Too long; at most 5 characters."
    assert say(nested, str) == "Senin: Terlalu panjang; paling banyak 5 huruf."


def test_values_stay_as_they_are_whatever_they_say():
    english = translator("en", "desk")
    assert say(Filled("%(role)s, %(place)s", role=Filled("Petugas unit"), place="Kios 100 %"), english) == (
        "Unit officer, Kios 100 %"
    )
    # without values a per cent sign is a per cent sign, and nothing has no English
    assert say(Filled("100 % (%s)"), english) == "100 % (%s)"
    assert say("", english) == ""


def test_a_word_means_what_its_place_says():
    english = translator("en", "desk")
    assert english("Saran") == "Comments"
    assert say_in_context("jenis", "Saran", english) == "Suggestion"
    assert say_in_context("jenis", "Pujian", english) == "Praise"
    assert say_in_context("jenis", "Saran", str) == "Saran"


def test_an_officer_who_chose_english_reads_it_and_names_stay_as_they_are(desk):
    with desk.officer(Role.SUPERADMIN) as officer:
        assert "Pilihan Anda disimpan." in words_of(officer.get("/akun", kabar="disimpan").text)
        officer.post("/akun", language="en", digest="none")
        account = officer.get("/akun", kabar="disimpan").text
        assert 'lang="en"' in account
        assert {"Your preferences have been saved.", "Every week", "Superadmin"} <= set(
            re.findall(r">([^<>]+)<", account)
        )
        # a place may be called as a word of ours is
        officer.post(f"/kelola/tempat/{REGENCY}/tambah", name="Kios", code="kios")
        shown = officer.get("/kelola/tempat").text
        assert ">Kios</a>" in shown
        assert ">Kiosks</a>" in shown
        assert "Units and services" in shown
        for code in (AGENCY, UNIT):
            assert desk.store.place(code).node.name in shown
        refused = officer.post(f"/kelola/tempat/{AGENCY}/tambah", name="", code="x" * 65)
        assert refused.status_code == 422
        assert "Not saved yet. Check these fields:" in refused.text
        assert refused.text.count("This field is required.") == 2
        assert "Too long; at most 64 characters." in refused.text


def test_dates_and_periods_follow_the_language_of_whoever_reads_them(desk):
    with desk.officer(Role.SUPERADMIN) as officer:
        pages = {
            "/kelola": ("Semester II 2026", "Semester II 2026"),
            "/kelola?periode=2026-Q3": ("Triwulan III 2026", "Quarter III 2026"),
            "/kelola?periode=2026-08": ("Agustus 2026", "August 2026"),
            f"/kelola/unit/{UNIT}?periode=2026-08": ("Nilai IKM, Agustus 2026", "August 2026"),
            f"/kelola/banding?unit={UNIT}&periode=2026-08": (
                "Agustus 2026", "August 2026"
            ),
            f"/kelola/unit/{UNIT}/jawaban?periode=2026-10": ("jawaban pada Oktober 2026", "responses in October 2026"),
            "/akun": ("November 2026 pukul ", " November 2026 at "),
            "/kelola/catatan": ("November 2026 pukul ", " November 2026 at "),
        }  # fmt: skip
        for path, (indonesian, _) in pages.items():
            assert indonesian in officer.get(path).text, path
        officer.post("/akun", language="en", digest="none")
        for path, (_, english) in pages.items():
            told = officer.get(path).text
            assert english in told, path
            assert not re.search(r" pukul |Triwulan|Agustus|Oktober|Tahun 2", told), path
        # a file is a document, and documents are Indonesian
        file = officer.get("/kelola/ekspor/ringkasan/csv", periode="2026-08").content.decode("utf-8-sig")
        assert "Agustus 2026" in file


def test_months_of_a_chart_are_short_in_each_language():
    english = translator("en", "desk")
    short = [drawing._short(period.parse_period(f"2026-{month:02}")) for month in range(1, 13)]
    assert [one[:3] for one in short] == [name[:3] for name in period.MONTHS]
    assert " ".join(say(one, english).split()[0] for one in short) == "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"


def test_a_sentence_is_said_by_being_shown_and_its_values_are_no_markup():
    from_python = Filled("%(day)s pukul %(hour)s.%(minute)s %(zone)s", day="<b>", hour="08", minute="05", zone="WIB")
    for locale, told in (("id", "&lt;b&gt; pukul 08.05 WIB"), ("en", "&lt;b&gt; at 08:05 WIB")):
        template = render._environment(locale).from_string("{{ when }}|{{ _('%(x)s', x=when) }}|{{ _(when) }}")
        assert template.render(when=from_python) == "|".join([told] * 3)


def test_a_refusal_is_told_in_the_language_of_whoever_is_refused(desk):
    with desk.officer(Role.UNIT_OFFICER, UNIT) as officer:
        assert PROBLEMS["forbidden"].title in officer.get("/kelola/catatan").text
        officer.post("/akun", language="en", digest="none")
        refused = officer.get("/kelola/catatan")
        assert refused.status_code == 403
        assert "You are not authorised for this page or action." in refused.text
    with desk.visitor() as visitor:
        assert "Alamat ini tidak ada." in visitor.get("/tidak-ada").text


def test_a_program_that_is_refused_gets_a_filled_sentence_as_plain_text():
    problem = wire.problem_of(Refusal("in_use", Filled("Masih ada %(n)s kios aktif di sini.", n=2)))
    assert b"Masih ada 2 kios aktif di sini." in wire.canonical(problem)
