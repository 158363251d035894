"""Settings of kiosks and their roll-out, as officers make them."""

import re

import pytest

from ikm.domain.rights import Role
from tests.support.desk import COUNTER, FOREIGN_UNIT, REGENCY, UNIT, words_of


def form(**said):
    return {"revision": "0", "default_language": "", "asks_comment": "", "always_open": "", "pin_is": "", **said}


def seal_of(officer, node=UNIT):
    return re.search(r'name="seal" value="([0-9a-f]+)"', officer.get("/kelola/kios/penerapan", tempat=node).text)[1]


def version(desk, counter=COUNTER):
    return desk.store.configuration(counter).version


def test_a_units_decision_is_saved_seen_as_a_plan_and_rolled_out_in_waves(desk):
    with desk.officer(Role.UNIT_OFFICER, UNIT) as officer:
        answer = officer.post(f"/kelola/kios/setelan/{UNIT}", **form(idle_s="55", instrument="rotating"))
        assert answer.headers["location"].startswith(f"/kelola/kios/penerapan?tempat={UNIT}")
        told = words_of(officer.get("/kelola/kios/penerapan", tempat=UNIT).text)
        assert "Detik sebelum bertanya apakah masih di sana : 40 → 55" in told
        assert "lengkap → bergilir" in told
        assert version(desk) == 1
        sent = {"seal": seal_of(officer), "how": "bertahap", "first": COUNTER}
        page = officer.post(f"/kelola/kios/penerapan/{UNIT}", **sent).headers["location"].partition("?")[0]
        assert (version(desk), version(desk, "dukcapil-2")) == (2, 1)
        assert "Gelombang 2" in words_of(officer.get(page).text)
        assert officer.post(f"{page}/lanjut", reached="1").status_code == 303
        assert version(desk, "dukcapil-2") == 2
        # the second of two officers, or the same form again
        assert officer.post(f"{page}/lanjut", reached="1").status_code == 409
        assert officer.post(f"{page}/kembali", reason="Salah pilih").status_code == 303
        assert desk.store.configuration(COUNTER).idle_s == 40
    acts = [deed.act for deed in desk.store.deeds(limit=4)]
    assert acts == ["rollout.returned", "rollout.continued", "rollout.begun", "kiosk.settings_changed"]


def test_a_counters_own_decision_reaches_its_kiosk_at_once(desk):
    held = desk.store.kiosk_settings(COUNTER)
    with desk.officer(Role.UNIT_OFFICER, UNIT) as officer:
        said = form(revision=str(held.revision), own_services="1", services=["ktp", "kk"], aids="large", own_aids="1")
        answer = officer.post(f"/kelola/kios/setelan/{COUNTER}", **said)
        assert answer.headers["location"].endswith("kabar=diterapkan")
    found = desk.store.configuration(COUNTER)
    assert (found.version, [service.code for service in found.services], found.aids) == (2, ["ktp", "kk"], ["large"])


def test_a_pin_is_kept_as_a_hash_and_never_shown(desk):
    with desk.officer() as officer:
        page = officer.post(f"/kelola/kios/setelan/{UNIT}", **form(pin_is="baru", pin="493817", idle_s="x"))
        assert page.status_code == 422
        assert "493817" not in page.text
        assert officer.post(f"/kelola/kios/setelan/{UNIT}", **form(pin_is="baru", pin="493817")).status_code == 303
        held = desk.store.kiosk_settings(UNIT)
        assert held.settings.staff_pin.startswith("$argon2id$v=19$m=65536,t=3,p=1$")
        assert held.settings.staff_pin not in officer.get(f"/kelola/kios/setelan/{UNIT}").text
        again = officer.post(f"/kelola/kios/setelan/{UNIT}", **form(revision="1", idle_s="50"))
        assert again.status_code == 303
        assert desk.store.kiosk_settings(UNIT).settings.staff_pin == held.settings.staff_pin
        officer.post(f"/kelola/kios/setelan/{UNIT}", **form(revision="2", pin_is="atas"))
        assert desk.store.kiosk_settings(UNIT).settings.staff_pin is None


