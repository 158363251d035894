"""The officials' pages as a person uses them: the whole application over a real store, and someone who has come in."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uuid_utils
from httpx import Response
from litestar.testing import TestClient
from sqlalchemy import URL

from ikm.domain.rights import Grant, Role
from ikm.server.settings import Settings
from ikm.server.store import Store
from ikm.server.store.deeds import Doer
from ikm.server.web.app import create_app
from tests.support.sample_database import sample_store

REGENCY, AGENCY, UNIT, COUNTER = "contoh", "disdukcapil", "dukcapil", "dukcapil-1"
FOREIGN_UNIT = "pkm-harapan"


class Visitor:
    """A browser without a window. `get` and `post` give the answer; redirects are not followed."""

    def __init__(self, client: TestClient[Any], csrf: str = "") -> None:
        self._client, self.csrf = client, csrf

    def get(self, path: str, **query: str) -> Response:
        return self._client.get(path, params=query or None, follow_redirects=False)

    def post(self, path: str, *, once: str | None = None, files: Any = None, **fields: Any) -> Response:
        """The answer to that form, with what every form of ours carries."""
        own = {"csrf": self.csrf, "once": once or str(uuid_utils.uuid4())}
        headers = {"Origin": "http://testserver.local", "Sec-Fetch-Site": "same-origin"}
        return self._client.post(path, data={**own, **fields}, files=files, headers=headers, follow_redirects=False)


class Office:
    """A server with the sample regency, and whoever works there."""

    def __init__(self, store: Store, app: Any, now: list[int]) -> None:
        self.store, self.app, self._now = store, app, now

    @property
    def now_ms(self) -> int:
        """The server's clock."""
        return self._now[0]

    def later(self, by_ms: int) -> None:
        """Let so many milliseconds pass."""
        self._now[0] += by_ms

    @contextmanager
    def visitor(self) -> Iterator[Visitor]:
        """Somebody who has not come in."""
        with TestClient(self.app, raise_server_exceptions=True) as client:
            yield Visitor(client)

    @contextmanager
    def officer(self, role: Role = Role.SUPERADMIN, node: str = REGENCY, **more: Any) -> Iterator[Visitor]:
        """Somebody with that role there, who has come in."""
        person = self.person(role, node, **more)
        token = self.store.begin_session(person, "in", self.now_ms)
        with TestClient(self.app, raise_server_exceptions=True, cookies={"ikm": token}) as client:
            session = self.store.session(token, self.now_ms)
            assert session is not None
            yield Visitor(client, session.csrf)

    def person(self, role: Role, node: str, name: str = "Sari Wijaya") -> str:
        """The id of a new person with that role there."""
        person = str(uuid_utils.uuid4())
        by = Doer("uji", self.now_ms)
        self.store.add_person(person, f"{person[:8]}@contoh.go.id", name, [Grant(role, node)], by)
        return person


@contextmanager
def office(folder: Path, now_ms: int) -> Iterator[Office]:
    """A server over a fresh SQLite database with the sample regency; its clock stands until it is moved."""
    sample_store(folder / "ikm.db").close()
    settings = Settings(URL.create("sqlite", database=str(folder / "ikm.db")), public_url="http://testserver.local")
    now = [now_ms]
    app = create_app(settings, now_ms=lambda: now[0])
    store = Store.open(settings.database)
    try:
        yield Office(store, app, now)
    finally:
        store.close()


def words_of(html: str) -> str:
    """What a reader sees, in one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())
