"""Catalogues are whole: every word of the screens, no word that is gone, the same fields to fill in."""

import json
import re
import string
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from ikm.i18n import translator

ROOT = Path(__file__).parents[2]
CATALOGUES = sorted((ROOT / "assets/translations").glob("*/LC_MESSAGES/kiosk.po"))
UNREVIEWED = ("jv", "su")

# words of the familiar registers, and the polite ones that stand for them: a citizen is never spoken to like a child
FAMILIAR = {
    "jv": {
        "aku", "kowe", "kon", "sliramu", "iki", "iku", "kuwi", "ora", "wis", "durung", "ana", "arep", "gelem",
        "bisa", "apa", "sapa", "kepriye", "piye", "gampang", "larang", "apik", "elek", "akeh", "sithik",
        "dhuwit", "nulis", "lungguh", "suwe", "ngenteni", "ngomong", "kanggo", "karo", "utawa", "banget", "dina",
        "maneh", "weruh", "luwih",
    },
    "su": {
        "aing", "urang", "maneh", "manéh", "sia", "kami", "maraneh", "geus", "can", "boga", "hayang", "bisa",
        "nyaho", "mahal", "alus", "goreng", "gancang", "hese", "lila", "loba", "saeutik", "jeung", "atawa",
        "pikeun", "nulis", "ngaran", "poe", "waktu", "nungguan", "balik", "leuwih", "menta", "mere", "ngomong",
        "kieu", "jelema",
    },
}  # fmt: skip


def said_by_the_screens():
    found = extract_from_dir(ROOT / "kiosk", method_map=[("**.py", "python")])
    return {message for _file, _line, message, _comments, _context in found}


def catalogue(path):
    with path.open("rb") as stream:
        return {message.id: message for message in read_po(stream) if message.id}


def fields(text):
    return sorted(name for _literal, name, _spec, _conversion in string.Formatter().parse(text) if name is not None)


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-3])
def test_every_sentence_is_translated_and_none_is_left_over(path):
    known = catalogue(path)
    assert known.keys() == said_by_the_screens()
    assert all(message.string and not message.fuzzy for message in known.values())


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-3])
def test_translations_keep_the_fields_to_fill_in(path):
    for message in catalogue(path).values():
        assert fields(message.string) == fields(message.id), message.id


def test_every_language_of_the_example_regency_has_a_catalogue_of_its_own():
    file = json.loads((ROOT / "assets/samples/organisation.json").read_text(encoding="utf-8"))
    catalogues = {path.parts[-3] for path in CATALOGUES}
    assert catalogues == {"en", "jv", "su"} == set(file["kiosk"]["languages"]) - {"id"}


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-3])
def test_a_catalogue_says_what_it_is_and_whether_a_native_speaker_has_read_it(path):
    text = path.read_text(encoding="utf-8")
    with path.open("rb") as stream:
        read = read_po(stream)
    assert str(read.locale) == path.parts[-3]
    assert not read.obsolete
    head = " ".join(text[: text.index("msgid")].replace("#", "").split())
    assert "courtesy layer" in head
    assert "Official labels stay visible in Indonesian" in head
    assert ("REVIEW BY A NATIVE SPEAKER IS OPEN" in head) is (path.parts[-3] in UNREVIEWED)


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-3])
def test_a_catalogue_is_a_translation_and_not_a_copy(path):
    known = catalogue(path)
    copied = [message.id for message in known.values() if message.string == message.id]
    assert len(copied) <= len(known) // 10, copied
    texts = [message.string for message in known.values()]
    assert all(text == text.strip() and "  " not in text for text in texts)
    # a sentence stays a sentence
    assert all(message.string[-1] == message.id[-1] for message in known.values() if message.id[-1] in ".?!…:")


def in_language(value, locale):
    """Every text of a file in that language, wherever it stands."""
    if isinstance(value, dict):
        if locale in value:
            yield value[locale]
        for inner in value.values():
            yield from in_language(inner, locale)
    elif isinstance(value, list):
        for inner in value:
            yield from in_language(inner, locale)


@pytest.mark.parametrize("locale", UNREVIEWED)
def test_citizens_are_spoken_to_in_the_polite_register_alone(locale):
    [path] = [path for path in CATALOGUES if path.parts[-3] == locale]
    said = [message.string for message in catalogue(path).values()]
    for name in ("questionnaires/skm-14-2017-v2.json", "samples/organisation.json"):
        said += in_language(json.loads((ROOT / "assets" / name).read_text(encoding="utf-8")), locale)
    assert len(said) > 150
    for text in said:
        assert not FAMILIAR[locale] & set(re.findall(r"[\w-]+", text.casefold())), text


@pytest.mark.parametrize(
    ("locale", "start"), [("en", "Start"), ("jv", "Miwiti"), ("su", "Ngawitan"), ("id", "Mulai"), ("xx", "Mulai")]
)
def test_the_first_button_speaks_each_language_and_indonesian_where_there_is_none(locale, start):
    assert translator(locale)("Mulai") == start


def test_layout_files_hold_no_words():
    for layout in (ROOT / "kiosk").rglob("*.kv"):
        for line in layout.read_text(encoding="utf-8").splitlines():
            name, _, value = line.strip().partition(":")
            assert not (name in {"words", "text"} and value.strip().startswith(("'", '"'))), (layout, line)
