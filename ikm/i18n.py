"""Words of the interface. The source language is Indonesian, so a missing catalogue shows Indonesian, never a key."""

import gettext
from collections.abc import Callable
from io import BytesIO

from ikm.assets import asset
from ikm.domain.filled import Filled
from ikm.domain.questionnaire import OFFICIAL_LOCALE

Translate = Callable[[str], str]
"""Turns an Indonesian sentence into the same sentence in one language."""


def translator(locale: str, domain: str = "kiosk") -> Translate:
    """The translator into a language of the words of a domain; the identity for Indonesian and without a catalogue.

    Catalogues are read as .po, the file people edit, so a stale compiled copy cannot be shown.
    """
    if locale == OFFICIAL_LOCALE:
        return str
    try:
        path = asset(f"translations/{locale}/LC_MESSAGES/{domain}.po")
    except FileNotFoundError:
        return str
    # only for those who do not read Indonesian: a kiosk may never need it
    from babel.messages.mofile import write_mo  # noqa: PLC0415
    from babel.messages.pofile import read_po  # noqa: PLC0415

    with path.open("rb") as stream:
        catalogue = read_po(stream, locale=locale)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    words = gettext.GNUTranslations(compiled).gettext
    # under the empty word catalogues keep their head
    return lambda text: words(text) if text else text


def say(text: str, translate: Translate) -> str:
    """That text in the translator's language; of a `Filled` one its message, and each value that is a sentence too."""
    if not isinstance(text, Filled):
        return translate(text)
    values = {
        name: say(value, translate) if isinstance(value, Filled) else value for name, value in text.values.items()
    }
    message = translate(text.message)
    return message % values if values else message


def say_in_context(context: str, text: str, translate: Translate) -> str:
    """That text where it means something else than elsewhere; as elsewhere where the catalogue makes no difference."""
    asked = f"{context}\x04{text}"
    found = translate(asked)
    return translate(text) if found == asked else found
