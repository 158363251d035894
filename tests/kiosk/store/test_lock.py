import subprocess
import sys

import pytest

from kiosk.store import WindowIsOpen, only_window

HOLDER = """
import pathlib, sys
from kiosk.store import only_window
with only_window(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_window_is_refused_with_a_sentence(tmp_path):
    with only_window(tmp_path), pytest.raises(WindowIsOpen, match="sudah berjalan"), only_window(tmp_path):
        pass


def test_the_right_comes_back_when_the_window_closes(tmp_path):
    with only_window(tmp_path):
        pass
    with only_window(tmp_path):
        pass


def test_a_window_that_was_killed_does_not_lock_out_the_next(tmp_path):
    command = [sys.executable, "-c", HOLDER, str(tmp_path)]
    holder = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(WindowIsOpen), only_window(tmp_path):
            pass
        holder.kill()
    with only_window(tmp_path):
        pass
