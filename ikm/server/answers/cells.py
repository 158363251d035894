"""What a cell says: a rating, nothing, or why it is neither."""

import re
from decimal import Decimal

from ikm.domain.regulation import RATINGS
from ikm.server.answers.labels import NO_LABELS, Labels, labelled_rating
from ikm.server.answers.table import Cell, OddKind

_BLANK = frozenset(("", "-", "–", "—"))
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:[.,][0-9]*)?|[.,][0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_FIVE = 5
_ENDS = (RATINGS[0], RATINGS[-1])
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


def rating(cell: Cell, labels: Labels = NO_LABELS) -> int | None:
    """The rating in a cell, by number or by official label; None for one left blank or struck out with a dash.

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
        labelled = labelled_rating(cell, labels)
        if labelled is None:
            raise ValueError(_not_a_number(labels))
        return labelled
    if value not in RATINGS:
        text = cell.strip().replace(".", ",")[:20]
        kind = "" if value == value.to_integral_value() else ", padahal nilai harus bilangan bulat"
        raise ValueError(f"bernilai {text}{kind}; {_SCALE}")
    return int(value)


def blank(cell: Cell) -> bool:
    """Whether a cell holds nothing, or a dash in its place."""
    return isinstance(cell, str) and cell.strip() in _BLANK


def is_rating(cell: Cell, labels: Labels = NO_LABELS) -> bool:
    """Whether a cell holds a rating, by number or by official label."""
    if not isinstance(cell, str):
        return False
    value = number(cell)
    return value in RATINGS if value is not None else labelled_rating(cell, labels) is not None


def above_scale(cell: Cell) -> bool:
    """Whether a cell holds a number above the highest rating that a scale of five still has."""
    value = number(cell)
    return value is not None and RATINGS[-1] < value <= _FIVE


def _not_a_number(labels: Labels) -> str:
    ends = [f'"{label.capitalize()}" = {rating}' for label, rating in labels.items() if rating in _ENDS]
    told = f" dan bukan label resmi unsur ini ({' sampai '.join(ends)})" if ends else ""
    return f"berisi tulisan, bukan angka{told}; {_SCALE}"
