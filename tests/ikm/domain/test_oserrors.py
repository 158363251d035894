"""Reasons of the machine in words for people here."""

import errno

import pytest

from ikm.domain.oserrors import reason


def test_what_the_machine_itself_says_is_told_in_indonesian(tmp_path):
    with pytest.raises(FileNotFoundError) as missing:
        (tmp_path / "none").read_bytes()
    assert reason(missing.value) == "berkas atau foldernya tidak ada"
    with pytest.raises(IsADirectoryError) as folder:
        tmp_path.read_bytes()
    assert reason(folder.value) == "itu folder, bukan berkas"


def test_what_has_no_words_here_keeps_the_systems_or_its_name():
    assert reason(OSError(errno.EMFILE, "Too many open files")) == "Too many open files"
    assert reason(TimeoutError()) == "TimeoutError"
