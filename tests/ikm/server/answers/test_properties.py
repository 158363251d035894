"""Whatever table of ratings is written out, in whatever dialect, reads back the same; whatever bytes come, never more
than a refusal."""

import csv
import io
import zipfile
from contextlib import suppress

import openpyxl
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ikm.domain.errors import Refusal
from tests.ikm.server.answers.files import U, opened, ratings, read, xlsx_file

ANSWERS = st.tuples(*[st.sampled_from([None, 1, 2, 3, 4])] * 9)
TABLES = st.lists(ANSWERS, max_size=12)
COMMENTS = st.text(st.characters(codec="cp1252", exclude_categories=["Cc"]), max_size=20).map(
    lambda text: f"Saran: {text}"
)
REPEATED = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)

SPELLINGS = {None: ["", "-", "–", " "], **{n: [f"{n}", f"{n}.0", f"{n},0", f" {n} ", f"0{n}"] for n in (1, 2, 3, 4)}}


SIGNS = st.sampled_from(b'<>/"=0123456789 ascrtv')
PLACES = st.lists(st.tuples(st.floats(0, 0.999), SIGNS), min_size=1, max_size=5)


def answered(table):
    return [row for row in table if any(row)]


@REPEATED
@given(data=st.data(), table=TABLES)
def test_a_table_written_as_csv_reads_back_the_same(tmp_path, data, table):
    delimiter = data.draw(st.sampled_from(",;\t|"))
    encoding = data.draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]))
    stream = io.StringIO()
    writer = csv.writer(
        stream,
        delimiter=delimiter,
        lineterminator=data.draw(st.sampled_from(["\n", "\r\n"])),
        quoting=data.draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])),
    )
    for title in data.draw(st.lists(st.sampled_from(["Dinas X", "Tahun 2024, semester I"]), max_size=2)):
        writer.writerow([title])
    writer.writerow(["No", *U, "Saran"])
    for number, row in enumerate(table, 1):
        cells = [data.draw(st.sampled_from(SPELLINGS[rating])) for rating in row]
        writer.writerow([number, *cells, data.draw(COMMENTS)])
    path = tmp_path / "jawaban.csv"
    path.write_bytes(stream.getvalue().encode(encoding))
    assert ratings(path) == answered(table)


@REPEATED
@given(table=TABLES, streamed=st.booleans(), texts=st.booleans())
def test_a_table_written_as_a_workbook_reads_back_the_same(tmp_path, table, streamed, texts):
    path = tmp_path / "jawaban.xlsx"
    rows = [[str(rating) if texts and rating else rating for rating in row] for row in table]
    if streamed:
        with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
            sheet = book.add_worksheet()
            for number, row in enumerate([list(U), *rows]):
                sheet.write_row(number, 0, row)
    else:
        xlsx_file(tmp_path, U, *rows)
    assert ratings(path) == answered(table)


@REPEATED
@given(table=st.lists(ANSWERS, min_size=1, max_size=8).filter(answered), groups=st.data())
def test_groups_part_the_respondents_and_lose_none(tmp_path, table, groups):
    names = [groups.draw(st.sampled_from(["A", "B", " a", "C", ""])) for _ in table]
    path = xlsx_file(tmp_path, ["Unit", *U], *[[name, *row] for name, row in zip(names, table, strict=True)])
    together = read(path, by="Unit")
    assert together.respondents == len(answered(table))
    assert dict(together.rows) == dict(read(path).rows)


@REPEATED
@given(content=st.binary(max_size=400), name=st.sampled_from(["a.csv", "a.xlsx", "a.xls", "a"]))
def test_random_bytes_are_refused_and_nothing_worse(tmp_path, content, name):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(Refusal):
        read(path)


@REPEATED
@given(text=st.text(st.sampled_from(list('U123456789,;\t"\n\r -.5x=sep')), max_size=200))
def test_text_that_looks_like_csv_is_read_or_refused(tmp_path, text):
    path = tmp_path / "a.csv"
    path.write_text(f"{','.join(U)}\n{text}", newline="")
    with suppress(Refusal):
        read(path)
    with suppress(Refusal):
        read(path, skip_bad_rows=True)


@pytest.fixture(scope="module")
def workbook(tmp_path_factory):
    return xlsx_file(
        tmp_path_factory.mktemp("baik"), ["No", *U], *[[number, *[3] * 9] for number in range(9)]
    ).read_bytes()


@REPEATED
@given(places=st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), min_size=1, max_size=5))
def test_a_workbook_with_flipped_bytes_is_read_or_refused(tmp_path, workbook, places):
    content = bytearray(workbook)
    for share, byte in places:
        content[int(share * len(content))] = byte
    path = tmp_path / "a.xlsx"
    path.write_bytes(content)
    with suppress(Refusal):
        read(path)


@REPEATED
@given(part=st.integers(0, 20), places=PLACES)
def test_a_workbook_with_flipped_signs_in_its_xml_is_read_or_refused(tmp_path, workbook, part, places):
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(io.BytesIO(workbook)) as source, zipfile.ZipFile(path, "w") as target:
        names = source.namelist()
        for name in names:
            content = bytearray(source.read(name))
            if name == names[part % len(names)]:
                for share, byte in places:
                    content[int(share * len(content))] = byte
            target.writestr(name, bytes(content))
    with suppress(Refusal):
        read(path)


def test_what_we_read_from_a_workbook_is_what_openpyxl_reads(workbook, tmp_path):
    path = tmp_path / "a.xlsx"
    path.write_bytes(workbook)
    rows = openpyxl.load_workbook(path).active.iter_rows(min_row=2, min_col=2, values_only=True)
    assert [row.ratings for row in opened(path).rows()] == list(rows)
