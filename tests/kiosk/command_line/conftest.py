"""A device in a folder of its own, the command line in this process, and a server to talk to."""

import logging
import sys
import time
from dataclasses import replace

import pytest

from kiosk import __main__ as command_line
from kiosk.store import Store
from tests.contracts.outbox import CONFIGURATION, IDENTITY
from tests.support import samples
from tests.support.command_line import Upstream
from tests.support.http_server import http_server


@pytest.fixture
def http():
    with http_server(Upstream()) as running:
        yield running


@pytest.fixture
def data(tmp_path, monkeypatch):
    folder = tmp_path / "data"
    for name in ("KIOSK_WINDOW", "KIOSK_SCREEN_REPORT", "KIOSK_SYNC_INTERVAL_S"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("KIOSK_DATA", str(folder))
    yield folder
    for name in ("kiosk", "sync"):
        logger = logging.getLogger(name)
        for handler in list(logger.handlers):
            logger.removeHandler(handler)
            handler.close()


@pytest.fixture
def kiosk(data, monkeypatch, capsys):
    """Runs a command in this process: exit code, output, error output."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["kiosk", *arguments])
        with pytest.raises(SystemExit) as ended:
            command_line.main()
        out, err = capsys.readouterr()
        return ended.value.code or 0, out, err

    return run


@pytest.fixture
def in_jayapura(monkeypatch):
    monkeypatch.setenv("TZ", "WIT-9")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def enrolled(data, http):
    """An enrolled device with three answers to send."""
    with Store.open(data) as store:
        store.enrol(replace(IDENTITY, server_url=http.url), CONFIGURATION)
        for _ in range(3):
            store.append(samples.body())
