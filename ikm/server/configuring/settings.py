"""What a place decides about the kiosks below it; where it says nothing, the place above it decides."""

from collections.abc import Iterable
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from ikm import wire
from ikm.domain.configuration import Aid
from ikm.domain.errors import Refusal
from ikm.domain.questionnaire import OFFICIAL_LOCALE, Instrument

Seconds = Annotated[int, Meta(ge=1, le=600)]


class KioskSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """Decisions; None where the place above decides. `services` are codes of the unit's, said by a counter alone.

    `staff_pin` is an argon2id hash, '' for none.
    """

    services: Annotated[tuple[wire.Code, ...], Meta(max_length=500)] | None = None
    languages: Annotated[tuple[wire.Locale, ...], Meta(min_length=1, max_length=20)] | None = None
    default_language: wire.Locale | None = None
    idle_s: Seconds | None = None
    countdown_s: Seconds | None = None
    thanks_s: Seconds | None = None
    instrument: Instrument | None = None
    questions_each: Annotated[int, Meta(ge=1, le=wire.MAX_QUESTIONS)] | None = None
    asks_comment: bool | None = None
    aids: Annotated[tuple[Aid, ...], Meta(max_length=10)] | None = None
    staff_pin: Annotated[str, Meta(max_length=200, pattern=r"\A(\$argon2id\$[!-~]+)?\Z")] | None = None
    always_open: bool | None = None
    public_url: Annotated[str, Meta(max_length=120, pattern=r"\A(https?://[!-~]+)?\Z")] | None = None

    def said(self) -> dict[str, Any]:
        """What it decides, by name."""
        return {name: value for name in self.__struct_fields__ if (value := getattr(self, name)) is not None}


# made once here: two threads must never meet the class half worked out
_READER = msgspec.json.Decoder(KioskSettings)

DEFAULTS = KioskSettings(
    languages=(OFFICIAL_LOCALE, "en"), default_language=OFFICIAL_LOCALE, idle_s=40, countdown_s=15, thanks_s=12,
    instrument=Instrument.FULL, questions_each=3, asks_comment=True, aids=(), staff_pin="", always_open=False,
    public_url="",
)  # fmt: skip
"""What holds where no place says anything."""


def merged(layers: Iterable[KioskSettings]) -> KioskSettings:
    """What holds under those decisions, from the topmost place down: the lowest that says something decides."""
    held = DEFAULTS
    for layer in layers:
        held = msgspec.structs.replace(held, **layer.said())
    return held


def encoded(settings: KioskSettings) -> str:
    """The settings as they are kept."""
    return msgspec.json.encode(settings, order="deterministic").decode()


def decoded(body: str) -> KioskSettings:
    """Settings that were kept. Raises Refusal (`configuration_invalid`)."""
    try:
        return _READER.decode(body)
    except msgspec.DecodeError as error:
        raise Refusal("configuration_invalid", str(error)) from None
