import random

import pytest

from ikm.domain.masking import Kind, hide, mask, may_name


@pytest.mark.parametrize(
    ("words", "shown", "kind"),
    [
        ("NIK saya 3512010203040005 tolong", "NIK saya [NIK] tolong", Kind.NIK),
        ("3512 0102 0304 0005", "[NIK]", Kind.NIK),
        ("35.12.01.020304.0005", "[NIK]", Kind.NIK),
        ("KK:3512-0102-0304-0005!", "KK:[NIK]!", Kind.NIK),
        ("٣٥١٢٠١٠٢٠٣٠٤٠٠٠٥", "[NIK]", Kind.NIK),
        ("３５１２０１０２０３０４０００５", "[NIK]", Kind.NIK),
        ("3512\u200b0102\u200b0304\u200b0005", "[NIK]", Kind.NIK),
        ("hubungi 081234567890 ya", "hubungi [nomor telepon] ya", Kind.PHONE),
        ("+62 812-3456-7890", "[nomor telepon]", Kind.PHONE),
        ("wa 0812.3456.789", "wa [nomor telepon]", Kind.PHONE),
        ("62 812 3456 7890", "[nomor telepon]", Kind.PHONE),
        ("812 3456 7890", "[nomor telepon]", Kind.PHONE),
        ("telp (0342) 801234", "telp [nomor telepon]", Kind.PHONE),
        ("021-3456789", "[nomor telepon]", Kind.PHONE),
        ("wa 081.234.567.890", "wa [nomor telepon]", Kind.PHONE),
        ("62.812.345.678", "[nomor telepon]", Kind.PHONE),
        ("Rp 081234567890", "Rp [nomor telepon]", Kind.PHONE),
        ("Rp 20 0812345678", "Rp [nomor]", Kind.NUMBER),
        ("hp 0812\n3456\n7890", "hp [nomor telepon]", Kind.PHONE),
        ("0812\u20133456\u00a07890", "[nomor telepon]", Kind.PHONE),
        ("tulis ke sari @ contoh.id", "tulis ke [surel]", Kind.EMAIL),
        ("surel sari.w@contoh.go.id segera", "surel [surel] segera", Kind.EMAIL),
        ("sari(at)contoh(dot)com", "[surel]", Kind.EMAIL),
        ("sari [at] contoh [titik] id", "[surel]", Kind.EMAIL),
        ("mobil B 1234 XYZ parkir", "mobil [nomor kendaraan] parkir", Kind.PLATE),
        ("AG1234AB", "[nomor kendaraan]", Kind.PLATE),
        ("ag 1234 ab", "[nomor kendaraan]", Kind.PLATE),
        ("P-12-A", "[nomor kendaraan]", Kind.PLATE),
        ("motor XX 8006 QQ", "motor [nomor kendaraan]", Kind.PLATE),
        ("NIP 198503152010011002", "NIP [nomor]", Kind.NUMBER),
        ("rekening 1234567890 BRI", "rekening [nomor] BRI", Kind.NUMBER),
    ],
)
def test_what_names_somebody_is_taken_out_and_counted(words, shown, kind):
    masked = mask(words)
    assert masked.text == shown
    assert masked.found == {kind: 1}


@pytest.mark.parametrize(
    "words",
    [
        "Pelayanan cepat, 5 menit selesai.", "Tanggal 12-11-2026 08.30 saya datang", "2026-11-30", "rp12500000", "",
        "Bayar Rp 1.250.000 padahal gratis", "1.250.000,50", "Rp 50.000 - 100.000",
        "Rp 1.250.000.000", "kopi @ 5.000", "loket 1, 2, dan 3", "antre 3 jam", "buka jam 08.00-15.00",
        "KTP-el", "ANTRE DI 2 RS", "Q3 2026", "nomor antrean A 012", "d 2 th lagi", "70 persen", "Jalan Merdeka 17",
    ],
)  # fmt: skip
def test_dates_money_hours_and_short_numbers_stay(words):
    assert mask(words).text == words
    assert mask(words).found == {}


def test_several_things_are_each_taken_out():
    masked = mask("Saya 3512010203040005, hp 0812 3456 7890 atau 0813-0000-1111, sari@contoh.id")
    assert masked.text == "Saya [NIK], hp [nomor telepon] atau [nomor telepon], [surel]"
    assert masked.found == {Kind.NIK: 1, Kind.PHONE: 2, Kind.EMAIL: 1}


def test_every_one_of_ten_thousand_identity_numbers_is_masked_however_it_is_written():
    chance = random.Random(36)
    for _ in range(10_000):
        digits = "".join(str(chance.randint(0, 9)) for _ in range(16))
        cut = sorted(chance.sample(range(1, 16), chance.randint(0, 5)))
        parts = [digits[a:b] for a, b in zip([0, *cut], [*cut, 16], strict=True)]
        words = f"saya {chance.choice([' ', '-', '.', '/']).join(parts)} ok"
        assert not any(part in mask(words).text for part in parts if len(part) > 3), words
        assert mask(words).text.startswith("saya [")


def test_masking_again_changes_nothing():
    once = mask("NIK 3512010203040005 B 1234 XYZ a@b.id").text
    assert mask(once).text == once


# threat 28: no words take long
@pytest.mark.parametrize("piece", ["1", "1 ", "1-", "a@", "a.", "(at)", "B1", "+", "(", "Pak ", "A 1 "])
def test_a_comment_of_one_piece_is_masked_however_long_it_is(piece):
    # many times what a kiosk takes: what grows with the square of it would not come to an end
    words = (piece * 60_000)[:60_000]
    assert len(mask(words).text) <= len(words) * 5
    may_name(words)


def test_where_a_name_may_stand_is_told():
    assert may_name("Bu Sari ramah sekali")
    assert may_name("terima kasih pak Budi")
    assert not may_name("Ibu yang di loket ramah")
    assert not may_name("Pelayanan cepat")


def test_an_officer_may_hide_further_words():
    assert hide("Bu Sari dan bu sari", ("Sari",)) == "Bu [disamarkan] dan bu [disamarkan]"
    assert hide("Sarinah", ("Sari",)) == "Sarinah"
    assert hide("a.b*c", ("b*c",)) == "a.[disamarkan]"
