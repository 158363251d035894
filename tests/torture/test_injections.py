"""A few of the faults at system calls of `make torture`: what a store says about a row is true."""

import pytest

from kiosk.store.errors import Cause
from tests.support.injection import SYNCS, WRITES, Fault, NothingInjected, hurt, prepared

pytestmark = pytest.mark.whole


@pytest.fixture
def data(tmp_path):
    prepared(tmp_path / "data")
    return tmp_path / "data"


def test_one_failed_sync_refuses_the_row_which_is_kept_once_when_tried_again(data):
    found = hurt(Fault("error=EIO", SYNCS, 3), data, rows=3)
    assert (found.code, len(found.refused), found.kept) == (0, 1, 6)
    assert found.verdict.clean, found.verdict


@pytest.mark.parametrize(("error", "cause"), [("EIO", Cause.OTHER), ("ENOSPC", Cause.FULL), ("EROFS", Cause.OTHER)])
def test_a_medium_that_fails_for_good_acknowledges_nothing_and_keeps_what_was(data, error, cause):
    found = hurt(Fault(f"error={error}", f"{WRITES},{SYNCS}", 1, onwards=True), data, rows=3)
    assert found.code == 3
    assert found.refused == [cause] * 3
    assert found.kept == 3
    assert found.verdict.clean, found.verdict


def test_a_store_that_cannot_be_opened_for_want_of_files_leaves_everything_as_it_was(data):
    found = hurt(Fault("error=EMFILE", "openat", 1, onwards=True), data, rows=3)
    assert (found.code, found.kept) == (1, 3)
    assert found.verdict.clean, found.verdict


def test_a_kill_within_a_write_loses_nothing_that_was_acknowledged(data):
    found = hurt(Fault("signal=SIGKILL", WRITES, 17), data, rows=3)
    assert found.code == -9
    assert found.verdict.clean, found.verdict


def test_an_injection_that_matches_no_call_is_no_success(data):
    with pytest.raises(NothingInjected):
        hurt(Fault("error=EIO", "ftruncate", 60_000), data, rows=1)
