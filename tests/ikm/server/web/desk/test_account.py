"""One's own account through the pages."""

import re

import pyotp
import pytest

from ikm.domain.rights import Role
from ikm.server.people import passwords, wording
from ikm.server.web.desk.gate import PROOF_MS
from tests.support.desk import UNIT, words_of
from tests.support.people import (
    OTHER_PASSWORD,
    PASSWORD,
    RECOVERY,
    SECRET,
    cookie_of,
    csrf_of,
    give_code,
    give_password,
    known,
    step_in,
)

STEP_MS = 30_000


@pytest.fixture
def sari(desk):
    return known(desk.store, desk.now_ms, role=Role.UNIT_OFFICER, node=UNIT)


@pytest.fixture
def inside(desk, sari):
    """Sari's browser, in."""
    with desk.visitor() as visitor:
        step_in(visitor, sari, desk.now_ms)
        visitor.csrf = csrf_of(visitor.get("/akun").text)
        yield visitor


def test_the_account_shows_roles_sessions_and_codes_left(inside):
    page = words_of(inside.get("/akun").text)
    assert "Petugas unit" in page
    assert "Dinas Kependudukan dan Pencatatan Sipil" in page
    assert "2 dari 10 belum dipakai" in page
    assert "Sesi ini" in page
    assert "WIB" in page


def test_language_and_digest_are_kept_and_anything_else_refused(desk, sari, inside):
    assert inside.post("/akun", language="en", digest="none").headers["location"] == "/akun?kabar=disimpan"
    held = desk.store.person(sari.id)
    assert (held.language, held.digest) == ("en", "none")
    assert 'lang="en"' in inside.get("/akun").text
    for wrong in (
        {"language": "jv", "digest": "none"}, {"language": "id", "digest": "hourly"}, {"language": "id"},
        {"language": "id", "digest": "daily", "email": "x@x.id"},
        {"language": "id", "digest": "daily", "role": "superadmin"},
    ):  # fmt: skip
        assert inside.post("/akun", **wrong).status_code == 422
    assert desk.store.person(sari.id) == held
    assert desk.store.deeds(limit=1)[0].facts == {"language": ["id", "en"], "digest": ["daily", "none"]}


def test_another_password_ends_all_other_sessions_and_is_the_only_one_that_works(desk, sari, inside):
    desk.later(STEP_MS)
    with desk.visitor() as other:
        step_in(other, sari, desk.now_ms)
        held = cookie_of(inside)
        answer = inside.post("/akun/kata-sandi", password=OTHER_PASSWORD, again=OTHER_PASSWORD)
        assert answer.headers["location"] == "/akun?kabar=sandi"
        assert cookie_of(inside) != held
        assert desk.store.session(held, desk.now_ms) is None
        assert inside.get("/akun").status_code == 200
        assert other.get("/akun").status_code == 302
        assert give_password(other, sari.email, PASSWORD).status_code == 403
        assert give_password(other, sari.email, OTHER_PASSWORD).status_code == 303


def test_a_bad_new_password_changes_nothing(desk, sari, inside):
    for password, again in (
        ("pendek", "pendek"), (OTHER_PASSWORD, PASSWORD), ("sari wijaya makan", "sari wijaya makan"),
        ("bismillah12345", "bismillah12345"), ("a" * 201, "a" * 201), ("", ""), (" " * 20, " " * 20),
    ):  # fmt: skip
        answer = inside.post("/akun/kata-sandi", password=password, again=again)
        assert answer.status_code == 422
        assert password not in re.findall(r'value="([^"]*)"', answer.text) or not password
    assert passwords.matches(desk.store.credentials(person=sari.id).password_hash, PASSWORD)


