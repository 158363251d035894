"""The command line over a database of the sample regency."""

import pytest
from typer.testing import CliRunner

from ikm.server.cli import app


@pytest.fixture
def run(sqlite_store, monkeypatch):
    monkeypatch.setenv("IKM_DATABASE_URL", sqlite_store._engine.url.render_as_string())

    def invoke(*words):
        return CliRunner().invoke(app, list(words))

    return invoke
