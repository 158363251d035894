"""The door in English: chosen before anybody has come in, remembered by the browser, without a script."""

import re

import pytest

from ikm.domain.rights import Grant, Role
from ikm.server.people import links
from ikm.server.store.deeds import Doer
from tests.support.desk import UNIT, words_of
from tests.support.people import OTHER_PASSWORD, PASSWORD, csrf_of, give_code, give_password, known

SITE = "http://testserver.local"


@pytest.fixture
def sari(desk):
    return known(desk.store, desk.now_ms)


def in_english(page) -> bool:
    return '<html lang="en">' in page.text


def test_the_door_is_indonesian_until_somebody_chooses_and_then_what_they_chose(desk, sari):
    with desk.visitor() as visitor:
        # browsers of offices are often installed in English, and their owners are not
        visitor._client.headers["Accept-Language"] = "en-US,en;q=0.9"
        page = visitor.get("/masuk", kembali="/kelola/saran?status=new")
        assert "Kata sandi" in words_of(page.text)
        switch = re.search(r'<a class="language" href="([^"]+)" hreflang="en" lang="en">English</a>', page.text)[1]
        page = visitor._client.get("/masuk" + switch.replace("&amp;", "&"))
        assert in_english(page)
        assert "Password" in words_of(page.text)
        assert "Kata sandi" not in page.text
        # the way back is kept
        assert 'name="kembali" value="/kelola/saran?status=new"' in page.text
        assert "Max-Age=31536000" in page.headers["set-cookie"]
        assert "HttpOnly" in page.headers["set-cookie"]
        assert in_english(visitor.get("/masuk"))
        wrong = give_password(visitor, sari.email, OTHER_PASSWORD)
        assert (wrong.status_code, in_english(wrong)) == (403, True)
        assert "The e-mail, password or code is not right." in words_of(wrong.text)
        # the person's own language is Indonesian, but this browser chose
        give_password(visitor, sari.email, PASSWORD)
        assert in_english(visitor.get("/masuk/kode"))
        assert in_english(give_code(visitor, "000000"))
        assert not in_english(visitor.get("/masuk/kode", bahasa="id"))
        assert not in_english(visitor.get("/masuk"))


def test_whoever_gave_the_password_is_spoken_to_in_their_own_language_where_none_was_chosen(desk, sari):
    desk.store.change_preferences(sari.id, "en", "none", Doer("uji", desk.now_ms))
    with desk.visitor() as visitor:
        assert not in_english(visitor.get("/masuk"))
        give_password(visitor, sari.email, PASSWORD)
        assert in_english(visitor.get("/masuk/kode"))


@pytest.mark.parametrize("language", ["", "fr", "EN", "../id", "en\r\nSet-Cookie: x=1", '"><script>alert(1)</script>'])
def test_a_language_there_is_not_changes_nothing(desk, language):
    with desk.visitor() as visitor:
        page = visitor.get("/masuk", bahasa=language)
        assert not in_english(page)
        assert "set-cookie" not in page.headers
        assert "<script>alert" not in page.text
        visitor._client.cookies.set("bahasa", "fr", domain="testserver.local")
        assert not in_english(visitor.get("/masuk"))


@pytest.mark.parametrize(("chosen", "kept"), [("en", "en"), ("", "id")])
def test_whoever_is_invited_and_chose_a_language_has_it_inside_too(desk, chosen, kept):
    by = Doer("uji", desk.now_ms)
    link = links.invite(desk.store, SITE, "budi@contoh.go.id", "Budi", Grant(Role.UNIT_OFFICER, UNIT), by)
    path = link.removeprefix(SITE)
    with desk.visitor() as visitor:
        page = visitor.get(path, **({"bahasa": chosen} if chosen else {}))
        assert in_english(page) is bool(chosen)
        assert ("You are invited" in words_of(page.text)) is bool(chosen)
        done = visitor.post(path, name="Budi", password=OTHER_PASSWORD, again=OTHER_PASSWORD)
        assert done.status_code == 303
        assert in_english(visitor.get("/masuk/autentikator")) is bool(chosen)
    assert [one.language for one in desk.store.people() if one.email == "budi@contoh.go.id"] == [kept]


def test_a_page_that_is_shown_once_offers_no_other_language(desk, sari):
    """Recovery codes would be gone; the proof of who is in already speaks the officer's own language."""
    with desk.visitor() as visitor:
        give_password(visitor, sari.email, PASSWORD)
        assert 'class="language"' in visitor.get("/masuk/kode").text
        give_code(visitor, sari.code(desk.now_ms))
        page = visitor.get("/bukti", bahasa="en")
        assert (in_english(page), 'class="language"' in page.text) == (False, False)
        assert csrf_of(page.text)


def test_whoever_is_refused_before_coming_in_is_told_in_the_language_they_chose(desk, sari):
    with desk.visitor() as visitor:
        visitor._client.headers["Accept-Language"] = "en-US,en;q=0.9"
        foreign = {"csrf": "x", "once": "0123456789abcdef", "email": sari.email, "password": PASSWORD}
        for chosen, missing, stale, gone in (
            ("", "Alamat ini tidak ada.", "Formulir ini", "Tautan ini"),
            ("en", "This address does not exist.", "This form", "This link"),
        ):
            if chosen:
                visitor.get("/masuk", bahasa=chosen)
            refused = {
                404: (visitor.get("/tidak-ada"), missing),
                403: (visitor._client.post("/masuk", data=foreign, headers={"Origin": "http://elsewhere.test"}), stale),
            }
            for status, (page, sentence) in refused.items():
                assert page.status_code == status
                assert in_english(page) is bool(chosen), status
                assert sentence in words_of(page.text), status
            assert gone in words_of(visitor.get("/undangan/" + "a" * 43).text)
        # a program is answered as before
        assert "application/problem+json" in visitor.get("/api/v1/nichts").headers["content-type"]
