"""Coming in through the pages: what is asked, what is told, and what no stranger learns."""

import re

import pytest
from argon2 import PasswordHasher

from ikm.domain.rights import Role
from ikm.server.store.sessions import IDLE_MS, LONGEST_MS, SECOND_FACTOR_MS
from ikm.server.web.desk.gate import PROOF_MS, own_path
from tests.support.desk import UNIT, words_of
from tests.support.people import (
    OTHER_PASSWORD,
    PASSWORD,
    RECOVERY,
    cookie_of,
    csrf_of,
    give_code,
    give_password,
    known,
    step_in,
)  # fmt: skip

MINUTE_MS = 60_000


@pytest.fixture
def sari(desk):
    return known(desk.store, desk.now_ms)


def inside(visitor):
    return visitor.get("/akun").status_code == 200


def test_password_and_code_lead_to_the_page_that_was_asked_for(desk, sari):
    with desk.visitor() as visitor:
        asked = visitor.get("/kelola/catatan", jenis="person.")
        page = visitor._client.get(asked.headers["location"])
        back = re.search(r'name="kembali" value="([^"]+)"', page.text)[1]
        answer = give_password(visitor, "SARI@contoh.go.id", PASSWORD, kembali=back)
        assert (answer.status_code, answer.headers["location"]) == (
            303, "/masuk/kode?kembali=%2Fkelola%2Fcatatan%3Fjenis%3Dperson.",
        )  # fmt: skip
        assert not inside(visitor)
        answer = give_code(visitor, sari.code(desk.now_ms), kembali=back)
        assert (answer.status_code, answer.headers["location"]) == (303, "/kelola/catatan?jenis=person.")
        assert inside(visitor)


def test_the_session_has_another_name_after_each_step_and_none_from_before_works(desk, sari):
    """Threat 19."""
    with desk.visitor() as visitor:
        visitor._client.cookies.set("ikm", "chosen-by-a-stranger", domain="testserver.local")
        give_password(visitor, sari.email, PASSWORD)
        first = cookie_of(visitor)
        csrf = csrf_of(visitor.get("/masuk/kode").text)
        give_code(visitor, sari.code(desk.now_ms))
        second = cookie_of(visitor)
        assert len({"chosen-by-a-stranger", first, second}) == 3
        assert len(first) == len(second) == 43
        assert desk.store.session("chosen-by-a-stranger", desk.now_ms) is None
        assert desk.store.session(first, desk.now_ms) is None
        assert desk.store.session(second, desk.now_ms).csrf != csrf


def test_the_cookie_is_for_this_site_and_no_script(desk, sari):
    with desk.visitor() as visitor:
        given = give_password(visitor, sari.email, PASSWORD).headers["set-cookie"]
        assert "HttpOnly" in given
        assert "SameSite=lax" in given
        assert "Path=/" in given
        assert "Max-Age" not in given
        assert "Domain" not in given


@pytest.mark.parametrize(
    "email", ["sari@contoh.go.id", "nobody@contoh.go.id", "invited@contoh.go.id", "off@contoh.go.id"]
)
def test_a_wrong_password_and_an_unknown_account_are_told_the_same_for_the_same_work(desk, sari, email, monkeypatch):
    """Threat 21: the work is counted, for time is a matter of luck."""
    desk.person(Role.VERIFIER, UNIT)
    off = known(desk.store, desk.now_ms, email="off@contoh.go.id")
    desk.store.disable_person(off.id, 1, desk_doer(desk))
    done = []
    right = PasswordHasher.verify
    monkeypatch.setattr(PasswordHasher, "verify", lambda self, *given: done.append(1) or right(self, *given))
    statements = []
    with desk.visitor() as visitor:
        password = PASSWORD if email.startswith("off") else OTHER_PASSWORD
        answer = give_password(visitor, email, password)
        statements.append(answer.text.replace(email, "…"))
        assert answer.status_code == 403
        assert "Surel, kata sandi, atau kode tidak cocok." in words_of(answer.text)
        assert "set-cookie" not in answer.headers
        assert OTHER_PASSWORD not in answer.text
    assert len(done) == 1
    # but for the new form's number every answer is the same
    assert re.sub(r'value="[^"]*"', "", statements[0]).count("<form") == 1


