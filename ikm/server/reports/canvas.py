"""Panels of a chart as data, and how Vega draws them. What they say is decided in `chart`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import altair

WIDTH, LEFT, RIGHT = 984, 318, 762
"""Pixels: the whole panel, and where the scale begins and ends in it."""
FONT = "Liberation Sans, Arimo, Arial, Helvetica, sans-serif"
"""The first is bundled with the renderer, so a picture is the same wherever it is made; the others have its widths."""
PAPER, INK, QUIET = "#FAF8F3", "#17212B", "#46515B"
_HAIR, _EDGE, _WASH, _ALARM, _ALARM_WASH = "#D5CFC2", "#8A8F90", "#D3E2E0", "#A32C12", "#FAE5DE"
_BAR, _STAMP_HEIGHT = 15, 26

Row = dict[str, str | float]

_STYLES: Mapping[str, Mapping[str, object]] = MappingProxyType(
    {
        "heading": {"align": "left", "fontSize": 17, "fontWeight": "bold"},
        "line": {"align": "left", "fontSize": 13, "color": QUIET},
        "name": {"align": "left", "fontSize": 13.5, "limit": LEFT - 14},
        "strong": {"align": "left", "fontSize": 13.5, "fontWeight": "bold", "limit": LEFT - 14},
        "figure": {"align": "right", "fontSize": 13, "color": QUIET},
        "value": {"align": "right", "fontSize": 13.5, "fontWeight": "bold"},
        "nothing": {"align": "right", "fontSize": 13, "fontStyle": "italic", "color": QUIET},
        "head": {"align": "right", "fontSize": 12, "color": QUIET},
        "grade": {"align": "center", "fontSize": 13, "fontWeight": "bold", "color": QUIET},
        "stamp": {"align": "left", "fontSize": 14, "fontWeight": "bold", "color": _ALARM},
    }
)


@dataclass(frozen=True, slots=True)
class Text:
    """A text at pixels `x` and `y` of its panel, in a style of this module."""

    style: str
    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Mark:
    """What reaches from `low` to `high` on the index scale, at `y` pixels, in a colour."""

    y: float
    low: float
    high: float
    colour: str


@dataclass(frozen=True, slots=True)
class Scale:
    """The index scale from `low` to `high`, and what is written below it.

    `first` is the lowest figure the scale names, `bounds` the lower bounds of the grades above the lowest, `grades`
    all of them, the lowest first.
    """

    low: float
    first: float
    high: float
    bounds: tuple[float, ...]
    grades: tuple[str, ...]
    words: str

    @property
    def stretches(self) -> tuple[tuple[str, float], ...]:
        """Each grade and the middle of its stretch."""
        edges = (self.first, *self.bounds, self.high)
        return tuple((grade, (low + high) / 2) for grade, (low, high) in zip(self.grades, pairwise(edges), strict=True))


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel. `top` to `bottom` are the pixels between which rows are, `rules` where lines go across.

    `reference` is an index and its interval that run through all rows; `stamp` is framed, in red, above them.
    """

    top: float
    bottom: float
    texts: Sequence[Text]
    bars: Sequence[Mark] = ()
    whiskers: Sequence[Mark] = ()
    dots: Sequence[Mark] = ()
    rules: Sequence[float] = ()
    reference: tuple[float, tuple[float, float] | None] | None = None
    stamp: Text | None = None


def drawn(panel: Panel, scale: Scale) -> "altair.LayerChart":
    """The panel as Vega draws it, `WIDTH` pixels wide."""
    # a second of import time that only those who draw should wait for
    import altair as alt  # noqa: PLC0415

    layers = [*_ground(panel, scale), *_marks(panel, scale), *_texts(panel)]
    return alt.LayerChart(layer=layers, width=WIDTH, height=panel.bottom)


