"""`ikm score`: the index of a file of raw answers, with everything that explains it."""

import dataclasses
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn

import typer

from ikm.domain.errors import Refusal
from ikm.domain.oserrors import reason
from ikm.domain.regulation import Regulation
from ikm.domain.regulations import regulation_named
from ikm.domain.tally import tally_rows
from ikm.domain.weights import EXACT, OWN, Weights, parse_weights
from ikm.server.answers import NO_GROUP, Answers, BadCells, Fault, Layout, Order, Reading, layout, open_answers
from ikm.server.cli.common import FAULT, REFUSED, USAGE, Json, end, print_json, whole_number
from ikm.server.cli.sheet import console, print_evaluation
from ikm.server.reports import wording
from ikm.server.reports.chart import chart_kind, write_chart
from ikm.server.reports.evaluation import Evaluation, evaluate
from ikm.server.reports.machine import as_values

_ALL = ""
_FILE_CODES = ("file_", "sheet_", "column_", "cell_", "footer_", "rows_")


def score(
    file: Annotated[Path, typer.Argument(help="CSV atau XLSX jawaban mentah, satu responden satu baris.")],
    *,
    regulation: Annotated[str, typer.Option(help="14/2017, 16/2014, 25/2004, ipkp atau ipak.")] = "14/2017",
    weights: Annotated[str, typer.Option(help="exact, 0,11, 0,111, 0,071, atau 'REQ=1/5 PROC=1/10 ...'.")] = EXACT,
    order: Annotated[
        Literal["annex", "form"] | None,
        typer.Option(help="Nomor U8/U9 menurut lampiran (annex) atau contoh kuesioner (form)."),
    ] = None,
    by: Annotated[str | None, typer.Option(help="Tajuk kolom unit atau layanan untuk dikelompokkan.")] = None,
    population: Annotated[
        int | None, typer.Option(parser=whole_number, help="Banyaknya pengguna layanan pada periode itu.")
    ] = None,
    sheet: Annotated[str | None, typer.Option(help="Nama lembar di dalam buku kerja.")] = None,
    add: Annotated[list[str] | None, typer.Option(help="Tajuk kolom unsur tambahan; boleh berulang.")] = None,
    replace: Annotated[
        list[str] | None, typer.Option(help="KODE=tajuk: unsur pengganti, misalnya COST='Kualitas situs'.")
    ] = None,
    skip_bad_rows: Annotated[
        bool, typer.Option("--skip-bad-rows", help="Lewati baris yang salah dan sebutkan banyaknya.")
    ] = False,
    title: Annotated[str | None, typer.Option(help="Judul di buku kerja dan grafik; tanpa ini nama berkasnya.")] = None,
    xlsx: Annotated[Path | None, typer.Option(help="Tulis buku kerja dengan rumus hidup.")] = None,
    chart: Annotated[Path | None, typer.Option(help="Tulis grafik .svg atau .png.")] = None,
    as_json: Json = False,
) -> None:
    """Hitung IKM dari berkas jawaban mentah."""
    try:
        rule = regulation_named(regulation)
        # said before a long file is read
        _check_outputs(file, xlsx, chart)
        how = layout(rule, order=order, sheet=sheet, by=by, added=add or (), replaced=_replaced(replace or ()))
        answers, how = _opened(file, how, asks=not as_json)
        chosen = _weights(weights, answers, how.rule)
        reading = answers.read(skip_bad_rows=skip_bad_rows)
        _check_left(reading, file)
        tallies = {name or _ALL: tally_rows(answers.questions, rows) for name, rows in reading.groups.items()}
        found = evaluate(tallies, answers.asked, how.rule, chosen, by=by, unknown=NO_GROUP, population=population)
        if xlsx is not None:
            _write_workbook(xlsx, found, answers, title or file.name, skip_bad_rows=skip_bad_rows)
        if chart is not None:
            write_chart(chart, found, title or file.stem)
    except Refusal as refusal:
        _refuse(refusal, as_json=as_json)
    except OSError as error:
        _unwritable(error, as_json=as_json)
    if as_json:
        print_json({"file": file.name, "sheet": answers.sheet, **as_values(found), **_reading_values(answers, reading)})
    else:
        print_evaluation(console(), found, [*_notes(answers, reading, how.order), *_written(xlsx, chart)])


def _check_outputs(file: Path, xlsx: Path | None, chart: Path | None) -> None:
    if xlsx is not None:
        from ikm.server.reports.workbook import workbook_kind  # noqa: PLC0415 - it takes a while to import

        workbook_kind(xlsx)
    if chart is not None:
        chart_kind(chart)
    for output in (xlsx, chart):
        if output is not None and output.exists() and file.exists() and output.samefile(file):
            raise Refusal("output_is_input", f"{output.name} adalah berkas jawaban itu sendiri; pilih nama lain")


def _opened(file: Path, how: Layout, *, asks: bool) -> tuple[Answers, Layout]:
    answers = open_answers(file, how)
    if answers.order_assumed and asks and sys.stdin.isatty() and sys.stdout.isatty():
        how = dataclasses.replace(how, order=_asked_order(how.rule))
        answers = open_answers(file, how)
    return answers, how


def _weights(written: str, answers: Answers, rule: Regulation) -> Weights:
    weights = parse_weights(written, rule.codes)
    if answers.order_assumed and weights.convention == OWN:
        raise Refusal("order_unknown", "Bobot unsur berbeda-beda; sebutkan --order annex atau --order form.")
    return weights


def _check_left(reading: Reading, file: Path) -> None:
    if reading.skipped and not reading.respondents:
        raise Refusal("rows_all_bad", f"{file.name}, {reading.faults[0]}.")


