"""Every form and every address of the desk with what nobody should send.

A form is found by what its route reads when it is sent empty, so a form that was added yesterday is tried today.
"""

import ast
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any, get_type_hints

import msgspec
import pytest
from httpx import Response
from litestar.params import QueryParameter

import ikm.server.web.desk
from ikm.domain.rights import Role
from ikm.server.configuring.settings import KioskSettings
from ikm.server.ingest import Ingest
from ikm.server.store.deeds import Doer
from ikm.server.store.remarks import Wanted
from ikm.server.web.desk.forms import Form, FormMessage
from tests.ikm.server.importing.files import MARKET, csv_file
from tests.ikm.server.kiosk_device import NOW_MS, KioskDevice
from tests.support.desk import AGENCY, COUNTER, FOREIGN_UNIT, REGENCY, UNIT, Office, Visitor, office
from tests.support.samples import body
from tests.support.ways import FOREIGN_COUNTER, OWN, Way, desk_ways, state_of, ways_of

DESK = Path(ikm.server.web.desk.__file__).parent
MARK = "jahat"
HOSTILE = {
    "87 88 89": MARK
    + '"><script>alert(1)</script><img src=x onerror=alert(1)>'
    + f"'); DROP TABLE node; --{MARK}{{{{7*7}}}}${{7*7}}",
    "90 long": MARK + "x" * 6_000,
    "90 91 98": " \u00a0\t\r\n\x00\x1b[31m\u2028\u202e\x7f\x85@\u200bａ\u0301😀ꦏ",
}
UNDRAWN = frozenset({"/keluar", "/akun/sesi/lain/akhiri", "/akun/sesi/{session:str}/akhiri", "/bukti"})
"""Forms that end the session these tests are made with, or renew it."""
WITHOUT_FIELDS = frozenset({
    "/keluar", "/akun/sesi/lain/akhiri", "/akun/sesi/{session:str}/akhiri",
    "/kelola/pengguna/undangan/{invitation:str}/tarik", "/kelola/token/{token:str}/cabut",
})  # fmt: skip
"""Buttons: their routes read no field, so none that is smuggled in says anything."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with office(tmp_path_factory.mktemp("forms"), NOW_MS) as opened:
        yield opened


@pytest.fixture(scope="module")
def where(server: Office, sari: Visitor, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The path parameters of things that are there: a kiosk, a remark, an answer, a person, a draft, an import."""
    by = Doer("uji", server.now_ms)
    device = KioskDevice.enrolled(server.store)
    Ingest(server.store, lambda: NOW_MS).accept(device.call(device.add(body(comment="Kursi kurang"))))
    [remark] = server.store.remarks(Wanted([UNIT]))
    assert sari.post("/kelola/kuesioner/rancangan", source="skm-14-2017-v2", code="draft").status_code == 303
    path = csv_file(tmp_path_factory.mktemp("sheet"), MARKET)
    upload = sari.post("/kelola/impor", files={"file": (path.name, path.read_bytes())})
    server.store.put_kiosk_settings(UNIT, KioskSettings(idle_s=50), 0, by)
    return {
        **OWN, "device": device.device, "remark": remark.id, "sheet": remark.id, "draft": "draft", "question": "REQ",
        "person": server.person(Role.UNIT_OFFICER, UNIT, "Budi"), "number": upload.headers["location"].split("/")[-1],
        "rollout": str(server.store.roll_out(UNIT, [COUNTER], by)),
    }  # fmt: skip


@pytest.fixture(scope="module")
def sari(server: Office) -> Iterator[Visitor]:
    with server.officer(Role.SUPERADMIN, name="Sari") as visitor:
        yield visitor


@pytest.fixture(scope="module")
def forms(server: Office, where: dict[str, str], sari: Visitor) -> dict[Way, type[FormMessage]]:
    """What each route reads of a form, without those that read none."""
    found: dict[Way, type[FormMessage]] = {}
    read = Form.read
    asked: list[type[FormMessage]] = []

    def heard(form: Form, message: type[FormMessage]) -> Any:
        asked.append(message)
        return read(form, message)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Form, "read", heard)
        for way in desk_ways(ways_of(server.app)):
            if way.method == "POST" and way.path not in WITHOUT_FIELDS and not way.rule.open:
                asked.clear()
                answer = sari.post(way.at(where), **{MARK: "x"})
                assert answer.status_code < 500, way
                assert asked, f"{way} reads no form: see WITHOUT_FIELDS"
                found[way] = asked[-1]
    return found


