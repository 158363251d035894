"""Questionnaires as officers make them: drafts, versions that never change, the schedule."""

import re

import pytest

from ikm.domain.rights import Role
from tests.support.desk import COUNTER, REGENCY, UNIT, words_of

DRAFT = "/kelola/kuesioner/rancangan"
V2 = "skm-14-2017-v2"


@pytest.fixture
def officer(desk):
    with desk.officer() as visitor:
        assert visitor.post(DRAFT, source=V2, code="skm-2027").status_code == 303
        yield visitor


def held(desk):
    return desk.store.draft("skm-2027")


def seen(desk, **more):
    return {"revision": str(held(desk).revision), **more}


def question_form(desk, code="COST", **changes):
    asked = next(q for q in held(desk).message.questions if q.code == code)
    said = {f"text_{locale}": text for locale, text in asked.text.items()}
    for rating, label in enumerate(asked.labels, 1):
        said |= {f"label{rating}_{locale}": text for locale, text in label.items()}
    return seen(desk, element=asked.element, **{**said, **changes})


def test_a_version_is_copied_changed_finished_and_scheduled(desk, officer):
    sent = question_form(desk, label1_id="Terlalu mahal", text_su="Kumaha hargana?")
    assert officer.post(f"{DRAFT}/skm-2027/pertanyaan/COST", **sent).status_code == 303
    assert "Terlalu mahal" in officer.get(f"{DRAFT}/skm-2027/pertanyaan/COST").text
    assert "Kumaha hargana?" in officer.get(f"{DRAFT}/skm-2027/pertanyaan/COST", bahasa="su").text
    assert officer.post(f"{DRAFT}/skm-2027/selesai", **seen(desk)).status_code == 303
    assert desk.store.questionnaire("skm-2027").question("COST").labels[0]["id"] == "Terlalu mahal"
    assert desk.store.questionnaire(V2).question("COST").labels[0]["id"] == "Sangat mahal"
    # finished is finished
    assert officer.get(f"{DRAFT}/skm-2027").status_code == 404
    assert officer.post(f"{DRAFT}/skm-2027/judul", revision="1", title_id="Lain").status_code == 404
    assert officer.post(DRAFT, source=V2, code="skm-2027").status_code == 409
    sent = {"node": UNIT, "starts_on": "2026-11-01", "questionnaire": "skm-2027"}
    assert officer.post("/kelola/kuesioner/jadwal", **sent).status_code == 303
    assert desk.store.configuration(COUNTER).questionnaire.code == "skm-2027"
    told = words_of(officer.get("/kelola/kuesioner").text)
    assert "di 2 loket" in told
    acts = {deed.act for deed in desk.store.deeds(act="questionnaire.")}
    assert acts == {f"questionnaire.{act}" for act in ("drafted", "edited", "finished", "scheduled")}


def test_questions_move_come_and_go(desk, officer):
    codes = [q.code for q in held(desk).message.questions]
    path = f"{DRAFT}/skm-2027/pertanyaan"
    officer.post(f"{path}/{codes[0]}/pindah", **seen(desk, down="1"))
    officer.post(f"{path}/{codes[2]}/hapus", **seen(desk))
    officer.post(path, **seen(desk, element="COST"))
    found = [q.code for q in held(desk).message.questions]
    assert found == [codes[1], codes[0], *codes[3:], "COST-2"]
    officer.post(f"{path}/{found[0]}/pindah", **seen(desk))
    assert [q.code for q in held(desk).message.questions] == found
    assert officer.post(f"{path}/NONE/pindah", **seen(desk)).status_code == 404
    assert officer.post(path, **seen(desk, element="NONE")).status_code == 404


def test_an_element_an_office_adds_is_asked_about_and_shown(desk, officer):
    lines = "SIGN | Papan petunjuk | Signposts | Sarana dan prasarana"
    officer.post(f"{DRAFT}/skm-2027/unsur", **seen(desk, lines=lines))
    assert "belum ada pertanyaannya" in words_of(officer.get(f"{DRAFT}/skm-2027").text)
    assert officer.post(f"{DRAFT}/skm-2027/selesai", **seen(desk)).status_code == 422
    officer.post(f"{DRAFT}/skm-2027/pertanyaan", **seen(desk, element="SIGN"))
    assert "Papan petunjuk" in officer.get(f"{DRAFT}/skm-2027", pertanyaan="SIGN").text
    assert officer.post(f"{DRAFT}/skm-2027/selesai", **seen(desk)).status_code == 303
    assert desk.store.questionnaire("skm-2027").rule.codes[-1] == "SIGN"
    assert "dan 1 unsur tambahan" in words_of(officer.get("/kelola/kuesioner").text)


