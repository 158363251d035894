"""Catalogues are whole: every word of the screens, no word that is gone, the same fields to fill in."""

import string
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from ikm.i18n import translator

ROOT = Path(__file__).parents[2]
CATALOGUES = sorted((ROOT / "assets/translations").glob("*/LC_MESSAGES/kiosk.po"))


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


def test_english_is_there():
    assert translator("en")("Mulai") == "Start"


def test_layout_files_hold_no_words():
    for layout in (ROOT / "kiosk").rglob("*.kv"):
        for line in layout.read_text(encoding="utf-8").splitlines():
            name, _, value = line.strip().partition(":")
            assert not (name in {"words", "text"} and value.strip().startswith(("'", '"'))), (layout, line)
