"""How cells look. The reader's own locale puts the decimal comma; yellowish cells were given, not computed."""

from collections.abc import Mapping
from types import MappingProxyType

_CHANCE = '[<0.005]"< 1 %";[>=0.995]"> 99 %";0\\ %'
"""As `wording.chance`: no more is claimed than is known near the ends."""
Look = Mapping[str, str | int | bool]
"""A format in the writer's words."""

_BRAND, _INK, _WASH, _TINT, _HAIR, _QUIET = "#0B5F63", "#17212B", "#D3E2E0", "#FDF3DC", "#C9CFCE", "#46515B"
_TWO, _THREE, _WHOLE = "0.00", "0.000", "#,##0"


def _plain(**more: str | int | bool) -> Look:
    return {"font_name": "Arial", "font_size": 10, "font_color": _INK, "valign": "vcenter", **more}


def _boxed(**more: str | int | bool) -> Look:
    return _plain(**{"border": 1, "border_color": _HAIR, **more})


def _figure(number_format: str, **more: str | int | bool) -> Look:
    return _boxed(**{"num_format": number_format, "align": "right", **more})


def _head(**more: str | int | bool) -> Look:
    return _boxed(**{"bold": True, "bg_color": _WASH, "text_wrap": True, "align": "center", **more})


def _foot(number_format: str = "General", align: str = "center") -> Look:
    return _boxed(bold=True, bg_color=_WASH, num_format=number_format, align=align)


LOOKS: Mapping[str, Look] = MappingProxyType(
    {
        "title": _plain(font_size=16, bold=True, font_color=_BRAND),
        "subtitle": _plain(font_color=_QUIET),
        "section": _plain(bold=True, font_size=11, font_color="#FFFFFF", bg_color=_BRAND),
        "text": _plain(),
        "strong_text": _plain(bold=True, font_size=11),
        "note": _plain(font_color=_QUIET, font_size=9, indent=1),
        "wrapped": _plain(font_color=_QUIET, font_size=9, text_wrap=True, valign="top"),
        "head": _head(),
        "head_left": _head(align="left"),
        "small_head": _head(bold=False, font_size=8, valign="top"),
        "label": _boxed(),
        "remark": _boxed(indent=1),
        "inner_label": _boxed(indent=2),
        "strong_label": _boxed(bold=True),
        "centre": _boxed(align="center"),
        "hero_label": _boxed(bold=True, font_size=14),
        "hero": _boxed(bold=True, font_size=18, shrink=True, align="right", font_color=_BRAND, num_format=_TWO),
        "whole": _figure(_WHOLE),
        "plain": _figure("0"),
        "two": _figure(_TWO),
        "three": _figure(_THREE),
        "four": _figure("0.0000"),
        "long": _figure("0.00000000"),
        "small": _figure("0.000E+00"),
        "chance": _figure(_CHANCE),
        "strong": _figure("General", bold=True, font_color=_BRAND),
        "strong_two": _figure(_TWO, bold=True, font_color=_BRAND),
        "row_number": _figure("0", align="center", font_color=_QUIET),
        "rating": _figure("0", align="center"),
        "foot": _foot(align="left"),
        "foot_whole": _foot(_WHOLE),
        "foot_three": _foot(_THREE),
        "foot_two": _foot(_TWO),
        "given": _figure("General", bg_color=_TINT),
        "given_text": _boxed(bg_color=_TINT),
        "given_two": _figure(_TWO, bg_color=_TINT),
    }
)
"""Every look by its name."""
