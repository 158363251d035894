from ikm.domain.rights import Role
from ikm.server.store.sessions import IDLE_MS
from tests.support.desk import AGENCY, words_of


def test_who_has_not_come_in_is_asked_to_and_comes_back_to_the_page(desk):
    with desk.visitor() as visitor:
        answer = visitor.get("/kelola", period="2026")
        assert answer.status_code == 302
        assert answer.headers["location"] == "/masuk?kembali=%2Fkelola%3Fperiod%3D2026"


def test_whoever_came_in_sees_the_desk(desk):
    with desk.officer(Role.AGENCY_ADMIN, AGENCY) as officer:
        answer = officer.get("/kelola")
        assert answer.status_code == 200
        assert "Sari Wijaya" in words_of(answer.text)


def test_a_session_nobody_used_has_ended(desk):
    with desk.officer() as officer:
        desk.later(IDLE_MS)
        assert officer.get("/kelola").status_code == 302


def test_a_form_without_its_token_or_from_elsewhere_changes_nothing(desk):
    with desk.officer() as officer:
        right, officer.csrf = officer.csrf, "wrong"
        assert officer.post("/keluar").status_code == 403
        assert officer.get("/kelola").status_code == 200
        officer.csrf = right
        for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://elsewhere.example"}, {}):
            answer = officer._client.post("/keluar", data={"csrf": right}, headers=headers, follow_redirects=False)
            assert answer.status_code == 403
        assert officer.post("/keluar").status_code == 303
        assert officer.get("/kelola").status_code == 302