def test_after_too_many_wrong_ones_the_wait_is_told_whoever_it_is(desk, sari):
    with desk.visitor() as visitor:
        for email in (sari.email, "nobody@contoh.go.id"):
            for _ in range(5):
                assert give_password(visitor, email, OTHER_PASSWORD).status_code == 403
            answer = give_password(visitor, email, PASSWORD)
            assert (answer.status_code, answer.headers["retry-after"]) == (429, "31")
            assert "Coba lagi dalam 1 menit." in words_of(answer.text)
        desk.later(31_000)
        assert give_password(visitor, sari.email, PASSWORD).status_code == 303


def test_a_code_is_taken_once(desk, sari):
    """Threat 22."""
    code = sari.code(desk.now_ms)
    with desk.visitor() as visitor, desk.visitor() as other:
        assert step_in(visitor, sari, desk.now_ms).status_code == 303
        give_password(other, sari.email, PASSWORD)
        answer = give_code(other, code)
        assert answer.status_code == 403
        assert "salah atau sudah dipakai" in words_of(answer.text)
        assert not inside(other)
        desk.later(30_000)
        assert give_code(other, sari.code(desk.now_ms)).status_code == 303


def test_wrong_codes_are_counted_and_the_password_alone_waits_ten_minutes(desk, sari):
    with desk.visitor() as visitor:
        give_password(visitor, sari.email, PASSWORD)
        for _ in range(5):
            assert give_code(visitor, "000000").status_code == 403
        assert give_code(visitor, sari.code(desk.now_ms)).status_code == 429
        # the password given again does not forgive wrong codes
        give_password(visitor, sari.email, PASSWORD)
        assert give_code(visitor, sari.code(desk.now_ms)).status_code == 429
        desk.later(SECOND_FACTOR_MS)
        assert visitor.get("/masuk/kode").headers["location"].startswith("/masuk?")


def test_a_recovery_code_stands_for_one_code(desk, sari):
    with desk.visitor() as visitor:
        give_password(visitor, sari.email, PASSWORD)
        assert give_code(visitor, RECOVERY[0].lower().replace("-", " ")).status_code == 303
        assert "1 dari 10 belum dipakai" in words_of(visitor.get("/akun").text)
        give_password(visitor, sari.email, PASSWORD)
        assert give_code(visitor, RECOVERY[0]).status_code == 403
    assert [deed.act for deed in desk.store.deeds(limit=2)] == ["account.signed_in", "account.recovered"]


def test_whoever_comes_in_is_written_down_with_where_from_and_what_was_wrong_before(desk, sari):
    firefox = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0"
    with desk.visitor() as visitor:
        visitor._client.headers["User-Agent"] = firefox
        give_password(visitor, "nobody@contoh.go.id", PASSWORD)
        for _ in range(2):
            give_password(visitor, sari.email, OTHER_PASSWORD)
        assert not desk.store.deeds(act="account.signed")
        assert not desk.store.deeds(act="account.guessed")
        give_password(visitor, sari.email, PASSWORD)
        give_code(visitor, "000000")
        assert not desk.store.deeds(act="account.signed")
        give_code(visitor, sari.code(desk.now_ms))
        signed, code, password = desk.store.deeds(limit=3)
        told = words_of(visitor.get("/kelola/catatan", jenis="account.").text)
    assert (signed.act, signed.who, signed.subject) == ("account.signed_in", f"Sari Wijaya <{sari.email}>", sari.email)
    assert (signed.address, signed.facts) == ("testclient", {"browser": "Firefox di Windows"})
    assert [(one.act, one.facts) for one in (code, password)] == [
        ("account.guessed", {"count": 1}), ("account.guessed", {"count": 2}),
    ]  # fmt: skip
    assert "Masuk." in told
    assert "Firefox di Windows" in told
    assert OTHER_PASSWORD not in repr(desk.store.deeds())


