"""Raw answers of a survey from a CSV file: one citizen a row, one rating an element."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ikm.domain.oserrors import reason
from ikm.domain.questionnaire import Questionnaire
from ikm.domain.regulation import RATINGS
from ikm.domain.regulations import REGULATIONS

# what offices write in these columns -> the official form's codes; what fits none of them is left unanswered
_PROFILE = {
    "jenis_kelamin": ("gender", {"l": "L", "laki-laki": "L", "p": "P", "perempuan": "P"}),
    "pendidikan": (
        "education",
        {"sd": "SD", "smp": "SMP", "sltp": "SMP", "sma": "SMA", "slta": "SMA", "s1": "S1", "s2": "S2", "s3": "S3"},
    ),
    "pekerjaan": (
        "occupation",
        {
            "pns": "PNS",
            "tni": "TNI",
            "polri": "POLRI",
            "swasta": "SWASTA",
            "pegawai swasta": "SWASTA",
            "wirausaha": "WIRAUSAHA",
            "wiraswasta": "WIRAUSAHA",
            "lainnya": "LAINNYA",
        },
    ),
}


class UnreadableAnswers(Exception):
    """The file cannot be played; the message says where and what to mend, in Indonesian."""


@dataclass(frozen=True, slots=True)
class Citizen:
    """One citizen's taps: `ratings` by question code, `profile` option codes by field code."""

    ratings: Mapping[str, int]
    profile: Mapping[str, str]


def read_answers(path: Path, questionnaire: Questionnaire) -> tuple[Citizen, ...]:
    """The citizens of a file with columns U1 to U9, numbered as the rule's annex does.

    Raises:
        UnreadableAnswers: No such file, not a CSV in UTF-8, a column missing, a rating that is not 1 to 4, or no rows.
    """
    try:
        # utf-8-sig: spreadsheets write a mark at the beginning
        with path.open(encoding="utf-8-sig", newline="") as stream:
            sample = stream.readline()
            stream.seek(0)
            rows = list(csv.DictReader(stream, delimiter=";" if ";" in sample else ","))
    except OSError as error:
        raise UnreadableAnswers(f"Berkas jawaban {path} tidak dapat dibuka ({reason(error)}).") from None
    except (UnicodeDecodeError, csv.Error):
        raise UnreadableAnswers(f"Berkas jawaban {path} bukan CSV dalam UTF-8.") from None
    if not rows:
        raise UnreadableAnswers(f"Berkas jawaban {path} tidak berisi satu baris jawaban pun.")
    columns = _columns(questionnaire)
    missing = sorted(set(columns) - set(rows[0]))
    if missing:
        raise UnreadableAnswers(f"Berkas jawaban {path}: kolom {', '.join(missing)} tidak ada.")
    # line 1 is the header
    return tuple(
        Citizen(ratings=_ratings(row, columns, f"{path}, baris {number}"), profile=_profile(row))
        for number, row in enumerate(rows, 2)
    )


def _columns(questionnaire: Questionnaire) -> Mapping[str, str]:
    regulation = REGULATIONS[questionnaire.regulation]
    return {f"U{regulation.element(q.element).annex_number}": q.code for q in questionnaire.questions}


def _ratings(row: Mapping[str, str], columns: Mapping[str, str], where: str) -> Mapping[str, int]:
    ratings = {}
    for column, code in columns.items():
        written = (row[column] or "").strip()
        if written not in {str(rating) for rating in RATINGS}:
            raise UnreadableAnswers(f"{where}, kolom {column}: harus 1, 2, 3 atau 4, tertulis “{written}”.")
        ratings[code] = int(written)
    return ratings


def _profile(row: Mapping[str, str]) -> Mapping[str, str]:
    chosen = {}
    for column, (field, codes) in _PROFILE.items():
        code = codes.get((row.get(column) or "").strip().lower())
        if code is not None:
            chosen[field] = code
    return chosen
