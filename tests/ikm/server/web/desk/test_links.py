"""Following one-time links through the pages: the first superadmin, people who were invited, people who begin anew."""

import html
import re
from contextlib import contextmanager

import pyotp
import pytest
from sqlalchemy import URL

from ikm.domain.period import TimeZone
from ikm.domain.rights import Grant, Role
from ikm.server.people import links
from ikm.server.settings import Settings
from ikm.server.store import Store
from ikm.server.store.deeds import Doer
from ikm.server.web.app import create_app
from tests.ikm.server.kiosk_device import NOW_MS
from tests.support.desk import AGENCY, UNIT, Office, words_of
from tests.support.people import OTHER_PASSWORD, PASSWORD, SECRET, cookie_of, csrf_of, give_password, known, step_in

SITE = "http://testserver.local"
GOOD = {"password": OTHER_PASSWORD, "again": OTHER_PASSWORD}
FIRST = {**GOOD, "email": "Ani@Sekadau.go.id", "name": "Ani Lestari"}
PLACE = {"place_name": "Kabupaten Sekadau", "place_code": "sekadau", "time_zone": "WITA"}


@contextmanager
def bare(folder):
    """A server nobody has set up."""
    settings = Settings(URL.create("sqlite", database=str(folder / "ikm.db")), public_url=SITE)
    now = [NOW_MS]
    app = create_app(settings, now_ms=lambda: now[0])
    store = Store.open(settings.database)
    try:
        yield Office(store, app, now)
    finally:
        store.close()


def path_of(link):
    assert link.startswith(f"{SITE}/undangan/")
    return link.removeprefix(SITE)