def _write_workbook(path: Path, found: Evaluation, answers: Answers, title: str, *, skip_bad_rows: bool) -> None:
    # it takes long to import, and most runs do not want it
    from ikm.server.reports.workbook import write_workbook  # noqa: PLC0415

    rows = answers.rows(skip_bad_rows=skip_bad_rows)
    write_workbook(path, found, answers.questions, rows, title)


def _replaced(given: Sequence[str]) -> Mapping[str, str]:
    pairs = dict(part.partition("=")[::2] for part in given)
    if any(not heading for heading in pairs.values()):
        raise Refusal("regulation_invalid", "Tulis unsur pengganti sebagai KODE=tajuk kolom, misalnya COST=Situs web.")
    return pairs


def _asked_order(rule: Regulation) -> Order:
    doubtful = [element for element in rule.elements if element.annex_number != element.form_number]
    first = doubtful[0]
    by_form = next(element for element in doubtful if element.form_number == first.annex_number)
    typer.echo(f"Nomor kolom U{first.annex_number} tidak menyebut unsurnya. Kolom itu berisi:")
    typer.echo(f"  1  {first.name} (urutan lampiran aturan)")
    typer.echo(f"  2  {by_form.name} (urutan contoh kuesioner)")
    answer = ""
    while answer not in ("1", "2"):
        answer = typer.prompt("Pilih 1 atau 2").strip()
    return "annex" if answer == "1" else "form"


def _order_note(answers: Answers) -> str:
    doubtful = {e.code: e for e in answers.rule.elements if e.annex_number != e.form_number}
    read = ", ".join(
        f"{answers.found[question]} sebagai {element.name}"
        for code, element in doubtful.items()
        for question in answers.asked[code]
    )
    return (
        f"nomor kolom tidak menyebut unsurnya; dibaca {read}. "
        "Indeks tidak berubah karenanya, nama unsur iya; pastikan dengan --order annex atau --order form."
    )


def _form_note(answers: Answers) -> str:
    moved = ", ".join(
        f"{answers.found[question]} menjadi U{element.annex_number} {element.name}"
        for element in answers.rule.elements
        if element.annex_number != element.form_number
        for question in answers.asked[element.code]
    )
    return f"nomor kolom mengikuti contoh kuesioner; di lembar ini unsur bernomor menurut lampiran: {moved}."


def _written(*outputs: Path | None) -> list[str]:
    return [f"hasil ditulis ke {output}." for output in outputs if output is not None]


def _notes(answers: Answers, reading: Reading, order: Order | None) -> list[str]:
    notes = []
    if answers.order_assumed:
        notes.append(_order_note(answers))
    elif order == "form" and answers.rule.order_differs:
        notes.append(_form_note(answers))
    if reading.skipped:
        share = 100 * reading.skipped / (reading.skipped + reading.respondents)
        notes.append(
            f"{reading.skipped} baris ({share:.0f} %) dilewati karena ada sel yang salah, dan tidak ikut dihitung:"
        )
        notes += [f"  {fault}" for fault in reading.faults]
    if answers.unused:
        notes.append(
            f"kolom {', '.join(answers.unused)} berisi nilai 1-4 tetapi tidak dipakai; "
            "bila itu unsur tambahan, sebutkan dengan --add."
        )
    if reading.blank_rows:
        notes.append(f"{reading.blank_rows} baris tanpa satu pun jawaban tidak dihitung sebagai responden.")
    if reading.footers:
        labels = ", ".join(f"{footer.row} ({footer.label})" for footer in reading.footers)
        notes.append(f"baris rekapitulasi di bawah data tidak ikut dihitung: {labels}.")
    return notes


def _reading_values(answers: Answers, reading: Reading) -> dict[str, Any]:
    return {
        "columns": dict(answers.found),
        "order_assumed": answers.order_assumed,
        "unused_columns": list(answers.unused),
        "left_out": {
            "bad_rows": reading.skipped,
            "blank_rows": reading.blank_rows,
            "footer_rows": [footer.row for footer in reading.footers],
        },
    }


def _refuse(refusal: Refusal, *, as_json: bool) -> NoReturn:
    code = REFUSED if refusal.code.startswith(_FILE_CODES) else USAGE
    faults = refusal.faults if isinstance(refusal, BadCells) else ()
    if as_json:
        listed = [_fault_values(fault) for fault in faults]
        problem = {"code": refusal.code, "title": refusal.problem.title, "detail": refusal.detail, "faults": listed}
        print_json({"problem": problem})
        sys.exit(code)
    if not isinstance(refusal, BadCells) or len(faults) == 1:
        end(f"{refusal.problem.title} {refusal.detail}".strip(), code)
    lines = [refusal.problem.title, *(f"  {fault}" for fault in faults)]
    if refusal.more:
        lines.append(f"  Pembacaan dihentikan; sedikitnya {wording.count(refusal.cells)} sel salah.")
    # a scale of five is no matter of a few rows, and leaving those with a five out would bend the index
    if not any(fault.above_scale and fault.columns > 1 for fault in faults):
        lines.append("Perbaiki sel-sel itu, atau lewati barisnya dengan --skip-bad-rows.")
    end("\n".join(lines), code)


def _fault_values(fault: Fault) -> dict[str, Any]:
    return {
        "row": fault.row,
        "rows": list(fault.rows),
        "count": fault.count,
        "column": fault.column,
        "columns": fault.columns,
        "heading": fault.heading,
        "what": fault.what,
    }


def _unwritable(error: OSError, *, as_json: bool) -> NoReturn:
    sentence = f"Berkas {error.filename} tidak dapat ditulis: {reason(error)}."
    if as_json:
        print_json({"problem": {"code": "output_unwritable", "title": sentence, "detail": "", "faults": []}})
        sys.exit(FAULT)
    end(sentence, FAULT)