def test_whoever_gave_only_the_password_sees_and_changes_nothing(desk, sari):
    with desk.visitor() as visitor:
        give_password(visitor, sari.email, PASSWORD)
        visitor.csrf = csrf_of(visitor.get("/masuk/kode").text)
        for path in ("/kelola", "/akun", "/kelola/pengguna", "/bukti"):
            assert visitor.get(path).status_code == 302
        assert visitor.post("/akun", language="en", digest="none").headers["location"].startswith("/masuk")
        assert desk.store.person(sari.id).language == "id"


def test_the_forms_of_the_second_step_are_this_sessions_own(desk, sari):
    """Threat 17."""
    with desk.visitor() as visitor:
        give_password(visitor, sari.email, PASSWORD)
        for csrf in ("", "x" * 32):
            visitor.csrf = csrf
            assert visitor.post("/masuk/kode", code=sari.code(desk.now_ms)).status_code == 403
            assert visitor.post("/masuk/autentikator", code="123456").status_code == 403
        assert not inside(visitor)


@pytest.mark.parametrize("text", [
    "https://jahat.example", "//jahat.example", "/\\jahat.example", "\\\\jahat.example", "javascript:alert(1)", "jahat",
    "/kelola\r\nLocation: https://jahat.example", "/%0d%0a", "http:/jahat", "///jahat", "/\tjahat", "",
])  # fmt: skip
def test_nobody_is_led_to_another_site(desk, sari, text):
    with desk.visitor() as visitor:
        shown = visitor.get("/masuk", kembali=text).text
        assert f'name="kembali" value="{own_path(text)}"' in shown
        assert own_path(text) in ("/kelola", "/%0d%0a")
        give_password(visitor, sari.email, PASSWORD, kembali=text)
        answer = give_code(visitor, sari.code(desk.now_ms), kembali=text)
        # signs no field may hold are taken out first
        assert answer.headers["location"] in ("/kelola", "/%0d%0a", "/jahat")
        assert "set-cookie" in answer.headers


@pytest.mark.parametrize("more", [{"role": "superadmin"}, {"step": "in"}, {"person": "x"}, {"disabled_ms": ""}])
def test_fields_that_are_not_asked_for_are_refused(desk, sari, more):
    """Threat 24."""
    with desk.visitor() as visitor:
        assert give_password(visitor, sari.email, PASSWORD, **more).status_code == 422
        assert cookie_of(visitor) == ""


@pytest.mark.parametrize("text", [
    "", " ", "' OR 1=1 --", "<script>alert(1)</script>", "{{7*7}}", "a" * 201, "a\x00b@x.id", "ａ@x.id", "\u202ea@x.id",
])  # fmt: skip
def test_odd_addresses_come_in_nowhere_and_are_shown_as_text(desk, sari, text):
    """Items 87-91, 98."""
    with desk.visitor() as visitor:
        answer = give_password(visitor, text, PASSWORD)
        assert answer.status_code in (403, 422)
        assert "<script>alert" not in answer.text
        assert 'value="49"' not in answer.text


