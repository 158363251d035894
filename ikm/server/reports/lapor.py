"""Remarks as SP4N-LAPOR! takes them: a table with the fields of its form, to be entered or handed over."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ikm.domain.remark import LAPOR, Category
from ikm.server.reports.exports import safe

HEADINGS = (
    "Klasifikasi Laporan", "Judul Laporan", "Isi Laporan", "Tanggal Kejadian", "Lokasi Kejadian", "Instansi Tujuan",
    "Kategori Laporan", "Kerahasiaan", "Nomor Acuan",
)  # fmt: skip
"""The fields of the form at lapor.go.id, and our own number to find the remark again."""

_TITLE = 80


@dataclass(frozen=True, slots=True)
class Report:
    """A remark as LAPOR! is told of it; `text` is masked, nobody is named."""

    id: str
    category: str
    text: str
    given_on: date
    unit: str
    agency: str
    service: str


def lapor_csv(reports: Sequence[Report]) -> bytes:
    """The table as CSV for spreadsheets of Indonesian offices: UTF-8 with its mark, semicolons, one line a remark."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(HEADINGS)
    for report in reports:
        writer.writerow([safe(field) for field in _fields(report)])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _fields(report: Report) -> Sequence[str]:
    words = " ".join(report.text.split())
    title = words if len(words) <= _TITLE else words[: _TITLE - 1].rsplit(" ", 1)[0] + "…"
    return (
        _KINDS.get(report.category, LAPOR[Category.ASPIRATION]), title, words, report.given_on.strftime("%d/%m/%Y"),
        report.unit, report.agency, report.service, "Anonim", report.id,
    )  # fmt: skip


_KINDS: Mapping[str, str] = {category.value: name for category, name in LAPOR.items()}
