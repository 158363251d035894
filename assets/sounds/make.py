#!/usr/bin/env python3
"""Makes the clips of the kiosk's voice from our own texts, with espeak-ng and oggenc.

    .venv/bin/python assets/sounds/make.py            make what is missing, remove what is no longer said
    .venv/bin/python assets/sounds/make.py --all      make everything anew
    .venv/bin/python assets/sounds/make.py --name "Kartu Keluarga"     what a recording of these words must be called

Needs Debian's packages espeak-ng and vorbis-tools, here only: kiosk and tests use what this has made. The same versions
make the same bytes. Run it after a text of the screens or a questionnaire has changed; a test says when it is due.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
import wave
from collections.abc import Iterator
from pathlib import Path

import msgspec
from babel.messages.extract import extract_from_dir

ROOT = Path(__file__).parents[2]
SOUNDS = Path(__file__).parent
sys.path.insert(0, str(ROOT))

from ikm import wire  # noqa: E402
from ikm.domain.questionnaire import OFFICIAL_LOCALE, Questionnaire, Text  # noqa: E402
from ikm.domain.regulations import REGULATIONS  # noqa: E402
from ikm.i18n import translator  # noqa: E402
from kiosk.theme import ENDONYMS  # noqa: E402
from kiosk.visit import COMMENT_LETTERS  # noqa: E402
from kiosk.voice.clips import INDEX, ClipEntry, Index, digest, plain, read_index, stem  # noqa: E402

VOICES = {"id": "id", "en": "en-gb"}
"""Language -> voice of espeak-ng. It has neither Javanese nor Sundanese: those are read in Indonesian."""

WORDS_A_MINUTE = 145
"""Slower than espeak-ng's own 175: people listen once, in a hall."""
QUALITY = "-1"

LETTERS = {
    "id": {".": "titik", ",": "koma", "?": "tanda tanya", "'": "petik", "-": "garis"},
    "en": {".": "full stop", ",": "comma", "?": "question mark", "'": "apostrophe", "-": "dash"},
}
"""Signs of the keyboard by their names."""

