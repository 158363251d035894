"""What is said when: a screen when it comes, what the ring comes to, and that the voice is there."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from ikm.domain.configuration import Aid
from ikm.domain.questionnaire import OFFICIAL_LOCALE, Questionnaire, Text, words
from ikm.i18n import translator
from kiosk.model import Fault, Model, Place
from kiosk.voice.clips import Clip, Clips, plain

GAP_S = 0.25
"""The pause between two texts."""

Said = tuple[Place, str, Fault | None]


class Player(Protocol):
    """Plays files one after another, dropping what it plays; never waits, never raises."""

    def play(self, files: Sequence[Path], volume: int) -> None:
        """Play these from now on, with a volume from 0 to 10; nothing to play is silence."""
        ...


class Voice:
    """Reads the kiosk aloud for those who have asked for it. Answers say how long it takes, in seconds."""

    def __init__(
        self, clips: Clips, player: Player, translate: Callable[[str], Callable[[str], str]] = translator
    ) -> None:
        self._clips = clips
        self.languages = clips.voices
        self._player = player
        self._translate = translate
        self._said: Said | None = None
        self._sounding = False
        self._indonesian: tuple[tuple[str, str], dict[str, str]] | None = None

    def shown(self, model: Model, texts: tuple[str, ...], greeting: str) -> float:
        """A model is on the screen, with these words; the greeting comes first where the voice was just asked for."""
        if Aid.ALOUD not in model.aids:
            self._said = None
            return self._say(model, ())
        saying = (model.place, model.language, model.fault)
        if saying == self._said:
            return 0
        asked_for, self._said = self._said is None, saying
        return self._say(model, (greeting, *texts) if asked_for else texts)

    def pointed(self, model: Model, texts: tuple[str, ...]) -> float:
        """The ring stands on something that is called this."""
        return self._say(model, texts) if Aid.ALOUD in model.aids else 0

    def sample(self, volume: int, sentence: str) -> bool:
        """Say an Indonesian sentence at that volume, whoever listens; whether there is a clip of it."""
        clip = self._clips.find(OFFICIAL_LOCALE, sentence)
        self._player.play([clip.path] if clip else [], volume)
        return clip is not None

    def _say(self, model: Model, texts: tuple[str, ...]) -> float:
        # once: a label and the same label in Indonesian beneath it have one clip where the language has no voice
        clips = list(dict.fromkeys(clip for text in texts if (clip := self._clip(model, text)) is not None))
        # silence is asked for once, not with every model
        if clips or self._sounding:
            self._player.play([clip.path for clip in clips], model.standing.local.volume)
        self._sounding = bool(clips)
        return sum(clip.seconds + GAP_S for clip in clips)

    def _clip(self, model: Model, text: str) -> Clip | None:
        locale = model.language
        found = self._clips.find(locale, text) or self._clips.find(OFFICIAL_LOCALE, text)
        if found is not None or locale in self._clips.voices:
            return found
        official = self._in_indonesian(model).get(plain(text))
        return None if official is None else self._clips.find(OFFICIAL_LOCALE, official)

    def _in_indonesian(self, model: Model) -> dict[str, str]:
        """Words of a language without a voice, by what the same thing is called in Indonesian, which has one."""
        asked = model.configuration.questionnaire if model.configuration else None
        key = (model.language, asked.code if asked else "")
        if self._indonesian is None or self._indonesian[0] != key:
            translate = self._translate(model.language)
            same = {plain(translate(text)): text for text in self._clips.texts(OFFICIAL_LOCALE)}
            for text in _texts(asked) if asked else ():
                same[plain(words(text, model.language))] = text[OFFICIAL_LOCALE]
            self._indonesian = (key, same)
        return self._indonesian[1]


def _texts(asked: Questionnaire) -> list[Text]:
    """Every text of a questionnaire that can stand on a screen."""
    labels = [label for question in asked.questions for label in question.labels]
    options = [option.text for field in asked.profile_fields for option in field.options]
    return [
        *(question.text for question in asked.questions), *labels, *(reason.text for reason in asked.reasons),
        *(field.text for field in asked.profile_fields), *options,
    ]  # fmt: skip
