"""People and their roles through the pages: nobody gives, takes or sees more than they have."""

import re

import pytest

from ikm.domain.rights import Grant, Role
from ikm.server.store.deeds import Doer
from tests.support.desk import AGENCY, FOREIGN_UNIT, REGENCY, UNIT, words_of
from tests.support.people import known

FOREIGN_AGENCY = "dinkes"
PLACES = (REGENCY, AGENCY, UNIT, FOREIGN_AGENCY, FOREIGN_UNIT)


def invite(visitor, **more):
    given = {"name": "Budi", "email": "budi@contoh.go.id", "role": "unit_officer", "node": UNIT, **more}
    return visitor.post("/kelola/pengguna/undang", **given)


def link_in(answer):
    return re.search(r"http://testserver\.local/undangan/[\w-]{43}", answer.text)


@pytest.fixture
def budi(desk):
    """An officer of the unit."""
    return known(desk.store, desk.now_ms, role=Role.UNIT_OFFICER, node=UNIT, name="Budi", email="budi@contoh.go.id")


def grants(desk, one):
    return set(desk.store.person(one.id).grants)


GIVEN = [
    (Role.SUPERADMIN, REGENCY, "superadmin", REGENCY, 200), (Role.SUPERADMIN, REGENCY, "agency_admin", AGENCY, 200),
    (Role.SUPERADMIN, REGENCY, "superadmin", AGENCY, 422), (Role.SUPERADMIN, REGENCY, "unit_officer", AGENCY, 422),
    (Role.SUPERADMIN, REGENCY, "verifier", REGENCY, 200), (Role.SUPERADMIN, REGENCY, "unit_officer", "gone", 403),
    (Role.AGENCY_ADMIN, AGENCY, "unit_officer", UNIT, 200), (Role.AGENCY_ADMIN, AGENCY, "agency_admin", AGENCY, 200),
    (Role.AGENCY_ADMIN, AGENCY, "superadmin", REGENCY, 403), (Role.AGENCY_ADMIN, AGENCY, "verifier", REGENCY, 403),
    (Role.AGENCY_ADMIN, AGENCY, "unit_officer", FOREIGN_UNIT, 403),
    (Role.AGENCY_ADMIN, AGENCY, "agency_admin", FOREIGN_AGENCY, 403),
]  # fmt: skip


def test_nobody_invites_to_more_than_they_may_give(desk):
    """Threat 24, item 96."""
    for who, where, role, node, status in GIVEN:
        with desk.officer(who, where) as officer:
            before = desk.store.invitations(list(PLACES), desk.now_ms)
            answer = invite(officer, role=role, node=node, email=f"{role}.{node}.{who}@x.go.id".replace("_", "-"))
            assert answer.status_code == status, (who, role, node)
            assert bool(link_in(answer)) == (status == 200)
            made = [one for one in desk.store.invitations(list(PLACES), desk.now_ms) if one not in before]
            assert [(one.role, one.node) for one in made] == ([(role, node)] if status == 200 else [])


def test_the_link_is_shown_once_and_the_invitation_listed_until_it_is_withdrawn(desk):
    with desk.officer(Role.AGENCY_ADMIN, AGENCY) as officer:
        link = link_in(invite(officer))[0]
        listed = officer.get("/kelola/pengguna").text
        assert link not in listed
        assert "Undangan yang belum diterima" in listed
        path = re.search(r'action="(/kelola/pengguna/undangan/[0-9a-f]{64}/tarik)"', listed)[1]
        with desk.officer(Role.AGENCY_ADMIN, FOREIGN_AGENCY) as other:
            assert "budi@contoh.go.id" not in other.get("/kelola/pengguna").text
            assert other.post(path).status_code == 404
        assert officer.post(path).status_code == 303
        assert "Undangan yang belum diterima" not in officer.get("/kelola/pengguna").text
        assert officer.get(link.removeprefix("http://testserver.local")).status_code == 403


def test_an_invitation_sent_twice_is_made_once(desk):
    """Item 95."""
    with desk.officer() as officer:
        assert [invite(officer, once="o" * 24).status_code for _ in range(2)] == [200, 409]
        assert len(desk.store.invitations([UNIT], desk.now_ms)) == 1


def test_whoever_is_there_already_is_not_invited(desk, budi):
    with desk.officer() as officer:
        answer = invite(officer, email="BUDI@contoh.go.id")
        assert answer.status_code == 409
        assert "Sudah ada pengguna dengan surel ini." in words_of(answer.text)


