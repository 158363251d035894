"""What offices, services and districts of the made-up regency are called. Nothing here is decided, only named."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

REGENCY = "Kabupaten Tirtaraya"

DISTRICTS = (
    "Argasari", "Banyumekar", "Cempakajaya", "Darmaloka", "Girimukti", "Harjasari", "Jatiluhung", "Karangwuni",
    "Kertanegri", "Lembahwangi", "Mandirancan Kidul", "Mekarwangi", "Nagrakwetan", "Pasirjambe Lor", "Purwabinangun",
    "Randusanga", "Sarimukti", "Sidorahayu", "Sukatirta", "Tamanjaya", "Tanjungasri", "Tirtamulya", "Wanasigra",
    "Wringinrejo",
)  # fmt: skip


class Kind(NamedTuple):
    """A kind of unit: what it offers (code, name, users a month at a middling unit, days promised, fee)."""

    services: tuple[tuple[str, str, int, str, str], ...]
    hours: tuple[int, int]
    quality: float


_FREE = "Gratis"
KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "dukcapil": Kind(
            (
                ("ktp", "KTP elektronik", 900, "1 hari kerja", _FREE),
                ("kk", "Kartu keluarga", 700, "3 hari kerja", _FREE),
                ("akta-lahir", "Akta kelahiran", 400, "3 hari kerja", _FREE),
                ("pindah", "Surat pindah", 150, "1 hari kerja", _FREE),
            ),
            (8, 16),
            0.1,
        ),
        "perizinan": Kind(
            (
                ("nib", "Nomor induk berusaha", 300, "1 hari kerja", _FREE),
                ("imb", "Persetujuan bangunan gedung", 120, "28 hari kerja", "Sesuai perda retribusi"),
                ("reklame", "Izin reklame", 60, "5 hari kerja", "Sesuai perda pajak"),
            ),
            (8, 16),
            0.2,
        ),
        "rsud": Kind(
            (
                ("rawat-jalan", "Rawat jalan", 2200, "2 jam", "Sesuai tarif rumah sakit, atau BPJS"),
                ("igd", "Gawat darurat", 600, "5 menit sampai ditangani", "Sesuai tarif rumah sakit, atau BPJS"),
                ("farmasi", "Farmasi", 1800, "30 menit", "Sesuai resep, atau BPJS"),
                ("laboratorium", "Laboratorium", 700, "3 jam", "Sesuai tarif rumah sakit, atau BPJS"),
            ),
            (7, 18),
            -0.25,
        ),
        "pkm": Kind(
            (
                ("umum", "Poli umum", 700, "60 menit", "Rp10.000, atau BPJS"),
                ("kia", "Kesehatan ibu dan anak", 300, "60 menit", _FREE),
                ("gigi", "Poli gigi", 150, "90 menit", "Rp15.000, atau BPJS"),
                ("farmasi", "Kamar obat", 600, "20 menit", "Sesuai resep, atau BPJS"),
            ),
            (7, 14),
            0.15,
        ),
        "kecamatan": Kind(
            (
                ("pengantar", "Surat pengantar dan keterangan", 250, "30 menit", _FREE),
                ("sktm", "Keterangan tidak mampu", 120, "1 hari kerja", _FREE),
                ("rekam-ktp", "Perekaman KTP elektronik", 180, "1 jam", _FREE),
            ),
            (8, 16),
            0.05,
        ),
        "pajak": Kind(
            (
                ("pbb", "Pajak bumi dan bangunan", 500, "30 menit", "Sesuai ketetapan pajak"),
                ("bphtb", "Bea perolehan hak atas tanah", 130, "3 hari kerja", "Sesuai ketetapan pajak"),
            ),
            (8, 15),
            0.0,
        ),
        "kerja": Kind(
            (
                ("ak1", "Kartu pencari kerja", 350, "30 menit", _FREE),
                ("pelatihan", "Pendaftaran pelatihan kerja", 90, "3 hari kerja", _FREE),
            ),
            (8, 15),
            0.05,
        ),
        "sosial": Kind(
            (
                ("dtks", "Data terpadu kesejahteraan sosial", 260, "5 hari kerja", _FREE),
                ("rekom-pbi", "Rekomendasi jaminan kesehatan", 180, "1 hari kerja", _FREE),
            ),
            (8, 15),
            -0.05,
        ),
        "perpus": Kind(
            (
                ("kartu", "Kartu anggota", 140, "15 menit", _FREE),
                ("pinjam", "Peminjaman buku", 420, "10 menit", _FREE),
            ),
            (8, 16),
            0.35,
        ),
        "uji": Kind(
            (("kir", "Uji berkala kendaraan", 400, "2 jam", "Sesuai perda retribusi"),),
            (8, 14),
            -0.15,
        ),
    }
)
"""The kinds of units, by the beginning of their codes."""

SINGLE = (
    ("disdukcapil", "Dinas Kependudukan dan Pencatatan Sipil", "dukcapil", "dukcapil"),
    ("dpmptsp", "Dinas Penanaman Modal dan Pelayanan Terpadu Satu Pintu", "perizinan", "ptsp"),
    ("dinkes", "RSUD Tirtaraya", "rsud", "rsud"),
    ("bapenda", "Badan Pendapatan Daerah", "pajak", "pajak-daerah"),
    ("disnaker", "Dinas Tenaga Kerja", "kerja", "tenaga-kerja"),
    ("dinsos", "Dinas Sosial", "sosial", "layanan-sosial"),
    ("dispusip", "Dinas Perpustakaan dan Kearsipan", "perpus", "perpustakaan"),
    ("dishub", "UPT Pengujian Kendaraan Bermotor", "uji", "pkb"),
)
"""Units of which there is one: agency, name, kind, code."""

AGENCIES = MappingProxyType(
    {
        "disdukcapil": "Dinas Kependudukan dan Pencatatan Sipil",
        "dpmptsp": "Dinas Penanaman Modal dan Pelayanan Terpadu Satu Pintu",
        "dinkes": "Dinas Kesehatan",
        "bapenda": "Badan Pendapatan Daerah",
        "disnaker": "Dinas Tenaga Kerja",
        "dinsos": "Dinas Sosial",
        "dispusip": "Dinas Perpustakaan dan Kearsipan",
        "dishub": "Dinas Perhubungan",
        "setda": "Sekretariat Daerah, Bagian Pemerintahan",
    }
)
"""Agencies by code, in their order."""

PRAISE = (
    "Pelayanan cepat dan ramah.", "Petugas sabar menjelaskan, terima kasih.", "Sudah jauh lebih baik dari tahun lalu.",
    "Ruang tunggu nyaman.", "Semoga dipertahankan.", "Tidak dipungut biaya, bagus sekali.", "Antrean sekarang tertib.",
)  # fmt: skip
BLAME = (
    "Antrean terlalu lama.", "Loket buka terlambat.", "Petugas kurang ramah.", "Persyaratan berubah-ubah.",
    "Kursi tunggu kurang.", "Toilet kotor.", "Sudah tiga kali datang belum selesai.", "Tempat parkir sempit.",
    "Informasi di papan tidak sama dengan kata petugas.", "Nomor pengaduan tidak dijawab.",
)  # fmt: skip
PRIVATE = (
    "Tolong hubungi saya di {phone}.", "Berkas atas NIK {nik} belum selesai.",
    "Kirim jawaban ke {email}, terima kasih.", "Motor {plate} saya tergores di parkiran.",
)  # fmt: skip
"""What citizens write although the kiosk asks them not to."""
