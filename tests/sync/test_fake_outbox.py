import pytest

from tests.contracts.outbox import OutboxContract
from tests.support.fake_outbox import FakeOutbox


class TestFakeOutbox(OutboxContract):
    @pytest.fixture
    def fresh(self):
        return FakeOutbox()
