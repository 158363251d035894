"""Files as officials have them, written for a test."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from ikm.domain.errors import Refusal
from ikm.domain.regulation import Regulation
from ikm.domain.regulations import PERMENPANRB_14_2017
from ikm.server.answers import Answers, Reading, layout, open_answers

U = tuple(f"U{number}" for number in range(1, 10))
ALL_THREES = (3,) * 9
NAMES = ("Persyaratan", "Prosedur", "Waktu", "Biaya", "Produk", "Kompetensi", "Perilaku", "Pengaduan", "Sarana")


def text_file(folder: Path, text: str, name: str = "jawaban.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def csv_file(folder: Path, *rows: Iterable[Any], separator: str = ",", name: str = "jawaban.csv") -> Path:
    lines = (separator.join("" if cell is None else str(cell) for cell in row) for row in rows)
    return text_file(folder, "".join(f"{line}\n" for line in lines), name)


def xlsx_file(
    folder: Path, *rows: Sequence[Any], name: str = "jawaban.xlsx", **others: Sequence[Sequence[Any]]
) -> Path:
    """A workbook whose first sheet is called Data; further sheets by name."""
    book = openpyxl.Workbook()
    book.active.title = "Data"
    for row in rows:
        book.active.append(row)
    for title, more in others.items():
        sheet = book.create_sheet(title)
        for row in more:
            sheet.append(row)
    path = folder / name
    book.save(path)
    return path


def opened(path: Path, rule: Regulation = PERMENPANRB_14_2017, **how: Any) -> Answers:
    return open_answers(path, layout(rule, **how))


def read(path: Path, *, skip_bad_rows: bool = False, **how: Any) -> Reading:
    return opened(path, **how).read(skip_bad_rows=skip_bad_rows)


def ratings(path: Path, **how: Any) -> list[tuple[int | None, ...]]:
    return [row.ratings for row in opened(path, **how).rows()]


def refused(path: Path, *, skip_bad_rows: bool = False, **how: Any) -> Refusal:
    """The refusal of a file, when it is opened or when it is read."""
    with pytest.raises(Refusal) as caught:
        read(path, skip_bad_rows=skip_bad_rows, **how)
    assert caught.value.detail.startswith(path.name)
    return caught.value