def test_lines_of_options_and_reasons_are_read_back_as_they_were(desk, officer):
    before = held(desk).message
    page = officer.get(f"{DRAFT}/skm-2027").text
    areas = re.findall(r'<textarea id="f-lines"[^>]*>(.*?)</textarea>', page, re.DOTALL)
    field = before.profile_fields[0]
    said = {f"text_{locale}": text for locale, text in field.text.items()}
    assert (
        officer.post(f"{DRAFT}/skm-2027/data", **seen(desk, code=field.code, lines=areas[0], **said)).status_code == 303
    )
    assert officer.post(f"{DRAFT}/skm-2027/alasan", **seen(desk, lines=areas[-2])).status_code == 303
    assert held(desk).message == before
    officer.post(f"{DRAFT}/skm-2027/data", **seen(desk, code=field.code, lines="", text_id="x"))
    assert len(held(desk).message.profile_fields) == len(before.profile_fields) - 1


@pytest.mark.parametrize(
    ("part", "lines"),
    [
        ("alasan", "wait"),
        ("alasan", "wait | TIME | "),
        ("alasan", "wait | NOPE | Lama"),
        ("alasan", "a/b | TIME | Lama"),
        ("alasan", f"wait | TIME | {'x' * 201}"),
        ("unsur", "SIGN | Papan | Sign | Cuaca"),
        ("unsur", "| Papan"),
        ("unsur", "A | B | C | D | E"),
    ],
)
def test_a_line_that_cannot_be_read_is_named_by_its_number(desk, officer, part, lines):
    answer = officer.post(f"{DRAFT}/skm-2027/{part}", **seen(desk, lines=f"\n{lines}"))
    assert answer.status_code == 422
    assert "Baris 1" in words_of(answer.text) or "Baris 2" in words_of(answer.text)
    assert held(desk).revision == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"text_id": ""},  # 4c 90
        {"text_id": "   "},
        {"label4_id": "x" * 201},
        {"element": "NONE"},
        {"code": "OTHER"},  # threat 24
        {"label5_id": "x"},
        {"revision": "-1"},
    ],
)
def test_a_question_that_makes_no_sense_changes_nothing(desk, officer, changes):
    answer = officer.post(f"{DRAFT}/skm-2027/pertanyaan/COST", **{**question_form(desk), **changes})
    assert answer.status_code == 422
    assert held(desk).revision == 1


@pytest.mark.parametrize("hostile", ["<script>alert(1)</script>", "'; DROP TABLE node; --", "{{7*7}}", "a\x00b\x07c"])
def test_whatever_is_typed_is_only_words(desk, officer, hostile):
    # 4c 87, 88, 89, 91
    sent = question_form(desk, text_id=hostile, label1_id=hostile)
    assert officer.post(f"{DRAFT}/skm-2027/pertanyaan/COST", **sent).status_code == 303
    page = officer.get(f"{DRAFT}/skm-2027/pertanyaan/COST").text
    assert "<script>alert" not in page
    assert "{{7*7}}" in page or "49" not in page.partition("<h1>")[2][:20]
    kept = next(q for q in held(desk).message.questions if q.code == "COST").text["id"]
    assert kept.isprintable()


def test_the_second_of_two_officers_is_told_and_keeps_what_was_typed(desk, officer):
    # 4c 94
    stale = question_form(desk, text_id="Yang kedua")
    officer.post(f"{DRAFT}/skm-2027/judul", **seen(desk, title_id="Survei 2027"))
    answer = officer.post(f"{DRAFT}/skm-2027/pertanyaan/COST", **stale)
    assert answer.status_code == 409
    assert "Yang kedua" in answer.text
    assert "sudah diubah orang lain" in words_of(answer.text)
    assert officer.post(f"{DRAFT}/skm-2027/selesai", revision="1").status_code == 409
    assert officer.post(f"{DRAFT}/skm-2027/buang", revision="1").status_code == 409
    assert held(desk).message.title == {"id": "Survei 2027"}


