"""What a row of an organisation sheet says, with where each word of it stands."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType


class Field(StrEnum):
    """What a column can be about."""

    AGENCY = "agency"
    AGENCY_CODE = "agency_code"
    UNIT = "unit"
    UNIT_CODE = "unit_code"
    UNIT_EN = "unit_en"
    ZONE = "zone"
    ADDRESS = "address"
    PHONE = "phone"
    SERVICE = "service"
    SERVICE_CODE = "service_code"
    SERVICE_EN = "service_en"
    PERIOD = "period"
    STARTS = "starts"
    ENDS = "ends"
    USERS = "users"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Column:
    """A column as the template has it: its heading, what else people call it, what belongs in it, two examples."""

    field: Field
    heading: str
    others: tuple[str, ...]
    asks: str
    examples: tuple[str, str]


COLUMNS: tuple[Column, ...] = (
    Column(Field.NUMBER, "No", ("nomor", "nourut", "nomorurut"), "Tidak dibaca; baris bertulisan contoh dilewati.",
           ("contoh", "contoh")),
    Column(Field.AGENCY, "Perangkat daerah", ("opd", "skpd", "dinas", "instansi", "namaopd", "namaskpd",
           "namaperangkatdaerah", "namainstansi", "organisasiperangkatdaerah"), "Nama lengkap.",
           ("Dinas Perdagangan", "Dinas Perdagangan")),
    Column(Field.AGENCY_CODE, "Kode perangkat daerah", ("kodeopd", "kodeskpd", "kodeinstansi"),
           "Boleh kosong; dibuat dari nama.", ("", "")),
    Column(Field.UNIT, "Unit pelayanan", ("unit", "unitkerja", "upp", "namaunit", "namaunitpelayanan",
           "unitpenyelenggara", "unitpenyelenggarapelayanan"),
           "Nama lengkap; kosong bila barisnya tentang perangkat daerah saja.",
           ("UPT Pasar", "UPT Pasar")),
    Column(Field.UNIT_CODE, "Kode unit", ("kodeunitpelayanan", "kodeupp"), "Boleh kosong; dibuat dari nama.",
           ("upt-pasar", "upt-pasar")),
    Column(Field.UNIT_EN, "Nama unit (Inggris)", ("unitinggris", "unitenglish", "namaunitenglish"),
           "Boleh kosong.", ("Market Office", "")),
    Column(Field.ZONE, "Zona waktu", ("zona", "wilayahwaktu"), "WIB, WITA, atau WIT; perlu untuk unit baru.",
           ("WIB", "WIB")),
    Column(Field.ADDRESS, "Alamat", ("alamatunit",), "Boleh kosong.", ("Jalan Pasar 1", "")),
    Column(Field.PHONE, "Telepon", ("telp", "notelp", "notelepon", "nomortelepon", "hp"),
           "Boleh kosong; tulis sebagai teks.",
           ("0251 832112", "")),
    Column(Field.SERVICE, "Layanan", ("jenislayanan", "jenispelayanan", "namalayanan", "pelayanan"),
           "Satu layanan satu baris; kosong bila baris hanya untuk unit.", ("Sewa kios", "Tera timbangan")),
    Column(Field.SERVICE_CODE, "Kode layanan", (), "Boleh kosong; dibuat dari nama.", ("", "")),
    Column(Field.SERVICE_EN, "Nama layanan (Inggris)", ("layananinggris", "serviceenglish"), "Boleh kosong.",
           ("Stall rental", "")),
    Column(Field.PERIOD, "Periode", ("tahun", "masa"), "Untuk jumlah pengguna: 2026, 2026-S1, 2026-Q4, atau 2026-11.",
           ("2026-S1", "2026-S1")),
    Column(Field.STARTS, "Mulai", ("tanggalmulai", "dari"), "Pengganti periode: tanggal pertama.", ("", "")),
    Column(Field.ENDS, "Sampai", ("tanggalselesai", "sampaidengan", "selesai"), "Pengganti periode: tanggal terakhir.",
           ("", "")),
    Column(Field.USERS, "Jumlah pengguna", ("pengguna", "populasi", "jumlahpemohon", "jumlahpenggunalayanan"),
           "Orang yang memakai layanan itu selama periode itu; kosong bila belum diketahui.", ("1.250", "430")),
)  # fmt: skip
"""The columns of an organisation sheet, in the template's order."""


def same(heading: str) -> str:
    """What headings share that are the same but for case, spaces and signs."""
    return "".join(sign for sign in heading.casefold() if sign.isalnum())


MEANINGS: Mapping[str, Field] = MappingProxyType(
    {same(name): column.field for column in COLUMNS for name in (column.heading, *column.others)}
)
"""Headings, as `same` makes them, to what they are about."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a cell, or with a row as a whole where `column` is ''."""

    row: int
    column: str
    told: str

    def __str__(self) -> str:
        where = f"baris {self.row}, kolom {self.column}" if self.column else f"baris {self.row}"
        return f"{where}: {self.told}"


@dataclass(frozen=True, slots=True)
class Record:
    """One row: what each column says, '' or nothing where it says nothing, and the faults found in its cells alone.

    `users` are those of `starts` up to `ends`, two dates as YYYY-MM-DD with the last one excluded. `columns` gives the
    letter of each field's column.
    """

    row: int
    said: Mapping[str, str] = field(default_factory=dict)
    starts: str = ""
    ends: str = ""
    users: int = 0
    faults: tuple[Fault, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)

    def says(self, of: Field) -> str:
        """What the row says of that."""
        return self.said.get(of, "")

    def wrong(self, of: Field, told: str) -> Fault:
        """A fault of that column of this row."""
        return Fault(self.row, self.columns.get(of, ""), told)


@dataclass(frozen=True, slots=True)
class Table:
    """What a file says: its rows, and what was left out and why."""

    file_name: str
    sha256: str
    records: tuple[Record, ...]
    notes: tuple[str, ...] = ()