def test_another_authenticator_takes_the_place_of_the_first_once_it_gives_its_code(desk, sari, inside):
    page = inside.get("/akun/autentikator").text
    secret = re.search(r'class="secret"[^>]*>([A-Z2-7 ]+)<', page)[1].replace(" ", "")
    assert SECRET not in page.replace(" ", "")
    assert inside.post("/akun/autentikator", code="000000").status_code == 403
    assert desk.store.credentials(person=sari.id).totp_secret == SECRET
    code = pyotp.TOTP(secret).generate_otp(desk.now_ms // STEP_MS)
    assert inside.post("/akun/autentikator", code=code).headers["location"] == "/akun?kabar=autentikator"
    assert desk.store.credentials(person=sari.id).totp_secret == secret
    assert desk.store.recovery_codes_left(sari.id) == 2
    # what the first code was is used up, and what is offered next is another secret
    assert secret not in inside.get("/akun/autentikator").text.replace(" ", "")
    with desk.visitor() as other:
        give_password(other, sari.email, PASSWORD)
        assert give_code(other, code).status_code == 403
        desk.later(STEP_MS)
        assert give_code(other, sari.code(desk.now_ms)).status_code == 403
        assert give_code(other, pyotp.TOTP(secret).generate_otp(desk.now_ms // STEP_MS)).status_code == 303


def test_recovery_codes_are_made_anew_and_shown_once(desk, sari, inside):
    shown = inside.post("/akun/kode-pemulihan", once="o" * 20)
    made = re.findall(r"<code>([B-Z]{5}-[B-Z]{5})</code>", shown.text)
    assert len(made) == 10
    assert not set(made) & set(RECOVERY)
    assert made[0] not in inside.get("/akun/kode-pemulihan").text
    assert inside.post("/akun/kode-pemulihan", once="o" * 20).status_code == 409
    with desk.visitor() as other:
        give_password(other, sari.email, PASSWORD)
        assert give_code(other, RECOVERY[0]).status_code == 403
        assert give_code(other, made[3]).status_code == 303


def test_ones_own_sessions_are_ended_one_by_one_or_all_but_this(desk, sari, inside):
    other = desk.store.begin_session(sari.id, "in", desk.now_ms, address="192.0.2.7", agent="Firefox/140 Android")
    third = desk.store.begin_session(sari.id, "in", desk.now_ms)
    stranger = known(desk.store, desk.now_ms, email="x@contoh.go.id")
    theirs = desk.store.begin_session(stranger.id, "in", desk.now_ms)
    page = inside.get("/akun").text
    assert "Firefox di Android" in page
    assert "192.0.2.7" in page
    ends = set(re.findall(r'action="(/akun/sesi/[0-9a-f]{64}/akhiri)"', page))
    assert len(ends) == 2
    [foreign] = [one.id for one in desk.store.sessions(stranger.id, desk.now_ms)]
    # item 96
    assert inside.post(f"/akun/sesi/{foreign}/akhiri").status_code == 404
    assert inside.post("/akun/sesi/x/akhiri").status_code == 404
    assert inside.post(ends.pop()).headers["location"] == "/akun?kabar=sesi"
    assert sum(desk.store.session(one, desk.now_ms) is not None for one in (other, third)) == 1
    assert inside.post("/akun/sesi/lain/akhiri").headers["location"] == "/akun?kabar=lain"
    assert desk.store.session(other, desk.now_ms) is desk.store.session(third, desk.now_ms) is None
    assert inside.get("/akun").status_code == 200
    assert desk.store.session(theirs, desk.now_ms) is not None


def test_what_changes_the_way_in_asks_for_the_password_again(desk, inside):
    desk.later(PROOF_MS)
    for path in ("/akun/kata-sandi", "/akun/autentikator", "/akun/kode-pemulihan"):
        assert inside.get(path).headers["location"].startswith("/bukti?")
        assert inside.post(path).headers["location"].startswith("/bukti?")


@pytest.mark.parametrize(("agent", "name"), [
    ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36", "Chrome di Windows"),
    ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge di Windows"),
    ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Mobile Safari/604.1", "Safari di iPhone"),
    ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox di Linux"),
    ("curl/8.5", "curl/8.5"), ("<script>", "script"), ("", "Peramban lain"), ("\u202e", "Peramban lain"),
])  # fmt: skip
def test_browsers_are_named_as_their_owners_know_them(agent, name):
    assert wording.browser(agent) == name
