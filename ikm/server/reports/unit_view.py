"""A unit as its officers see it: index, elements, trend, respondents, hours, where and why people were lost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Protocol

from ikm.domain.change import Change, change
from ikm.domain.period import Period, PeriodKind
from ikm.domain.questionnaire import OFFICIAL_LOCALE, Questionnaire, words
from ikm.domain.regulation import RATINGS, Element
from ikm.server.reports.cockpit import Figures
from ikm.server.reports.measured import Measured, Memo
from ikm.server.reports.periods import before
from ikm.server.reports.ports import Cell, Filter

ENOUGH_TO_SHOW = 10
"""A mean of fewer respondents says who happened to come, and might point at one of them."""

_STEPS = {PeriodKind.MONTH: 12, PeriodKind.QUARTER: 8, PeriodKind.SEMESTER: 6, PeriodKind.YEAR: 5}
_LANGUAGES = {"id": "Indonesia", "jv": "Jawa", "su": "Sunda", "en": "Inggris"}
_AIDS = {
    "large": "Huruf besar", "contrast": "Kontras tinggi", "low": "Tombol rendah", "aloud": "Dibacakan",
    "scanning": "Pilih satu tombol",
}  # fmt: skip
_SCREENS = {
    "attract": "Layar awal", "language": "Pilih bahasa", "service": "Pilih layanan", "profile": "Data responden",
    "comment": "Saran", "thanks": "Terima kasih",
}  # fmt: skip
_FORMS = {"full": "Semua unsur", "rotating": "Bergilir", "one_tap": "Satu ketukan"}

Numbers = tuple[int, int, int]
"""Responses, ratings, points."""


@dataclass(frozen=True, slots=True)
class Slice:
    """Respondents who have something in common: how many, and the mean of their ratings where they are enough."""

    code: str
    name: str
    responses: int
    mean: Fraction | None


@dataclass(frozen=True, slots=True)
class Group:
    """Slices by one trait; those who did not say are none of them."""

    code: str
    name: str
    slices: tuple[Slice, ...]


@dataclass(frozen=True, slots=True)
class Spread:
    """How often each rating was given to an element."""

    element: Element
    counts: tuple[int, ...]
    mean: Fraction | None

    @property
    def answers(self) -> int:
        """All of them."""
        return sum(self.counts)


@dataclass(frozen=True, slots=True)
class Point:
    """One period of a trend; `change` is against the one before it."""

    period: Period
    measured: Measured
    change: Change | None


@dataclass(frozen=True, slots=True)
class Leaving:
    """One screen: how many left it with some answers given, and how many without any."""

    code: str
    name: str
    left: int
    unanswered: int


@dataclass(frozen=True, slots=True)
class Hours:
    """The week by hours: (weekday 1-7, hour) -> slice; `hours` are those in which anybody came."""

    hours: tuple[int, ...]
    cells: Mapping[tuple[int, int], Slice]


@dataclass(frozen=True, slots=True)
class Why:
    """The reasons given for low ratings of one element, the most frequent first."""

    element: str
    name: str
    reasons: tuple[Slice, ...]


@dataclass(frozen=True, slots=True)
class UnitView:
    """Everything the page of a unit shows of one period and filter."""

    period: Period
    chosen: Filter
    measured: Measured
    spreads: tuple[Spread, ...]
    services: tuple[tuple[str, str, Measured], ...]
    versions: tuple[tuple[str, str, Measured], ...]
    trend: tuple[Point, ...]
    groups: tuple[Group, ...] = ()
    hours: Hours = field(default_factory=lambda: Hours((), {}))
    leaving: tuple[Leaving, ...] = ()
    reasons: tuple[Why, ...] = ()


class Facets(Figures, Protocol):
    """What the page of a unit asks of the store."""

    def facets(self, period: Period, unit: str, chosen: Filter | None = None) -> Mapping[str, Mapping[str, Numbers]]:
        """Facet -> value -> responses, ratings, points."""
        ...

    def populations_by_period(
        self, unit: str, periods: Sequence[Period], service: str = ""
    ) -> Mapping[Period, int | None]:
        """The users of a unit or one of its services in each of those periods."""
        ...


def unit_view(source: Facets, unit: str, period: Period, chosen: Filter, memo: Memo) -> UnitView:
    """What the page of that unit shows."""
    cells = source.cells(period, unit, chosen=chosen)
    # users are those of all channels and versions together
    narrow = chosen.channel or chosen.questionnaire
    periods = _periods(period)
    users = {} if narrow else source.populations_by_period(unit, periods, chosen.service)
    whole = _of(source, memo, cells, users.get(period))
    versions = [memo.questionnaire(source, code) for code in dict.fromkeys(cell.questionnaire for cell in cells)]
    found = source.facets(period, unit, chosen)
    # a service that was closed is listed where it has answers
    names = {one.code: words(one.name, OFFICIAL_LOCALE) for one in source.services(unit, retired=True)}
    offered = () if chosen.service else (one.code for one in source.services(unit))
    used = dict.fromkeys([*offered, *(cell.service for cell in cells)])
    return UnitView(
        period=period,
        chosen=chosen,
        measured=whole,
        spreads=_spreads(whole),
        services=tuple(
            (code, names.get(code, code), _of(source, memo, [cell for cell in cells if cell.service == code]))
            for code in used
        ),
        versions=tuple(
            (version.code, words(version.title, OFFICIAL_LOCALE),
             _of(source, memo, [cell for cell in cells if cell.questionnaire == version.code]))
            for version in versions
        ),
        trend=_trend(source, unit, whole, (periods, users, chosen), memo),
        groups=_groups(found, versions),
        hours=_hours(found.get("hour", {})),
        leaving=_leaving(found, versions),
        reasons=_reasons(found.get("reason", {}), versions),
    )  # fmt: skip


def compared(
    source: Facets, units: Sequence[str], periods: Sequence[Period], chosen: Filter, memo: Memo
) -> tuple[tuple[str, Period, Measured], ...]:
    """Each of those units in each of those periods."""
    found = []
    for period in periods:
        users = {} if chosen else source.populations_in(period, units)
        found += [(unit, period, _measure(source, unit, period, chosen, (memo, users.get(unit)))) for unit in units]
    return tuple(found)


def _measure(source: Facets, unit: str, period: Period, chosen: Filter, how: tuple[Memo, int | None]) -> Measured:
    memo, users = how
    if chosen.service or chosen.questionnaire:
        return _of(source, memo, source.cells(period, unit, chosen=chosen), users)
    return memo.of_months(source, source.unit_months(period, [unit], chosen.channel), users)


def _of(source: Figures, memo: Memo, cells: Sequence[Cell], users: int | None = None) -> Measured:
    return memo.of_cells(source, cells, users)


def _periods(period: Period) -> list[Period]:
    """A period and those before it that its trend is made of."""
    periods = [period]
    for _ in range(_STEPS.get(period.kind, 1)):
        earlier = before(periods[0]) if period.kind is not PeriodKind.FREE else None
        if earlier is None:
            break
        periods.insert(0, earlier)
    return periods


def _trend(
    source: Facets, unit: str, whole: Measured,
    asked: tuple[Sequence[Period], Mapping[Period, int | None], Filter], memo: Memo,
) -> tuple[Point, ...]:  # fmt: skip
    periods, users, chosen = asked
    if chosen.service or chosen.questionnaire:
        found = [_of(source, memo, source.cells(each, unit, chosen=chosen), users.get(each)) for each in periods[:-1]]
    else:
        months = source.unit_months(Period(periods[0].start, periods[-1].end), [unit], chosen.channel)
        found = [
            memo.of_months(source, [m for m in months if m.starts_on in each], users.get(each)) for each in periods[:-1]
        ]
    found.append(whole)
    points = [
        Point(each, now, None if place == 0 else difference(found[place - 1], now))
        for place, (each, now) in enumerate(zip(periods, found, strict=True))
    ]
    # what lies before the first answer is no trend; the first shown has still been compared with the one before it
    first = next((place for place, one in enumerate(points) if one.measured.result.responses), len(points))
    return tuple(points[max(first, 1 if len(points) > 1 else 0) :])


def difference(earlier: Measured, later: Measured) -> Change | None:
    """How much higher the later index is, as far as that can be told."""
    return change(earlier.result.score, later.result.score, earlier.certainty, later.certainty)


def _spreads(found: Measured) -> tuple[Spread, ...]:
    if found.result.score is None:
        return ()
    none = (0,) * len(RATINGS)
    return tuple(
        Spread(
            one.element,
            tuple(map(sum, zip(*(found.result.tally.counts.get(code, none) for code in one.questions), strict=True))),
            one.mean,
        )
        for one in found.result.score.elements
    )


def _slice(code: str, name: str, numbers: Numbers) -> Slice:
    responses, ratings, points = numbers
    enough = responses >= ENOUGH_TO_SHOW and ratings > 0
    return Slice(code, name, responses, Fraction(points, ratings) if enough else None)


def _groups(found: Mapping[str, Mapping[str, Numbers]], versions: Sequence[Questionnaire]) -> tuple[Group, ...]:
    groups = []
    fields = {field.code: field for version in versions for field in version.profile_fields}
    for code, field_ in fields.items():
        held = found.get(f"profile.{code}", {})
        names = {option.code: words(option.text, OFFICIAL_LOCALE) for option in field_.options}
        slices = tuple(_slice(value, name, held.get(value, (0, 0, 0))) for value, name in names.items())
        if held:
            groups.append(Group(code, words(field_.text, OFFICIAL_LOCALE), slices))
    for facet, title, names in (("language", "Bahasa", _LANGUAGES), ("aid", "Bantuan yang dipakai", _AIDS),
                                ("instrument", "Bentuk kuesioner", _FORMS)):  # fmt: skip
        held = found.get(facet, {})
        slices = tuple(
            _slice(value, names.get(value, value), numbers)
            for value, numbers in sorted(held.items(), key=lambda item: -item[1][0])
        )
        if held:
            groups.append(Group(facet, title, slices))
    return tuple(groups)


def _hours(held: Mapping[str, Numbers]) -> Hours:
    cells = {}
    for value, numbers in held.items():
        day, hour = value.split("-")
        cells[int(day), int(hour)] = _slice(value, value, numbers)
    hours = sorted({hour for _, hour in cells})
    return Hours(tuple(range(hours[0], hours[-1] + 1)) if hours else (), cells)


def _leaving(found: Mapping[str, Mapping[str, Numbers]], versions: Sequence[Questionnaire]) -> tuple[Leaving, ...]:
    left, unanswered = found.get("left_at", {}), found.get("unanswered", {})
    asked = {f"question-{q.code}": _named(version, q.element) for version in versions for q in version.questions}
    order = ["attract", "language", "service", *asked, *(f"reason-{code[9:]}" for code in asked), "profile", "comment"]
    known = [*dict.fromkeys([*order, *sorted(left.keys() | unanswered.keys())])]
    return tuple(
        Leaving(
            screen, screen_name(screen, asked), left.get(screen, (0, 0, 0))[0], unanswered.get(screen, (0, 0, 0))[0]
        )
        for screen in known
        if screen in left or screen in unanswered
    )


def screen_name(screen: str, asked: Mapping[str, str]) -> str:
    """What people call a screen: 'U3 Waktu Penyelesaian'."""
    kind, _, code = screen.partition("-")
    if kind == "question":
        return asked.get(screen, code)
    if kind == "reason":
        return f"Alasan, {asked.get(f'question-{code}', code)}"
    return _SCREENS.get(screen, screen)


def _named(version: Questionnaire, code: str) -> str:
    element = version.rule.element(code)
    return f"U{element.annex_number} {element.name}" if element.annex_number else element.name


def _reasons(held: Mapping[str, Numbers], versions: Sequence[Questionnaire]) -> tuple[Why, ...]:
    texts = {reason.code: words(reason.text, OFFICIAL_LOCALE) for version in versions for reason in version.reasons}
    elements = {q.code: _named(version, q.element) for version in versions for q in version.questions}
    by_question: dict[str, list[Slice]] = {}
    for value, (responses, *_) in held.items():
        question, _, reason = value.partition(":")
        by_question.setdefault(question, []).append(Slice(reason, texts.get(reason, reason), responses, None))
    order = [question for question in elements if question in by_question]
    return tuple(
        Why(
            elements[question],
            question,
            tuple(sorted(by_question[question], key=lambda one: (-one.responses, one.name))),
        )
        for question in order
    )
