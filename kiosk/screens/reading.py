"""What the unit promises: the standard of each service, and its service pledge."""

from ikm.domain.questionnaire import words
from kiosk.events import Turn
from kiosk.screens.base import BaseScreen, Column, TopBar, beside
from kiosk.widgets.sheet import Sheet
from kiosk.widgets.target import BigButton

__all__ = ["BigButton", "Column", "ReadingScreen", "Sheet", "TopBar"]


class ReadingScreen(BaseScreen):
    """One page at a time."""

    def render(self, model, _):
        """The page, whose it is, and how many there are."""
        pages = model.reading
        # in another language, or in large letters, there may be fewer
        at = min(model.page, len(pages) - 1)
        page = pages[at]
        regulation = model.configuration.questionnaire.rule
        self.ids.bar.render(model, _)
        self.ids.unit.words = words(model.configuration.unit_name, model.language)
        self.ids.title.words = words(page.service.name, model.language) if page.service else _("Maklumat pelayanan")
        self.ids.sheet.parts = [
            (_title(part.element, regulation, model.language, _), part.lines) for part in page.parts
        ]
        self.ids.page.words = _("{number} dari {count}").format(number=at + 1, count=len(pages))
        self.ids.previous.words = _("Sebelumnya")
        self.ids.next.words = _("Berikutnya")
        self.ids.previous.offered = at > 0
        self.ids.next.offered = at < len(pages) - 1

    def turn(self, by):
        """Another page."""
        self.emit(Turn(by))

    def targets(self):
        """The other pages, and back."""
        yield "next", self.ids.next
        yield "previous", self.ids.previous
        yield from self.ids.bar.targets()

    def spoken(self):
        """All that stands on the page."""
        # a heading belongs to its lines, most of which are the office's own and have a clip only where one was recorded
        parts = ((title, *lines) for title, lines in self.ids.sheet.parts)
        return self.ids.title.words, *parts


def _title(element, regulation, language, _):
    """What an element of a service standard is called in front of citizens."""
    titles = {
        "": "",
        "REQ": _("Persyaratan"),
        "PROC": _("Prosedur"),
        "TIME": _("Waktu"),
        "COST": _("Biaya"),
        "PROD": _("Produk"),
        "CMPL": _("Pengaduan"),
    }
    if element in titles:
        return titles[element]
    known = next((known for known in regulation.elements if known.code == element), None)
    if known is None:
        return element
    return known.name_en if language == "en" else known.name


beside(__file__)