def _ground(panel: Panel, scale: Scale) -> "Iterator[altair.Chart]":
    import altair as alt  # noqa: PLC0415

    if panel.reference is not None and panel.reference[1] is not None:
        low, high = panel.reference[1]
        yield (
            _chart([{"low": low, "high": high, "y": panel.top, "y2": panel.bottom}])
            .mark_rect(color=_WASH, aria=False)
            .encode(x=_along(scale, "low"), x2="high:Q", y=_down("y"), y2="y2:Q")
        )
    ends: list[Row] = [
        {"x": at, "y": panel.top - 6, "y2": panel.bottom} for at in (scale.first, *scale.bounds, scale.high)
    ]
    yield (
        _chart(ends)
        .mark_rule(color=_EDGE, strokeWidth=0.75, aria=False)
        .encode(x=_along(scale, "x"), y=_down("y"), y2="y2:Q")
    )
    letters: list[Row] = [{"x": middle, "y": panel.top - 13, "text": grade} for grade, middle in scale.stretches]
    yield (
        _chart(letters)
        .mark_text(**_looks("grade"))
        .encode(x=_along(scale, "x"), y=_down("y"), text="text:N", description="text:N")
    )
    across: list[Row] = [{"y": y, "x": 0, "x2": WIDTH} for y in panel.rules]
    yield (
        _chart(across)
        .mark_rule(color=_EDGE, strokeWidth=0.75, aria=False)
        .encode(x=alt.X("x:Q", scale=None, axis=None), x2="x2:Q", y=_down("y"))
    )
    if panel.stamp is not None:
        width = 7.6 * len(panel.stamp.text) + 22
        frame: Row = {
            "x": 0,
            "x2": width,
            "y": panel.stamp.y - _STAMP_HEIGHT / 2,
            "y2": panel.stamp.y + _STAMP_HEIGHT / 2,
        }
        yield (
            _chart([frame])
            .mark_rect(color=_ALARM_WASH, stroke=_ALARM, strokeWidth=1.5, cornerRadius=3, aria=False)
            .encode(x=alt.X("x:Q", scale=None, axis=None), x2="x2:Q", y=_down("y"), y2="y2:Q")
        )


def _marks(panel: Panel, scale: Scale) -> "Iterator[altair.Chart]":
    import altair as alt  # noqa: PLC0415

    def across(marks: Sequence[Mark]) -> "altair.Chart":
        return _chart([{"low": mark.low, "high": mark.high, "y": mark.y, "colour": mark.colour} for mark in marks])

    colour = alt.Color("colour:N", scale=None, legend=None)
    if panel.bars:
        rows: list[Row] = [
            {"low": mark.low, "high": mark.high, "y": mark.y - _BAR / 2, "y2": mark.y + _BAR / 2, "colour": mark.colour}
            for mark in panel.bars
        ]
        yield (
            _chart(rows)
            .mark_rect(stroke=INK, strokeWidth=0.75, aria=False)
            .encode(x=_along(scale, "low"), x2="high:Q", y=_down("y"), y2="y2:Q", color=colour)
        )
    if panel.reference is not None:
        yield (
            _chart([{"x": panel.reference[0], "y": panel.top, "y2": panel.bottom}])
            .mark_rule(color=INK, strokeWidth=1.5, strokeDash=[5, 3], aria=False)
            .encode(x=_along(scale, "x"), y=_down("y"), y2="y2:Q")
        )
    if panel.whiskers:
        yield (
            across(panel.whiskers)
            .mark_rule(color=INK, strokeWidth=2.5, strokeCap="round", aria=False)
            .encode(x=_along(scale, "low"), x2="high:Q", y=_down("y"))
        )
    if panel.dots:
        yield (
            across(panel.dots)
            .mark_point(filled=True, size=110, opacity=1, stroke=INK, strokeWidth=1, aria=False)
            .encode(x=_along(scale, "low"), y=_down("y"), fill=alt.Fill("colour:N", scale=None, legend=None))
        )


def _texts(panel: Panel) -> "Iterator[altair.Chart]":
    import altair as alt  # noqa: PLC0415

    texts = [*panel.texts, *([] if panel.stamp is None else [panel.stamp])]
    for style in _STYLES:
        rows: list[Row] = [{"x": text.x, "y": text.y, "text": text.text} for text in texts if text.style == style]
        if rows:
            yield (
                _chart(rows)
                .mark_text(**_looks(style))
                .encode(x=alt.X("x:Q", scale=None, axis=None), y=_down("y"), text="text:N", description="text:N")
            )


def _looks(style: str) -> dict[str, Any]:
    return {"baseline": "middle", "color": INK, "ariaRoleDescription": "teks", **_STYLES[style]}


def _chart(rows: Sequence[Row]) -> "altair.Chart":
    import altair as alt  # noqa: PLC0415

    return alt.Chart(alt.InlineData(values=list(rows)))


def _down(field: str) -> "altair.Y":
    import altair as alt  # noqa: PLC0415

    return alt.Y(f"{field}:Q", scale=None, axis=None)


def _along(scale: Scale, field: str) -> "altair.X":
    import altair as alt  # noqa: PLC0415

    axis = alt.Axis(
        values=[scale.first, *scale.bounds, scale.high],
        # Vega writes a decimal point
        labelExpr="replace(format(datum.value, '.2f'), '.', ',')",
        labelFontSize=12,
        labelColor=QUIET,
        labelPadding=5,
        labelOverlap=False,
        labelFlush=False,
        title=scale.words,
        description=scale.words,
        titleFontSize=12,
        titleFontWeight="normal",
        titleColor=QUIET,
        titlePadding=9,
        grid=False,
        domain=False,
        tickColor=_EDGE,
    )
    return alt.X(
        f"{field}:Q",
        scale=alt.Scale(domain=[scale.low, scale.high], range=[LEFT, RIGHT], zero=False, nice=False),
        axis=axis,
    )
