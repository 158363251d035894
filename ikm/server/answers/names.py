"""What offices call the elements in a heading. Nothing here computes; how headings are matched is in `headings`.

Collected from public working sheets, forms and codes; the official names come with the rules themselves.
"""

from collections.abc import Mapping
from types import MappingProxyType

FILLERS = frozenset(
    {
        "nilai", "skor", "unsur", "pelayanan", "layanan", "dan", "atau", "petugas", "pelaksana", "pegawai",
        "mendapatkan", "tentang", "the", "of",
    }
)  # fmt: skip
"""Words that never tell one element from another, left out before names are compared."""

NOT_RATINGS = frozenset(
    {
        "alasan", "catatan", "komentar", "keterangan", "nama", "tanggal", "tgl", "jam", "nomor", "timestamp",
        "penjelasan", "uraian",
    }
)  # fmt: skip
"""A heading with one of these words is about an element at most; its cells are no ratings."""

NAMES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "REQ": ("persyaratan", "syarat", "kesesuaian persyaratan", "kemudahan persyaratan", "requirements"),
        "PROC": (
            "prosedur", "sistem mekanisme prosedur", "mekanisme prosedur", "sistem prosedur", "prosedur mekanisme",
            "kemudahan prosedur", "mekanisme", "alur", "sistem mekanisme", "procedure",
        ),
        "TIME": (
            "waktu", "waktu penyelesaian", "kecepatan waktu", "kecepatan", "ketepatan waktu", "jangka waktu",
            "lama waktu", "completion time",
        ),
        "COST": (
            "biaya", "tarif", "biaya tarif", "tarif biaya", "kewajaran biaya", "kewajaran biaya tarif",
            "kesesuaian biaya", "cost",
        ),
        "PROD": (
            "produk", "produk spesifikasi jenis", "produk spesifikasi", "spesifikasi produk", "kesesuaian produk",
            "spesifikasi jenis", "produk jenis", "spesifikasi", "hasil", "product",
        ),
        "COMP": ("kompetensi", "kemampuan", "kompetensi kemampuan", "competence"),
        "BEHV": (
            "perilaku", "sikap", "kesopanan keramahan", "kesopanan", "keramahan", "perilaku kesopanan keramahan",
            "conduct",
        ),
        "CMPL": (
            "pengaduan", "penanganan pengaduan", "penanganan pengaduan saran masukan", "pengaduan saran masukan",
            "pengaduan saran", "saran masukan", "saran", "masukan", "aduan", "penanganan aduan", "complaint handling",
        ),
        "FACI": (
            "sarana", "prasarana", "sarana prasarana", "sarpras", "fasilitas", "kualitas sarana prasarana",
            "facilities",
        ),
        "PLDG": ("maklumat",),
        "CLAR": ("kejelasan",),
        "DISC": ("kedisiplinan", "disiplin"),
        "RESP": ("tanggung jawab",),
        "FAIR": ("keadilan",),
        "FEES": ("kepastian biaya", "kepastian biaya tarif"),
        "PLAN": ("kepastian jadwal", "jadwal", "ketepatan jadwal"),
        "COMF": ("kenyamanan", "kenyamanan lingkungan"),
        "SAFE": ("keamanan", "keamanan lingkungan"),
        "DISK": ("diskriminasi", "tanpa diskriminasi"),
        "CHEA": ("kecurangan", "tanpa kecurangan"),
        "GIFT": ("imbalan", "tanpa imbalan", "gratifikasi", "imbalan uang barang fasilitas"),
        "LEVY": ("pungli", "tanpa pungli", "pungutan liar"),
        "BROK": ("percaloan", "calo", "tanpa percaloan", "tanpa calo"),
    }
)  # fmt: skip
"""Names after the fillers are left out, by element code."""

WEAK = frozenset(("waktu", "saran", "masukan", "saran masukan", "hasil", "produk", "tarif", "biaya", "jadwal"))
"""Names that other columns of such files bear too: when it was filled in, what was suggested, which product it was.

Such a name counts only where no other heading names its element.
"""

KEYWORDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "REQ": ("persyaratan", "syarat"),
        "PROC": ("prosedur", "mekanisme", "alur"),
        "TIME": ("waktu", "kecepatan"),
        "COST": ("biaya", "tarif", "kewajaran biaya"),
        "PROD": ("produk", "spesifikasi", "kesesuaian hasil"),
        "COMP": ("kompetensi", "kemampuan", "kompeten"),
        "BEHV": ("perilaku", "kesopanan", "keramahan"),
        "CMPL": ("pengaduan", "aduan"),
        "FACI": ("sarana", "prasarana", "sarpras", "fasilitas"),
        "PLDG": ("maklumat",),
        "CLAR": ("kejelasan",),
        "DISC": ("kedisiplinan",),
        "RESP": ("tanggung jawab",),
        "FAIR": ("keadilan",),
        "FEES": ("kepastian biaya",),
        "PLAN": ("kepastian jadwal",),
        "COMF": ("kenyamanan",),
        "SAFE": ("keamanan",),
        "DISK": ("diskriminasi",),
        "CHEA": ("kecurangan",),
        "GIFT": ("imbalan", "gratifikasi"),
        "LEVY": ("pungli", "pungutan liar"),
        "BROK": ("percaloan", "calo"),
    }
)
"""Words that betray the element in a longer heading, such as a whole question; all of an entry must stand there."""
