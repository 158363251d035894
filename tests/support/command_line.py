"""The command line's surroundings in tests: a server that enrols and takes batches, and what `kiosk status` says."""

import json

from ikm import wire
from tests.contracts.outbox import CONFIGURATION
from tests.support import samples
from tests.support.fake_server import FakeServer
from tests.support.http_server import Reply

ENROLLED = wire.Enrolled(
    configuration=CONFIGURATION, device=samples.DEVICE, protocol=1, server=samples.SERVER, server_key=""
)


class Upstream:
    def __init__(self):
        self.server = FakeServer(newest=CONFIGURATION)

    def __call__(self, asked):
        if asked.path == "/api/v1/enrolments":
            return Reply(201, wire.canonical(ENROLLED))
        if asked.method == "GET":
            return Reply(200, wire.canonical(self.server.configuration()))
        return Reply(200, wire.canonical(self.server.push(wire.decode_batch(asked.body))))


def status(kiosk):
    code, out, _ = kiosk("status", "--json")
    assert code == 0
    return json.loads(out)
