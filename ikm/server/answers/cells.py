"""What a cell says: a rating, nothing, or why it is neither."""

import re
from decimal import Decimal

from ikm.domain.regulation import RATINGS
from ikm.server.answers.table import Cell, OddKind

_BLANK = frozenset(("", "-", "–", "—"))
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:[.,][0-9]*)?|[.,][0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_SCALE = "isilah 1, 2, 3, atau 4, atau kosongkan bila tidak dijawab"
_ODD = {
    OddKind.DATE: f"berisi tanggal; {_SCALE}, dan ubah format selnya menjadi angka",
    OddKind.BOOLEAN: f"berisi BENAR/SALAH (TRUE/FALSE); {_SCALE}",
    OddKind.ERROR: f"rumusnya menghasilkan galat; perbaiki rumus itu atau {_SCALE}",
    OddKind.UNCOMPUTED: "berisi rumus yang hasilnya belum tersimpan; buka berkas di Excel, simpan, lalu coba lagi",
}


def number(cell: Cell) -> Decimal | None:
    """The number in a cell, with decimal point or comma; None where there is none."""
    if not isinstance(cell, str) or not _NUMBER.fullmatch(text := cell.strip()):
        return None
    return Decimal(text.replace(",", "."))


def rating(cell: Cell) -> int | None:
    """The rating in a cell; None for one left blank or struck out with a dash.

    Raises:
        ValueError: It is neither; the message, in Indonesian, says what it is and what to do. It never repeats a text,
            which a shifted column may have brought there.
    """
    if not isinstance(cell, str):
        raise ValueError(_ODD[cell.kind])  # noqa: TRY004 -- the cell's value is wrong, not the program's
    if cell.strip() in _BLANK:
        return None
    value = number(cell)
    if value is None:
        raise ValueError(f"berisi tulisan, bukan angka; {_SCALE}")
    if value not in RATINGS:
        text = cell.strip().replace(".", ",")[:20]
        kind = "" if value == value.to_integral_value() else ", padahal nilai harus bilangan bulat"
        raise ValueError(f"bernilai {text}{kind}; {_SCALE}")
    return int(value)
