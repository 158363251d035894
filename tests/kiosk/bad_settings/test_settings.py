"""Classes 52 to 67 of reliability's bad inputs, for what a kiosk is set up with.

A kiosk has no configuration file. What such a file would hold comes from three places: the environment (how this device
runs), the configuration the server sends and the device holds in its database (what it asks), and what people type when
they enrol it (where the server is). Which of them a class can meet, and where it is tested:

52 missing          test_settings.py::test_an_empty_environment_is_enough
                    test_held.py::test_a_configuration_that_is_gone_comes_back_or_is_told
53 empty            test_settings.py::test_an_empty_value_is_an_absent_one
                    test_held.py::test_a_spoilt_configuration_without_a_second_copy_is_none
54 half a file      test_held.py::test_a_spoilt_configuration_is_never_believed
55 binary           test_settings.py::test_bytes_that_are_no_text_are_refused_in_a_sentence
                    test_held.py::test_a_spoilt_configuration_is_never_believed
56 CRLF, BOM, tabs  test_settings.py::test_what_an_editor_leaves_at_the_ends_is_no_part_of_a_value
                    test_held.py::test_a_configuration_spelt_by_an_editor_is_not_held
57 unknown key      test_settings.py::test_an_unknown_name_is_refused_with_those_there_are
                    test_held.py::test_a_configuration_that_says_other_things_is_not_held
58 wrong type       test_settings.py::test_a_value_of_another_type_is_refused
                    test_held.py::test_a_configuration_that_says_other_things_is_not_held
59 doubled key      test_settings.py::test_a_name_said_twice_has_one_value
                    test_held.py::test_a_configuration_that_says_a_thing_twice_is_read_in_one_way
60 addresses        test_settings.py::test_an_address_that_is_none_is_refused
                    test_settings.py::test_an_address_is_kept_without_what_is_too_much
61 paths            test_settings.py::test_a_path_that_is_not_whole_is_refused
                    test_settings.py::test_a_folder_that_cannot_be_used_is_one_sentence
62 open key file    test_held.py::test_keys_are_nobody_elses_to_read_whatever_the_umask
                    test_held.py::test_a_database_left_open_to_others_is_closed_again
63 time zone        test_settings.py::test_a_zone_of_the_machine_that_is_none_hinders_nothing
                    test_held.py::test_a_configuration_that_says_other_things_is_not_held
64 intervals        test_settings.py::test_an_interval_nobody_can_keep_is_refused
65 clashes          test_settings.py::test_the_environment_goes_before_what_is_found
                    test_settings.py::test_a_second_copy_in_the_data_folder_itself_is_one_more_copy
66 symlink loop     test_settings.py::test_a_folder_that_cannot_be_used_is_one_sentence
67 newer version    test_held.py::test_a_database_of_a_newer_version_is_left_as_it_is
                    test_held.py::test_a_configuration_of_a_newer_version_is_not_held
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kiosk.settings import SettingInvalid, settings_from
from kiosk.store import Store
from sync.transport import server_origin
from tests.contracts.outbox import CONFIGURATION, IDENTITY
from tests.support import samples

ROOT = Path(__file__).parents[3]


def parsed(tmp_path: Path, **environment: str):
    return settings_from(environment, home=tmp_path / "home", system_folder=tmp_path / "system")


def status(**environment: str) -> subprocess.CompletedProcess[str]:
    """What `kiosk status` says in an environment, as a process of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KIOSK_")}
    return subprocess.run(
        [sys.executable, "-m", "kiosk", "status"],
        cwd=ROOT, env={**kept, **environment}, capture_output=True, text=True, errors="replace", check=False,
    )  # fmt: skip


def in_one_sentence(done: subprocess.CompletedProcess[str], code: int) -> str:
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (code, "", 1), done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


def test_an_empty_environment_is_enough(tmp_path):
    settings = parsed(tmp_path)
    assert (settings.data_dir, settings.sync_interval_s, settings.window) == (tmp_path / "system", 60, None)


@pytest.mark.parametrize("empty", ["", " ", "\t", "\r\n", "\u00a0"])
def test_an_empty_value_is_an_absent_one(tmp_path, empty):
    names = ("KIOSK_DATA", "KIOSK_WINDOW", "KIOSK_SYNC_INTERVAL_S", "KIOSK_SECOND_COPY", "KIOSK_SCAN_STEP_MS")
    assert parsed(tmp_path, **dict.fromkeys(names, empty)) == parsed(tmp_path)


