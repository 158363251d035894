"""Which cell formats of a workbook show a number as a date or a time."""

import re
from zipfile import ZipFile

from ikm.server.answers.xml import Attributes, Handler, parse

_BUILT_IN = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))
"""Numbers of the formats every spreadsheet has for dates and times (ECMA-376 part 1, 18.8.30)."""

_NOT_CODES = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')
_DATE_CODE = re.compile(r"[ymdhs]", re.IGNORECASE)


class _Styles(Handler):
    def __init__(self) -> None:
        self.dates = set(_BUILT_IN)
        self.formats: list[int] = []
        self._inside = False

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "numFmt":
            code = _NOT_CODES.sub("", attributes.get("formatCode", ""))
            number = _whole(attributes.get("numFmtId"))
            self.dates.discard(number)
            if _DATE_CODE.search(code) and code.casefold() not in ("general", "standard"):
                self.dates.add(number)
        elif name == "cellXfs":
            self._inside = True
        elif name == "xf" and self._inside:
            self.formats.append(_whole(attributes.get("numFmtId")))

    def end(self, name: str) -> None:
        if name == "cellXfs":
            self._inside = False


def dated_styles(archive: ZipFile, part: str) -> frozenset[int]:
    """The numbers of the cell formats that show a date or a time. Raises as `xml.parse`."""
    styles = _Styles()
    for _ in parse(archive, part, styles):
        continue
    return frozenset(place for place, number in enumerate(styles.formats) if number in styles.dates)


def _whole(text: str | None) -> int:
    return int(text) if text and text.isdecimal() else 0
