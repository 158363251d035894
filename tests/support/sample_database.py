"""A server's SQLite file with the sample regency in it: made once a run, since making it is most of a small test."""

import tempfile
from functools import cache
from pathlib import Path

from sqlalchemy import URL

from ikm.server.example import install_example
from ikm.server.store import Store


def sample_store(path: Path) -> Store:
    """An open store over a fresh copy at that path."""
    path.write_bytes(_sample())
    return Store.open(URL.create("sqlite", database=str(path)))


@cache
def _sample() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ikm.db"
        store = Store.open(URL.create("sqlite", database=str(path)))
        install_example(store)
        store.close()
        return path.read_bytes()
