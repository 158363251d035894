"""Which clip says a text: every text we ship has one, recordings win, and a damaged folder costs only its own voice."""

import importlib.util
import wave
from pathlib import Path

import pytest

from ikm.assets import asset
from kiosk.voice import clips as clips_module
from kiosk.voice.clips import Clips, digest, read_index, seconds_of, stem, voices

ROOT = Path(__file__).parents[3]
LARGEST_BYTES = 4 * 1024 * 1024
AGAIN = "run assets/sounds/make.py"


def maker():
    spec = importlib.util.spec_from_file_location("make_sounds", ROOT / "assets/sounds/make.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def made():
    return maker()


def recording(path: Path, seconds: float) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8_000)
        sound.writeframes(bytes(int(seconds * 16_000)))
    return path


@pytest.mark.parametrize("locale", ["id", "en"])
def test_every_text_of_screens_and_questionnaires_has_a_clip_and_no_clip_is_left_over(locale, made):
    index = read_index(asset(f"sounds/{locale}")).clips
    assert {entry.text for entry in index.values()} == made.texts(locale), AGAIN
    assert {path.stem for path in asset(f"sounds/{locale}").glob("*.ogg")} == set(index), AGAIN


@pytest.mark.parametrize("locale", ["id", "en"])
def test_the_index_tells_the_truth_about_its_clips(locale):
    folder = asset(f"sounds/{locale}")
    for name, entry in read_index(folder).clips.items():
        assert (stem(entry.text), digest(entry.text)) == (name, entry.sha256)
        sound = (folder / f"{name}.ogg").read_bytes()
        assert sound.startswith(b"OggS")
        # byte 11 after the header's name: channels, then the rate
        head = sound.index(b"\x01vorbis")
        assert (sound[head + 11], int.from_bytes(sound[head + 12 : head + 16], "little")) == (1, 22_050)
        assert 0.3 < entry.seconds < 20
        assert seconds_of(folder / f"{name}.ogg") == pytest.approx(entry.seconds, abs=0.01)


def test_all_clips_together_stay_small():
    assert sum(path.stat().st_size for path in asset("sounds").rglob("*.*")) < LARGEST_BYTES


def test_the_questions_can_be_heard_in_the_languages_that_have_a_voice():
    assert voices() == {"id", "en"}
    found = Clips()
    assert found.find("id", "Mulai").path.name.startswith("mulai-")
    assert found.find("en", "Start").path.parent.name == "en"
    assert found.find("id", "Kalimat yang tidak pernah ditulis siapa pun") is None
    assert found.find("jv", "Mulai") is None


def test_spacing_and_the_case_of_a_single_letter_do_not_matter():
    assert stem("Masih\n di  sini?") == stem("Masih di sini?")
    assert stem("A") == stem("a")
    assert stem("Baik") != stem("baik")
    assert stem("?") != stem(".")


def test_a_recording_wins_over_the_synthetic_voice_and_gives_a_language_its_voice(tmp_path):
    own = recording(tmp_path / "id" / f"{stem('Mulai')}.wav", 2.5)
    javanese = recording(tmp_path / "jv" / f"{stem('Mangga')}.wav", 1)
    found = Clips(tmp_path)
    assert (found.find("id", "Mulai").path, found.find("id", "Mulai").seconds) == (own, 2.5)
    assert found.find("jv", "Mangga").path == javanese
    assert found.voices == {"id", "en", "jv"}
    assert found.find("id", "Lanjut").path.suffix == ".ogg"


def test_a_recording_of_words_that_are_the_offices_own_is_found(tmp_path):
    own = recording(tmp_path / "id" / f"{stem('Kartu Keluarga')}.wav", 1)
    assert Clips(tmp_path).find("id", "Kartu Keluarga").path == own


def test_a_broken_recording_keeps_no_kiosk_from_starting(tmp_path):
    for name in ("kosong.wav", "rusak.ogg", "setengah.ogg"):
        (tmp_path / "id").mkdir(exist_ok=True)
        (tmp_path / "id" / name).write_bytes(b"OggS\x01vorbis" if name.startswith("setengah") else b"")
    assert Clips(tmp_path).voices == {"id", "en"}


def test_a_damaged_index_costs_that_language_its_voice_and_says_so(tmp_path, monkeypatch, caplog):
    for locale, content in (("id", (asset("sounds/id") / "index.json").read_bytes()), ("en", b"{")):
        (tmp_path / locale).mkdir()
        (tmp_path / locale / "index.json").write_bytes(content)
    monkeypatch.setattr(clips_module, "asset", lambda _name: tmp_path)
    assert voices() == {"id"}
    assert "cannot be used" in caplog.text


def test_abbreviations_are_read_letter_by_letter(made):
    assert made.pronounced("Tanpa nama, tanpa NIK.", "id") == "Tanpa nama, tanpa N I K."
    assert made.pronounced("Standar & maklumat", "id") == "Standar dan maklumat"
    assert made.pronounced("?", "en") == "question mark"