WRONG = [
    ({"role": ""}, "role"), ({"role": "boss"}, "role"), ({"node": ""}, "node"), ({"node": "x" * 65}, "node"),
    ({"email": "budi@"}, "email"), ({"email": ""}, "email"), ({"name": " \t "}, "name"),
    ({"name": "<img src=x onerror=alert(1)>"}, "name"), ({"expires_ms": "1"}, ""), ({"person": "x"}, ""),
]  # fmt: skip


def test_what_is_wrong_with_an_invitation_is_said_beside_its_field(desk):
    """Items 87, 90, 91, 96 and 98."""
    with desk.officer() as officer:
        for wrong, field in WRONG:
            answer = invite(officer, **wrong)
            assert answer.status_code == 422, wrong
            assert (f'id="e-{field}"' if field else "tidak dikenal") in answer.text, wrong
            assert "<img src=x" not in answer.text
        assert desk.store.invitations([UNIT], desk.now_ms) == []


def test_an_agency_admin_sees_and_changes_only_people_who_are_wholly_theirs(desk, budi):
    admin = known(desk.store, desk.now_ms)
    far = known(desk.store, desk.now_ms, role=Role.UNIT_OFFICER, node=FOREIGN_UNIT, name="Far", email="far@x.go.id")
    both = known(desk.store, desk.now_ms, role=Role.UNIT_OFFICER, node=UNIT, name="Both", email="both@x.go.id")
    desk.store.give_role(both.id, Grant(Role.VERIFIER, FOREIGN_UNIT), 1, Doer("x", desk.now_ms))
    with desk.officer(Role.AGENCY_ADMIN, AGENCY) as officer:
        listed = words_of(officer.get("/kelola/pengguna").text)
        assert "budi@contoh.go.id" in listed
        assert officer.get(f"/kelola/pengguna/{budi.id}").status_code == 200
        for one in (admin, far, both):
            assert one.email not in listed
            before = desk.store.person(one.id), desk.store.credentials(person=one.id)
            assert officer.get(f"/kelola/pengguna/{one.id}").status_code == 404
            for do, form in (
                ("", {"role": "verifier", "node": UNIT, "revision": "1"}), ("/nonaktif", {"revision": "1"}),
                ("/cabut", {"role": "unit_officer", "node": UNIT, "revision": "1"}), ("/aktif", {"revision": "1"}),
                ("/tautan", {"factor": "anew"}),
            ):  # fmt: skip
                assert officer.post(f"/kelola/pengguna/{one.id}{do}", **form).status_code == 404
            assert (desk.store.person(one.id), desk.store.credentials(person=one.id)) == before
        # and gives nobody of their own a role elsewhere
        answer = officer.post(f"/kelola/pengguna/{budi.id}", role="verifier", node=FOREIGN_UNIT, revision="1")
        assert answer.status_code == 403
        assert grants(desk, budi) == {Grant(Role.UNIT_OFFICER, UNIT)}


@pytest.mark.parametrize("person", ["x", "' OR 1=1 --", "0f0e0d0c-0b0a-4908-8706-050403020100", "..", "%00"])
def test_a_person_nobody_knows_is_not_found(desk, person):
    with desk.officer() as officer:
        assert officer.get(f"/kelola/pengguna/{person}").status_code in (200, 404)
        assert officer.post(f"/kelola/pengguna/{person}/nonaktif", revision="1").status_code in (404, 405)
    assert all(one.disabled_ms is None for one in desk.store.people())


def test_roles_are_given_and_taken_and_the_page_says_so(desk, budi):
    path = f"/kelola/pengguna/{budi.id}"
    with desk.officer() as officer:
        answer = officer.post(path, role="verifier", node=FOREIGN_UNIT, revision="1")
        assert (answer.status_code, answer.headers["location"]) == (303, f"{path}?kabar=peran")
        page = words_of(officer.get(path, kabar="peran").text)
        assert "Peran ditambahkan." in page
        assert "Memberi budi@contoh.go.id peran Pemeriksa." in page
        answer = officer.post(f"{path}/cabut", role="unit_officer", node=UNIT, revision="2")
        assert answer.headers["location"].endswith("kabar=dicabut")
        assert grants(desk, budi) == {Grant(Role.VERIFIER, FOREIGN_UNIT)}
        answer = officer.post(f"{path}/cabut", role="verifier", node=FOREIGN_UNIT, revision="3")
        assert answer.headers["location"].endswith("kabar=peran-terakhir")
        assert "peran terakhirnya" in words_of(officer.get(path, kabar="peran-terakhir").text)


