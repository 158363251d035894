"""Opens a file of raw answers: what it is, which sheet holds the answers, which columns they are in."""

from collections.abc import Sequence
from pathlib import Path

from ikm.domain.errors import Refusal
from ikm.server.answers.columns import Columns, columns
from ikm.server.answers.fitting import other_rule
from ikm.server.answers.kinds import Kind, kind_of
from ikm.server.answers.layout import Layout
from ikm.server.answers.passage import place_of
from ikm.server.answers.reading import Answers
from ikm.server.answers.separated import separated_table
from ikm.server.answers.survey import Top, survey
from ikm.server.answers.table import Table
from ikm.server.answers.workbook import SheetTable, sheets

_DATA = "Data"


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
        raise Refusal("sheet_unknown", f"{path.name}: berkas CSV tidak punya lembar. Jalankan tanpa --sheet.")
    table = separated_table(path, layout)
    found = _columns(survey(table, layout), layout, path.name, [table])
    return Answers(path, layout.rule, table, found)


def _from_workbook(path: Path, layout: Layout) -> Answers:
    every = sheets(path)
    if layout.sheet is not None:
        table = _asked_for(path, every, layout.sheet)
        return _answers(path, table, survey(table, layout), layout, [table])
    # a hidden sheet may hold last year's answers: it is read only when it is asked for
    seen = [(table, survey(table, layout)) for table in every if not table.hidden]
    filled = [(table, top) for table, top in seen if top.number]
    if not filled:
        hidden = (
            f" Lembar tersembunyi: {_names(every)}; sebutkan dengan --sheet bila itu yang dimaksud."
            if any(table.hidden for table in every)
            else ""
        )
        raise Refusal("sheet_empty", f"{path.name}: tidak ada lembar yang berisi jawaban.{hidden}")
    promising = [(table, top) for table, top in filled if top.promising(layout)]
    # the other sheets of our own workbook are made from this one
    promising = [entry for entry in promising if entry[0].sheet == _DATA and entry[1].ours] or promising
    if len(promising) > 1:
        names = _names([table for table, _ in promising])
        raise Refusal(
            "sheet_ambiguous",
            f"{path.name}: lembar {names} sama-sama berisi unsur. Pilih salah satunya, misalnya "
            f'--sheet "{promising[0][0].sheet}".',
        )
    table, top = promising[0] if promising else max(filled, key=lambda entry: entry[1].recognised)
    return _answers(path, table, top, layout, [table for table, _ in filled])


def _answers(path: Path, table: SheetTable, top: Top, layout: Layout, tables: Sequence[Table]) -> Answers:
    found = _columns(top, layout, place_of(path, table.sheet), tables)
    spans = () if found.group is None else table.merged_rows(found.group)
    return Answers(path, layout.rule, table, found, spans)


def _columns(top: Top, layout: Layout, where: str, tables: Sequence[Table]) -> Columns:
    try:
        return columns(top, layout, where)
    except Refusal as refusal:
        raise other_rule(refusal, tables, layout) from None


def _asked_for(path: Path, every: Sequence[SheetTable], name: str) -> SheetTable:
    wanted = "".join(name.casefold().split())
    for table in every:
        if "".join(table.sheet.casefold().split()) == wanted:
            return table
    told = f"Lembar yang ada: {_names(every)}. Sebutkan salah satunya dengan --sheet."
    raise Refusal("sheet_unknown", f'{path.name}: tidak ada lembar "{name}". {told}')


def _names(tables: Sequence[SheetTable]) -> str:
    return ", ".join(f'"{table.sheet}"' + (" (tersembunyi)" if table.hidden else "") for table in tables)
