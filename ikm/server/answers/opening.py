"""Opens a file of raw answers: what it is, which sheet holds the answers, which columns they are in."""

from collections.abc import Sequence
from pathlib import Path

from ikm.domain.errors import Refusal
from ikm.server.answers.columns import Top, columns, survey
from ikm.server.answers.kinds import Kind, kind_of
from ikm.server.answers.layout import Layout
from ikm.server.answers.reading import Answers, place_of
from ikm.server.answers.separated import separated_table
from ikm.server.answers.workbook import SheetTable, sheets


def open_answers(path: Path, layout: Layout) -> Answers:
    """The answers of a CSV file or a workbook, one respondent a row; rows are read when asked for.

    Raises:
        Refusal: The file cannot be read (`file_unreadable`, `file_kind_wrong`, `file_encrypted`, `file_damaged`,
            `file_too_large`), or it is not clear where the answers are (`sheet_empty`, `sheet_unknown`,
            `sheet_ambiguous`, `sheet_stray_cell`, `column_missing`, `column_ambiguous`, `column_unknown`).
    """
    if kind_of(path) is Kind.WORKBOOK:
        return _from_workbook(path, layout)
    if layout.sheet is not None:
        raise Refusal("sheet_unknown", f"{path.name}: berkas CSV tidak punya lembar. Jalankan tanpa nama lembar.")
    table = separated_table(path, layout)
    return Answers(path, layout.rule, table, columns(survey(table, layout), layout, path.name))


def _from_workbook(path: Path, layout: Layout) -> Answers:
    every = sheets(path)
    if layout.sheet is not None:
        table = _asked_for(path, every, layout.sheet)
        return _answers(path, table, survey(table, layout), layout)
    # a hidden sheet may hold last year's answers: it is read only when it is asked for
    seen = [(table, survey(table, layout)) for table in every if not table.hidden]
    filled = [(table, top) for table, top in seen if top.number]
    if not filled:
        hidden = f" Lembar tersembunyi: {_names(every)}." if any(table.hidden for table in every) else ""
        raise Refusal("sheet_empty", f"{path.name}: tidak ada lembar yang berisi jawaban.{hidden}")
    promising = [(table, top) for table, top in filled if top.promising(layout)]
    if len(promising) > 1:
        names = _names([table for table, _ in promising])
        raise Refusal("sheet_ambiguous", f"{path.name}: lembar {names} sama-sama berisi unsur. Pilih salah satunya.")
    table, top = promising[0] if promising else max(filled, key=lambda entry: entry[1].recognised)
    return _answers(path, table, top, layout)


def _answers(path: Path, table: SheetTable, top: Top, layout: Layout) -> Answers:
    where = place_of(path, table.sheet)
    found = columns(top, layout, where)
    # below the first row of a merged cell the others are blank, and their respondents would be in no group
    if found.group is not None and (span := table.merged_below(found.group, found.header_row)):
        raise Refusal(
            "column_ambiguous",
            f'{where}: sel {span} di kolom "{layout.by}" digabung. Pisahkan gabungannya, lalu isi setiap barisnya.',
        )
    return Answers(path, layout.rule, table, found)


def _asked_for(path: Path, every: Sequence[SheetTable], name: str) -> SheetTable:
    wanted = "".join(name.casefold().split())
    for table in every:
        if "".join(table.sheet.casefold().split()) == wanted:
            return table
    raise Refusal("sheet_unknown", f'{path.name}: tidak ada lembar "{name}". Lembar yang ada: {_names(every)}.')


def _names(tables: Sequence[SheetTable]) -> str:
    return ", ".join(f'"{table.sheet}"' + (" (tersembunyi)" if table.hidden else "") for table in tables)
