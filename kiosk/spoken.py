"""What a screen gives a voice to read: texts, what targets are called, and texts said together or not at all."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Label:
    """What a target is called. Who cannot read must see which one is meant while it is said."""

    words: str
    target: str


Part = str | Label
Item = Part | tuple[Part, ...]
"""A tuple is a group: a heading without what it heads would say something else, so all of it is said or none."""

Spoken = tuple[Item, ...]


class Worded(Protocol):
    """A target with words on it."""

    words: str


def labelled(targets: Iterable[tuple[str, Worded]]) -> tuple[Label, ...]:
    """The labels of these targets, in their order."""
    return tuple(Label(target.words, name) for name, target in targets)


def groups_of(spoken: Spoken) -> Iterator[tuple[Label, ...]]:
    """What is said together, group by group; a text that names no target is a label of nothing."""
    for item in spoken:
        parts = item if isinstance(item, tuple) else (item,)
        labels = (part if isinstance(part, Label) else Label(part, "") for part in parts)
        yield tuple(label for label in labels if label.words)


def texts_of(spoken: Spoken) -> tuple[str, ...]:
    """All the words, in order."""
    return tuple(label.words for group in groups_of(spoken) for label in group)
