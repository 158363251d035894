import os

import pytest

from tests.ikm.server.answers.files import ALL_THREES, U, csv_file, opened, ratings, read, refused, text_file

ROW = (1, 2, 3, 4, 4, 3, 2, 1, 1)


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_found(tmp_path, separator):
    assert ratings(csv_file(tmp_path, ["No", *U], [1, *ROW], separator=separator)) == [ROW]


def test_the_separator_is_found_under_titles_full_of_the_other(tmp_path):
    text = (
        "Hasil survei, semester I, tahun 2024, Dinas A, B, C, D, E, F, G, H\n" + ";".join(U) + "\n" + "3;" * 8 + "3\n"
    )
    assert ratings(text_file(tmp_path, text)) == [ALL_THREES]


def test_the_first_line_may_name_the_separator(tmp_path):
    path = text_file(tmp_path, "sep=|\r\n" + "|".join(U) + "\r\n" + "|".join(map(str, ROW)) + "\r\n")
    assert ratings(path) == [ROW]
    assert [row.number for row in opened(path).rows()] == [3]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_the_encoding_is_found(tmp_path, encoding):
    text = "Unit;" + ";".join(U) + "\nKantor Désa – Sejahtera;" + ";".join(map(str, ROW)) + "\n"
    path = text_file(tmp_path, text, encoding=encoding)
    assert [row.group for row in opened(path, by="unit").rows()] == ["Kantor Désa – Sejahtera"]


def test_cp1252_is_found_however_late_its_first_sign_comes(tmp_path):
    text = "Unit," + ",".join(U) + "\n" + ("A," + ",".join(map(str, ROW)) + "\n") * 60_000 + "É" + ",3" * 9 + "\n"
    groups = read(text_file(tmp_path, text, encoding="cp1252"), by="Unit").groups
    assert list(groups) == ["A", "É"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end_is_read(tmp_path, end):
    path = text_file(tmp_path, end.join([",".join(U), "3" + ",3" * 8, "", "4" + ",4" * 8]))
    assert [(row.number, row.ratings[0]) for row in opened(path).rows()] == [(2, 3), (4, 4)]


def test_quoted_cells_hold_separators_quotes_and_line_breaks(tmp_path):
    lines = [f"Saran,{','.join(U)}", f'"bagus, ""cepat""\nsekali"{",3" * 9}', f"biasa{',4' * 9}"]
    path = text_file(tmp_path, "\n".join(lines))
    assert [(row.number, row.ratings[0]) for row in opened(path).rows()] == [(2, 3), (4, 4)]


def test_a_quotation_mark_that_is_never_closed_is_refused_rather_than_swallowing_rows(tmp_path):
    lines = [f"Saran,{','.join(U)}", f"baik{',3' * 9}", f'"bagus{",3" * 9}', f"biasa{',4' * 9}"]
    refusal = refused(text_file(tmp_path, "\n".join(lines)))
    assert refusal.code == "file_damaged"
    assert "baris 3: ada tanda kutip" in refusal.detail


def test_blank_lines_are_nobody_and_rows_without_answers_are_counted(tmp_path):
    path = csv_file(tmp_path, ["No", *U], [1, *ROW], [], [""] * 10, [2], [3, *["-"] * 9], [4, *ROW])
    reading = read(path)
    assert reading.respondents == 2
    assert reading.blank_rows == 2


def test_a_header_alone_is_a_file_of_nobody(tmp_path):
    reading = read(csv_file(tmp_path, U))
    assert (reading.respondents, dict(reading.groups)) == (0, {})


class TestFilesThatAreNoTable:
    def test_a_missing_file_is_refused(self, tmp_path):
        assert refused(tmp_path / "tidak-ada.csv").code == "file_unreadable"

    def test_a_folder_is_refused(self, tmp_path):
        folder = tmp_path / "folder.csv"
        folder.mkdir()
        assert refused(folder).code == "file_unreadable"

    def test_a_pipe_is_refused_without_waiting_for_it(self, tmp_path):
        os.mkfifo(tmp_path / "pipa.csv")
        assert refused(tmp_path / "pipa.csv").code == "file_unreadable"

    def test_a_name_no_file_can_have_is_refused(self, tmp_path):
        assert refused(tmp_path / "a\0.csv").code == "file_unreadable"

    @pytest.mark.parametrize("content", [b"", b" \r\n\r\n", b"\xef\xbb\xbf", b"\xff\xfe", b",,,\n,,,\n"])
    def test_an_empty_file_is_refused(self, tmp_path, content):
        (tmp_path / "kosong.csv").write_bytes(content)
        assert refused(tmp_path / "kosong.csv").code == "sheet_empty"

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (b"%PDF-1.7\n", "PDF"),
            (b"<!DOCTYPE html><table><tr><td>U1</td></tr></table>", "HTML"),
            (b"\xef\xbb\xbf\n <html>", "HTML"),
            (b"{\\rtf1 U1}", "RTF"),
            (b"\x89PNG\r\n\x1a\n", "PNG"),
            (b"\x1f\x8b\x08\x00", "GZIP"),
            (b"PK\x03\x04 arsip", "ZIP"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), ".xls"),
            (b"U1,U2\n\x00\x01\x02", "bukan teks CSV"),
            (b"U1,U2\n\x81\x8d\x8f", "bukan teks CSV"),
            ("U1,U2\n3,3\n".encode("utf-16-le"), "bukan teks CSV"),
            (b"U1,U2," + b"x" * 9_000_000, "bukan teks CSV"),
        ],
    )
    def test_other_content_in_a_csvs_clothes_is_refused(self, tmp_path, content, said):
        (tmp_path / "jawaban.csv").write_bytes(content)
        refusal = refused(tmp_path / "jawaban.csv")
        assert refusal.code == "file_kind_wrong"
        assert said in refusal.detail

    def test_a_cell_longer_than_any_comment_is_refused(self, tmp_path):
        refusal = refused(text_file(tmp_path, f"{','.join(U)}\n{'x' * 200_000}{',3' * 8}\n"))
        assert refusal.code == "file_damaged"

    def test_a_sheet_cannot_be_asked_of_a_csv(self, tmp_path):
        refusal = refused(csv_file(tmp_path, U, ROW), sheet="Data")
        assert refusal.code == "sheet_unknown"
        assert "CSV tidak punya lembar" in refusal.detail

    def test_a_file_we_may_not_read_is_refused(self, tmp_path):
        path = csv_file(tmp_path, U, ROW)
        path.chmod(0)
        before = os.geteuid()
        try:
            if before == 0:
                # root reads everything
                os.seteuid(65534)
            refusal = refused(path)
        finally:
            os.seteuid(before)
        assert refusal.code == "file_unreadable"
        assert "izin" in refusal.detail
