"""The pages as people see them: in Chromium, from a running server over a real database."""

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from litestar import Litestar
from playwright.sync_api import Page, expect

from ikm.domain.configuration import Service
from ikm.domain.period import PeriodKind, period_of
from ikm.server.reports.figures import unit_figures
from ikm.server.store import Store
from ikm.server.web import pages
from ikm.server.web.app import create_app
from tests.ikm.server.reports.memory import DAY, TREE, MemorySource, sekadau
from tests.ikm.server.web import filled
from tests.support.samples import response
from tests.support.served import running

PERIOD = period_of(DAY, PeriodKind.SEMESTER)
WIDTHS = [360, 800, 1280, 1920]
PATHS = ["/?period=2026-S2", "/unit/dukcapil?period=2026-S2", "/unit/dukcapil?period=2019", "/unit/tidak-ada"]
CONTRASTS = (Path(__file__).parent / "contrasts.js").read_text()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A running server whose dukcapil holds the 49 sheets of Sekadau and one respondent who left early."""
    settings = filled.settings(tmp_path_factory.mktemp("site"), *sekadau(), response(3, 3))
    with running(create_app(settings)) as address:
        yield address


def test_the_index_and_the_nine_means_on_the_page_are_those_of_the_answers(page: Page, site: str):
    page.goto(f"{site}/unit/dukcapil?period=2026-S2")
    sheets = [sheet.answers for sheet in (*sekadau(), response(3, 3))]
    means = {}
    for code in sheets[0]:
        given = [answers[code] for answers in sheets if code in answers]
        means[code] = Fraction(sum(given), len(given))
    shown = {
        row.get_attribute("data-element"): row.locator("td.mean").inner_text()
        for row in page.locator("tr[data-element]").all()
    }
    assert {code: Decimal(text.replace(",", ".")) for code, text in shown.items()} == {
        code: _half_up(mean, 3) for code, mean in means.items()
    }
    index = _half_up(25 * sum(means.values()) / 9, 2)
    expect(page.locator("#index")).to_have_text(str(index).replace(".", ","))


def _half_up(value: Fraction, places: int) -> Decimal:
    return Decimal(int(value * 10**places + Fraction(1, 2))).scaleb(-places)


def test_the_page_and_the_data_behind_its_link_agree(page: Page, site: str):
    page.goto(f"{site}/unit/dukcapil?period=2026-S2")
    shown = page.locator("#index").get_attribute("value")
    data = page.request.get(site + page.get_by_role("link", name="JSON").get_attribute("href")).json()
    assert (data["index"], data["n"]) == (shown, 50)


def test_from_the_regency_to_a_unit_and_back(page: Page, site: str):
    page.goto(f"{site}/?period=2026-S2")
    row = page.get_by_role("row", name=re.compile("78,"))
    expect(row.get_by_role("cell").nth(1)).to_have_text(re.compile(r"78,\d\d"))
    row.get_by_role("link").click()
    expect(page.locator("#index")).to_be_visible()
    page.get_by_role("navigation", name="Jejak halaman").get_by_role("link").click()
    expect(page.locator("#pooled")).to_be_visible()


def test_the_working_opens_without_a_script(chromium, site: str):
    context = chromium.new_context(java_script_enabled=False)
    try:
        page = context.new_page()
        page.goto(f"{site}/unit/dukcapil?period=2026-S2")
        expect(page.get_by_text("Pembulatan dilakukan satu kali saja")).to_be_hidden()
        page.get_by_text("Lihat perhitungan").click()
        expect(page.get_by_text("Pembulatan dilakukan satu kali saja")).to_be_visible()
    finally:
        context.close()


@pytest.mark.parametrize("path", PATHS)
def test_the_browser_has_nothing_to_complain_about(page: Page, site: str, path: str):
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("requestfailed", lambda request: complaints.append(request.url))
    page.goto(site + path)
    page.wait_for_load_state("networkidle")
    # the browser reports the status of a page that is an error on purpose
    assert [text for text in complaints if "status of 404" not in text] == []
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(250, 248, 243)"


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("path", PATHS)
def test_no_page_is_wider_than_the_screen(page: Page, site: str, path: str, width: int):
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(site + path)
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("name", ["W" * 200, "Unit Pelaksana Teknis Pelayanan Terpadu " * 5])
def test_the_longest_names_stay_within_the_screen(page: Page, name: str, width: int):
    tree = tuple(replace(node, name=name) for node in TREE)
    source = MemorySource(tree=tree, offered={"dukcapil": (Service("ktp", {"id": name}),)}).add(*sekadau())
    page.set_viewport_size({"width": width, "height": 800})
    with running(Litestar([pages.router(source, lambda: filled.NOON_MS)])) as address:
        for path in ("/", "/unit/dukcapil"):
            page.goto(address + path)
            assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0


@pytest.mark.parametrize("path", PATHS)
def test_every_link_is_reached_by_keyboard_and_seen_when_it_is(page: Page, site: str, path: str):
    page.goto(site + path)
    links = page.locator("a, summary").count()
    reached = []
    for _ in range(links):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate(
                """() => {
                    const here = document.activeElement, box = here.getBoundingClientRect();
                    const all = [...document.querySelectorAll('a, summary')];
                    const seen = getComputedStyle(here).outlineStyle === 'solid' && box.width > 0 && box.bottom > 0;
                    return [all.indexOf(here), seen];
                }"""
            )
        )
    assert reached == [[position, True] for position in range(links)]


def test_the_skip_link_leads_past_the_head_of_the_page(page: Page, site: str):
    page.goto(f"{site}/unit/dukcapil")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "isi"


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_has_a_contrast_of_seven_to_one(page: Page, site: str, path: str, scheme: str):
    page.emulate_media(color_scheme=scheme)
    page.goto(site + path)
    texts = page.evaluate(CONTRASTS)
    assert len(texts) > 5
    assert [text for text in texts if text["ratio"] < 7] == []


def test_a_unit_fits_one_printed_sheet(page: Page, site: str):
    page.goto(f"{site}/unit/dukcapil?period=2026-S2")
    # nobody prints before the page has its letters
    page.evaluate("document.fonts.ready.then(() => true)")
    sheets = re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True))
    assert len(sheets) == 1


def test_the_page_shows_what_the_figures_say(site: str, page: Page, tmp_path: Path):
    settings = filled.settings(tmp_path, *[response(*[2] * 9)] * 3, response(*[4] * 9, service="kk"))
    store = Store.open(settings.database)
    figures = unit_figures(store, "dukcapil", PERIOD)
    store.close()
    with running(create_app(settings)) as address:
        page.goto(f"{address}/unit/dukcapil?period=2026-S2")
        expect(page.locator("#index")).to_have_text("62,50")
        assert str(figures.score.index) == "62.50"
        rows = page.get_by_role("table", name=re.compile("jenis layanan")).get_by_role("row")
        expect(rows.nth(2)).to_contain_text("100,00")