@pytest.mark.whole
def test_bytes_that_are_no_text_are_refused_in_a_sentence(tmp_path):
    """A variable is bytes to the system; a path may be any, everything else has to be text."""
    binary = bytes([0xFF, 0xFE, 0x80]).decode("utf-8", "surrogateescape")
    assert "KIOSK_WINDOW" in in_one_sentence(status(KIOSK_DATA=str(tmp_path), KIOSK_WINDOW=binary), 2)
    done = status(KIOSK_DATA=str(tmp_path / binary))
    assert done.returncode in (0, 1)
    assert "Traceback" not in done.stderr


def test_what_an_editor_leaves_at_the_ends_is_no_part_of_a_value(tmp_path):
    """A line of a file written on Windows ends in CR; a byte order mark is no blank and is refused."""
    settings = parsed(
        tmp_path, KIOSK_WINDOW="1280x800\r", KIOSK_DATA="\t/srv/kiosk \r\n", KIOSK_SYNC_INTERVAL_S=" 30\t"
    )
    assert (settings.window, settings.data_dir, settings.sync_interval_s) == ((1280, 800), Path("/srv/kiosk"), 30)
    for name, value in (
        ("KIOSK_WINDOW", "\ufeff1280x800"),
        ("KIOSK_DATA", "\ufeff/srv"),
        ("KIOSK_WINDOW", "1280\tx800"),
    ):
        with pytest.raises(SettingInvalid, match=f"^{name} "):
            parsed(tmp_path, **{name: value})


@pytest.mark.parametrize(
    "name", ["KIOSK_DATAA", "KIOSK_", "KIOSK_data", "KIOSK_DATA ", "KIOSK_SYNC_INTERVAL_MS", "KIOSK_DАTA"]
)
def test_an_unknown_name_is_refused_with_those_there_are(tmp_path, name):
    with pytest.raises(SettingInvalid, match=r"tidak dikenal; yang ada: .*KIOSK_DATA, .*KIOSK_SYNC_INTERVAL_S"):
        settings_from({name: "/x"}, home=tmp_path, system_folder=tmp_path)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("KIOSK_SYNC_INTERVAL_S", "semenit"), ("KIOSK_SYNC_INTERVAL_S", "60.0"), ("KIOSK_SYNC_INTERVAL_S", "6e1"),
        ("KIOSK_SYNC_INTERVAL_S", "true"), ("KIOSK_SYNC_INTERVAL_S", "0x3c"), ("KIOSK_SYNC_INTERVAL_S", "٦٠"),
        ("KIOSK_SYNC_INTERVAL_S", "NaN"), ("KIOSK_SCAN_STEP_MS", "null"), ("KIOSK_WINDOW", "[1280,800]"),
        ("KIOSK_WINDOW", "1280X800"), ("KIOSK_WINDOW", "layar penuh"), ("KIOSK_WINDOW", "1280x800x24"),
    ],
)  # fmt: skip
def test_a_value_of_another_type_is_refused(tmp_path, name, value):
    with pytest.raises(SettingInvalid, match=f"^{name} harus "):
        parsed(tmp_path, **{name: value})


@pytest.mark.whole
def test_a_name_said_twice_has_one_value(tmp_path):
    """The system passes both on; whichever a process takes, it is one of them and everywhere the same."""
    twice = f"exec env KIOSK_DATA={tmp_path}/satu KIOSK_DATA={tmp_path}/dua {sys.executable} -m kiosk status"
    done = subprocess.run(["sh", "-c", twice], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dua"]


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "ikm.contoh.go.id", "//ikm.contoh.go.id", "ftp://ikm.contoh.go.id", "file:///etc/passwd",
        "javascript:1", "https://", "https:///jalur", "https://pengguna:sandi@ikm.contoh.go.id", "https://pengguna@ikm.contoh.go.id",
        "https://ikm.contoh.go.id/skm", "https://ikm.contoh.go.id?a=1", "https://ikm.contoh.go.id#x",
        "https://ikm.contoh.go.id:99999", "https://ikm.contoh.go.id:delapan", "https://[::1", "https//ikm.contoh.go.id",
    ],
)  # fmt: skip
def test_an_address_that_is_none_is_refused(text):
    with pytest.raises(ValueError, match=r"^Alamat server "):
        server_origin(text)


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("https://ikm.contoh.go.id/", "https://ikm.contoh.go.id"),
        (" HTTPS://IKM.Contoh.go.id\r\n", "https://ikm.contoh.go.id"),
        ("http://10.0.0.5:8080", "http://10.0.0.5:8080"),
        ("https://[2001:db8::1]:8443/", "https://[2001:db8::1]:8443"),
        ("https://ikm.xn--contoh-9xa.go.id", "https://ikm.xn--contoh-9xa.go.id"),
    ],
)
def test_an_address_is_kept_without_what_is_too_much(text, origin):
    assert server_origin(text) == origin


