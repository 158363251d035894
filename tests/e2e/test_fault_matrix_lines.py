"""Faults 31, 32, 34 and 35 of the matrix, on a cable of their own between a kiosk's store and a server's process.

Every answer that was kept has to arrive, once, however the line was: the server's own database is counted.
"""

import pytest

from tests.support.bad_lines import told

pytestmark = pytest.mark.whole


def assert_all_arrived(found):
    assert found["pending"] == 0, found
    assert found["arrived"] == found["ids"] == found["head"] == found["kept"] > 0, found


def test_a_line_that_comes_and_goes_loses_and_doubles_nothing(tmp_path):
    found = told("flapping", tmp_path, share=0.03)
    assert_all_arrived(found)
    # it was met out, and met in, and works when it stays in
    assert found["met"]["network"] >= 8, found
    assert found["met"]["well"] >= 8, found
    assert found["met"]["well afterwards"] == 1
    assert set(found["met"]) == {"well", "network", "well afterwards"}


def test_over_a_line_too_narrow_for_a_batch_smaller_ones_bring_all_of_it(tmp_path):
    found = told("narrow", tmp_path, share=0.03)
    assert_all_arrived(found)
    assert found["met"]["network"] >= 1, found
    assert min(found["limits"]) < 200
    # the rows went in more than one piece, and what had arrived never had to be sent again
    assert found["left"] == sorted(found["left"], reverse=True)


def test_a_line_that_swallows_everything_ends_by_itself_and_holds_up_nobody(tmp_path):
    found = told("silent", tmp_path, share=0.03)
    assert_all_arrived(found)
    assert found["met"] == ["well", "network", "network", "well"]
    # ten citizens answered while a request hung on the line that was there, ten more while a new one was asked for
    assert found["meanwhile"] == 20


def test_a_name_that_nobody_knows_or_that_leads_elsewhere_is_a_line_that_is_not_there(tmp_path):
    found = told("names", tmp_path, share=0.1)
    assert_all_arrived(found)
    assert found["met"] == ["network", "network", "network", "well"]
