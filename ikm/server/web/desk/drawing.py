"""What the unit's charts are made of: places and lengths for SVG, worked out here so that templates only write them."""

from dataclasses import dataclass

from ikm.domain.filled import Filled
from ikm.domain.period import MONTHS, Period, PeriodKind
from ikm.domain.regulation import RATINGS
from ikm.server.reports.desk_tables import WEEKDAYS
from ikm.server.reports.unit_view import Slice, Spread, UnitView

WIDTH, HEIGHT = 720, 220
"""The trend's own units."""
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 16, 14, 30
_LEVELS = 5


@dataclass(frozen=True, slots=True)
class Bar:
    """One piece of a bar: where it begins and how wide it is, in per cent of the whole; `rating` it stands for."""

    rating: int
    x: str
    width: str
    count: int


@dataclass(frozen=True, slots=True)
class Dot:
    """One period of the trend: where it stands, and the ends of its interval."""

    x: float
    y: float
    low: float | None
    high: float | None
    label: str
    index: object


@dataclass(frozen=True, slots=True)
class Line:
    """The trend as drawn: dots, the line through them, lines across with what they stand for."""

    dots: tuple[Dot, ...]
    path: str
    across: tuple[tuple[float, str], ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour of the week: how busy it is beside the busiest, 0 to 4, and who came."""

    level: int
    slice: Slice | None


def bars(view: UnitView) -> dict[str, tuple[Bar, ...]]:
    """Each element's distribution as a bar."""
    return {spread.element.code: _bar(spread) for spread in view.spreads}


def line(view: UnitView) -> Line | None:
    """The trend; None with fewer than two periods that have an index."""
    points = [point for point in view.trend if point.measured.result.scored is not None]
    if len(points) < 2:
        return None
    ends: list[float] = []
    for point in points:
        scored, sure = point.measured.result.scored, point.measured.certainty
        ends += [] if scored is None or scored.index is None else [float(scored.index)]
        ends += [] if sure is None else list(sure.interval)
    low, high = 5 * (min(ends) // 5), 5 * -(-max(ends) // 5)
    high = max(high, low + 10)

    def y(index: float) -> float:
        return round(_TOP + (HEIGHT - _TOP - _BOTTOM) * (high - index) / (high - low), 1)

    step = (WIDTH - _LEFT - _RIGHT) / len(view.trend)
    dots = []
    for place, point in enumerate(view.trend):
        scored, sure = point.measured.result.scored, point.measured.certainty
        if scored is None or scored.index is None:
            continue
        x = round(_LEFT + step * (place + 0.5), 1)
        low_y, high_y = (None, None) if sure is None else (y(sure.interval[0]), y(sure.interval[1]))
        dots.append(Dot(x, y(float(scored.index)), low_y, high_y, _short(point.period), scored.index))
    path = "M" + "L".join(f"{dot.x} {dot.y}" for dot in dots)
    every = 10 if high - low > 25 else 5
    marks = range(int(low), int(high) + 1, every)
    return Line(tuple(dots), path, tuple((y(mark), str(mark)) for mark in marks))


def week(view: UnitView) -> tuple[tuple[str, tuple[Hour, ...]], ...]:
    """The days of the week by their hours."""
    most = max((one.responses for one in view.hours.cells.values()), default=0)
    found = []
    for day, name in enumerate(WEEKDAYS, 1):
        hours = tuple(_hour(view.hours.cells.get((day, hour)), most) for hour in view.hours.hours)
        if day <= 5 or any(hour.slice for hour in hours):
            found.append((name, hours))
    return tuple(found)


def _hour(one: Slice | None, most: int) -> Hour:
    if one is None or not one.responses:
        return Hour(0, None)
    return Hour(1 + min(_LEVELS - 2, (_LEVELS - 1) * one.responses // (most + 1)), one)


def _bar(spread: Spread) -> tuple[Bar, ...]:
    found, x = [], 0.0
    for rating, count in zip(RATINGS, spread.counts, strict=True):
        width = 100 * count / spread.answers if spread.answers else 0.0
        found.append(Bar(rating, f"{x:.2f}%", f"{width:.2f}%", count))
        x += width
    return tuple(found)


def _short(period: Period) -> Filled:
    """A period in as few letters as stay clear: 'Sem. II 2026', 'Tw. I 2026', 'Nov 2026'."""
    year, values = period.start.year, period.label.values
    match period.kind:
        case PeriodKind.SEMESTER:
            return Filled("Sem. %(n)s %(year)s", **values)
        case PeriodKind.QUARTER:
            return Filled("Tw. %(n)s %(year)s", **values)
        case PeriodKind.YEAR:
            return Filled("%(year)s", year=year)
        case _:
            return Filled("%(month)s %(year)s", month=Filled(MONTHS[period.start.month - 1][:3]), year=year)
