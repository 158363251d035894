"""Raw answers as a file that `ikm score` reads: one respondent a line, elements named as the rule names them."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ikm import wire
from ikm.domain.questionnaire import OFFICIAL_LOCALE, Questionnaire, words
from ikm.server.reports.exports import safe

_ABOUT = (
    "Nomor", "Tanggal", "Unit", "Kode unit", "Layanan", "Kode layanan", "Loket", "Kode loket", "Kanal", "Bahasa",
    "Bentuk", "Versi kuesioner", "Status",
)  # fmt: skip
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Answer:
    """A response and the date it counts on (ISO 8601); `remark` is the masked text, '' where none is to be told."""

    local_date: str
    body: wire.ResponseBody
    remark: str


@dataclass(frozen=True, slots=True)
class Names:
    """How a unit, its services and its counters are called; those by code, a code without a name stands for itself."""

    unit: str
    services: Mapping[str, str]
    counters: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Plan:
    """Which columns there are.

    `ratings` maps (version, question) to the heading it stands under; several versions share those of an element.
    """

    headings: tuple[str, ...]
    ratings: Mapping[tuple[str, str], str]
    profile: tuple[str, ...]
    comments: bool

    @classmethod
    def of(cls, versions: Iterable[Questionnaire], *, comments: bool) -> "Plan":
        """The columns of answers on those versions."""
        ratings: dict[tuple[str, str], str] = {}
        order: dict[str, int] = {}
        profile: dict[str, str] = {}
        for version in versions:
            known = {element.code: element for element in version.rule.elements}
            for code, questions in version.elements().items():
                element = known[code]
                for place, question in enumerate(questions):
                    letter = _LETTERS[place] if len(questions) > 1 else ""
                    number = f"U{element.annex_number}{letter} " if element.annex_number else ""
                    heading = f"{number}{element.name}" if number or not letter else f"{element.name} {letter}"
                    ratings[version.code, question] = heading
                    order[heading] = element.annex_number or 99
            profile |= {field.code: words(field.text, OFFICIAL_LOCALE) for field in version.profile_fields}
        columns = sorted(order, key=lambda heading: (order[heading], heading))
        reasons = [f"Alasan {heading}" for heading in columns]
        headings = (*_ABOUT, *columns, *profile.values(), *reasons, *(("Komentar",) if comments else ()))
        return cls(headings, ratings, tuple(profile), comments)

    def row(self, number: int, answer: Answer, names: Names) -> Iterator[str]:
        """One line: names to read, and the codes that stay when somebody renames a place."""
        body = answer.body
        yield from (
            str(number), answer.local_date, names.unit, body.unit, names.services.get(body.service, body.service),
            body.service, names.counters.get(body.counter, body.counter), body.counter, body.channel.value,
            body.language, body.instrument.value, body.questionnaire, body.status.value,
        )  # fmt: skip
        given = {self.ratings[body.questionnaire, question]: str(rating) for question, rating in body.answers.items()}
        why = {f"Alasan {self.ratings[body.questionnaire, question]}": text for question, text in body.reasons.items()}
        first = len(_ABOUT)
        columns = self.headings[first : first + len(dict.fromkeys(self.ratings.values()))]
        yield from (given.get(column, "") for column in columns)
        yield from (body.profile.get(field, "") for field in self.profile)
        yield from (why.get(f"Alasan {column}", "") for column in columns)
        if self.comments:
            yield answer.remark


def raw_csv(plan: Plan, answers: Iterable[Answer], names: Names, chunk: int = 1000) -> Iterator[tuple[int, bytes]]:
    """The lines below the heading, in pieces: how many answers each has, and its bytes."""
    stream, size = io.StringIO(), 0
    rows = csv.writer(stream, delimiter=";", lineterminator="\r\n")
    number = 0
    for number, answer in enumerate(answers, 1):
        rows.writerow([safe(text) for text in plan.row(number, answer, names)])
        size += 1
        if size == chunk:
            yield size, stream.getvalue().encode()
            stream.seek(0)
            stream.truncate()
            size = 0
    if size:
        yield size, stream.getvalue().encode()


def raw_head(plan: Plan, title: str, lines: Sequence[tuple[str, str]], count: int) -> bytes:
    """What stands above the answers: what they are, how many, and the headings."""
    stream = io.StringIO()
    rows = csv.writer(stream, delimiter=";", lineterminator="\r\n")
    rows.writerow([safe(title)])
    rows.writerows([safe(name), safe(value)] for name, value in lines)
    rows.writerow(["Banyak baris", str(count)])
    rows.writerow([])
    rows.writerow([safe(heading) for heading in plan.headings])
    return stream.getvalue().encode("utf-8-sig")
