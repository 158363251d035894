"""Files that want more than to be read, each by its number in the list of 98."""

import secrets
import socket
import struct
import zipfile

import pytest

from ikm.domain.errors import Refusal
from ikm.server.importing import read_table
from ikm.server.importing.sheets import LARGEST_BYTES
from ikm.server.importing.uploads import read_upload
from tests.ikm.server.importing.files import MARKET, xlsx_file

SHEET = "xl/worksheets/sheet1.xml"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + struct.pack(">II", 10_000, 10_000) + b"\x08\x06\x00\x00\x00"


def rewritten(path, replaced, **more):
    """The workbook with signs of its sheet replaced, and with more parts."""
    old = path.rename(path.with_suffix(".old"))
    with zipfile.ZipFile(old) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for part in source.namelist():
            content = source.read(part)
            target.writestr(part, content.replace(*replaced, 1) if part == SHEET else content)
        for part, content in more.items():
            target.writestr(f"xl/externalLinks/{part}.xml", content)
    return path


@pytest.mark.parametrize("name", ["unit.xlsx", "unit.csv", "unit.svg", "unit.png"])
@pytest.mark.parametrize(
    "content",
    [
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b'<?xml version="1.0"?><svg onload="alert(1)"/>',
        PNG + bytes(2_000),
        b"GIF89a/*" + bytes(60) + b"*/=1;%PDF-1.4",
        b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(200),
    ],
    ids=["svg", "svg without script", "100 megapixels", "gif and pdf", "jpeg"],
)
def test_98_a_picture_is_no_list_of_places_whatever_it_is_called(name, content):
    with pytest.raises(Refusal) as caught:
        read_upload(name, content)
    assert caught.value.code in ("file_kind_wrong", "column_missing", "file_damaged")
    assert "alert" not in caught.value.detail


@pytest.mark.parametrize("link", [
    '<externalLink><externalBook r:id="rId1" xmlns:r="http://x"><sheetNames/></externalBook></externalLink>',
    '<externalLink><ddeLink ddeService="cmd" ddeTopic="/c calc"><ddeItems/></ddeLink></externalLink>',
])  # fmt: skip
def test_72_links_and_commands_to_other_programs_stay_unread_and_a_formula_says_what_it_last_said(
    tmp_path, monkeypatch, link
):
    plain = xlsx_file(tmp_path, (*MARKET[:5], 1250))
    asks = b'<c r="F2"><f>[1]Lain!$A$1+WEBSERVICE("http://lain.example")</f><v>1250</v></c>'
    path = rewritten(plain, (b'<c r="F2"><v>1250</v></c>', asks), externalLink1=link)

    def called(*_):
        raise AssertionError("somebody was called")

    monkeypatch.setattr(socket, "socket", called)
    with zipfile.ZipFile(path) as archive:
        assert asks in archive.read(SHEET)
    [record] = read_table(path).records
    assert record.users == 1250


def test_70_a_million_formatted_rows_of_sixteen_thousand_columns_are_no_rows(tmp_path):
    far = b'<row r="1048576" s="0" customFormat="1"><c r="XFD1048576" s="0"/></row></sheetData>'
    path = rewritten(xlsx_file(tmp_path, MARKET), (b"</sheetData>", far))
    [record] = read_table(path).records
    assert record.row == 2
    styled = b"".join(b'<row r="%d"><c r="XFD%d" s="0"/></row>' % (row, row) for row in range(3, 20_000))
    path = rewritten(path, (b'<row r="1048576"', styled + b'<row r="1048576"'))
    assert len(read_table(path).records) == 1


def test_70_a_workbook_that_unpacks_to_more_than_it_may_is_refused_though_it_is_no_bomb(tmp_path):
    path = xlsx_file(tmp_path, MARKET)
    with (
        zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/worksheets/sheet9.xml", "w") as part,
    ):
        for _ in range(66):
            part.write(secrets.token_bytes(2**15 - 300) * 32)
    assert path.stat().st_size < LARGEST_BYTES
    with pytest.raises(Refusal) as caught:
        read_table(path)
    assert caught.value.code == "file_too_large"