def test_the_same_form_twice_changes_nothing_twice(desk, officer):
    # 4c 95
    sent = seen(desk, element="COST")
    assert officer.post(f"{DRAFT}/skm-2027/pertanyaan", once="d" * 20, **sent).status_code == 303
    assert officer.post(f"{DRAFT}/skm-2027/pertanyaan", once="d" * 20, **sent).status_code == 409
    assert len(held(desk).message.questions) == 10


@pytest.mark.parametrize("code", ["", "Skm", "a b", "../etc", "x" * 41, V2])
def test_a_code_that_is_none_or_taken_is_refused(desk, officer, code):
    assert officer.post(DRAFT, source=V2, code=code).status_code in (409, 422)


def test_a_draft_may_begin_with_a_bare_rule(desk, officer):
    assert officer.post(DRAFT, source="aturan:ipak", code="ipak-2027").status_code == 303
    assert len(desk.store.draft("ipak-2027").message.questions) == 5
    assert officer.post(DRAFT, source="aturan:none", code="x").status_code == 422
    assert officer.post(DRAFT, source="none", code="x").status_code == 404
    assert officer.post(f"{DRAFT}/ipak-2027/buang", revision="1").status_code == 303


@pytest.mark.parametrize(
    "said", [{"starts_on": "2026-10-31"}, {"starts_on": "31-12-2026"}, {"starts_on": "2026-02-30"}, {"starts_on": ""}]
)
def test_a_date_that_has_passed_or_is_none_is_refused(desk, officer, said):
    # 4c 97
    sent = {"node": UNIT, "questionnaire": V2, **said}
    answer = officer.post("/kelola/kuesioner/jadwal", **sent)
    assert answer.status_code in (409, 422)
    assert all(entry.node != UNIT for entry in desk.store.schedule())


def test_a_future_line_of_the_schedule_can_be_taken_back_and_not_doubled(desk, officer):
    sent = {"node": UNIT, "starts_on": "2027-01-01", "questionnaire": V2}
    assert officer.post("/kelola/kuesioner/jadwal", **sent).status_code == 303
    assert officer.post("/kelola/kuesioner/jadwal", **sent).status_code == 409
    assert "menunggu tanggalnya" in words_of(officer.get("/kelola/kuesioner").text)
    gone = {"node": UNIT, "starts_on": "2027-01-01"}
    assert officer.post("/kelola/kuesioner/jadwal/batal", **gone).status_code == 303
    assert officer.post("/kelola/kuesioner/jadwal/batal", **gone).status_code == 409
    assert officer.post("/kelola/kuesioner/jadwal/batal", node=REGENCY, starts_on="2026-01-01").status_code == 409


def test_of_the_lines_of_a_place_that_began_the_last_alone_is_in_force(desk, officer):
    for starts_on in ("2026-11-01", "2026-11-03"):
        sent = {"node": UNIT, "starts_on": starts_on, "questionnaire": V2}
        assert officer.post("/kelola/kuesioner/jadwal", **sent).status_code == 303
    desk.later(3 * 24 * 60 * 60_000)
    desk.store.apply_schedules(desk.now_ms)
    with desk.officer() as later:
        told = words_of(later.get("/kelola/kuesioner").text)
    assert f"1 November 2026 {V2} sudah diganti" in told
    assert f"3 November 2026 {V2} berlaku" in told


def test_only_those_who_ask_make_questionnaires(desk):
    with desk.officer(Role.UNIT_OFFICER, UNIT) as visitor:
        assert visitor.get("/kelola/kuesioner").status_code == 200
        assert visitor.get(f"/kelola/kuesioner/versi/{V2}", bahasa="jv", pertanyaan="CMPL").status_code == 200
        assert visitor.get("/kelola/kuesioner/versi/none").status_code == 404
        assert visitor.get(DRAFT).status_code == 403
        assert visitor.post(DRAFT, source=V2, code="x").status_code == 403
        sent = {"node": UNIT, "starts_on": "2027-01-01", "questionnaire": V2}
        assert visitor.post("/kelola/kuesioner/jadwal", **sent).status_code == 403
