"""The log of what fails again and again, and the words for free space."""

import errno
import logging

import pytest

from kiosk.complaints import Complaints, cause_of
from kiosk.space import space, space_trouble
from kiosk.store.errors import Cause, MediumFailed

log = logging.getLogger("kiosk.test")
FULL = MediumFailed(Cause.FULL, "")


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (FULL, "disk full"),
        (OSError(errno.ENOSPC, "no room"), "disk full"),
        (OSError(errno.EIO, "broken"), "OSError: broken"),
        (RuntimeError("an answer"), "RuntimeError"),
    ],
)
def test_a_cause_is_told_in_a_few_words_that_hold_no_answer(error, cause):
    assert cause_of(error) == cause


def test_the_same_failure_has_one_traceback_and_a_count(caplog):
    caplog.set_level(logging.INFO)
    complaints = Complaints(log, "a response could not be kept")
    for _ in range(120):
        complaints.failed(FULL)
    complaints.succeeded()
    assert [record.getMessage() for record in caplog.records] == [
        "a response could not be kept: disk full",
        "a response could not be kept: disk full, 10 times so far",
        "a response could not be kept: disk full, 100 times so far",
        "a response could not be kept: disk full, 120 times; it is over",
    ]
    assert [bool(record.exc_info) for record in caplog.records] == [True, False, False, False]


def test_another_failure_is_told_anew_and_so_is_the_same_one_after_a_success(caplog):
    complaints = Complaints(log, "it")
    complaints.succeeded()
    for error in (FULL, RuntimeError(), FULL):
        complaints.failed(error)
    complaints.succeeded()
    complaints.failed(FULL)
    assert [record.getMessage() for record in caplog.records if record.exc_info] == [
        "it: disk full", "it: RuntimeError", "it: disk full", "it: disk full",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("free_bytes", "words", "trouble"),
    [
        (12_340_000_000, "12,3 GB", ""),
        (67_108_864, "67 MB", ""),
        (67_108_863, "67 MB", "Penyimpanan hampir penuh."),
        (16_777_216, "16 MB", "Penyimpanan hampir penuh."),
        (16_777_215, "16 MB", "Penyimpanan penuh."),
        (0, "0 MB", "Penyimpanan penuh."),
    ],
)
def test_too_little_space_is_trouble(free_bytes, words, trouble):
    assert (space(free_bytes), space_trouble(free_bytes)) == (words, trouble)
