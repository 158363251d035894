from collections.abc import Iterator

import pytest

from tests.ikm.server.kiosk_device import NOW_MS
from tests.support.desk import Office, office


@pytest.fixture
def desk(tmp_path) -> Iterator[Office]:
    """The whole application over the sample regency; its clock stands."""
    with office(tmp_path, NOW_MS) as opened:
        yield opened
