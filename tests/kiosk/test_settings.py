from pathlib import Path

import pytest

from kiosk.settings import SettingInvalid, Settings, settings_from


def parsed(tmp_path, **environment):
    return settings_from(environment, home=tmp_path / "home", system_folder=tmp_path / "system")


def test_an_empty_environment_gives_the_defaults(tmp_path):
    assert parsed(tmp_path) == Settings(
        data_dir=tmp_path / "system", window=None, screen_report=None, sync_interval_s=60
    )


def test_every_variable_is_heard(tmp_path):
    assert parsed(
        tmp_path,
        KIOSK_DATA="/srv/kiosk",
        KIOSK_WINDOW="1280x800",
        KIOSK_SCREEN_REPORT="/tmp/layar.jsonl",
        KIOSK_SYNC_INTERVAL_S="5",
        KIOSK_SCAN_STEP_MS="2500",
        KIOSK_CARRY_OUT="/srv/bawa",
        KIOSK_SECOND_COPY="/media/usb/salinan",
    ) == Settings(
        data_dir=Path("/srv/kiosk"), window=(1280, 800), screen_report=Path("/tmp/layar.jsonl"), sync_interval_s=5,
        scan_step_ms=2_500, carry_out=Path("/srv/bawa"), second_copy=Path("/media/usb/salinan"),
    )  # fmt: skip


def test_an_empty_variable_is_an_absent_one(tmp_path):
    assert parsed(tmp_path, KIOSK_WINDOW=" ", KIOSK_DATA="", KIOSK_SYNC_INTERVAL_S="") == parsed(tmp_path)


def test_data_goes_to_the_home_folder_where_the_system_folder_cannot_be_written(tmp_path):
    settings = settings_from({}, home=tmp_path / "home", system_folder=tmp_path / "tidak-ada/ikm-kiosk")
    assert settings.data_dir == tmp_path / "home/.local/share/ikm-kiosk"


def test_a_named_folder_is_never_replaced_by_another(tmp_path):
    assert parsed(tmp_path, KIOSK_DATA="/proc/ikm-kiosk").data_dir == Path("/proc/ikm-kiosk")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("KIOSK_DATA", "data"),
        ("KIOSK_DATA", "~/data"),
        ("KIOSK_SECOND_COPY", "salinan"),
        ("KIOSK_SCREEN_REPORT", "layar.jsonl"),
        ("KIOSK_WINDOW", "1280"),
        ("KIOSK_WINDOW", "1280 x 800"),
        ("KIOSK_WINDOW", "0x800"),
        ("KIOSK_WINDOW", "-1280x800"),
        ("KIOSK_WINDOW", "128000x800"),
        ("KIOSK_WINDOW", "１２８０x800"),
        ("KIOSK_SCAN_STEP_MS", "249"),
        ("KIOSK_SCAN_STEP_MS", "10001"),
        ("KIOSK_SCAN_STEP_MS", "1.6"),
        ("KIOSK_SYNC_INTERVAL_S", "0"),
        ("KIOSK_SYNC_INTERVAL_S", "-1"),
        ("KIOSK_SYNC_INTERVAL_S", "60.0"),
        ("KIOSK_SYNC_INTERVAL_S", "1_0"),
        ("KIOSK_SYNC_INTERVAL_S", "86401"),
        ("KIOSK_SYNC_INTERVAL_S", "9" * 5000),
        ("KIOSK_SYNC_INTERVAL_S", "semenit"),
    ],
)
def test_a_bad_value_is_refused_by_the_variables_name(tmp_path, name, value):
    with pytest.raises(SettingInvalid, match=f"^{name} harus "):
        parsed(tmp_path, **{name: value})


def test_a_name_nobody_knows_is_refused(tmp_path):
    with pytest.raises(SettingInvalid, match=r"KIOSK_DATAA tidak dikenal; yang ada: KIOSK_[A-Z_]+, "):
        settings_from({"KIOSK_DATAA": "/x"}, home=tmp_path, system_folder=tmp_path / "system")


def test_a_system_folder_of_another_user_is_not_mistaken_for_none(tmp_path, monkeypatch):
    folder = tmp_path / "system"
    folder.mkdir()
    # root may enter everywhere, so the system's answer is given here
    monkeypatch.setattr("kiosk.settings.os.access", lambda path, mode: path != folder)
    with pytest.raises(SettingInvalid, match="tidak boleh dibuka pengguna ini"):
        settings_from({}, home=tmp_path, system_folder=folder)