@pytest.mark.parametrize(
    "said",
    [
        {"idle_s": "0"},
        {"idle_s": "601"},
        {"idle_s": "-5"},
        {"idle_s": "4e1"},
        {"questions_each": "0"},
        {"instrument": "everything"},
        {"default_language": "fr"},
        {"own_languages": "1", "languages": "xx"},
        {"own_languages": "1", "languages": "en", "default_language": "su"},
        {"public_url": "javascript:alert(1)"},  # 4c 98
        {"public_url": "https://name:password@skm.example"},
        {"public_url": "ftp://skm.example"},
        {"public_url": "https://" + "x" * 200},
        {"pin_is": "baru", "pin": "12345"},
        {"pin_is": "baru", "pin": "rahasia"},
        {"pin_is": "baru"},
        {"aids": "telepathy", "own_aids": "1"},
        {"staff_pin": "$argon2id$x"},  # threat 24: a field that is not the form's
        {"revision": "x"},
        {"services": "ktp", "own_services": "1"},  # not a counter
    ],
)
def test_settings_that_make_no_sense_change_nothing(desk, said):
    with desk.officer() as officer:
        answer = officer.post(f"/kelola/kios/setelan/{UNIT}", **form(**said))
        assert answer.status_code == 422
        assert "Belum disimpan" in words_of(answer.text)
    assert desk.store.kiosk_settings(UNIT).revision == 0


def test_the_second_of_two_officers_sees_what_is_held_and_what_was_typed(desk):
    # 4c 94
    with desk.officer() as first, desk.officer() as second:
        first.post(f"/kelola/kios/setelan/{UNIT}", **form(idle_s="55"))
        answer = second.post(f"/kelola/kios/setelan/{UNIT}", **form(idle_s="66"))
        assert answer.status_code == 409
        assert 'value="66"' in answer.text
        assert "sudah diubah orang lain" in words_of(answer.text)
    assert desk.store.kiosk_settings(UNIT).settings.idle_s == 55


def test_the_same_form_twice_changes_nothing_twice(desk):
    # 4c 95
    with desk.officer() as officer:
        for expected in (303, 409):
            answer = officer.post(f"/kelola/kios/setelan/{UNIT}", once="b" * 20, **form(idle_s="55"))
            assert answer.status_code == expected
    assert desk.store.kiosk_settings(UNIT).revision == 1


def test_a_plan_that_changed_since_it_was_seen_is_shown_anew(desk):
    with desk.officer() as officer:
        officer.post(f"/kelola/kios/setelan/{UNIT}", **form(idle_s="55"))
        seal = seal_of(officer)
        officer.post(f"/kelola/kios/setelan/{UNIT}", **form(revision="1", idle_s="66"))
        answer = officer.post(f"/kelola/kios/penerapan/{UNIT}", seal=seal, how="semua")
        assert answer.status_code == 409
        assert "40 → 66" in words_of(answer.text)
        for wrong in ({"how": "semua"}, {"seal": "x", "how": "semua"}, {"seal": seal_of(officer), "how": "bertahap"}):
            assert officer.post(f"/kelola/kios/penerapan/{UNIT}", **wrong).status_code == 422
        sent = {"seal": seal_of(officer), "how": "bertahap", "count": "1"}
        assert officer.post(f"/kelola/kios/penerapan/{UNIT}", **sent).status_code == 303
    assert sorted(version(desk, code) for code in (COUNTER, "dukcapil-2")) == [1, 2]


def test_settings_of_others_are_out_of_reach(desk):
    with desk.officer(Role.UNIT_OFFICER, FOREIGN_UNIT) as officer:
        for node in (UNIT, COUNTER, REGENCY):
            assert officer.get(f"/kelola/kios/setelan/{node}").status_code == 403
            assert officer.post(f"/kelola/kios/setelan/{node}", **form(idle_s="5")).status_code == 403
            assert officer.post(f"/kelola/kios/penerapan/{node}", seal="0" * 32, how="semua").status_code == 403
        assert words_of(officer.get("/kelola/kios/penerapan", tempat=UNIT).text).count("Puskesmas Harapan") >= 1
        assert officer.get("/kelola/kios/penerapan/nomor/77").status_code == 404
    with desk.officer(Role.VERIFIER, UNIT) as officer:
        assert "tidak mengubahnya" in words_of(officer.get(f"/kelola/kios/setelan/{UNIT}").text)
        assert officer.post(f"/kelola/kios/setelan/{UNIT}", **form(idle_s="5")).status_code == 403


def test_every_member_shows_what_holds_above(desk):
    with desk.officer() as officer:
        told = words_of(officer.get(f"/kelola/kios/setelan/{UNIT}").text)
        assert "Ikut tempat di atas (lengkap)" in told
        assert "Indonesia, Inggris, Jawa, Sunda" in told
        assert officer.get("/kelola/kios/setelan").status_code == 200
