"""The log through the pages: who sees which lines, how they are told, how they are found."""

import ast
import re
from pathlib import Path
from types import SimpleNamespace

from sqlalchemy import text

import ikm.server.store
from ikm.domain.organisation import Tree
from ikm.domain.period import TimeZone, in_words
from ikm.domain.remark import Status
from ikm.domain.rights import Grant, Role
from ikm.server.ingest import Ingest
from ikm.server.store.deeds import Deed, Doer, note
from ikm.server.store.remarks import Decision
from ikm.server.store.remarks import Wanted as Remarks
from ikm.server.web.desk.deed_words import KINDS, SENTENCES, _about, told
from tests.ikm.server.kiosk_device import NOW_MS, KioskDevice
from tests.support.desk import AGENCY, FOREIGN_UNIT, REGENCY, UNIT, words_of
from tests.support.samples import body

STORE = Path(ikm.server.store.__file__).parent
PAGES = STORE.parent / "web" / "desk"


def invite(desk, number, node=UNIT, who="Sari", reason=""):
    desk.store.add_invitation(
        str(number) * 43, f"p{number}@x.go.id", f"Petugas {number}", Grant(Role.VERIFIER, node),
        expires_ms=desk.now_ms + 1, by=Doer(who, desk.now_ms, reason=reason),
    )  # fmt: skip


def acts_written() -> set[str]:
    """Every kind of deed that is written down, read from the code: the third thing a call is given.

    The store's own `note_deed` is given it second.
    """
    found = set()
    for path in (*STORE.rglob("*.py"), *PAGES.rglob("*.py")):
        for call in ast.walk(ast.parse(path.read_text())):
            if not isinstance(call, ast.Call):
                continue
            place = 1 if isinstance(call.func, ast.Attribute) and call.func.attr == "note_deed" else 2
            act = call.args[place] if len(call.args) > place else None
            if isinstance(act, ast.Constant) and re.fullmatch(r"[a-z_]+\.[a-z_]+", str(act.value)):
                found.add(str(act.value))
    return found - {name for name in found if name.endswith(".html")}


def test_every_deed_the_store_writes_down_has_its_sentence_and_its_group():
    written = acts_written()
    assert len(written) > 30
    assert written - set(SENTENCES) == set()
    assert [act for act in SENTENCES if not act.startswith(tuple(KINDS))] == []


def test_a_deed_without_a_sentence_is_shown_by_its_code():
    deed = Deed(1, 0, None, "Sari", "", "moon.painted", "gone", "x", {"colour": ["a", "b"], "n": 1, "none": None}, "")
    line = told(deed, Tree([]), TimeZone.WIT)
    assert (line.sentence % line.values, line.place) == ("moon.painted x", "gone")
    assert [(fact.label, fact.text) for fact in line.facts] == [("colour", "a → b"), ("n", "1"), ("none", "kosong")]
    assert line.when.endswith("pukul 09.00 WIT")


def test_an_officer_reads_the_lines_of_their_places_alone(desk):
    invite(desk, 1)
    invite(desk, 2, FOREIGN_UNIT)
    with desk.store._engine.begin() as connection:
        note(connection, Doer("Sari", desk.now_ms), "link.setup", node=None)
    with desk.officer(Role.AGENCY_ADMIN, AGENCY) as officer:
        page = words_of(officer.get("/kelola/catatan").text)
        assert "p1@x.go.id" in page
        assert "p2@x.go.id" not in page
        assert "superadmin pertama" not in page
        assert officer.get("/kelola/catatan", tempat=UNIT).status_code == 200
        for node in (FOREIGN_UNIT, REGENCY, "gone"):
            assert officer.get("/kelola/catatan", tempat=node).status_code == 403
    with desk.officer(Role.VERIFIER, REGENCY) as officer:
        page = words_of(officer.get("/kelola/catatan").text)
        assert all(word in page for word in ("p1@x.go.id", "p2@x.go.id", "superadmin pertama"))