def set_up_authenticator(visitor, now_ms):
    """The answer to the right first code, and the secret."""
    page = visitor.get("/masuk/autentikator")
    secret = re.search(r'class="secret"[^>]*>([A-Z2-7 ]+)<', page.text)[1].replace(" ", "")
    visitor.csrf = csrf_of(page.text)
    code = pyotp.TOTP(secret).generate_otp(now_ms // 30_000)
    return visitor.post("/masuk/autentikator", code=code), secret


def test_from_an_empty_server_to_a_superadmin_who_is_in(tmp_path):
    with bare(tmp_path) as server, server.visitor() as visitor:
        path = path_of(links.setup_link(server.store, SITE, Doer("ikm serve", NOW_MS)))
        assert "Nama daerah" in words_of(visitor.get(path).text)
        answer = visitor.post(path, **FIRST, **PLACE)
        assert (answer.status_code, answer.headers["location"]) == (303, "/masuk/kode")
        assert visitor.get("/masuk/kode").headers["location"].startswith("/masuk/autentikator")
        waiting = cookie_of(visitor)
        # not in before the second factor works, and the link is used up all the same
        assert visitor.get("/kelola").status_code == 302
        assert not server.store.has_superadmin()
        assert visitor.get(path).status_code == 403
        shown, _ = set_up_authenticator(visitor, NOW_MS)
        assert len(re.findall(r"<code>[B-Z]{5}-[B-Z]{5}</code>", shown.text)) == 10
        assert cookie_of(visitor) != waiting
        assert visitor.get("/kelola").status_code == 200
        assert server.store.has_superadmin()
        [person] = server.store.people()
        assert (person.email, person.grants) == ("ani@sekadau.go.id", (Grant(Role.SUPERADMIN, "sekadau"),))
        assert server.store.time_zone("sekadau") is TimeZone.WITA
        assert links.setup_link(server.store, SITE, Doer("ikm serve", NOW_MS)) is None
        assert "WITA" in visitor.get("/akun").text


def test_the_picture_says_what_the_key_says(tmp_path):
    with bare(tmp_path) as server, server.visitor() as visitor:
        visitor.post(path_of(links.setup_link(server.store, SITE, Doer("x", NOW_MS))), **FIRST, **PLACE)
        page = visitor.get("/masuk/autentikator").text
        assert 'src="data:image/svg+xml' in page
        again = visitor.get("/masuk/autentikator").text
        assert (
            re.search(r'class="secret"[^>]*>([^<]+)<', page)[1] == re.search(r'class="secret"[^>]*>([^<]+)<', again)[1]
        )


def test_a_wrong_first_code_sets_nothing_up(tmp_path):
    with bare(tmp_path) as server, server.visitor() as visitor:
        visitor.post(path_of(links.setup_link(server.store, SITE, Doer("x", NOW_MS))), **FIRST, **PLACE)
        visitor.csrf = csrf_of(visitor.get("/masuk/autentikator").text)
        for code in ("000000", "", "abc"):
            assert visitor.post("/masuk/autentikator", code=code).status_code == 403
        assert not server.store.has_superadmin()
        # with the password one may come back and go on
        assert give_password(visitor, "ani@sekadau.go.id", OTHER_PASSWORD).status_code == 303
        assert set_up_authenticator(visitor, NOW_MS)[0].status_code == 200
        assert server.store.has_superadmin()


def test_a_set_up_link_is_good_for_a_day_and_until_somebody_can_come_in(desk):
    path = path_of(links.setup_link(desk.store, SITE, Doer("x", desk.now_ms)))
    with desk.visitor() as visitor:
        assert "Nama daerah" not in visitor.get(path).text
        known(desk.store, desk.now_ms)
        assert visitor.post(path, **FIRST).status_code == 403
        assert len(desk.store.people()) == 1
        desk.later(links.SETUP_MS)
        assert visitor.get(path).status_code == 403


WRONG = [
    ({"again": PASSWORD}, "again"), ({"password": "pendek", "again": "pendek"}, "password"),
    ({"password": "kabupaten2026", "again": "kabupaten2026"}, "password"),
    ({"password": "ani lestari sawah", "again": "ani lestari sawah"}, "password"),
    ({"password": "a" * 401}, "password"),
    ({"email": "ani"}, "email"), ({"email": "a@b"}, "email"), ({"email": "a@b.c\u202e.id"}, "email"),
    ({"email": "a..b@x.go.id"}, "email"), ({"email": "<a@x.go.id>"}, "email"),
    ({"email": "a@x.go.id, b@x.id"}, "email"),
    ({"email": "javascript:alert(1)"}, "email"), ({"email": "a" * 65 + "@x.go.id"}, "email"),
    ({"name": "   "}, "name"), ({"name": "x" * 201}, "name"), ({"name": "<script>alert(1)</script>"}, "name"),
    ({"name": "Ani\u202etseL"}, "name"), ({"name": "Ani <boss@x.go.id>"}, "name"),
    ({"place_code": "Sekadau Kota"}, "place_code"), ({"place_code": "../x"}, "place_code"),
    ({"place_name": ""}, "place_name"), ({"time_zone": "UTC"}, "time_zone"),
    ({"role": "superadmin"}, ""), ({"node": "x"}, ""), ({"kind": "setup"}, ""),
]  # fmt: skip


def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_kept(tmp_path):
    """Items 87-91 and 98, threat 24."""
    with bare(tmp_path) as server, server.visitor() as visitor:
        path = path_of(links.setup_link(server.store, SITE, Doer("x", NOW_MS)))
        for wrong, field in WRONG:
            answer = visitor.post(path, **{**FIRST, **PLACE, **wrong})
            assert answer.status_code == 422, wrong
            assert (f'id="e-{field}"' if field else "tidak dikenal") in answer.text, wrong
            assert OTHER_PASSWORD not in answer.text
            assert "<script>alert" not in answer.text
        assert server.store.people() == []
        assert server.store.organisation() == []
        assert visitor.post(path, **FIRST, **PLACE).status_code == 303


@pytest.mark.parametrize("name", ["{{7*7}}", "'; DROP TABLE person; --", "Siti Nur'aini", "Ni Luh Ayu, S.Kom."])
def test_a_name_is_a_name_whatever_it_looks_like(tmp_path, name):
    """Items 88 and 89."""
    with bare(tmp_path) as server, server.visitor() as visitor:
        visitor.post(
            path_of(links.setup_link(server.store, SITE, Doer("x", NOW_MS))), **{**FIRST, **PLACE, "name": name}
        )
        set_up_authenticator(visitor, NOW_MS)
        shown = html.unescape(visitor.get("/akun").text)
        assert name in shown
        assert server.store.people()[0].name == name


def test_whoever_was_invited_gets_that_role_there_and_no_other(desk):
    admin = known(desk.store, desk.now_ms)
    by = Doer(admin.name, desk.now_ms, admin.id)
    grant = Grant(Role.UNIT_OFFICER, UNIT)
    path = path_of(links.invite(desk.store, SITE, "budi@contoh.go.id", "Budi", grant, by))
    with desk.visitor() as visitor:
        page = words_of(visitor.get(path).text)
        assert "Petugas unit" in page
        assert "budi@contoh.go.id" in page
        for more in ({"email": "else@x.go.id"}, {"role": "superadmin"}, {"node": AGENCY}):
            assert visitor.post(path, **GOOD, name="Budi", **more).status_code == 422
        assert visitor.post(path, **GOOD, name="Budi Santoso").status_code == 303
        set_up_authenticator(visitor, desk.now_ms)
        assert visitor.get("/kelola/tempat").status_code == 200
        assert visitor.get("/kelola/pengguna").status_code == 403
    held = next(one for one in desk.store.people() if one.email == "budi@contoh.go.id")
    assert (held.name, held.grants) == ("Budi Santoso", (grant,))


def test_an_invitation_ends_with_its_week_when_used_and_when_withdrawn(desk):
    by = Doer("x", desk.now_ms)
    grant = Grant(Role.UNIT_OFFICER, UNIT)
    made = [path_of(links.invite(desk.store, SITE, f"{n}@x.go.id", "B", grant, by)) for n in range(3)]
    with desk.visitor() as visitor:
        assert visitor.post(made[0], **GOOD, name="B").status_code == 303
        desk.store.revoke_invitation(desk.store.invitation(made[1].rpartition("/")[2], desk.now_ms), by)
        for path in made[:2]:
            assert visitor.get(path).status_code == visitor.post(path, **GOOD, name="B").status_code == 403
        desk.later(links.INVITE_MS - 1)
        assert visitor.get(made[2]).status_code == 200
        desk.later(1)
        assert visitor.get(made[2]).status_code == 403


@pytest.mark.parametrize("factor", [False, True])
def test_a_link_to_begin_anew_leads_to_the_old_or_a_new_authenticator(desk, factor):
    sari = known(desk.store, desk.now_ms)
    with desk.visitor() as visitor, desk.visitor() as before:
        step_in(before, sari, desk.now_ms)
        desk.later(30_000)
        person = desk.store.person(sari.id)
        path = path_of(links.reset(desk.store, SITE, person, Doer("admin", desk.now_ms), factor=factor))
        # looking at it, as programs that show previews do, changes nothing
        assert visitor.get(path).status_code == 200
        assert before.get("/akun").status_code == 200
        assert visitor.post(path, **GOOD).status_code == 303
        assert before.get("/akun").status_code == 302
        assert visitor.get("/akun").status_code == 302
        if factor:
            shown, secret = set_up_authenticator(visitor, desk.now_ms)
            assert shown.status_code == 200
            assert secret != SECRET
        else:
            assert visitor.get("/masuk/autentikator").headers["location"].startswith("/masuk/kode")
            visitor.csrf = csrf_of(visitor.get("/masuk/kode").text)
            assert visitor.post("/masuk/kode", code=sari.code(desk.now_ms)).status_code == 303
        assert visitor.get("/akun").status_code == 200
    assert desk.store.credentials(person=sari.id).totp_secret != (SECRET if factor else "")


def test_a_reset_forgives_wrong_tries_on_that_account(desk):
    sari = known(desk.store, desk.now_ms)
    with desk.visitor() as visitor:
        answers = [give_password(visitor, sari.email, "x").status_code for _ in range(6)]
        assert answers[-1] == 429
        person = desk.store.person(sari.id)
        path = path_of(links.reset(desk.store, SITE, person, Doer("admin", desk.now_ms), factor=False))
        visitor.post(path, **GOOD)
        assert give_password(visitor, sari.email, OTHER_PASSWORD).status_code == 303


@pytest.mark.parametrize("token", ["x", "x" * 43, "' OR 1=1 --", "%00", "..%2f..", "a" * 5000])
def test_links_nobody_made_are_refused_alike(desk, token):
    with desk.visitor() as visitor:
        assert visitor.get(f"/undangan/{token}").status_code in (403, 404)
        assert visitor.post(f"/undangan/{token}", **GOOD, name="B").status_code in (403, 404)


def test_links_name_the_servers_own_address_whatever_host_was_asked(desk):
    """Threat 30."""
    with desk.officer() as officer:
        for poison in (
            {"Host": "jahat.example"}, {"X-Forwarded-Host": "jahat.example"}, {"Forwarded": "host=jahat.example"},
        ):  # fmt: skip
            host = poison.get("Host", "testserver.local")
            headers = {**poison, "Origin": f"http://{host}", "Sec-Fetch-Site": "same-origin"}
            form = {"name": "B", "email": f"{len(str(poison))}@x.go.id", "role": "unit_officer", "node": UNIT}
            form |= {"csrf": officer.csrf, "once": f"{len(str(poison)):020}"}
            answer = officer._client.post("/kelola/pengguna/undang", data=form, headers=headers, follow_redirects=False)
            assert answer.status_code == 200
            assert f"{SITE}/undangan/" in answer.text
            assert "jahat" not in answer.text
            moved = officer._client.get("/masuk", headers=poison, follow_redirects=False)
            assert moved.headers["location"] == "/kelola"


def test_a_link_is_in_no_line_of_the_log(desk, caplog, monkeypatch):
    def fails(*_):
        raise RuntimeError

    monkeypatch.setattr(Store, "invitation", fails)
    with desk.visitor() as visitor:
        assert visitor.get(f"/undangan/{'s' * 43}").status_code == 500
    told = [record.getMessage() for record in caplog.records if record.name.startswith("ikm.")]
    assert told == ["failed GET /undangan/\\u2026"]