@pytest.mark.parametrize("name", ["KIOSK_DATA", "KIOSK_SECOND_COPY", "KIOSK_CARRY_OUT", "KIOSK_SCREEN_REPORT"])
@pytest.mark.parametrize(
    "path", ["data", "./data", "../data", "~/data", "~kios/data", "$HOME/data", "C:\\data", "file:///srv"]
)
def test_a_path_that_is_not_whole_is_refused(tmp_path, name, path):
    with pytest.raises(SettingInvalid, match=f"^{name} harus berupa jalur lengkap"):
        parsed(tmp_path, **{name: path})


def unusable(tmp_path: Path) -> dict[str, Path]:
    """Folders that nobody can keep answers in, root neither."""
    (tmp_path / "berkas").touch()
    for one, other in (("a", "b"), ("b", "a")):
        (tmp_path / one).symlink_to(tmp_path / other)
    (tmp_path / "sendiri").symlink_to(tmp_path / "sendiri")
    return {
        "a file": tmp_path / "berkas", "beneath a file": tmp_path / "berkas" / "data", "a loop": tmp_path / "a",
        "beneath a loop": tmp_path / "b" / "data", "a loop of one": tmp_path / "sendiri",
        "a name too long": tmp_path / ("x" * 300), "no place for files": Path("/proc/ikm-kiosk"),
    }  # fmt: skip


@pytest.mark.whole
@pytest.mark.parametrize(
    "name",
    ["a file", "beneath a file", "a loop", "beneath a loop", "a loop of one", "a name too long", "no place for files"],
)
def test_a_folder_that_cannot_be_used_is_one_sentence(tmp_path, name):
    """Classes 61 and 66: not writable, not there to be made, and links that end nowhere."""
    folder = unusable(tmp_path)[name]
    assert str(folder) in in_one_sentence(status(KIOSK_DATA=str(folder)), 1)


@pytest.mark.parametrize("name", ["a file", "a loop", "a name too long", "no place for files"])
def test_a_second_copy_that_cannot_be_written_stops_no_kiosk(tmp_path, name):
    """Classes 61 and 66 for the copy: it is told, and answers are kept."""
    with Store.open(tmp_path / "data", unusable(tmp_path)[name]) as store:
        store.enrol(IDENTITY, CONFIGURATION)
        assert store.append(samples.body()).seq == 1
        assert "second_copy_failed" in store.warnings()


@pytest.mark.whole
@pytest.mark.parametrize("zone", ["Mars/Phobos", "", "../../etc/passwd", "WIB-7", ":nowhere"])
def test_a_zone_of_the_machine_that_is_none_hinders_nothing(tmp_path, zone):
    """The zone of a kiosk is its counter's; the machine's own is not asked for anything."""
    done = status(KIOSK_DATA=str(tmp_path / "data"), TZ=zone)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("value", ["0", "-1", "-60", "86401", "9" * 5_000, "1_0", "+5", "00", "1e9"])
def test_an_interval_nobody_can_keep_is_refused(tmp_path, value):
    with pytest.raises(SettingInvalid, match=r"^KIOSK_SYNC_INTERVAL_S harus "):
        parsed(tmp_path, KIOSK_SYNC_INTERVAL_S=value)
    with pytest.raises(SettingInvalid, match=r"^KIOSK_SCAN_STEP_MS harus "):
        parsed(tmp_path, KIOSK_SCAN_STEP_MS=value)


def test_the_environment_goes_before_what_is_found(tmp_path):
    (tmp_path / "system").mkdir()
    (tmp_path / "home/.local/share/ikm-kiosk").mkdir(parents=True)
    assert parsed(tmp_path).data_dir == tmp_path / "system"
    assert parsed(tmp_path, KIOSK_DATA=str(tmp_path / "lain")).data_dir == tmp_path / "lain"


def test_a_second_copy_in_the_data_folder_itself_is_one_more_copy(tmp_path):
    """Two names for one place: nothing overwrites anything."""
    folder = tmp_path / "data"
    for _ in range(2):
        with Store.open(folder, folder) as store:
            if store.identity() is None:
                store.enrol(IDENTITY, CONFIGURATION)
            store.append(samples.body())
            assert store.warnings() == []
    with Store.open(folder, folder) as store:
        assert [row.seq for row in store.pending(1, 10)] == [1, 2]
