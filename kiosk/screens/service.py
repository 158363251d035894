"""Which service the citizen came for."""

from kivy.properties import DictProperty, NumericProperty

from ikm.domain.questionnaire import words
from kiosk.events import Choose, Done, Turn
from kiosk.model import SERVICES_PER_PAGE
from kiosk.screens.base import BaseScreen, Column, TopBar, beside
from kiosk.widgets.fitted import FitGroup
from kiosk.widgets.target import BigButton, Chip

__all__ = ["BigButton", "Column", "ServiceScreen", "TopBar"]


class ServiceScreen(BaseScreen):
    """One page of services; the places stay, their words change."""

    pages = NumericProperty(1)
    per_page = NumericProperty(SERVICES_PER_PAGE)
    shown = DictProperty({})

    def __init__(self, emit, **properties):
        super().__init__(emit, **properties)
        group = FitGroup()
        self._chips = [Chip(look=self.look, group=group) for _ in range(SERVICES_PER_PAGE)]
        for place, chip in enumerate(self._chips):
            self.fbind("look", chip.setter("look"))
            chip.bind(on_tap=lambda _chip, place=place: self.emit(Choose(list(self.shown)[place])))
            self.ids.services.add_widget(chip)

    def render(self, model, _):
        """One page of services."""
        first = model.session.page * model.services_per_page
        page = model.standing.services[first : first + model.services_per_page]
        self.ids.bar.render(model, _)
        self.ids.title.words = _("Layanan apa yang baru saja Anda terima?")
        self.pages, self.per_page = model.pages, model.services_per_page
        self.shown = {service.code: chip for service, chip in zip(page, self._chips, strict=False)}
        for place, chip in enumerate(self._chips):
            chip.offered = place < len(page)
            chip.words = words(page[place].name, model.language) if chip.offered else ""
            chip.chosen = chip.offered and page[place].code == model.session.service
        self.ids.previous.words = _("Sebelumnya")
        self.ids.next.words = _("Berikutnya")
        self.ids.go_on.words = _("Lanjut")
        self.ids.previous.offered = model.session.page > 0
        self.ids.next.offered = model.session.page < model.pages - 1
        self.ids.go_on.offered = model.service is not None

    def turn(self, by):
        """Other services."""
        self.emit(Turn(by))

    def go_on(self):
        """With the service chosen already."""
        self.emit(Done())

    def targets(self):
        """The services of this page, the ways to others, the way on."""
        yield from ((f"service-{code}", chip) for code, chip in self.shown.items())
        yield "go-on", self.ids.go_on
        yield "next", self.ids.next
        yield "previous", self.ids.previous
        yield from self.ids.bar.targets()

    def spoken(self):
        """The question, and what may be chosen."""
        return self.ids.title.words, *(chip.words for chip in self.shown.values())


beside(__file__)
