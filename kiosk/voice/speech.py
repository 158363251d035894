"""What is said when: a screen when it comes, what the ring comes to, and that the voice is there."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ikm.domain.configuration import Aid
from ikm.domain.questionnaire import OFFICIAL_LOCALE, Questionnaire, Text, words
from ikm.i18n import translator
from kiosk.model import Fault, Model, Place
from kiosk.spoken import Spoken, groups_of
from kiosk.voice.clips import Clip, Clips, plain

GAP_S = 0.25
"""The pause between two texts."""

Said = tuple[Place, str, Fault | None]


@dataclass(frozen=True, slots=True)
class Reading:
    """What is said from now on. `seconds` is how long it takes.

    `marks` say from which second on which target is named, in order; an empty name is that of none.
    """

    seconds: float = 0
    marks: tuple[tuple[float, str], ...] = ()


class Player(Protocol):
    """Plays files one after another, dropping what it plays; never waits, never raises."""

    def play(self, files: Sequence[Path], volume: int, told: Callable[[str], None] = ...) -> None:
        """Play these from now on, with a volume from 0 to 10; nothing to play is silence."""
        ...


class Voice:
    """Reads the kiosk aloud for those who have asked for it."""

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

    def shown(self, model: Model, spoken: Spoken, greeting: str) -> Reading | None:
        """What is said of a model on the screen, with these words; None where what is being said goes on.

        The greeting comes first where the voice was just asked for.
        """
        if Aid.ALOUD not in model.aids:
            self._said = None
            return self._say(model, [])
        saying = (model.place, model.language, model.fault)
        if saying == self._said:
            return None
        asked_for, self._said = self._said is None, saying
        return self._say(model, self._found(model, (greeting, *spoken) if asked_for else spoken))

    def pointed(self, model: Model, texts: tuple[str, ...]) -> float:
        """The ring stands on something that is called this; how many seconds saying it takes."""
        if Aid.ALOUD not in model.aids:
            return 0
        # once: a label and the same label in Indonesian beneath it have one clip where the language has no voice
        return self._say(model, list(dict.fromkeys(self._found(model, texts)))).seconds

    def sample(self, volume: int, sentence: str, told: Callable[[str], None]) -> None:
        """Say an Indonesian sentence at that volume, whoever listens. `told` hears why nothing sounds, or ""."""
        clip = self._clips.find(OFFICIAL_LOCALE, sentence)
        if clip is None:
            told("there is no recording of it")
        else:
            self._player.play([clip.path], volume, told)

    def _found(self, model: Model, spoken: Spoken) -> list[tuple[Clip, str]]:
        """The clips, each with the target it names, of every group that can be said whole."""
        said: list[tuple[Clip, str]] = []
        for group in groups_of(spoken):
            clips = [(clip, label.target) for label in group if (clip := self._clip(model, label.words)) is not None]
            if len(clips) == len(group):
                said.extend(clips)
        return said

    def _say(self, model: Model, said: Sequence[tuple[Clip, str]]) -> Reading:
        # silence is asked for once, not with every model
        if said or self._sounding:
            self._player.play([clip.path for clip, _target in said], model.standing.local.volume)
        self._sounding = bool(said)
        at_s, named = 0.0, ""
        marks: list[tuple[float, str]] = []
        for clip, target in said:
            if target != named:
                marks.append((at_s, target))
            at_s, named = at_s + clip.seconds + GAP_S, target
        if named:
            marks.append((at_s, ""))
        return Reading(at_s, tuple(marks))

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