def test_the_second_of_two_admins_is_told_and_sees_what_holds_now(desk, budi):
    """Item 94."""
    path = f"/kelola/pengguna/{budi.id}"
    with desk.officer() as first, desk.officer() as second:
        first.post(path, role="verifier", node=UNIT, revision="1")
        answer = second.post(f"{path}/nonaktif", revision="1")
        assert answer.headers["location"] == f"{path}?kabar=berubah"
        page = words_of(second.get(path, kabar="berubah").text)
        assert "sudah diubah orang lain" in page
        assert "Pemeriksa" in page
    assert desk.store.person(budi.id).disabled_ms is None


def test_ones_own_roles_and_state_are_for_others_to_change(desk):
    with desk.officer() as officer:
        [me] = desk.store.people()
        path = f"/kelola/pengguna/{me.id}"
        assert "Ini Anda sendiri." in words_of(officer.get(path).text)
        for do, form in (
            ("", {"role": "verifier", "node": UNIT, "revision": "1"}), ("/nonaktif", {"revision": "1"}),
            ("/cabut", {"role": "superadmin", "node": REGENCY, "revision": "1"}), ("/tautan", {"factor": "reset"}),
        ):  # fmt: skip
            assert officer.post(path + do, **form).status_code == 409
        assert desk.store.person(me.id) == me


def test_the_last_superadmin_who_can_come_in_is_not_removed(desk):
    sari = known(desk.store, desk.now_ms)
    with desk.officer() as officer:
        # whoever asks has no password here, so nobody else could come in
        answer = officer.post(f"/kelola/pengguna/{sari.id}/nonaktif", revision="1")
        assert answer.headers["location"].endswith("kabar=superadmin")
        page = words_of(officer.get(f"/kelola/pengguna/{sari.id}", kabar="superadmin").text)
        assert "superadmin terakhir" in page
    assert desk.store.person(sari.id).disabled_ms is None


def test_whoever_is_disabled_is_out_and_comes_back_when_enabled(desk, budi):
    path = f"/kelola/pengguna/{budi.id}"
    token = desk.store.begin_session(budi.id, "in", desk.now_ms)
    with desk.officer() as officer:
        assert officer.post(f"{path}/nonaktif", revision="1").headers["location"].endswith("kabar=nonaktif")
        assert desk.store.session(token, desk.now_ms) is None
        assert "Nonaktif" in words_of(officer.get("/kelola/pengguna").text)
        assert officer.post(f"{path}/aktif", revision="2").headers["location"].endswith("kabar=aktif")
    assert desk.store.person(budi.id).disabled_ms is None


@pytest.mark.parametrize(
    ("factor", "words"), [("reset", "Autentikatornya tetap."), ("anew", "memasang autentikator lagi")]
)
def test_whoever_cannot_come_in_is_led_back_by_a_link(desk, budi, factor, words):
    with desk.officer(Role.AGENCY_ADMIN, AGENCY) as officer:
        answer = officer.post(f"/kelola/pengguna/{budi.id}/tautan", factor=factor)
        assert answer.status_code == 200
        assert words in words_of(answer.text)
        token = link_in(answer)[0].rpartition("/")[2]
        assert desk.store.invitation(token, desk.now_ms).kind == factor
        assert officer.post(f"/kelola/pengguna/{budi.id}/tautan", factor="all").status_code == 422


def test_people_are_found_by_any_word_and_shown_fifty_at_a_time(desk):
    by = Doer("x", desk.now_ms)
    for number in range(60):
        name = f"Petugas {number:02}"
        grant = Grant(Role.UNIT_OFFICER, FOREIGN_UNIT)
        desk.store.add_person(f"00000000-0000-4000-8000-0000000000{number:02}", f"p{number}@x.go.id", name, [grant], by)
    with desk.officer() as officer:
        page = words_of(officer.get("/kelola/pengguna").text)
        assert "61 orang" in page
        assert "Petugas 49" in page
        assert "Petugas 50" not in page
        assert "Petugas 50" in words_of(officer.get("/kelola/pengguna", halaman="2").text)
        assert "1 dari 61 orang" in words_of(officer.get("/kelola/pengguna", cari="p7@x petugas").text)
        assert "60 dari 61 orang" in words_of(officer.get("/kelola/pengguna", cari="puskesmas").text)
        shown = officer.get("/kelola/pengguna", cari='"><script>alert(1)</script>').text
        assert "<script>alert" not in shown
        assert "Tidak ada yang cocok" in shown
        assert officer.get("/kelola/pengguna", halaman="0").status_code == 400
