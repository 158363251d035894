"""Threat 15: two hundred texts that would like to be scripts, stored wherever words are, looked at in Chromium.

The browser is told to leave the pages' own policy aside, so that nothing but the escaping stands in the way; that the
policy is there too is tried last.
"""

from collections.abc import Iterator
from itertools import product

import pytest
import uuid_utils
from litestar.testing import TestClient
from msgspec.structs import replace
from playwright.sync_api import Browser
from sqlalchemy import URL

from ikm import wire
from ikm.domain.configuration import Service
from ikm.domain.organisation import Level, Node
from ikm.domain.period import TimeZone
from ikm.domain.remark import Status
from ikm.domain.rights import Grant, Role
from ikm.server.ingest import Ingest
from ikm.server.settings import Settings
from ikm.server.store import Store
from ikm.server.store.deeds import Doer
from ikm.server.store.remarks import Decision, Wanted
from ikm.server.web.app import create_app
from tests.ikm.server.kiosk_device import NOW_MS, KioskDevice
from tests.ikm.server.web.desk.test_every_page import Site
from tests.support import samples
from tests.support.desk import AGENCY, REGENCY, UNIT
from tests.support.sample_database import sample_store
from tests.support.served import running
from tests.support.ways import OWN, ways_of

SCRIPTS = (
    "<script>{js}</script>", "<img src=x onerror={js}>", "<svg onload={js}>", "<svg><script>{js}</script></svg>",
    "<body onload={js}>", "<iframe srcdoc='<script>parent.{js}</script>'></iframe>", "<a href=javascript:{js}>x</a>",
    "<input autofocus onfocus={js}>", "<details open ontoggle={js}>x</details>", "<video><source onerror={js}></video>",
    "<audio src=x onerror={js}>", "<object data=javascript:{js}></object>", "<embed src=javascript:{js}>",
    "<meta http-equiv=refresh content=0;url=javascript:{js}>", "<button formaction=javascript:{js}>x</button>",
    "<math><a xlink:href=javascript:{js}>x</a></math>", "<base href=javascript:{js}//>", "<marquee onstart={js}>x",
    "<style onload={js}></style>", "<link rel=stylesheet href=x onerror={js}>", "<select autofocus onfocus={js}>",
    "<textarea autofocus onfocus={js}>", "<keygen autofocus onfocus={js}>",
    "<p style=animation:x onanimationstart={js}>",
    "<template><script>{js}</script></template>",
)  # fmt: skip
LEADS = (
    "",
    '">',
    "'>",
    "</title>",
    "</textarea></select>",
    "</script>-->",
    '" autofocus onfocus={js} x="',
    "{{{{7*7}}}}",
)
PAYLOADS = tuple(
    f"J{number:03} " + (lead + script).format(js=f"jahat({number})")
    for number, (lead, script) in enumerate(product(LEADS, SCRIPTS))
)
FOREIGN_TO_US = (
    "[onerror],[onload],[onfocus],[ontoggle],[onstart],[onanimationstart],[formaction],iframe,object,embed,base,math,"
    "marquee,template,meta[http-equiv],script:not([src]),a[href^='javascript:']"
)
"""Elements that none of our pages has."""
SHOWN = ("/kelola", "/akun", "/unit/", "/audit")
FILES = ("{kind:str}", ".csv", "{number:str}", "{rollout:int}")
"""Ends of addresses that are no pages, or pages of what nobody has begun here."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    store = sample_store(tmp_path_factory.mktemp("payloads") / "ikm.db")
    person = str(uuid_utils.uuid4())
    by = Doer("Sari <sari@contoh.go.id>", NOW_MS, person, reason=PAYLOADS[0])
    store.add_person(person, "sari@contoh.go.id", PAYLOADS[1], [Grant(Role.SUPERADMIN, REGENCY)], Doer("uji", NOW_MS))
    where = _stored(store, by) | {"person": person}
    token = store.begin_session(person, "in", NOW_MS)
    database = URL.create("sqlite", database=store._engine.url.database)
    store.close()
    app = create_app(Settings(database), now_ms=lambda: NOW_MS)
    with running(app) as address:
        reading = [way for way in ways_of(app) if way.method == "GET" and way.path.startswith(SHOWN)]
        yield Site(address, token, app, {way.path: way.at(where) for way in reading if not way.path.endswith(FILES)})


def _stored(store: Store, by: Doer) -> dict[str, str]:
    """Each text at least once: as a name of places, services and people, a promise, a comment, an answer, a title."""
    left = iter(PAYLOADS[2:])
    for number in range(20):
        store.add_place(Node(f"unit-{number}", Level.UNIT, AGENCY, next(left)), {}, by, zone=TimeZone.WIB)
    for number in range(20):
        store.add_place(Node(f"loket-{number}", Level.COUNTER, UNIT, next(left)), {}, by)
    for number in range(60):
        store.add_service(UNIT, Service(f"layanan-{number}", {"id": next(left)}), by)
    for number in range(10):
        name, other = next(left), str(uuid_utils.uuid4())
        store.add_person(other, f"p{number}@contoh.go.id", name, [Grant(Role.VERIFIER, UNIT)], by)
        store.add_token(f"ikm_{number}", next(left), UNIT, NOW_MS + 86_400_000, by)
    lines = [{"id": text} for text in (next(left) for _ in range(20))]
    store.change_unit(UNIT, store.unit_facts(UNIT).revision, by, pledge=tuple(lines), address=next(left))
    store.promise(UNIT, "ktp", {"REQ": lines}, store.offered_service(UNIT, "ktp").revision, by)
    shipped = wire.questionnaire_message(store.questionnaire("skm-14-2017-v2"))
    asked = [replace(one, text={"id": next(left)}) for one in shipped.questions]
    store.begin_draft(replace(shipped, code="draft", title={"id": next(left)}, questions=asked), "skm-14-2017-v2", by)
    # the rest as citizens' words, and one of them as an answer to them
    device, rest = KioskDevice.enrolled(store), list(left)
    ingest = Ingest(store, lambda: NOW_MS)
    ingest.accept(device.call(device.add(*(samples.body(comment=text) for text in rest))))
    newest = store.remarks(Wanted([UNIT]))[0]
    decided = Decision("other", Status.ANSWERED, newest.due_on, rest[0], published=True)
    store.decide_remark(newest.id, newest.revision, decided, by)
    held = {"device": device.device, "remark": newest.id, "sheet": newest.id, "question": shipped.questions[0].code}
    return {**OWN, **held, "code": UNIT, "draft": "draft", "service": "ktp"}


def test_two_hundred_texts_are_two_hundred_texts_in_a_browser(site: Site, chromium: Browser):
    assert len(set(PAYLOADS)) == 200
    context = chromium.new_context(locale="id-ID", bypass_csp=True)
    context.add_cookies([{"name": "ikm", "value": site.token, "url": site.address}])
    context.add_init_script("window.hurt = []; window.jahat = (number) => window.hurt.push(number)")
    page = context.new_page()
    page.set_default_timeout(15_000)
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    hurt, seen = {}, ""
    try:
        for path in site.pages.values():
            page.goto(site.address + path)
            found = page.evaluate(
                f'[window.hurt, [...document.querySelectorAll("{FOREIGN_TO_US}")].map(e => e.outerHTML)]'
            )
            if found != [[], []]:
                hurt[path] = found
            seen += page.inner_text("body") + " ".join(
                page.locator("input, textarea").evaluate_all("all => all.map(e => e.value)")
            )
    finally:
        context.close()
    assert hurt == {}
    assert asked == []
    unseen = [text[:4] for text in PAYLOADS if text[:4] not in seen]
    assert unseen == []
    assert "49" not in [text for text in seen.split("J") if text.startswith("49")]
    assert len(site.pages) > 35


def test_the_browser_that_looks_for_scripts_finds_one(site: Site, chromium: Browser):
    """The tool itself: what stands unescaped in a page is seen and heard."""
    context = chromium.new_context(bypass_csp=True)
    context.add_init_script("window.hurt = []; window.jahat = (number) => window.hurt.push(number)")
    page = context.new_page()
    try:
        page.goto(site.address + "/masuk")
        for text in PAYLOADS[:3]:
            page.evaluate("text => { document.open(); document.write(text); document.close(); }", text)
            assert page.evaluate(f'document.querySelectorAll("{FOREIGN_TO_US}").length')
        assert page.evaluate("window.hurt").count(0) == 1
    finally:
        context.close()


def test_every_page_forbids_the_browser_what_is_not_ours(site: Site):
    with TestClient(site.app, cookies={"ikm": site.token}) as client:
        for path in site.pages.values():
            policy = client.get(path).headers["content-security-policy"]
            assert policy.startswith("default-src 'none'; ")
            assert "script-src 'self'; " in policy
            assert "unsafe" not in policy
            assert client.get(path).headers["x-content-type-options"] == "nosniff"
