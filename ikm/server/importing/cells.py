"""What single cells of an organisation sheet say, or a sentence on why they cannot be taken."""

import re
import unicodedata
from datetime import date, timedelta

from ikm.domain.errors import Refusal
from ikm.domain.opening import read_day
from ikm.domain.organisation import CODE
from ikm.domain.period import MONTHS, Period, parse_period
from ikm.domain.population import MOST_USERS
from ikm.server.answers.table import Cell, Odd, OddKind

LONGEST = 200
"""The letters a name may have."""

_ODD = {
    OddKind.DATE: "berisi tanggal; ubah format selnya menjadi teks",
    OddKind.BOOLEAN: "berisi BENAR/SALAH (TRUE/FALSE); tulis sebagai teks",
    OddKind.ERROR: "rumusnya menghasilkan galat; perbaiki rumus itu atau tulis isinya",
    OddKind.UNCOMPUTED: "berisi rumus yang hasilnya belum tersimpan; buka di Excel, simpan, lalu coba lagi",
}
_SCIENTIFIC = re.compile(r"[0-9]+([.,][0-9]+)?[eE]\+?[0-9]+")
_WHOLE = re.compile(r"[0-9]{1,12}([.,]0+)?")
_THOUSANDS = re.compile(r"[1-9][0-9]{0,2}(\.[0-9]{3})+(,0+)?")
_PART = re.compile(r"(tahun|semester|triwulan|tw|smt)?\s*([0-9ivIV]{1,3})?\s*(?:tahun)?\s*([0-9]{4})", re.IGNORECASE)
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4}
_MONTH_NUMBERS = {name.lower(): number for number, name in enumerate(MONTHS, start=1)}
_SCRIPTS = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE")
_DAYS_1904 = timedelta(days=1462)
"""A workbook of an old Mac counts its days from 1904 instead of 1900."""


def words(cell: Cell) -> str:
    """The text of a cell on one line. Raises ValueError."""
    if isinstance(cell, Odd):
        raise ValueError(_ODD[cell.kind])  # noqa: TRY004 -- the cell's value is wrong, not the program's
    return " ".join(unicodedata.normalize("NFC", cell).split())


def name(cell: Cell) -> str:
    """A name; '' for a cell with nothing or a dash in it. Raises ValueError."""
    text = words(cell)
    if text in ("-", "–", "—"):
        return ""
    if len(text) > LONGEST:
        raise ValueError(f"terlalu panjang; paling banyak {LONGEST} huruf")
    if text[:1] in ("=", "+", "@"):
        raise ValueError("dimulai dengan tanda rumus; tulis namanya saja")
    if any(unicodedata.category(sign) in ("Cc", "Cf", "Co", "Cn", "Cs") for sign in text):
        raise ValueError("memuat tanda yang tidak terlihat; ketik ulang isinya")
    alike = {
        script
        for sign in text
        if sign.isalpha()
        for script in _SCRIPTS
        if unicodedata.name(sign, "").startswith(script)
    }
    if len(alike) > 1:
        raise ValueError("memuat huruf asing yang mirip huruf Latin; ketik ulang isinya")
    return text


def code(cell: Cell) -> str:
    """A code in small letters; '' for a cell with nothing in it. Raises ValueError."""
    text = name(cell)
    if _SCIENTIFIC.fullmatch(text):
        raise ValueError("berisi bilangan ilmiah (E+), jadi kode aslinya sudah hilang; ubah format kolom menjadi teks")
    text = text.lower()
    if text and not CODE.fullmatch(text):
        raise ValueError("kode hanya huruf kecil, angka, titik, dan tanda hubung, paling banyak 64")
    return text


def zone(cell: Cell) -> str:
    """WIB, WITA or WIT, or ''. Raises ValueError."""
    text = name(cell).upper()
    if text not in ("", "WIB", "WITA", "WIT"):
        raise ValueError("zona waktu harus WIB, WITA, atau WIT")
    return text


def phone(cell: Cell) -> str:
    """A telephone number as text. Raises ValueError."""
    text = words(cell)
    if text in ("-", "–", "—"):
        return ""
    if _SCIENTIFIC.fullmatch(text):
        raise ValueError("berisi bilangan ilmiah (E+), jadi nomor aslinya sudah hilang; ubah format kolom menjadi teks")
    if not re.fullmatch(r"[0-9+()/.,;\- a-zA-Z]{0,50}", text):
        raise ValueError("nomor telepon paling banyak 50 huruf, angka, dan tanda")
    return text


def users(cell: Cell) -> int:
    """A number of people; 0 for a cell with nothing in it. Raises ValueError."""
    text = words(cell)
    if text in ("", "-", "–", "—"):
        return 0
    if _THOUSANDS.fullmatch(text):
        text = text.partition(",")[0].replace(".", "")
    elif _WHOLE.fullmatch(text):
        text = re.split(r"[.,]", text)[0]
    else:
        raise ValueError("bukan bilangan orang; tulis seperti 900 atau 1.250")
    if not int(text):
        raise ValueError("0 pengguna; kosongkan bila belum diketahui")
    if int(text) > MOST_USERS:
        raise ValueError("terlalu banyak untuk jumlah orang")
    return int(text)


def period(cell: Cell) -> Period | None:
    """The period a cell names, as a code or in words; None for a cell with nothing in it. Raises ValueError."""
    text = words(cell)
    if text in ("", "-"):
        return None
    try:
        return parse_period(_coded(text) or text.upper())
    except Refusal:
        raise ValueError("periode tidak terbaca; tulis seperti 2026, 2026-S1, 2026-Q4, atau 2026-11") from None


def day(cell: Cell, *, from_1904: bool) -> date | None:
    """A date; None for a cell with nothing in it. Raises ValueError."""
    if isinstance(cell, Odd) and cell.kind is OddKind.DATE:
        found = date.fromisoformat(cell.shown[:10])
        return found + _DAYS_1904 if from_1904 else found
    text = words(cell)
    if not text:
        return None
    found_day = read_day(text)
    if found_day is None:
        raise ValueError("tanggal tidak terbaca; tulis seperti 2026-11-30 atau 30/11/2026")
    return found_day


def _coded(text: str) -> str | None:
    """The code of a period in words: 'Semester I 2026', 'Triwulan 2 2026', 'November 2026', 'Tahun 2026'."""
    month, _, year = text.lower().rpartition(" ")
    if month in _MONTH_NUMBERS and re.fullmatch("[0-9]{4}", year):
        return f"{year}-{_MONTH_NUMBERS[month]:02}"
    found = _PART.fullmatch(text)
    if found is None:
        return None
    kind, number, year = (found[1] or "").lower(), (found[2] or "").lower(), found[3]
    if kind in ("", "tahun") and not number:
        return year
    sign = "S" if kind in ("semester", "smt") else "Q" if kind in ("triwulan", "tw") else ""
    return f"{year}-{sign}{_ROMAN.get(number, number)}" if sign and number else None
