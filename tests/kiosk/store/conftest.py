"""A device with answers, to be damaged."""

import shutil

import pytest

from tests.support.salvaging import ROWS, filled


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A store that nothing has happened to yet, and what it holds."""
    folder = tmp_path_factory.mktemp("whole") / "data"
    return folder, filled(folder, ROWS)


@pytest.fixture
def device(whole, tmp_path):
    """A copy of it to be damaged."""
    shutil.copytree(whole[0], tmp_path / "data")
    return tmp_path / "data", whole[1]
