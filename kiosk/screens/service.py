"""Which service the citizen came for."""

from kivy.properties import DictProperty, NumericProperty

from ikm.domain.questionnaire import words
from kiosk.model import SERVICES_PER_PAGE, Choose, Turn
from kiosk.screens.base import BaseScreen, TopBar, beside
from kiosk.widgets.fitted import FitGroup
from kiosk.widgets.target import BigButton, Chip

__all__ = ["BigButton", "ServiceScreen", "TopBar"]


class ServiceScreen(BaseScreen):
    """One page of services; the places stay, their words change."""

    pages = NumericProperty(1)
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
        first = model.session.page * SERVICES_PER_PAGE
        page = model.configuration.services[first : first + SERVICES_PER_PAGE]
        self.ids.bar.render(model, _)
        self.ids.title.words = _("Layanan apa yang baru saja Anda terima?")
        self.pages = model.pages
        self.shown = {service.code: chip for service, chip in zip(page, self._chips, strict=False)}
        for place, chip in enumerate(self._chips):
            chip.offered = place < len(page)
            chip.words = words(page[place].name, model.language) if chip.offered else ""
            chip.chosen = chip.offered and page[place].code == model.session.service
        self.ids.previous.words = _("Sebelumnya")
        self.ids.next.words = _("Layanan lain")
        self.ids.previous.offered = model.session.page > 0
        self.ids.next.offered = model.session.page < model.pages - 1

    def turn(self, by):
        """Other services."""
        self.emit(Turn(by))

    def targets(self):
        """The services of this page and the ways to others."""
        yield from self.ids.bar.targets()
        yield from ((f"service-{code}", chip) for code, chip in self.shown.items())
        yield "previous", self.ids.previous
        yield "next", self.ids.next


beside(__file__)
