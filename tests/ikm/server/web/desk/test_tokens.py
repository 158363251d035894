"""Tokens of programs through the pages."""

import re

import pytest

from ikm.domain.errors import Refusal
from ikm.domain.rights import Grant, Role
from ikm.server.store.deeds import Doer
from ikm.server.web.desk.gate import PROOF_MS
from tests.support.desk import AGENCY, FOREIGN_UNIT, REGENCY, UNIT, words_of

DAY_MS = 86_400_000


def make(officer, **more):
    return officer.post("/kelola/token", **{"name": "Dasbor", "node": UNIT, "days": "30", **more})


def token_in(answer):
    found = re.search(r"ikm_[\w-]{43}", answer.text)
    return found and found[0]


def test_a_token_is_shown_once_and_reads_its_place_until_it_lapses(desk):
    with desk.officer(Role.AGENCY_ADMIN, AGENCY) as officer:
        token = token_in(make(officer))
        assert desk.store.token_scope(token, desk.now_ms) == UNIT
        page = officer.get("/kelola/token").text
        assert token not in page
        assert "Dasbor" in words_of(page)
        desk.later(30 * DAY_MS)
        with pytest.raises(Refusal, match="token_invalid"):
            desk.store.token_scope(token, desk.now_ms)
    with desk.officer() as officer:
        assert "Kedaluwarsa" in words_of(officer.get("/kelola/token").text)


def test_nobody_makes_sees_or_withdraws_a_token_of_a_place_that_is_not_theirs(desk):
    with desk.officer() as all_over, desk.officer(Role.AGENCY_ADMIN, AGENCY) as officer:
        for node in (REGENCY, FOREIGN_UNIT, "dinkes", "gone"):
            answer = make(officer, node=node)
            assert answer.status_code == 403
            assert token_in(answer) is None
        far = token_in(make(all_over, node=FOREIGN_UNIT, name="Jauh"))
        assert "Jauh" not in officer.get("/kelola/token").text
        [held] = desk.store.tokens([FOREIGN_UNIT])
        assert officer.post(f"/kelola/token/{held.id}/cabut").status_code == 404
        assert desk.store.token_scope(far, desk.now_ms) == FOREIGN_UNIT


def test_a_token_is_withdrawn_and_said_to_be(desk):
    with desk.officer() as officer:
        token = token_in(make(officer))
        path = re.search(r'action="(/kelola/token/[0-9a-f]{64}/cabut)"', officer.get("/kelola/token").text)[1]
        assert officer.post(path).headers["location"] == "/kelola/token?kabar=dicabut"
        assert "Dicabut" in words_of(officer.get("/kelola/token").text)
        with pytest.raises(Refusal, match="token_invalid"):
            desk.store.token_scope(token, desk.now_ms)
        assert officer.post(path).status_code == 303
        assert officer.post("/kelola/token/x/cabut").status_code == 404


def test_a_token_and_a_link_whose_maker_lost_the_role_say_so(desk):
    maker = desk.person(Role.AGENCY_ADMIN, AGENCY, "Budi Santoso")
    by = Doer(desk.store.person(maker).who, desk.now_ms, maker)
    desk.store.add_token("ikm_" + "t" * 43, "Dasbor", UNIT, desk.now_ms + DAY_MS, by)
    invited = Grant(Role.UNIT_OFFICER, UNIT)
    desk.store.add_invitation("i" * 43, "n@x.go.id", "Nia", invited, expires_ms=desk.now_ms + DAY_MS, by=by)
    with desk.officer() as officer:
        for path in ("/kelola/token", "/kelola/pengguna"):
            assert "tidak lagi berwenang" not in words_of(officer.get(path).text)
        desk.store.give_role(maker, Grant(Role.VERIFIER, AGENCY), 1, Doer("uji", desk.now_ms))
        answer = officer.post(f"/kelola/pengguna/{maker}/cabut", role="agency_admin", node=AGENCY, revision="2")
        assert "yang memerlukan peran itu tidak berlaku lagi" in officer.get(answer.headers["location"]).text
        for path in ("/kelola/token", "/kelola/pengguna"):
            assert "Tidak berlaku Pembuatnya tidak lagi berwenang di sini." in words_of(officer.get(path).text)
    with desk.visitor() as visitor:
        page = visitor.get(f"/undangan/{'i' * 43}")
        assert page.status_code == 403
        assert "Pembuat tautan ini tidak lagi berwenang membuatnya." in words_of(page.text)
        headers = {"Authorization": "Bearer ikm_" + "t" * 43}
        told = visitor._client.get("/api/v1/data/units", headers=headers)
        assert (told.status_code, told.json()["code"]) == (401, "token_unfounded")


def test_what_is_wrong_is_said_and_no_token_made(desk):
    """Items 87-91 and 95, threat 24."""
    with desk.officer() as officer:
        for wrong in (
            {"name": ""}, {"name": " "}, {"name": "x" * 201}, {"name": "<script>alert(1)</script>"},
            {"name": "a\u202eb"},
            {"node": ""}, {"days": "31"}, {"days": "36500"}, {"days": ""}, {"expires_ms": "1"}, {"token": "ikm_mine"},
        ):  # fmt: skip
            answer = make(officer, **wrong)
            assert answer.status_code == 422, wrong
            assert "<script>alert" not in answer.text
        assert desk.store.tokens([UNIT]) == []
        assert [make(officer, once="o" * 20).status_code for _ in range(2)] == [200, 409]
        assert len(desk.store.tokens([UNIT])) == 1
        desk.later(PROOF_MS)
        assert make(officer).headers["location"].startswith("/bukti?")
