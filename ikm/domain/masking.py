"""Takes out of a citizen's words what could name them: identity, telephone and plate numbers, e-mail addresses.

The kiosk asks not to write such things, and people do. Masking comes before anybody reads; it may take a number too
many, never one too few of those it knows. Names cannot be told from other words for sure: `may_name` says where one may
stand.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What was masked."""

    EMAIL = "email"
    NIK = "nik"
    PHONE = "phone"
    NUMBER = "number"
    PLATE = "plate"


SHOWN: Mapping[Kind, str] = {
    Kind.EMAIL: "[surel]",
    Kind.NIK: "[NIK]",
    Kind.PHONE: "[nomor telepon]",
    Kind.NUMBER: "[nomor]",
    Kind.PLATE: "[nomor kendaraan]",
}
"""What stands in the text instead."""


@dataclass(frozen=True, slots=True)
class Masked:
    """The words as people may read them, and how often what was taken out."""

    text: str
    found: Mapping[Kind, int]


# the bounds keep every pattern linear: nothing in them repeats without end over what another part can match too
_AT = r"(?:@|\s?[\[(]\s?(?:at|et)\s?[\])]\s?)"
_DOT = r"(?:\.|\s?[\[(]\s?(?:dot|titik)\s?[\])]\s?)"
_EMAIL = re.compile(rf"[\w.+%-]{{1,64}}{_AT}[\w-]{{1,63}}(?:{_DOT}[\w-]{{1,63}}){{1,4}}", re.IGNORECASE)
# round the sign alone people leave room; at a price ('kopi @ 5.000') no letters end it
_LOOSE_EMAIL = re.compile(r"[\w.+%-]{1,64}\s?@\s?[\w-]{1,63}(?:\.[\w-]{1,63}){0,3}\.[a-z]{2,24}(?!\w)", re.IGNORECASE)
_RUN = re.compile(r"(?:\+|\()?\d(?:[\s.,\-\u2010-\u2015/()_]{0,3}\d){6,40}")
# no amount begins with a nought, as telephone numbers do, and from a thousand million on it needs its 'Rp'
_MONEY = re.compile(r"[1-9]\d{0,2}(?:\.\d{3}){1,2}(?:,\d{1,2})?")
_AMOUNT = r"(?:[1-9]\d{0,2}(?:\.\d{3}){1,4}|[1-9]\d{0,8})(?:,\d{1,2})?"
_AMOUNTS = re.compile(rf"{_AMOUNT}(?: ?[-/] ?{_AMOUNT})?")
_DATE = re.compile(r"(?:\d{1,2}[-/. ]\d{1,2}[-/. ]\d{4}|\d{4}-\d{1,2}-\d{1,2})(?:[ ,]{1,2}\d{1,2}[.:]\d{2})?")
_HOURS = re.compile(r"\d{1,2}[.:]\d{2} ?[-/] ?\d{1,2}[.:]\d{2}")
_REGIONS = (
    "A|B|D|E|F|G|H|K|L|M|N|P|R|S|T|W|Z|AA|AB|AD|AE|AG|BA|BB|BD|BE|BG|BH|BK|BL|BM|BN|BP|DA|DB|DC|DD|DE|DG|DH|DK|DL|DM|"
    "DN|DP|DR|DS|DT|DW|EA|EB|ED|KB|KH|KT|KU|PA|PB|PG|PS|PT|RI|CC|CD"
)
_PLATE = re.compile(rf"(?<!\w)(?:(?:{_REGIONS})[ .\-]?\d{{1,4}}|[A-Z]{{1,2}}[ .\-]?\d{{3,4}})[ .\-]?[A-Z]{{1,3}}(?!\w)")
# in small letters only where it can hardly be anything else: 'd 2 th' is two years
_SMALL_PLATE = re.compile(rf"(?<!\w)(?:{_REGIONS})[ .\-]?\d{{3,4}}[ .\-]?[A-Z]{{1,3}}(?!\w)", re.IGNORECASE)
_TITLES = "pak|bapak|bpk|bu|ibu|mbak|mas|kang|teh|sdr|sdri|saudara|saudari|dr|drg|bidan|suster|ners"
_NAME = re.compile(rf"(?<!\w)(?:{_TITLES})\.? [^\W\d_]{{2,}}", re.IGNORECASE)
_NO_NAMES = frozenset(
    {
        "ada", "bidan", "bupati", "camat", "cukup", "dan", "di", "dokter", "guru", "hamil", "harap", "ini", "itu",
        "jangan", "kepala", "kurang", "lurah", "mohon", "nya", "petugas", "polisi", "ramah", "sangat", "sudah", "tidak",
        "tolong", "yang",
    }
)  # fmt: skip
_LEAST_DIGITS = 8


def mask(text: str) -> Masked:
    """Those words with everything taken out that could name somebody."""
    found: dict[Kind, int] = {}

    def taken(kind: Kind) -> str:
        found[kind] = found.get(kind, 0) + 1
        return SHOWN[kind]

    plain = _plain(text)
    for pattern in (_EMAIL, _LOOSE_EMAIL):
        plain = pattern.sub(lambda _: taken(Kind.EMAIL), plain)
    plain = _RUN.sub(lambda run: _number(run.group(), plain[: run.start()], taken), plain)
    for pattern in (_PLATE, _SMALL_PLATE):
        plain = pattern.sub(lambda _: taken(Kind.PLATE), plain)
    return Masked(plain, found)


def may_name(text: str) -> bool:
    """Whether a name of a person may stand in those words, so that whoever publishes them looks twice."""
    return any(match.group().split()[-1].lower() not in _NO_NAMES for match in _NAME.finditer(text))


def hide(text: str, words: tuple[str, ...]) -> str:
    """The text without those words, wherever and however they are written in it."""
    for word in words:
        text = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", "[disamarkan]", text, flags=re.IGNORECASE)
    return text


def _plain(text: str) -> str:
    """The text with every kind of digit as 0 to 9 and without signs that nobody sees."""
    return "".join(_sign(sign) for sign in text if unicodedata.category(sign) != "Cf")


def _sign(sign: str) -> str:
    digit = unicodedata.digit(sign, None)
    if digit is not None:
        return str(digit)
    return unicodedata.normalize("NFKC", sign) if sign in "＠．＋－（）" else sign


def _number(run: str, before: str, taken: Callable[[Kind], str]) -> str:
    """What stands for a run of digits: itself where it is a date, an amount of money or short."""
    digits = "".join(sign for sign in run if sign.isdigit())
    rupiah = before.rstrip(" .").lower().endswith(("rp", "idr"))
    if any(known.fullmatch(run) for known in (_DATE, _MONEY, _HOURS)) or (rupiah and _AMOUNTS.fullmatch(run)):
        return run
    # an area code stands in brackets, and the first of them may be the sentence's own
    lead = "(" if run.startswith("(") and ")" not in run else ""
    if len(digits) == 16:
        return lead + taken(Kind.NIK)
    if digits.startswith(("0", "62")) or (digits.startswith("8") and 9 <= len(digits) <= 13):
        return lead + taken(Kind.PHONE)
    return lead + taken(Kind.NUMBER) if len(digits) >= _LEAST_DIGITS else run
