"""A seeded regency: how long the desk's pages take at the server, and whether that grows with the answers."""

import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import URL, make_url, text

from ikm.domain.rights import Grant, Role
from ikm.server.seeding import Wish, sow
from ikm.server.seeding.places import ROOT
from ikm.server.serve import ease_collector
from ikm.server.settings import Settings
from ikm.server.store import Store
from ikm.server.store.deeds import Doer
from ikm.server.store.engine import writing
from ikm.server.web.app import create_app
from tests.bench.harness import Result, median, percentile
from tests.support import postgres
from tests.support.linked import linked

UNTIL = date(2026, 11, 30)
NOW_MS = 1_796_000_000_000
PERSON = "01a20a2d-7c00-7000-8000-0000000000aa"
ANSWERS = int(os.environ.get("BENCH_ANSWERS", "100000"))
"""So many answers are sown; `BENCH_TIMES` says which multiples of them are measured on PostgreSQL."""
TIMES = tuple(int(one) for one in os.environ.get("BENCH_TIMES", "1,10").split(","))
_ROUNDS = 40
FIGURES = {
    "ringkasan, tahun": "/kelola?periode=2026",
    "ringkasan, semester": "/kelola?periode=2026-S2",
    "ringkasan, satu layanan": "/kelola?periode=2026&layanan=umum",
    "unit, tahun": "/kelola/unit/dukcapil?periode=2026",
    "unit, satu layanan": "/kelola/unit/dukcapil?periode=2026&layanan=ktp",
    "banding": "/kelola/banding?unit=dukcapil&unit=rsud&periode=2026&dengan=2025",
    "berkas ringkasan, CSV": "/kelola/ekspor/ringkasan/csv?periode=2026",
    "berkas unit, Excel": "/kelola/unit/dukcapil/ekspor/xlsx?periode=2026",
    "laman umum": "/?period=2026",
}


def measure(folder: Path) -> list[Result]:
    """Milliseconds (p95) of every page on both databases, and what ten times the answers do to those with figures."""
    results: list[Result] = []
    sqlite = URL.create("sqlite", database=str(folder / "regency.db"))
    _sown(sqlite)
    results += _every_page("SQLite", sqlite)
    with postgres.server() as server, postgres.database(server) as url:
        database = make_url(url)
        _sown(database)
        results += _every_page("PostgreSQL", database)
        results += _growing(database)
    return results


def _every_page(named: str, database: URL) -> list[Result]:
    """Every page that links lead to, and those with figures in several shapes."""
    with _desk(database) as (client, app, _):
        found = linked(app, lambda path: _fetched(client, path))
    # a file's address holds its own page's figures, or a page of raw answers that is as long as one likes
    pages = {route: path for route, path in found.pages.items() if path not in FIGURES.values()} | FIGURES
    return [
        Result(f"laman, {named}: {name}", p95, "ms", "tengah", middle, 200)
        for name, p95, middle in _pages(database, pages)
    ]


def _fetched(client: TestClient[Any], path: str) -> tuple[str, str]:
    answer = client.get(path)
    return answer.headers.get("content-type", ""), answer.text


def _growing(database: URL) -> list[Result]:
    results: list[Result] = []
    least: dict[str, float] = {}
    grown = 1
    for times in TIMES:
        if times > grown:
            _multiplied(database, grown, times)
            grown = times
        for name, p95, middle in _pages(database, FIGURES):
            smallest = least.setdefault(name, middle)
            label = f"laman, PostgreSQL, {times * ANSWERS:,} jawaban: {name}"
            results.append(Result(f"{label}, p95", p95, "ms", "tengah", middle, 200))
            if times > TIMES[0]:
                results.append(Result(label, middle, "ms", f"{TIMES[0] * ANSWERS:,} jawaban", smallest, 1.2 * smallest))
    return results


