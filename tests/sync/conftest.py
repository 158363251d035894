"""A client before a real HTTP server that speaks the protocol, unless a test makes it answer otherwise."""

from dataclasses import replace

import pytest

from ikm import wire
from sync.client import Client
from tests.contracts.outbox import CONFIGURATION, IDENTITY
from tests.support.fake_outbox import FakeOutbox
from tests.support.fake_server import FakeServer
from tests.support.http_server import Reply, http_server


class Upstream:
    """The real protocol over HTTP: pushes go to a `FakeServer`, the configuration is its newest."""

    def __init__(self):
        self.server = FakeServer(newest=CONFIGURATION)

    def __call__(self, asked):
        if asked.method == "GET":
            return Reply(200, wire.canonical(self.server.configuration()))
        return Reply(200, wire.canonical(self.server.push(wire.decode_batch(asked.body))))


@pytest.fixture
def upstream():
    return Upstream()


@pytest.fixture
def http(upstream):
    with http_server(upstream) as running:
        yield running


@pytest.fixture
def client(http):
    client = Client(replace(IDENTITY, server_url=http.url), "0.1.0")
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
