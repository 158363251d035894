"""Enrolment codes in bulk from the page."""

import re
import subprocess

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ikm.domain.rights import Role
from ikm.server.enrol import Enrolment
from tests.ikm.server.kiosk_device import enrol_bytes
from tests.support.desk import AGENCY, COUNTER, FOREIGN_UNIT, UNIT, words_of

PATH = "/kelola/kios/pendaftaran"


def codes(pdf: bytes) -> list[str]:
    text = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True).stdout.decode()
    return re.findall(r"\b[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}\b", text)


def test_a_sheet_of_cards_opens_devices_at_the_chosen_counters(desk):
    with desk.officer(Role.UNIT_OFFICER, UNIT) as officer:
        answer = officer.post(PATH, counters=COUNTER, count="2")
        assert answer.headers["content-type"] == "application/pdf"
        assert "attachment" in answer.headers["content-disposition"]
        assert "2 " in words_of(officer.get(PATH).text)
    found = codes(answer.content)
    assert len(set(found)) == 2
    asked = enrol_bytes(found[0], Ed25519PrivateKey.generate())
    enrolled = Enrolment(desk.store).enrol(asked, "192.0.2.1", desk.now_ms)
    assert enrolled.configuration.counter == COUNTER
    (deed,) = desk.store.deeds(act="code.made")
    assert (deed.node, deed.facts) == (COUNTER, {"counters": [COUNTER]})
    assert found[0] not in str(deed)


def test_a_whole_unit_is_chosen_with_one_tick(desk):
    with desk.officer() as officer:
        assert officer.post(PATH, units=UNIT, count="1").status_code == 200
    assert {code.counter for code in desk.store.enrolment_codes(desk.now_ms)} == {COUNTER, "dukcapil-2"}


def test_counters_and_codes_still_open_are_found_by_the_words_people_say(desk):
    with desk.officer() as officer:
        assert officer.post(PATH, counters=[COUNTER, "dukcapil-2", "pkm-harapan-1"], count="1").status_code == 200
        whole = officer.get(PATH).text
        assert whole.count('name="counter" value=') == 3
        one, two = "pkm-harapan-1", "dukcapil-2"
        for said, left in (("sipil 2", two), (one, one), ("Loket 2, sipil", two)):
            page = officer.get(PATH, cari=said).text
            for field in ("counter", "counters"):
                assert re.findall(f'name="{field}" value="([^"]+)"', page) == [left]
            # one tick for a whole unit would take counters that are not in sight
            assert 'name="units"' not in page
        none = words_of(officer.get(PATH, cari="<b>tidak ada</b>").text)
        assert "Tidak ada loket yang cocok dengan pencarian ini." in none
        assert "Tidak ada yang cocok dengan pencarian ini." in none
        # what was looked for is still there once a code is withdrawn
        sent = officer.post(f"{PATH}/tarik", counter="dukcapil-2", search="Loket 2, sipil")
        assert sent.headers["location"].endswith("?cari=Loket+2%2C+sipil&kabar=ditarik")
    assert {code.counter for code in desk.store.enrolment_codes(desk.now_ms)} == {COUNTER, "pkm-harapan-1"}


def test_codes_for_counters_of_several_agencies_are_written_down_at_each(desk):
    with desk.officer() as officer:
        sent = {"counters": [COUNTER, "dukcapil-2", "pkm-harapan-1"], "count": "2", "once": "k" * 20}
        assert officer.post(PATH, **sent).status_code == 200
        # 4c 95: sent twice
        assert officer.post(PATH, **sent).status_code == 409
    told = [(deed.node, deed.subject, deed.facts["counters"]) for deed in desk.store.deeds(act="code.made")]
    assert sorted(told) == [(UNIT, "4", [COUNTER, "dukcapil-2"]), ("pkm-harapan-1", "2", ["pkm-harapan-1"])]
    with desk.officer(Role.AGENCY_ADMIN, AGENCY) as officer:
        log = words_of(officer.get("/kelola/catatan", jenis="code.").text)
        assert "Membuat 4 kode pendaftaran." in log
        assert "pkm-harapan-1" not in log


@pytest.mark.parametrize(
    "said",
    [{}, {"counters": COUNTER, "count": "0"}, {"counters": COUNTER, "count": "21"}, {"counters": COUNTER, "count": "x"},
     {"counters": COUNTER, "code": "BCDF-GHJK"}],
)  # fmt: skip
def test_a_form_that_makes_no_sense_opens_nothing(desk, said):
    with desk.officer() as officer:
        assert officer.post(PATH, **{"count": "1", **said}).status_code == 422
    assert desk.store.enrolment_codes(desk.now_ms) == []


def test_counters_of_others_cannot_be_smuggled_in(desk):
    # 4c 96, threat 23
    with desk.officer(Role.UNIT_OFFICER, FOREIGN_UNIT) as officer:
        for said in ({"counters": COUNTER}, {"units": UNIT}, {"counters": "nowhere"}):
            assert officer.post(PATH, count="1", **said).status_code == 403
        assert officer.post(f"{PATH}/tarik", counter=COUNTER).status_code == 403
        assert "Loket 1" not in officer.get(PATH).text
    with desk.officer(Role.VERIFIER, UNIT) as officer:
        assert officer.get(PATH).status_code == 403


def test_the_same_form_twice_makes_no_second_set_of_codes(desk):
    # 4c 95
    with desk.officer() as officer:
        assert officer.post(PATH, once="c" * 20, counters=COUNTER, count="1").status_code == 200
        assert officer.post(PATH, once="c" * 20, counters=COUNTER, count="1").status_code == 409
    assert len(desk.store.enrolment_codes(desk.now_ms)) == 1


def test_codes_that_were_lost_are_withdrawn(desk):
    with desk.officer(Role.AGENCY_ADMIN, AGENCY) as officer:
        officer.post(PATH, counters=COUNTER, count="2")
        assert officer.post(f"{PATH}/tarik", counter=COUNTER).status_code == 303
    assert desk.store.enrolment_codes(desk.now_ms) == []
    assert desk.store.deeds(act="code.withdrawn")[0].subject == "2"
