"""Opening hours and days off as people write them."""

from datetime import date

import pytest

from ikm.domain.configuration import Opening
from ikm.domain.opening import read_day, read_days_off, read_hours, written_hours


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("08.00-12.00, 13.00-16.00", [(480, 720), (780, 960)]),
        ("13:00 – 16:00; 8.00 s/d 12.00", [(480, 720), (780, 960)]),
        ("08.00 sampai 11.30 dan 13.00-15.30", [(480, 690), (780, 930)]),
        ("8-12, 13 - 16.30", [(480, 720), (780, 990)]),
        ("00.00-24.00", [(0, 1440)]),
        ("", []),
        ("Tutup", []),
        ("-", []),
    ],
)
def test_hours_are_read_as_people_write_them_and_written_so_that_they_read_the_same(text, hours):
    read = read_hours(3, text)
    assert read == tuple(Opening(3, *pair) for pair in hours)
    assert read_hours(3, written_hours(read, 3)) == read
    assert written_hours(read, 4) == ""


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("pagi", "tidak terbaca"),
        ("08.00", "tidak terbaca"),
        ("08.00-25.00", "bukan jam"),
        ("24.00-24.00", "bukan jam"),
        ("08.70-09.00", "bukan jam"),
        ("16.00-08.00", "jam tutup harus sesudah"),
        ("08.00-08.00", "jam tutup harus sesudah"),
        ("08.00-12.00, 11.00-15.00", "tumpang tindih"),
        (", ".join(f"{hour:02}.00-{hour:02}.30" for hour in range(6, 12)), "Paling banyak 5"),
    ],
)
def test_hours_that_cannot_be_are_refused_in_a_sentence(text, told):
    with pytest.raises(ValueError, match=told):
        read_hours(1, text)


def test_days_off_are_read_from_pasted_lines():
    pasted = read_days_off(
        "2026-12-25 Hari Raya Natal\n\n17/8/2026: Proklamasi  Kemerdekaan\n"
        "1 Januari 2027 - Tahun Baru\n01.06.2026\tPancasila"
    )
    assert not pasted.faults
    assert pasted.days == {
        date(2026, 12, 25): "Hari Raya Natal",
        date(2026, 8, 17): "Proklamasi Kemerdekaan",
        date(2027, 1, 1): "Tahun Baru",
        date(2026, 6, 1): "Pancasila",
    }


def test_a_line_that_is_no_day_off_is_told_by_its_number():
    lines = ["31/02/2026 Tidak ada", "Natal", "2026-12-25", "2026-12-26 A", "2026-12-26 B", "2026-12-27 " + "n" * 201]
    pasted = read_days_off("\n".join(lines))
    assert set(pasted.faults) == {1, 2, 3, 5, 6}
    assert "31/02/2026 bukan tanggal" in pasted.faults[1]
    assert "tidak dimulai dengan tanggal" in pasted.faults[2]
    assert "26 Desember sudah tertulis sebagai A" in pasted.faults[5]
    many = "\n".join(date.fromordinal(738000 + day).isoformat() + " x" for day in range(401))
    assert 0 in read_days_off(many).faults


def test_a_date_alone_is_read_too():
    assert read_day("30-11-2026") == date(2026, 11, 30)
    assert read_day("besok") is None
    with pytest.raises(ValueError, match="kalender"):
        read_day("2026-02-30")
