"""The file officials fill in: a workbook with headings, two examples and what belongs where; and the same as CSV."""

import csv
from io import BytesIO, StringIO

import xlsxwriter

from ikm.server.importing.records import COLUMNS, Field
from ikm.server.reports.workbook.looks import LOOKS

SHEET = "Isian"
_WIDTHS = {Field.NUMBER: 8, Field.AGENCY: 34, Field.UNIT: 34, Field.SERVICE: 34, Field.ADDRESS: 30, Field.USERS: 16}
_ROWS = 2_000
_RULES = (
    "Isi lembar Isian mulai baris 4; dua baris contoh boleh dibiarkan, karena tidak dibaca.",
    "Satu baris untuk satu layanan. Perangkat daerah dan unit ditulis lagi di setiap baris.",
    "Tempat yang sudah ada dikenali dari kodenya, atau dari namanya. Yang sama tidak diubah.",
    "Sel kosong tidak menghapus apa pun. Menutup tempat dilakukan di halamannya sendiri.",
    "Sebelum disimpan, setiap baris ditampilkan dahulu: baru, berubah, sama, atau salah.",
)


def workbook() -> bytes:
    """The template as a workbook (.xlsx)."""
    content = BytesIO()
    with xlsxwriter.Workbook(
        content, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        looks = {
            name: book.add_format(dict(LOOKS[name])) for name in ("head_left", "given_text", "title", "text", "label")
        }
        # codes and telephone numbers keep the noughts they begin with
        as_text = book.add_format({"num_format": "@", "font_name": "Arial", "font_size": 10})
        sheet = book.add_worksheet(SHEET)
        sheet.freeze_panes(1, 0)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        for place, column in enumerate(COLUMNS):
            sheet.set_column(place, place, _WIDTHS.get(column.field, 20), as_text)
            sheet.write_string(0, place, column.heading, looks["head_left"])
            for row, example in enumerate(column.examples, start=1):
                sheet.write_string(row, place, example, looks["given_text"])
        zones = next(place for place, column in enumerate(COLUMNS) if column.field is Field.ZONE)
        sheet.data_validation(1, zones, _ROWS, zones, {"validate": "list", "source": ["WIB", "WITA", "WIT"]})
        told = book.add_worksheet("Petunjuk")
        told.fit_to_pages(1, 0)
        told.set_column(0, 0, 28)
        told.set_column(1, 1, 80)
        told.write_string(0, 0, "Cara mengisi", looks["title"])
        for row, rule in enumerate(_RULES, start=2):
            told.write_string(row, 0, f"{row - 1}. {rule}", looks["text"])
        start = len(_RULES) + 3
        told.write_string(start, 0, "Kolom", looks["head_left"])
        told.write_string(start, 1, "Isi", looks["head_left"])
        for row, column in enumerate(COLUMNS, start=start + 1):
            told.write_string(row, 0, column.heading, looks["label"])
            told.write_string(row, 1, column.asks, looks["label"])
    return content.getvalue()


def separated() -> bytes:
    """The template as CSV with semicolons, as Excel in Indonesian opens it."""
    text = StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(column.heading for column in COLUMNS)
    for example in (0, 1):
        writer.writerow(column.examples[example] for column in COLUMNS)
    return "\ufeff".encode() + text.getvalue().encode()
