"""The printed sheet of enrolment codes: one card a kiosk, to be cut out and carried to its counter."""

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import msgspec
import segno
import typst

from ikm.assets import asset

_TEMPLATE = Path(__file__).with_name("enrolment_sheet.typ")
_WORD = re.compile(r"\S{17,}")
_PIECE = 8
_BREAK = "\u200b"


@dataclass(frozen=True, slots=True)
class Card:
    """What one card says: for which counter, the code, and until when it may be used, in words."""

    unit: str
    counter: str
    code: str
    valid_until: str


def enrolment_sheet(regency: str, server_url: str, made_on: str, cards: Sequence[Card]) -> bytes:
    """A tagged PDF, A4, of one card after the other; `made_on` is the day in words."""
    shown = [
        {**asdict(card), "unit": breakable(card.unit), "counter": breakable(card.counter)}
        | {"qr": _qr(scanned(server_url, card.code))}
        for card in cards
    ]
    given = {"regency": breakable(regency), "server": breakable(server_url), "made_on": made_on, "cards": shown}
    try:
        return _compiled(given, ["ua-1"])
    except typst.TypstError:
        # a sign that none of our fonts has: the card is worth more than the promise that every sign can be read aloud
        return _compiled(given, [])


def _compiled(given: Mapping[str, object], standards: list[str]) -> bytes:
    options: dict[str, Any] = {"pdf_standards": standards} if standards else {}
    compiled = typst.compile(
        _TEMPLATE.read_bytes(),
        format="pdf",
        font_paths=[str(asset("fonts"))],
        # dates are sentences of ours, which the encoder does not know for text
        sys_inputs={"data": msgspec.json.encode(given, enc_hook=str).decode()},
        **options,
    )
    if not isinstance(compiled, bytes):
        # one document was asked for and no file named: anything else is a mistake of this program
        raise TypeError(type(compiled).__name__)
    return compiled


def scanned(server_url: str, code: str) -> str:
    """What the square holds: the server's page with the code behind '#', which a browser never sends anywhere."""
    return f"{server_url}/#{code}"


def breakable(text: str) -> str:
    """The text with places where a word too long for its line may be broken; those have no width and no ink."""
    return _WORD.sub(lambda word: _BREAK.join(_pieces(word.group())), text)


def _pieces(word: str) -> list[str]:
    return [word[start : start + _PIECE] for start in range(0, len(word), _PIECE)]


def _qr(text: str) -> str:
    drawn = io.BytesIO()
    # level M: a fold or a stain on the paper is made up for
    segno.make_qr(text, error="m").save(drawn, kind="svg", border=4, xmldecl=False)
    return drawn.getvalue().decode()