def test_a_session_ends_after_half_an_hour_unused_and_after_half_a_day_used(desk, sari):
    with desk.visitor() as visitor:
        step_in(visitor, sari, desk.now_ms)
        for _ in range(LONGEST_MS // (20 * MINUTE_MS) - 1):
            desk.later(20 * MINUTE_MS)
            assert inside(visitor)
        desk.later(20 * MINUTE_MS)
        assert not inside(visitor)
    with desk.visitor() as visitor:
        step_in(visitor, sari, desk.now_ms)
        desk.later(IDLE_MS)
        assert not inside(visitor)


def test_going_out_ends_this_session_alone(desk, sari):
    with desk.visitor() as visitor, desk.visitor() as other:
        step_in(visitor, sari, desk.now_ms)
        held = cookie_of(visitor)
        desk.later(30_000)
        step_in(other, sari, desk.now_ms)
        visitor.csrf = csrf_of(visitor.get("/akun").text)
        answer = visitor.post("/keluar")
        assert (answer.status_code, answer.headers["location"]) == (303, "/masuk")
        assert answer.headers["clear-site-data"] == '"cache"'
        assert cookie_of(visitor) == ""
        assert desk.store.session(held, desk.now_ms) is None
        assert inside(other)


def test_what_hurts_asks_for_the_password_again_after_ten_minutes(desk, sari):
    with desk.visitor() as visitor:
        step_in(visitor, sari, desk.now_ms)
        assert visitor.get("/kelola/pengguna/undang").status_code == 200
        desk.later(PROOF_MS)
        asked = visitor.get("/kelola/pengguna/undang")
        assert (asked.status_code, asked.headers["location"]) == (302, "/bukti?kembali=%2Fkelola%2Fpengguna%2Fundang")
        page = visitor.get("/bukti", kembali="/kelola/pengguna/undang")
        visitor.csrf = csrf_of(page.text)
        wrong = visitor.post("/bukti", password=OTHER_PASSWORD, kembali="/kelola/pengguna/undang")
        assert wrong.status_code == 403
        assert visitor.get("/kelola/pengguna/undang").status_code == 302
        right = visitor.post("/bukti", password=PASSWORD, kembali="/kelola/pengguna/undang")
        assert (right.status_code, right.headers["location"]) == (303, "/kelola/pengguna/undang")
        assert visitor.get("/kelola/pengguna/undang").status_code == 200


def test_a_form_that_comes_too_late_leads_back_to_its_page(desk, sari):
    with desk.visitor() as visitor:
        step_in(visitor, sari, desk.now_ms)
        visitor.csrf = csrf_of(visitor.get("/akun").text)
        visitor._client.headers["Referer"] = "http://testserver.local/kelola/pengguna/undang"
        desk.later(PROOF_MS)
        answer = visitor.post("/kelola/pengguna/undang", name="x")
        assert (answer.status_code, answer.headers["location"]) == (303, "/bukti?kembali=%2Fkelola%2Fpengguna%2Fundang")
        visitor._client.headers["Referer"] = "https://jahat.example//jahat"
        assert visitor.post("/kelola/pengguna/undang").headers["location"] == "/bukti?kembali=%2Fkelola"


def test_guessing_the_password_from_an_open_session_is_stopped_too(desk, sari):
    with desk.visitor() as visitor:
        step_in(visitor, sari, desk.now_ms)
        visitor.csrf = csrf_of(visitor.get("/bukti").text)
        answers = [visitor.post("/bukti", password=f"{OTHER_PASSWORD} {number}").status_code for number in range(7)]
        assert answers == [403] * 5 + [429] * 2


def test_pages_of_the_desk_are_kept_by_no_browser(desk, sari):
    with desk.visitor() as visitor:
        step_in(visitor, sari, desk.now_ms)
        for path in ("/akun", "/kelola/pengguna", "/bukti"):
            assert visitor.get(path).headers["cache-control"] == "no-store"


def test_on_https_the_cookie_belongs_to_this_host_alone(tmp_path):
    from sqlalchemy import URL

    from ikm.server.settings import Settings
    from ikm.server.web.desk.entrance import cookie
    from ikm.server.web.desk.gate import Gate

    for url, name, secure in (("https://skm.contoh.go.id", "__Host-ikm", True), ("http://10.0.0.1", "ikm", False)):
        settings = Settings(URL.create("sqlite", database=str(tmp_path / "ikm.db")), public_url=url)
        gate = Gate(None, {}, lambda: 0, settings.public_url)
        made = cookie(gate, "x").to_header(header="")
        assert made.startswith(f"{name}=x; ")
        assert ("Secure" in made) is secure
        assert "Domain" not in made


def test_a_password_kept_in_an_older_way_is_kept_anew_when_it_is_given(desk, sari):
    old = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)
    desk.store.set_password(sari.id, old, desk_doer(desk))
    with desk.visitor() as visitor:
        assert give_password(visitor, sari.email, PASSWORD).status_code == 303
        assert "m=19456,t=2,p=1" in desk.store.credentials(person=sari.id).password_hash
        assert give_password(visitor, sari.email, PASSWORD).status_code == 303


def desk_doer(desk):
    from ikm.server.store.deeds import Doer

    return Doer("uji", desk.now_ms)
