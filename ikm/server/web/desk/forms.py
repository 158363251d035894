"""Forms: what a browser sent, as a message of exactly the fields that are expected, or the faults beside each field."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, TypeVar, get_type_hints

import msgspec
from litestar import Request
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import SkipValidation
from msgspec import Meta

from ikm.domain.errors import Refusal
from ikm.domain.filled import Filled

OWN = frozenset({"csrf", "once"})
"""Fields every form carries, which no message names."""

Line = Annotated[str, Meta(min_length=1, max_length=200)]
OptionalLine = Annotated[str, Meta(max_length=200)]
Words = Annotated[str, Meta(max_length=5000)]
CodeField = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"\A[a-z0-9][a-z0-9.-]*\Z")]
Revision = Annotated[int, Meta(ge=0, le=2**31 - 1)]

_WHOLE = re.compile(r"-?([0-9]+|[0-9]{1,3}(\.[0-9]{3})+)")

_ONE_LINE = 500
"""A text that may be longer than this may have lines; a line end in a shorter one becomes a space."""

T = TypeVar("T", bound="FormMessage")


class FormMessage(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a form may say. Fields: text, numbers, dates, enums, booleans (a ticked box), lists (a name sent often)."""


class FormFaults(Exception):
    """A form that cannot be taken: a sentence for each field it is about ('' for the form as a whole)."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        self.faults = dict(faults)
        super().__init__(", ".join(sorted(faults)))


@dataclass(slots=True)
class Form:
    """What the browser sent: its texts by name, in order, and its files."""

    texts: dict[str, list[str]] = field(default_factory=dict)
    files: dict[str, UploadFile] = field(default_factory=dict)

    @property
    def once(self) -> str | None:
        """The form's own number: sent twice, it is the same."""
        given = self.texts.get("once", [""])[0]
        return given if 16 <= len(given) <= 64 else None

    def shown(self) -> dict[str, Any]:
        """What to show again beside the faults: a text each, a list where a name was sent more than once."""
        return {name: texts if len(texts) > 1 else texts[0] for name, texts in self.texts.items() if name not in OWN}

    def read(self, message: type[T]) -> T:
        """The message. Raises FormFaults naming every field that is wrong; fields that are not expected are a fault."""
        hints = get_type_hints(message, include_extras=True)
        given = {name: texts for name, texts in self.texts.items() if name not in OWN}
        faults = {"": "Formulir ini memuat isian yang tidak dikenal."} if given.keys() - hints.keys() else {}
        values: dict[str, Any] = {}
        defaults = {f.name: f for f in msgspec.structs.fields(message)}
        for name, hint in hints.items():
            try:
                raw = _raw(given.get(name), hint)
                if raw is None:
                    if defaults[name].required:
                        values[name] = msgspec.convert("", hint, strict=False)
                    continue
                values[name] = msgspec.convert(raw, hint, strict=False)
            except msgspec.ValidationError as error:
                faults[name] = _sentence(str(error), given.get(name))
        if faults:
            raise FormFaults(faults)
        return message(**values)


GivenForm = NamedDependency[SkipValidation[Form]]


async def given_form(request: Request[Any, Any, Any]) -> Form:
    """The form of a request, its texts trimmed at both ends and written with single line feeds."""
    form = Form()
    if request.method in ("GET", "HEAD"):
        return form
    for name, value in (await request.form()).multi_items():
        if isinstance(value, UploadFile):
            form.files[name] = value
        elif isinstance(value, str):
            form.texts.setdefault(name, []).append(_tidy(value))
        else:
            raise Refusal("body_malformed", name)
    return form


def new_once() -> str:
    """A number for a new form."""
    return secrets.token_urlsafe(18)


def _tidy(text: str) -> str:
    plain = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    # control characters belong in no field; PostgreSQL has no such text as NUL
    return "".join(sign for sign in plain if sign == "\n" or (sign >= " " and sign != "\x7f"))


def _raw(texts: list[str] | None, hint: Any) -> Any:
    info = msgspec.inspect.type_info(hint)
    if isinstance(info, msgspec.inspect.BoolType):
        return texts is not None
    if isinstance(info, msgspec.inspect.ListType | msgspec.inspect.FrozenSetType):
        return [text for text in texts or [] if text]
    # a choice that may be left out is sent as nothing
    if texts is None or (isinstance(info, msgspec.inspect.UnionType) and not texts[-1]):
        return None
    return _spelt(texts[-1], info)


def _spelt(text: str, info: Any) -> str:
    kinds = info.types if isinstance(info, msgspec.inspect.UnionType) else (info,)
    if any(isinstance(kind, msgspec.inspect.IntType) for kind in kinds):
        # as Indonesians write it: 1.250; the decoder would take 4e1 and 1.5 for whole numbers
        if not _WHOLE.fullmatch(text.replace(" ", "")):
            raise msgspec.ValidationError("Expected `int`")
        return text.replace(".", "").replace(" ", "")
    one_line = isinstance(info, msgspec.inspect.StrType) and (info.max_length or 0) <= _ONE_LINE
    return text.replace("\n", " ") if one_line else text


_SENTENCES = {
    "length >=": "Terlalu pendek.",
    "matching regex": "Hanya huruf kecil, angka, titik dan tanda hubung.",
    "date": "Tulis tanggal seperti 2026-11-30.",
    "`int`": "Tulis bilangan bulat dalam batas yang diminta.",
}
"""From a part of what msgspec says to what a person is told."""


def _sentence(error: str, texts: list[str] | None) -> str:
    if not texts or not texts[-1]:
        return "Isian ini wajib."
    if "length <=" in error:
        return Filled(
            "Terlalu panjang; paling banyak %(n)s huruf.", n=error.partition("length <=")[2].split()[0].rstrip("`")
        )
    return next((told for part, told in _SENTENCES.items() if part in error), "Pilihan ini tidak dikenal.")