def likely(message: type[FormMessage]) -> dict[str, Any]:
    """A value for each field that its type allows."""
    return {name: _likely(msgspec.inspect.type_info(hint)) for name, hint in get_type_hints(message).items()}


def _likely(info: Any) -> Any:
    match info:
        case msgspec.inspect.UnionType():
            found = _likely(info.types[0])
        case msgspec.inspect.EnumType():
            found = next(iter(info.cls)).value
        case msgspec.inspect.LiteralType():
            found = info.values[0]
        case msgspec.inspect.DateType():
            found = "2026-12-17"
        case msgspec.inspect.ListType() | msgspec.inspect.FrozenSetType():
            found = []
        case _:
            found = "1"
    return found


def texts(message: type[FormMessage]) -> list[str]:
    """The fields that anything can be typed into, or that a browser's owner can make anything of."""
    numbers = (msgspec.inspect.BoolType,)
    return [
        name for name, hint in get_type_hints(message, include_extras=True).items()
        if not isinstance(msgspec.inspect.type_info(hint), numbers)
    ]  # fmt: skip


def test_a_field_that_is_not_asked_for_is_refused_by_every_form(server, where, sari, forms):
    """Threat 24: each form as it should be, and one field more that would raise, move or free somebody."""
    taken = []
    before = state_of(server.store)
    for way, message in forms.items():
        for name in ("role", "person", "disabled_ms"):
            if name in get_type_hints(message):
                continue
            answer = sari.post(way.at(where), **{**likely(message), name: "superadmin"})
            if answer.status_code not in (404, 409, 422) and "kabar=tidak-" not in answer.headers.get("location", ""):
                taken.append((str(way), name, answer.status_code))
    assert state_of(server.store) == before
    assert taken == []
    assert len(forms) > 50


@pytest.mark.parametrize("kind", HOSTILE)
def test_nothing_typed_into_any_field_breaks_a_page_or_is_more_than_words(server, where, sari, forms, kind):
    """Items 87 to 91, 96 and 98, threats 15 and 18: each field of each form, the others as they should be."""
    wrong = []
    for way, message in forms.items():
        if way.path in UNDRAWN:
            continue
        for name in texts(message):
            answer = sari.post(way.at(where), **{**likely(message), name: HOSTILE[kind]})
            wrong += [(str(way), name, told) for told in harms(answer)]
    assert wrong == []
    assert server.store.deed_fault() is None
    assert server.store.place(UNIT).node.parent == AGENCY


def test_nothing_in_an_address_breaks_a_page_or_is_more_than_words(server, where, sari):
    """Items 87 to 91 and 96, threats 15 and 18: each question mark of each page, and each part of its path."""
    wrong, asked = [], 0
    before = state_of(server.store)
    for way in desk_ways(ways_of(server.app)):
        if way.method != "GET":
            continue
        tries = [({}, {part: hostile}) for part in way.parameters for hostile in (*STRANGE, "%00")]
        tries += [({name: hostile}, {}) for name in queries(way) for hostile in (*STRANGE, "\x00")]
        for query, part in tries:
            asked += 1
            answer = sari._client.get(way.at({**where, **part}), params=query, follow_redirects=False)
            wrong += [(str(way), {**query, **part}, told) for told in harms(answer)]
    assert wrong == []
    assert asked > 400
    # but for the log, where files that were taken are told
    changed = {one[0] for one in set(state_of(server.store)) - set(before)}
    assert changed <= {"deed"}


STRANGE = (
    "' OR 1=1 --", f'{MARK}"><script>alert(1)</script>{{{{7*7}}}}', "-1", "9" * 30, "x" * 300,
)  # fmt: skip


def queries(way: Way) -> set[str]:
    """The names that may stand behind a page's question mark, its own and those of what it depends on."""
    asked = [field.kwarg_definition for field in way.handler.parsed_fn_signature.parameters.values()]
    for provide in (way.handler.dependencies or {}).values():
        hints = get_type_hints(provide.dependency, include_extras=True)
        asked += [extra for hint in hints.values() for extra in getattr(hint, "__metadata__", ())]
    return {one.name for one in asked if isinstance(one, QueryParameter)}


