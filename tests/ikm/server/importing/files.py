"""Organisation sheets to try the import with."""

from collections.abc import Sequence
from pathlib import Path

import xlsxwriter

HEAD = ("Perangkat daerah", "Unit pelayanan", "Zona waktu", "Layanan", "Periode", "Jumlah pengguna")
MARKET = ("Dinas Perdagangan", "UPT Pasar", "WIB", "Sewa kios", "2026-S1", "1.250")
SCALES = ("Dinas Perdagangan", "UPT Pasar", "WIB", "Tera timbangan", "", "")


def csv_file(folder: Path, *rows: Sequence[str], head: Sequence[str] = HEAD, sep: str = ";", name: str = "unit.csv",
             encoding: str = "utf-8") -> Path:  # fmt: skip
    path = folder / name
    path.write_text("".join(sep.join(row) + "\r\n" for row in (head, *rows)), encoding=encoding, newline="")
    return path


def xlsx_file(folder: Path, *rows: Sequence[object], head: Sequence[str] = HEAD, name: str = "unit.xlsx",
              options: dict[str, object] | None = None) -> Path:  # fmt: skip
    path = folder / name
    with xlsxwriter.Workbook(path, options or {}) as book:
        sheet = book.add_worksheet("Isian")
        for number, row in enumerate((head, *rows)):
            for place, value in enumerate(row):
                sheet.write(number, place, value)
    return path
