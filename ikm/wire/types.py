"""The alphabet of the messages: what a code, an id, a text or a count may be."""

from typing import Annotated

from msgspec import Meta, Struct

PROTOCOL = 2
"""The version of the messages this software writes."""

SPOKEN = frozenset({1, 2})
"""The versions a server answers, each in its own words; of any other it says so, and the rows stay queued."""

MAX_QUESTIONS = 100
"""No questionnaire asks more than this, so no response says more either."""

MAX_STAGES = 250
"""A visit has at most this many stages: a question and its reasons each, and the screens around them."""

Code = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z")]
Uuid7 = Annotated[str, Meta(pattern=r"\A[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\Z")]
Hash = Annotated[str, Meta(pattern=r"\A[0-9a-f]{64}\Z")]
Nonce = Annotated[str, Meta(pattern=r"\A[0-9a-f]{32}\Z")]
Key = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9+/]{43}=\Z")]
Signature = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9+/]{86}==\Z")]
Locale = Annotated[str, Meta(pattern=r"\A[a-z]{2,3}\Z")]
Line = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"\A[^\x00-\x1f\x7f]+\Z")]
Text = Annotated[dict[Locale, Line], Meta(max_length=20)]
# msgspec applies the pattern to every string of a union, so "" has to be one of the pattern's own
KeyOrNone = Annotated[str, Meta(pattern=r"\A([A-Za-z0-9+/]{43}=)?\Z")]
SignatureOrNone = Annotated[str, Meta(pattern=r"\A([A-Za-z0-9+/]{86}==)?\Z")]
# a screen of a visit: its name, with the question's code where it has one
Stage = Annotated[str, Meta(pattern=r"\A[a-z]{1,12}(-[A-Za-z0-9][A-Za-z0-9._-]{0,63})?\Z")]
Words = Annotated[str, Meta(max_length=500, pattern=r"\A[^\x00-\x1f\x7f]*\Z")]
# it is shown on operators' terminals, which control characters would steer
Version = Annotated[str, Meta(max_length=40, pattern=r"\A[^\x00-\x1f\x7f]*\Z")]
# 2^53 - 1: larger integers do not survive JSON readers of other languages
Count = Annotated[int, Meta(ge=0, le=9_007_199_254_740_991)]
Rating = Annotated[int, Meta(ge=1, le=4)]
Seq = Annotated[int, Meta(ge=1, le=9_007_199_254_740_991)]
BootId = Annotated[str, Meta(pattern=r"\A[0-9a-f-]{36}\Z")]


class Message(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What all messages share: immutable, and no member that is not declared."""
