"""Words of the interface. The source language is Indonesian, so a missing catalogue shows Indonesian, never a key."""

import gettext
from collections.abc import Callable
from io import BytesIO

from ikm.assets import asset
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
    return gettext.GNUTranslations(compiled).gettext
