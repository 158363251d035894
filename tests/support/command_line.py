"""The command line's surroundings in tests: a server that enrols and takes batches, and what `kiosk status` says."""

import json

from tests.contracts.outbox import CONFIGURATION
from tests.support import fake_server


class Upstream(fake_server.Upstream):
    """A server of the sample configuration."""

    def __init__(self):
        super().__init__(CONFIGURATION)


def status(kiosk):
    code, out, _ = kiosk("status", "--json")
    assert code == 0
    return json.loads(out)