def _sown(database: URL) -> None:
    store = Store.open(database)
    sow(store, Wish(60, 200, 2, ANSWERS, 1, UNTIL, NOW_MS))
    store.add_person(PERSON, "sari@contoh.go.id", "Sari", [Grant(Role.SUPERADMIN, ROOT)], Doer("ukur", NOW_MS))
    store.close()


def _pages(database: URL, pages: Mapping[str, str]) -> Iterator[tuple[str, float, float]]:
    """Each page with its 95th percentile and its median, in milliseconds: all the server does, no line between."""
    with _desk(database) as (client, _, taken):
        for name, path in pages.items():
            for _ in range(_ROUNDS):
                answer = client.get(path)
                if answer.status_code != 200:
                    raise RuntimeError(f"{path}: {answer.status_code}")
            # the first is made while the memory is empty, and belongs to the others
            yield name, percentile(taken, 0.95), median(taken)
            taken.clear()


@contextmanager
def _desk(database: URL) -> Iterator[tuple[TestClient[Any], Litestar, list[float]]]:
    """A superadmin at the desk, and how long each of the requests took."""
    store = Store.open(database)
    token = store.begin_session(PERSON, "in", NOW_MS)
    app = create_app(Settings(database, public_url="http://testserver.local"), now_ms=lambda: NOW_MS)
    with TestClient(app, cookies={"ikm": token}) as client, _timed(app) as taken:
        # as it is served
        ease_collector()
        yield client, app, taken
    store.close()


@contextmanager
def _timed(app: Any) -> Iterator[list[float]]:
    """How long each request was with the application, in milliseconds, from its first byte to its last."""
    taken: list[float] = []
    inner: Callable[..., Any] = app.asgi_handler

    async def outer(scope: Any, receive: Any, send: Any) -> None:
        began = time.perf_counter()
        await inner(scope, receive, send)
        if scope["type"] == "http":
            taken.append(1000 * (time.perf_counter() - began))

    app.asgi_handler = outer
    try:
        yield taken
    finally:
        app.asgi_handler = inner


def _multiplied(database: URL, held: int, times: int) -> None:
    """Every answer that many times in the database, as rows of their own, and counted so.

    Copies have ids and numbers of their own and bodies like the first's: that many citizens answered alike. Their
    tallies are then the first's, multiplied; nothing else would be counted of them.
    """
    store = Store.open(database)
    columns = "device, epoch, hash, prev_hash, unit, service, counter, questionnaire, channel, language, status, "
    columns += "local_date, wall_ms, received_ms, body, occurred_ms, clock, held, instrument"
    with writing(store._engine) as connection:
        # ids of copies follow one another, as those of a kiosk do, and no number of a chain is given twice
        connection.execute(
            text(
                f"INSERT INTO response (id, seq, {columns}) "
                "SELECT (lpad(to_hex(copy), 8, '0') || substr(replace(id::text, '-', ''), 9))::uuid, "
                f"seq + copy * 10000000, {columns} FROM generate_series({held}::bigint, {times - 1}) AS g(copy) "
                "CROSS JOIN response WHERE seq < 10000000"
            )
        )
        by = f"* {times} / {held}"
        array = f"ARRAY(SELECT n {by} FROM unnest(totals) WITH ORDINALITY AS p(n, o) ORDER BY o)"
        counts = ("rating_1", "rating_2", "rating_3", "rating_4")
        for table, names in (
            ("tally", ("responses", "complete")), ("tally_rating", counts),
            ("tally_facet", ("responses", "ratings", "total")), ("tally_month", ("responses", "complete")),
        ):  # fmt: skip
            sets = ", ".join(f"{name} = {name} {by}" for name in names)
            connection.execute(text(f"UPDATE {table} SET {sets}"))
        for table in ("tally_product", "tally_month"):
            connection.execute(text(f"UPDATE {table} SET totals = {array}"))
    with store._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        # as the database's own housekeeping does it sooner or later
        connection.execute(text("VACUUM (ANALYZE)"))
    store.close()


if __name__ == "__main__":
    from tests.bench.harness import show

    with tempfile.TemporaryDirectory() as made:
        show(measure(Path(made)))
