"""Signs of life, heard on a real socket as systemd would."""

import socket

import pytest

from kiosk.watchdog import Watchdog, every


@pytest.fixture
def supervisor(tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.bind(str(tmp_path / "notify"))
        channel.settimeout(5)
        yield channel


def heard(supervisor) -> str:
    return supervisor.recv(100).decode()


def test_the_supervisor_hears_that_the_window_is_up_lives_and_closes(supervisor, tmp_path):
    watchdog = Watchdog.of(
        {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "20000000", "WATCHDOG_PID": "1"}
    )
    repeated = []
    every(lambda interval_s, action: repeated.append((interval_s, action)), watchdog)
    assert heard(supervisor) == "READY=1"
    [(interval_s, alive)] = repeated
    assert interval_s == 10
    alive()
    assert heard(supervisor) == "WATCHDOG=1"
    watchdog.stopping()
    assert heard(supervisor) == "STOPPING=1"


def test_an_abstract_socket_is_found():
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.bind("\0ikm-kiosk-test")
        channel.settimeout(5)
        Watchdog("@ikm-kiosk-test", 0).ready()
        assert heard(channel) == "READY=1"


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"NOTIFY_SOCKET": "/run/x"},
        {"NOTIFY_SOCKET": "/run/x", "WATCHDOG_USEC": "soon"},
        {"WATCHDOG_USEC": "1000000"},
    ],
)
def test_where_nobody_waits_for_a_sign_none_is_repeated(environment):
    assert Watchdog.of(environment).interval_s == 0


def test_a_supervisor_that_is_gone_stops_nothing(tmp_path, caplog):
    Watchdog(str(tmp_path / "gone"), 1).alive()
    assert "could not be told" in caplog.text


def test_without_a_supervisor_nothing_is_said(caplog):
    Watchdog("", 0).ready()
    assert caplog.text == ""
