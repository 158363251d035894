"""Sentences with values in them, which can still be said in another language."""

from collections.abc import Mapping
from typing import Self


class Filled(str):
    """A sentence with its values filled in; `message` has %(name)s for each of `values`.

    A value that is a sentence of ours is a `Filled` too; others are names and numbers, which no language changes.
    """

    __slots__ = ("message", "values")
    message: str
    values: Mapping[str, object]

    def __new__(cls, message: str, **values: object) -> Self:
        """The sentence of a message; one without values is taken as it is, whatever signs it has."""
        told = super().__new__(cls, message % values if values else message)
        told.message, told.values = message, values
        return told
