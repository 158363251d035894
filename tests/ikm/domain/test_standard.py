"""Service standards: what is missing, and lines in several languages."""

import pytest

from ikm.domain.configuration import Service
from ikm.domain.standard import COMPONENTS, missing, promised, read_lines, written_lines

LINE = ({"id": "3 hari kerja"},)


def test_a_services_own_word_on_complaints_goes_before_the_units():
    service = Service("ktp", {"id": "KTP"}, {"TIME": LINE, "PROD": ()})
    assert promised(service, ()) == {"TIME": LINE}
    assert promised(service, [{"id": "Loket"}]) == {"TIME": LINE, "CMPL": ({"id": "Loket"},)}
    own = Service("ktp", {"id": "KTP"}, {"CMPL": LINE})
    assert promised(own, [{"id": "Loket"}]) == {"CMPL": LINE}


def test_missing_components_are_named_in_the_rules_order():
    service = Service("ktp", {"id": "KTP"}, {"TIME": LINE})
    assert [part.element for part in missing(service, LINE)] == ["REQ", "PROC", "COST", "PROD"]
    assert missing(Service("ktp", {}, {part.element: LINE for part in COMPONENTS}), ()) == ()


def test_lines_of_several_languages_stand_beside_each_other():
    texts = {"id": "KTP lama\n\nKartu keluarga\nFoto", "en": "Old card\n-\nPhoto", "jv": ""}
    lines = read_lines(texts)
    assert lines == ({"id": "KTP lama", "en": "Old card"}, {"id": "Kartu keluarga"}, {"id": "Foto", "en": "Photo"})
    assert written_lines(lines, "id") == "KTP lama\nKartu keluarga\nFoto"
    assert written_lines(lines, "en") == "Old card\n-\nPhoto"
    assert written_lines(lines, "jv") == ""
    assert read_lines({locale: written_lines(lines, locale) for locale in ("id", "en", "jv")}) == lines


@pytest.mark.parametrize(
    ("texts", "short", "told"),
    [
        ({"id": "x" * 61}, True, "Baris pertama"),
        ({"id": "x" * 201}, False, "paling banyak 200 huruf"),
        ({"id": "x\n" * 51}, False, "Paling banyak 50 baris"),
        ({"id": "satu", "en": "one\ntwo"}, False, "lebih banyak baris"),
        ({"id": "", "en": "one"}, False, "lebih banyak baris"),
        ({"id": "satu", "en": "o" * 201}, False, "paling banyak 200 huruf"),
    ],
)
def test_lines_that_do_not_fit_are_refused_in_a_sentence(texts, short, told):
    with pytest.raises(ValueError, match=told):
        read_lines(texts, short=short)
