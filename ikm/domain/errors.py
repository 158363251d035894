"""The one table of refusals: a stable code for programs, an HTTP status, a sentence in Indonesian for people."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Problem:
    """One kind of refusal, as RFC 9457 shows it."""

    status: int
    title: str

    @property
    def is_of_the_server(self) -> bool:
        """Whether it says something of the server, and nothing of what it was asked."""
        # HTTP tells by the first digit whose fault it is
        return str(self.status).startswith("5")


PROBLEMS: Mapping[str, Problem] = MappingProxyType(
    {
        # What is wrong with the request as such
        "body_malformed": Problem(400, "Isi permintaan tidak dapat dibaca."),
        "body_too_large": Problem(413, "Isi permintaan terlalu besar."),
        "request_too_slow": Problem(408, "Isi permintaan terlalu lama dikirim."),
        "content_type_unsupported": Problem(415, "Jenis isi permintaan harus application/json."),
        "content_encoding_unsupported": Problem(415, "Pemampatan isi permintaan tidak didukung; gunakan gzip."),
        "protocol_unsupported": Problem(426, "Versi protokol perangkat tidak dikenal server ini."),
        "not_found": Problem(404, "Alamat ini tidak ada."),
        "method_not_allowed": Problem(405, "Cara memanggil alamat ini tidak diizinkan."),
        # Who asks
        "device_unknown": Problem(401, "Perangkat ini belum terdaftar."),
        "signature_invalid": Problem(401, "Tanda tangan perangkat tidak sah."),
        "enrolment_code_invalid": Problem(
            403,
            "Kode pendaftaran salah, sudah dipakai, atau kedaluwarsa. "
            "Periksa ketikan; bila sudah benar, minta kode baru.",
        ),
        "too_many_attempts": Problem(429, "Terlalu banyak percobaan. Tunggu sebentar, lalu coba lagi."),
        # What a batch says
        "batch_device_mismatch": Problem(422, "Kiriman ini milik perangkat lain."),
        "batch_order": Problem(422, "Nomor urut di dalam kiriman harus naik satu demi satu."),
        "row_hash_invalid": Problem(422, "Sidik jari sebuah jawaban tidak cocok dengan isinya."),
        "gap": Problem(409, "Ada jawaban sebelumnya yang belum diterima server."),
        "fork": Problem(409, "Nomor urut yang sama pernah diterima dengan isi lain."),
        "response_conflict": Problem(409, "Tanda pengenal jawaban ini sudah dipakai jawaban lain."),
        "opening_invalid": Problem(422, "Awal rantai baru tidak cocok dengan rantai sebelumnya."),
        "response_repeated": Problem(409, "Jawaban ini sudah diterima di rantai sebelumnya."),
        "device_revoked": Problem(403, "Perangkat ini sudah dicabut; jawaban sesudahnya disisihkan."),
        "key_invalid": Problem(422, "Kunci baru tidak membuktikan dirinya."),
        "carry_out_unreadable": Problem(422, "Berkas ini bukan berkas jawaban dari kios, atau isinya rusak."),
        # What a response says
        "response_malformed": Problem(422, "Sebuah jawaban tidak sesuai bentuknya."),
        "response_not_canonical": Problem(422, "Sebuah jawaban tidak ditulis dalam bentuk baku."),
        "questionnaire_unknown": Problem(422, "Versi kuesioner tidak dikenal."),
        "question_unknown": Problem(422, "Sebuah jawaban menyebut pertanyaan yang tidak ada di kuesioner."),
        "rating_out_of_range": Problem(422, "Nilai jawaban harus bilangan bulat 1 sampai 4."),
        "answers_empty": Problem(422, "Jawaban kosong tidak dihitung."),
        "status_contradicts_answers": Problem(422, "Status lengkap tidak sesuai dengan banyaknya jawaban."),
        "asked_contradicts_answers": Problem(422, "Daftar pertanyaan tidak sesuai dengan jenis survei atau jawaban."),
        "reason_unknown": Problem(422, "Alasan tidak ada di kuesioner untuk pertanyaan dan nilai itu."),
        "profile_unknown": Problem(422, "Data responden memuat pilihan yang tidak ada di kuesioner."),
        "unit_unknown": Problem(422, "Unit pelayanan tidak dikenal atau bukan tempat perangkat ini."),
        "service_unknown": Problem(422, "Jenis layanan tidak dikenal di unit ini."),
        # What is wrong with rules or figures
        "questionnaire_invalid": Problem(422, "Susunan kuesioner tidak benar."),
        "configuration_invalid": Problem(422, "Susunan konfigurasi tidak benar."),
        "period_invalid": Problem(422, "Periode tidak benar."),
        "regulation_unknown": Problem(422, "Aturan ini tidak dikenal."),
        "regulation_invalid": Problem(422, "Unsur tambahan atau pengganti tidak benar."),
        "weights_invalid": Problem(422, "Bobot unsur tidak benar."),
        "means_invalid": Problem(422, "Rata-rata unsur tidak dapat dibaca."),
        "printed_invalid": Problem(422, "Yang tercetak tidak dapat dibaca."),
        "order_unknown": Problem(422, "Nomor unsur dapat berarti dua hal."),
        "output_is_input": Problem(422, "Hasil tidak boleh menimpa berkas jawaban."),
        "population_invalid": Problem(422, "Populasi atau sampel tidak benar."),
        "population_overlaps": Problem(409, "Masa ini tumpang tindih dengan masa lain yang sudah diisi."),
        "tally_negative": Problem(422, "Rekapitulasi tidak boleh kurang dari nol."),
        "workbook_too_large": Problem(422, "Jawabannya lebih banyak daripada baris satu lembar Excel."),
        "workbook_kind_unknown": Problem(422, "Buku kerja ditulis sebagai .xlsx."),
        # What is wrong with a file of raw answers
        "file_unreadable": Problem(422, "Berkas tidak dapat dibuka."),
        "file_kind_wrong": Problem(422, "Isi berkas ini bukan CSV atau buku kerja Excel (.xlsx)."),
        "file_encrypted": Problem(422, "Berkas ini dikunci dengan kata sandi."),
        "file_damaged": Problem(422, "Berkas ini rusak atau terpotong."),
        "file_too_large": Problem(422, "Berkas ini terlalu besar untuk dibaca dengan aman."),
        "sheet_empty": Problem(422, "Berkas atau lembar ini kosong."),
        "sheet_unknown": Problem(422, "Lembar yang diminta tidak ada."),
        "sheet_ambiguous": Problem(422, "Lebih dari satu lembar berisi jawaban."),
        "sheet_stray_cell": Problem(422, "Ada sel berisi yang letaknya terlalu jauh dari tabel."),
        "column_missing": Problem(422, "Ada kolom yang tidak ditemukan."),
        "column_ambiguous": Problem(422, "Tajuk kolom dapat berarti lebih dari satu hal."),
        "column_unknown": Problem(422, "Ada kolom unsur yang bukan milik aturan ini."),
        "rows_all_bad": Problem(422, "Tidak ada baris yang dapat dihitung; setiap baris berisi sel yang salah."),
        "cell_invalid": Problem(422, "Ada sel yang tidak berisi nilai 1 sampai 4."),
        "footer_ambiguous": Problem(422, "Ada baris jawaban di bawah baris jumlah."),
        "footer_unclear": Problem(422, "Ada baris yang tidak jelas: responden atau rekapitulasi."),
        # What people ask for
        "sign_in_required": Problem(401, "Anda perlu masuk dahulu."),
        "sign_in_failed": Problem(403, "Surel, kata sandi, atau kode tidak cocok."),
        "proof_required": Problem(403, "Untuk tindakan ini, masukkan kata sandi sekali lagi."),
        "forbidden": Problem(403, "Anda tidak berwenang atas halaman atau tindakan ini."),
        "form_foreign": Problem(
            403, "Formulir ini tidak berasal dari sesi Anda. Muat ulang halamannya, lalu coba lagi."
        ),
        "form_invalid": Problem(422, "Isian belum benar."),
        "done_already": Problem(409, "Perubahan ini sudah disimpan sebelumnya."),
        "changed_meanwhile": Problem(409, "Data ini sudah diubah orang lain sejak Anda membukanya."),
        "link_invalid": Problem(403, "Tautan ini salah, sudah dipakai, atau kedaluwarsa. Minta tautan baru."),
        "link_unfounded": Problem(403, "Pembuat tautan ini tidak lagi berwenang membuatnya. Minta tautan baru."),
        "code_taken": Problem(409, "Kode ini sudah dipakai."),
        "in_use": Problem(409, "Ini masih dipakai, jadi tidak dapat dihapus."),
        "place_invalid": Problem(422, "Tempat ini tidak dapat ditaruh di sana."),
        "last_superadmin": Problem(409, "Superadmin terakhir tidak dapat dicabut."),
        "last_role": Problem(409, "Ini peran terakhirnya. Nonaktifkan orangnya bila ia tidak lagi bertugas."),
        "own_account": Problem(409, "Peran dan status Anda sendiri hanya dapat diubah oleh admin lain."),
        "token_invalid": Problem(401, "Token tidak dikenal, dicabut, atau kedaluwarsa."),
        "token_unfounded": Problem(401, "Pembuat token ini tidak lagi berwenang atas tempatnya. Minta token baru."),
        # What kiosks run on
        "nothing_to_apply": Problem(409, "Semua kios di sini sudah memakai setelan yang berlaku."),
        "rollout_open": Problem(409, "Sebagian kios ini masih menunggu gelombang penerapan sebelumnya."),
        "rollout_returned": Problem(409, "Penerapan ini sudah dikembalikan."),
        "schedule_past": Problem(409, "Tanggal berlaku harus hari ini atau sesudahnya."),
        "too_many_compared": Problem(422, "Paling banyak dua belas baris dibandingkan sekaligus."),
        "nothing_to_export": Problem(409, "Tidak ada jawaban yang dapat dihitung pada saringan ini."),
        # What is made up to try things with
        "seed_invalid": Problem(422, "Kabupaten tiruan seperti itu tidak dapat dibuat."),
        "seed_unwanted": Problem(409, "Basis data ini sudah berisi; kabupaten tiruan hanya untuk yang kosong."),
        # What is asked of a report
        "chart_kind_unknown": Problem(422, "Bagan hanya dapat disimpan sebagai SVG atau PNG."),
        # The server itself
        "server_busy": Problem(503, "Server sedang sibuk. Coba lagi sebentar."),
        "storage_full": Problem(507, "Penyimpanan server penuh."),
        "internal_error": Problem(500, "Terjadi kesalahan di server. Kejadian ini sudah dicatat."),
    }
)


class Refusal(Exception):
    """Input that is not accepted; nothing of it has been kept.

    Args:
        code: A key of `PROBLEMS`.
        detail: What exactly, for the person who mends it (a field, a row, a value). Never an answer's content.
        facts: Further members a program needs, such as the head of the chain after a gap.
    """

    def __init__(self, code: str, detail: str = "", **facts: int | str) -> None:
        self.code = code
        self.problem = PROBLEMS[code]
        self.detail = detail
        self.facts: Mapping[str, int | str] = facts
        super().__init__(f"{code}: {detail or self.problem.title}")