def harms(answer: Response) -> list[str]:
    """What is wrong with an answer to something hostile."""
    found = [f"status {answer.status_code}"] if answer.status_code >= 500 else []
    # a file is no page: what its cells may say is tried with the exports
    page = answer.text if answer.headers.get("content-type", "").startswith("text/html") else ""
    return found + [sign for sign in ("<script>alert", "<img src=x", f"{MARK}49", "Traceback") if sign in page]


def test_no_place_of_others_can_be_smuggled_into_a_form(server, where, forms):
    """Item 96, threat 23: the address is one's own, and a field of the form names a place that is not."""
    tried, taken = [], []
    with server.officer(Role.AGENCY_ADMIN, AGENCY) as budi:
        before = state_of(server.store)
        for way, message in forms.items():
            for name in PLACES & get_type_hints(message).keys():
                for place in (FOREIGN_UNIT, FOREIGN_COUNTER, REGENCY):
                    answer = budi.post(way.at(where), **{**likely(message), name: place})
                    tried.append(way.path)
                    if answer.status_code not in (403, 404, 409, 422):
                        taken.append((str(way), name, place, answer.status_code))
        assert state_of(server.store) == before
    assert taken == []
    assert set(tried) >= {
        "/kelola/pengguna/undang", "/kelola/pengguna/{person:str}", "/kelola/token", "/kelola/kios/pendaftaran",
        "/kelola/kios/pendaftaran/tarik", "/kelola/kuesioner/jadwal", "/kelola/tempat/{unit:str}/pindah",
    }  # fmt: skip


PLACES = frozenset({"node", "agency", "unit", "units", "counter", "counters", "parent"})
"""What fields that name a place are called."""


def test_no_page_tells_the_host_a_stranger_asks_for(server, where):
    """Threat 30: no link and no redirect of the desk, whoever has come in."""
    named = []
    false = {"Host": "lain.example", "X-Forwarded-Host": "lain.example", "Forwarded": "host=lain.example"}
    with server.officer() as officer, server.visitor() as visitor:
        officer._client.cookies.set("ikm", officer._client.cookies["ikm"], domain="lain.example")
        for way in desk_ways(ways_of(server.app)):
            for who in (officer, visitor):
                if way.method == "GET":
                    answer = who._client.get(way.at(where), headers=false, follow_redirects=False)
                else:
                    own = {**false, "Origin": "http://lain.example", "Sec-Fetch-Site": "same-origin"}
                    answer = visitor._client.post(way.at(where), headers=own, follow_redirects=False)
                if "lain.example" in answer.text + answer.headers.get("location", ""):
                    named.append(str(way))
    assert named == []


def test_every_form_of_every_page_carries_its_number_and_its_token(server, where, sari):
    """Item 95 and threat 17: a form without its number could be sent twice."""
    lacking, seen = [], 0
    for way in desk_ways(ways_of(server.app)):
        if way.method != "GET":
            continue
        for form in re.findall(r'<form [^>]*method="post".*?</form>', sari.get(way.at(where)).text, re.DOTALL):
            action = unescape(re.search(r'action="([^"]*)"', form)[1])
            seen += 1
            if not re.search(r'name="csrf" value="[^"]{20,}"', form):
                lacking.append((str(way), action, "csrf"))
            if action not in ONCE_IS_ENOUGH and not re.search(r'name="once" value="[^"]{16,64}"', form):
                lacking.append((str(way), action, "once"))
    assert lacking == []
    assert seen > 60


ONCE_IS_ENOUGH = frozenset({"/keluar", "/bukti"})
"""Forms that do the same the second time as the first."""


def test_whatever_an_officer_does_is_written_down_under_the_number_of_its_form():
    """Item 95: the store refuses a number it has seen; a call without one could be made twice by a double click."""
    without = []
    for path in sorted(DESK.glob("*.py")):
        for call in ast.walk(ast.parse(path.read_text())):
            doing = isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "doing"
            if doing and "once=form.once" not in ast.unparse(call):
                without.append(path.name)
    assert set(without) == {
        # an upload that came twice waits twice, and only one of them can be saved
        "importing.py",
        # a file that was taken twice is told twice
        "compare.py",
        "figures.py",
        "remarks.py",
        "unit_figures.py",
        # what follows from settings that were saved, which carry the number
        "settings.py",
    }
    assert len(without) == 6
