"""Figures for programs: what a token reaches, page by page, and nothing else."""

from collections.abc import Iterator

import pytest
from litestar.testing import TestClient

from ikm.domain.period import parse_period
from ikm.domain.rights import Role
from ikm.server.reports.figures import unit_figures
from ikm.server.store.deeds import Doer
from tests.ikm.server.kiosk_device import NOW_MS
from tests.ikm.server.web.answered import answer
from tests.support.desk import AGENCY, FOREIGN_UNIT, REGENCY, UNIT, Office, office

TOKEN = "ikm-" + "t" * 43


@pytest.fixture(scope="module")
def opened(tmp_path_factory) -> Iterator[Office]:
    with office(tmp_path_factory.mktemp("data"), NOW_MS) as found:
        answer(found.store, UNIT, 120, 1)
        answer(found.store, FOREIGN_UNIT, 30, 2, comment="Antrean lama.")
        by = Doer("uji", NOW_MS, found.person(Role.SUPERADMIN, REGENCY))
        for node in (REGENCY, AGENCY, FOREIGN_UNIT):
            found.store.add_token(TOKEN + node, node, node, NOW_MS + 10**9, by)
        found.store.add_token(TOKEN + "old", "old", REGENCY, NOW_MS - 1, by)
        yield found


@pytest.fixture
def ask(opened):
    with TestClient(opened.app) as client:

        def get(path: str, node: str = REGENCY, **query):
            return client.get(f"/api/v1/data/{path}", params=query, headers={"Authorization": f"Bearer {TOKEN}{node}"})

        yield get


def test_the_index_of_a_unit_is_that_of_its_page(opened, ask):
    figures = unit_figures(opened.store, UNIT, parse_period("2026"))
    told = ask(f"units/{UNIT}/index", period="2026").json()
    listed = {one["unit"]: one for one in ask("indices", period="2026").json()["indices"]}
    assert told["index"] == listed[UNIT]["index"] == str(figures.score.index)
    assert told["n"] == listed[UNIT]["n"] == 120
    assert listed["rsud" if "rsud" in listed else next(c for c in listed if listed[c]["n"] == 0)]["index"] is None
    assert ask(f"units/{UNIT}/elements", period="2026").json()["elements"] == told["elements"]


@pytest.mark.parametrize("path", ["units", "indices"])
def test_lists_come_in_pages_that_neither_skip_nor_repeat(ask, path):
    key = {"units": "units", "indices": "indices"}[path]
    codes, after = [], ""
    for _ in range(10):
        page = ask(path, limit=2, **({"after": after} if after else {})).json()
        codes += [one.get("code") or one.get("unit") for one in page[key]]
        if page["next"] is None:
            break
        after = page["next"]
    assert codes == sorted(set(codes))
    assert len(codes) == 5


def test_tallies_by_day_add_up_to_the_year(ask):
    total, after = 0, ""
    for _ in range(60):
        page = ask(f"units/{UNIT}/tallies", period="2026", **({"after": after} if after else {})).json()
        total += sum(one["responses"] for one in page["tallies"])
        if page["next"] is None:
            break
        after = page["next"]
    assert total == 120


def test_going_on_from_a_day_before_the_period_tells_nothing_from_before_it(ask):
    told = ask(f"units/{UNIT}/tallies", period="2026-Q3", after="2026-01-01").json()["tallies"]
    assert min(one["day"] for one in told) >= "2026-07-01"


def test_remarks_are_counted_and_never_told(ask):
    told = ask(f"units/{FOREIGN_UNIT}/remarks", period="2026")
    assert sum(one["n"] for one in told.json()["counts"]) == 30
    assert "Antrean" not in told.text


@pytest.mark.parametrize("path", ["index", "elements", "tallies", "remarks"])
def test_a_token_reaches_its_own_place_and_no_other(ask, path):
    assert ask(f"units/{UNIT}/{path}", AGENCY).status_code == 200
    assert ask(f"units/{FOREIGN_UNIT}/{path}", AGENCY).status_code == 403
    assert ask(f"units/{UNIT}/{path}", FOREIGN_UNIT).status_code == 403
    assert ask(f"units/nowhere/{path}").status_code == 404
    assert [one["code"] for one in ask("units", FOREIGN_UNIT).json()["units"]] == [FOREIGN_UNIT]


@pytest.mark.parametrize("token", ["old", "unknown", ""])
def test_a_token_that_lapsed_or_nobody_made_opens_nothing(ask, token):
    told = ask("units", token)
    assert (told.status_code, told.json()["code"]) == (401, "token_invalid")
    assert told.headers["content-type"].startswith("application/problem+json")


@pytest.mark.parametrize("header", ["", "Basic eA==", "Bearer", "Bearer " + "x" * 300])
def test_what_is_no_bearer_token_is_refused(opened, header):
    with TestClient(opened.app) as client:
        assert client.get("/api/v1/data/units", headers={"Authorization": header}).status_code == 401


@pytest.mark.parametrize("query", [{"limit": 0}, {"limit": 201}, {"limit": "x"}])
def test_a_page_has_its_bounds(ask, query):
    assert ask("units", **query).status_code == 400


@pytest.mark.parametrize("query", [{"period": "2026-13"}, {"period": "now"}, {"after": "yesterday"}])
def test_a_period_or_day_that_is_none_is_refused(ask, query):
    assert ask(f"units/{UNIT}/tallies", **query).status_code == 422


def test_the_description_tells_of_tokens_and_of_every_answer(opened):
    with TestClient(opened.app) as client:
        told = client.get("/schema").json()
    paths = [path for path in told["paths"] if path.startswith("/api/v1/data/")]
    assert len(paths) == 6
    for path in paths:
        assert told["paths"][path]["get"]["security"] == [{"token": []}]
    assert told["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