FILLED: dict[str, list[dict[str, int]]] = {
    "{count} pertanyaan, kurang dari {minutes} menit.": [
        {"count": count, "minutes": max(1, -(-count * 6 // 60))} for count in (*range(1, 11), 14, 16)
    ],
    "Sudah penuh: paling banyak {count} huruf.": [{"count": COMMENT_LETTERS}],
}
"""Sentences with something to fill in, with what they are filled in with on every kiosk."""


def questionnaires() -> list[Questionnaire]:
    """Every questionnaire that is shipped: kiosks may hold an older one for years."""
    paths = sorted((ROOT / "assets/questionnaires").glob("*.json"))
    return [wire.decode(path.read_bytes(), wire.QuestionnaireMessage).to_domain() for path in paths]


def sentences(locale: str) -> set[str]:
    """Every sentence of the screens in that language; of those with something to fill in, what is worth a clip."""
    found = extract_from_dir(ROOT / "kiosk", method_map=[("**.py", "python")])
    known = {message for _file, _line, message, _comments, _context in found}
    if gone := FILLED.keys() - known:
        sys.exit(f"no longer on any screen, so take it out of FILLED: {gone}")
    translate = translator(locale)
    whole = {translate(message) for message in known if "{" not in message}
    return whole | {translate(message).format(**fields) for message in FILLED for fields in FILLED[message]}


def texts(locale: str) -> set[str]:
    """All that can be read aloud in that language, as it stands on the screens."""
    said = sentences(locale) | set(_example(locale))
    for asked in questionnaires():
        said |= set(_questions(asked, locale))
    said |= set(ENDONYMS.values()) | set("abcdefghijklmnopqrstuvwxyz") | set(LETTERS[locale])
    return {plain(text) for text in said}


def _example(locale: str) -> Iterator[str]:
    """The example regency's services and what it promises about time and cost, as an office's own words would sound."""
    file = json.loads((ROOT / "assets/samples/organisation.json").read_text(encoding="utf-8"))
    units = [unit for agency in file["agencies"] for unit in agency["units"]]
    for service in (service for unit in units for service in unit["services"]):
        lines = [service.get("standard", {}).get(element, [])[:1] for element in ("TIME", "COST")]
        yield from _said([service["name"], *(line for first in lines for line in first)], locale)


def _questions(asked: Questionnaire, locale: str) -> Iterator[str]:
    elements = REGULATIONS[asked.regulation].elements
    yield from (element.name if locale == OFFICIAL_LOCALE else element.name_en for element in elements)
    for question in asked.questions:
        yield from _said([question.text, *question.labels], locale)
    for field in asked.profile_fields:
        yield from _said([field.text, *(option.text for option in field.options)], locale)
    yield from _said([reason.text for reason in asked.reasons], locale)


def _said(every: list[Text], locale: str) -> Iterator[str]:
    """What exists in that language: the rest is shown in Indonesian, and read by the Indonesian voice."""
    yield from (text[locale] for text in every if locale in text)


def pronounced(text: str, locale: str) -> str:
    """The words as espeak-ng should read them: signs by name, abbreviations letter by letter."""
    named = LETTERS[locale].get(text, text)
    named = named.replace("SP4N-LAPOR!", "span lapor").replace("&", "dan" if locale == "id" else "and")
    return re.sub(r"\b[A-Z]{2,4}[0-9]?\b", lambda found: " ".join(found[0]), named)


def make(locale: str, *, everything: bool) -> tuple[int, int]:
    """Make the clips of a language; how many were made and how many removed."""
    folder = SOUNDS / locale
    folder.mkdir(exist_ok=True)
    made_by = f"{_version('espeak-ng')}; voice {VOICES[locale]}, {WORDS_A_MINUTE} words/min; {_version('oggenc')}"
    held = read_index(folder).clips if (folder / INDEX).exists() and not everything else {}
    clips: dict[str, ClipEntry] = {}
    made = 0
    for text in sorted(texts(locale)):
        name = stem(text)
        if name in held and (folder / f"{name}.ogg").exists():
            clips[name] = held[name]
            continue
        seconds = _speak(pronounced(text, locale), VOICES[locale], folder / f"{name}.ogg")
        clips[name] = ClipEntry(text, digest(text), seconds)
        made += 1
    gone = [path for path in folder.glob("*.ogg") if path.stem not in clips]
    for path in gone:
        path.unlink()
    packed = msgspec.json.format(msgspec.json.encode(Index(made_by, dict(sorted(clips.items())))), indent=1)
    (folder / INDEX).write_bytes(packed + b"\n")
    return made, len(gone)


def _speak(text: str, voice: str, target: Path) -> float:
    """One clip; its length in seconds."""
    with tempfile.TemporaryDirectory() as folder:
        sound = Path(folder) / "clip.wav"
        _run("espeak-ng", "-v", voice, "-s", str(WORDS_A_MINUTE), "-w", str(sound), "--", text)
        # a fixed serial number instead of a random one, so that the same words give the same file
        _run("oggenc", "-Q", "-q", QUALITY, "-s", "1", "-o", str(target), str(sound))
        with wave.open(str(sound), "rb") as spoken:
            return round(spoken.getnframes() / spoken.getframerate(), 2)


def _version(program: str) -> str:
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)  # noqa: S603
    found = re.search(r"[0-9]+\.[0-9]+(\.[0-9]+)?", said.stdout + said.stderr)
    return f"{program} {found[0] if found else '?'}"


def _run(*command: str) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--all", action="store_true", help="make everything anew")
    parser.add_argument("--name", metavar="WORDS", help="print the file name, without ending, for a recording")
    wanted = parser.parse_args()
    if wanted.name:
        print(stem(wanted.name))  # noqa: T201
        return
    missing = [program for program in ("espeak-ng", "oggenc") if shutil.which(program) is None]
    if missing:
        sys.exit(f"not installed: {', '.join(missing)} (apt-get install espeak-ng vorbis-tools)")
    for locale in VOICES:
        made, gone = make(locale, everything=wanted.all)
        size = sum(path.stat().st_size for path in (SOUNDS / locale).iterdir())
        print(f"{locale}: {made} made, {gone} removed, {size / 1024:.0f} KiB")  # noqa: T201


if __name__ == "__main__":
    main()