def test_a_comment_is_told_by_its_day_and_kind_and_leads_there_whoever_may_read_it(desk):
    device = KioskDevice.enrolled(desk.store)
    Ingest(desk.store, lambda: NOW_MS).accept(device.call(device.add(body(comment="Kursi kurang"))))
    [remark] = desk.store.remarks(Remarks([UNIT]))
    by = Doer("Sari", desk.now_ms)
    day = in_words(remark.local_date)
    with desk.officer(Role.VERIFIER, REGENCY) as officer:
        for category, told_ in (("", "belum dipilah."), ("aspiration", "jenis Saran.")):
            decision = Decision(category, Status.OPEN, None, "", published=False)
            desk.store.decide_remark(remark.id, desk.store.remark(remark.id).revision, decision, by)
            page = officer.get("/kelola/catatan", jenis="remark.").text
            assert f"Menindaklanjuti saran tanggal {day}, {told_}" in words_of(page)
            assert f'<a href="/kelola/saran/{remark.id}">Lihat sarannya</a>' in page
            assert page.count(remark.id) == page.count(f"/kelola/saran/{remark.id}")
        assert officer.get(f"/kelola/saran/{remark.id}").status_code == 200
        officer.post("/akun", language="en", digest="none")
        assert "kind: Suggestion." in words_of(officer.get("/kelola/catatan", jenis="remark.").text)
    # a remark nobody knows keeps its number, and a line without a right to read has no link
    [deed] = desk.store.deeds(act="remark.", limit=1)
    assert deed.subject in told(deed, Tree([]), TimeZone.WIB).values["subject"]
    reader = SimpleNamespace(may=lambda *_: False)
    assert _about(told(deed, Tree([]), TimeZone.WIB), desk.store.remark(remark.id), reader).link == ""


def test_lines_are_found_by_place_kind_and_person_and_the_reason_is_shown(desk):
    invite(desk, 1, who="Budi 100%", reason="Pindah tugas")
    invite(desk, 2, FOREIGN_UNIT)
    with desk.officer() as officer:
        assert "Pindah tugas" in officer.get("/kelola/catatan").text
        for query, there, away in (
            ({"tempat": UNIT}, "p1@", "p2@"), ({"orang": "budi"}, "p1@", "p2@"), ({"orang": "100%"}, "p1@", "p2@"),
            ({"jenis": "person."}, "p2@", "\x00"), ({"jenis": "token."}, "Tidak ada catatan yang cocok", "p1@"),
            ({"jenis": "' OR 1=1 --"}, "p1@", "\x00"), ({"tempat": AGENCY}, "p1@", "p2@"),
        ):  # fmt: skip
            page = words_of(officer.get("/kelola/catatan", **query).text)
            assert there in page, query
            assert away not in page, query
        shown = officer.get("/kelola/catatan", orang='"><script>alert(1)</script>').text
        assert "<script>alert" not in shown


def test_older_and_newer_lines_are_one_link_away_and_none_is_left_out(desk):
    with desk.store._engine.begin() as connection:
        for number in range(120):
            by = Doer("Sari", desk.now_ms)
            note(connection, by, "person.invited", node=UNIT, subject=f"q{number:03}@x", facts={"role": "verifier"})
    with desk.officer(Role.AGENCY_ADMIN, AGENCY) as officer:
        path, seen = "/kelola/catatan?orang=sari", []
        while path:
            page = officer.get(path).text
            seen += re.findall(r"q\d{3}@x", page)
            last, older = path, re.search(r'rel="next" href="([^"]+)"', page)
            path = older[1].replace("&amp;", "&") if older else ""
        assert seen == [f"q{number:03}@x" for number in reversed(range(120))]
        newer = re.search(r'rel="prev" href="([^"]+)"', officer.get(last).text)[1].replace("&amp;", "&")
        assert "orang=sari" in newer
        assert re.findall(r"q\d{3}@x", officer.get(newer).text) == seen[50:100] or "q069@x" in officer.get(newer).text
        for odd in ("-1", "x", str(2**63)):
            assert officer.get("/kelola/catatan", sebelum=odd).status_code == 400


def test_what_was_written_is_shown_as_text(desk):
    """Threat 15."""
    with desk.store._engine.begin() as connection:
        evil = "<script>alert(1)</script>%(subject)s{{7*7}}"
        note(
            connection, Doer(evil, desk.now_ms, reason=evil), "place.added", node=UNIT, subject=evil, facts={evil: evil}
        )
    with desk.officer() as officer:
        page = officer.get("/kelola/catatan").text
        assert "<script>alert" not in page
        assert "{{7*7}}" in page


def test_the_page_says_whether_the_log_is_whole(desk):
    invite(desk, 1)
    invite(desk, 2)
    with desk.officer(Role.VERIFIER, UNIT) as officer:
        assert "Utuh: semua 3 baris" in words_of(officer.get("/kelola/catatan/periksa").text)
        with desk.store._engine.begin() as connection:
            connection.execute(text("DROP TRIGGER deed_no_update"))
            connection.execute(text("UPDATE deed SET who = 'x' WHERE seq = 2"))
        assert "Catatan nomor 2 diubah atau hilang" in words_of(officer.get("/kelola/catatan/periksa").text)
