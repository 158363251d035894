"""What a file is by its own bytes, whatever its name says; what is not a table of answers is refused here."""

import mmap
import re
from enum import Enum
from pathlib import Path

from ikm.domain.errors import Refusal

_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_OTHERS = {
    b"%PDF-": "PDF",
    b"{\\rtf": "dokumen RTF",
    b"\x89PNG": "gambar PNG",
    b"\xff\xd8\xff": "gambar JPEG",
    b"\x1f\x8b": "berkas GZIP",
    b"Rar!": "berkas RAR",
    b"7z\xbc\xaf": "berkas 7-Zip",
    b"SQLite format 3": "basis data SQLite",
}
_TEXTS = frozenset((".csv", ".tsv", ".txt"))
_WORKBOOKS = frozenset((".xlsx", ".xlsm", ".xltx", ".xltm"))
_MEANWHILE = re.compile(r"~\$(?P<excel>.+)|\.~lock\.(?P<office>.+)#")
_SAVE_AGAIN = "Buka di Excel atau LibreOffice, simpan sebagai .xlsx atau CSV, lalu coba lagi."


class Kind(Enum):
    """The two kinds of file that are read."""

    TEXT = "text"
    WORKBOOK = "workbook"


def kind_of(path: Path) -> Kind:
    """The kind of a file, from its first bytes; its name must not say another.

    Raises:
        Refusal: `file_unreadable`, `sheet_empty`, `file_encrypted` or `file_kind_wrong`.
    """
    if own := _owner(path.name):
        raise Refusal(
            "file_kind_wrong",
            f"{path.name}: ini berkas sementara Excel atau LibreOffice, bukan berkas jawabannya. Tutup berkas itu di "
            f"Excel, lalu pilih {own}.",
        )
    try:
        if not path.exists():
            raise Refusal("file_unreadable", f"{path.name}: berkas tidak ada. Periksa nama dan foldernya.")
        if not path.is_file():
            raise Refusal("file_unreadable", f"{path.name}: ini bukan berkas. Sebutkan berkas CSV atau .xlsx.")
        with path.open("rb") as stream:
            head = stream.read(1024)
            if head.startswith(_OLE):
                raise _ole(path, stream.fileno())
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from None
    if not head.strip():
        raise Refusal("sheet_empty", f"{path.name}: berkas ini kosong. Pilih berkas yang berisi jawaban.")
    if other := _other(head):
        raise Refusal("file_kind_wrong", f"{path.name}: isinya {other}. {_SAVE_AGAIN}")
    found = Kind.WORKBOOK if head.startswith(_ZIP) else Kind.TEXT
    suffix = path.suffix.lower()
    if found is Kind.WORKBOOK and suffix in _TEXTS:
        raise Refusal(
            "file_kind_wrong",
            f"{path.name}: bernama CSV, tetapi isinya berkas ZIP atau buku kerja Excel. Bila memang buku kerja, ganti "
            "akhiran namanya menjadi .xlsx.",
        )
    if found is Kind.TEXT and (suffix in _WORKBOOKS or suffix == ".xls"):
        raise Refusal(
            "file_kind_wrong",
            f"{path.name}: bernama buku kerja Excel, tetapi isinya teks biasa atau terpotong. Bila isinya CSV, ganti "
            "akhiran namanya menjadi .csv; bila tidak, mintalah salinan yang utuh.",
        )
    return found


def _owner(name: str) -> str | None:
    """The file that a program has open, by the name of the one it writes beside it meanwhile; None for any other."""
    found = _MEANWHILE.fullmatch(name)
    return found and (found["excel"] or found["office"])


def unreadable(path: Path, error: Exception) -> Refusal:
    """The refusal of a file that the machine does not let us open or read."""
    if isinstance(error, PermissionError):
        return Refusal("file_unreadable", f"{path.name}: Anda tidak punya izin membacanya. Minta izin aksesnya.")
    return Refusal(
        "file_unreadable",
        f"{path.name}: berkas tidak dapat dibaca. Salin ke folder lain di komputer ini, lalu coba lagi.",
    )


def _ole(path: Path, descriptor: int) -> Refusal:
    with mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ) as content:
        encrypted = content.find(_ENCRYPTED) >= 0
    if encrypted:
        return Refusal(
            "file_encrypted",
            f"{path.name}: buka di Excel, hapus kata sandinya (Berkas, Info, Proteksi Buku Kerja), simpan, coba lagi.",
        )
    return Refusal("file_kind_wrong", f"{path.name}: isinya buku kerja Excel lama (.xls). {_SAVE_AGAIN}")


def _other(head: bytes) -> str | None:
    for mark, name in _OTHERS.items():
        if head.startswith(mark):
            return name
    if head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<"):
        return "halaman web (HTML) atau XML"
    return None
