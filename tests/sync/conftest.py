"""A client before a real HTTP server that speaks the protocol, unless a test makes it answer otherwise."""

from dataclasses import replace

import pytest

from sync.client import Client
from tests.contracts.outbox import CONFIGURATION, IDENTITY
from tests.support.fake_outbox import FakeOutbox
from tests.support.fake_server import FakeServer, Upstream
from tests.support.http_server import http_server


@pytest.fixture
def upstream():
    return Upstream(CONFIGURATION)


@pytest.fixture
def http(upstream):
    with http_server(upstream) as running:
        yield running


@pytest.fixture
def client(http, upstream):
    client = Client(replace(IDENTITY, server_url=http.url, server_key=upstream.server.key), "0.1.0")
    yield client
    client.close()


@pytest.fixture
def outbox():
    outbox = FakeOutbox()
    outbox.enrol(IDENTITY, CONFIGURATION)
    return outbox


@pytest.fixture
def server():
    return FakeServer(newest=CONFIGURATION)
