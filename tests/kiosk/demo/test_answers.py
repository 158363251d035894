from pathlib import Path

import pytest

from ikm.assets import asset
from ikm.domain.regulations import PERMENPANRB_14_2017
from ikm.domain.response import Response
from ikm.domain.score import score
from ikm.domain.tally import tally_of
from kiosk.demo.answers import UnreadableAnswers, read_answers
from tests.support.samples import response, skm

HEADER = "resp,U1,U2,U3,U4,U5,U6,U7,U8,U9"


@pytest.fixture
def answers(tmp_path: Path):
    def write(text: str, encoding: str = "utf-8") -> Path:
        path = tmp_path / "jawaban.csv"
        path.write_bytes(text.encode(encoding))
        return path

    return write


def test_the_shipped_matrix_is_whole_and_scores_as_published():
    citizens = read_answers(asset("samples/sekadau-2019-s1.csv"), skm())
    tally = tally_of(answered(citizen.ratings) for citizen in citizens)
    result = score(tally, skm().elements(), PERMENPANRB_14_2017)
    assert (len(citizens), str(result.index), result.band.grade) == (49, "78.74", "B")


def answered(ratings) -> Response:
    return response(answers=dict(ratings), status="complete")


def test_columns_are_numbered_as_the_annex_does_not_as_the_form_asks(answers):
    (citizen,) = read_answers(answers(f"{HEADER}\n1,1,1,1,1,1,1,1,4,2\n"), skm())
    assert (citizen.ratings["CMPL"], citizen.ratings["FACI"]) == (4, 2)


def test_a_spreadsheets_semicolons_and_byte_order_mark_are_read(answers):
    (citizen,) = read_answers(answers(f"\ufeff{HEADER.replace(',', ';')}\r\n1;1;2;3;4;1;2;3;4;1\r\n"), skm())
    assert citizen.ratings["COST"] == 4


def test_profiles_are_matched_where_they_say_what_the_official_form_says(answers):
    text = f"{HEADER},jenis_kelamin,pendidikan,pekerjaan\n1,1,1,1,1,1,1,1,1,1,P,SLTA,PNS/TNI/POLRI\n"
    (citizen,) = read_answers(answers(text), skm())
    assert citizen.profile == {"gender": "P", "education": "SMA"}


@pytest.mark.parametrize("written", ["5", "0", "", "3.0", "tiga", "-1"])
def test_a_rating_that_is_none_is_refused_with_its_row_and_column(answers, written):
    with pytest.raises(UnreadableAnswers, match=rf"baris 3, kolom U4: harus 1, 2, 3 atau 4, tertulis “{written}”"):
        read_answers(answers(f"{HEADER}\n1,1,1,1,1,1,1,1,1,1\n2,1,1,1,{written},1,1,1,1,1\n"), skm())


def test_a_short_row_is_refused(answers):
    with pytest.raises(UnreadableAnswers, match="baris 2, kolom U9"):
        read_answers(answers(f"{HEADER}\n1,1,1,1,1,1,1,1,1\n"), skm())


def test_missing_columns_are_named(answers):
    with pytest.raises(UnreadableAnswers, match="kolom U8, U9 tidak ada"):
        read_answers(answers("resp,U1,U2,U3,U4,U5,U6,U7\n1,1,1,1,1,1,1,1\n"), skm())


@pytest.mark.parametrize("text", ["", HEADER, HEADER + "\n"])
def test_a_file_without_answers_is_refused(answers, text):
    with pytest.raises(UnreadableAnswers, match="tidak berisi"):
        read_answers(answers(text), skm())


def test_a_file_that_is_not_text_is_refused(tmp_path):
    path = tmp_path / "jawaban.csv"
    path.write_bytes(b"PK\x03\x04\xff\xfe\x00")
    with pytest.raises(UnreadableAnswers, match="bukan CSV"):
        read_answers(path, skm())


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(UnreadableAnswers, match=r"tidak ada\.csv tidak dapat dibuka"):
        read_answers(tmp_path / "tidak ada.csv", skm())
