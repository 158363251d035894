"""Which service the citizen came for."""

from kivy.properties import NumericProperty

from ikm.domain.questionnaire import words
from kiosk.events import Choose, Done, Turn
from kiosk.model import SERVICES_PER_PAGE
from kiosk.screens.base import BaseScreen, Column, TopBar, beside
from kiosk.spoken import labelled
from kiosk.widgets.choices import Choices
from kiosk.widgets.target import BigButton

__all__ = ["BigButton", "Choices", "Column", "ServiceScreen", "TopBar"]


class ServiceScreen(BaseScreen):
    """One page of services; the places stay, their words change."""

    per_page = NumericProperty(SERVICES_PER_PAGE)

    def render(self, model, _):
        """One page of services."""
        first = model.service_page * model.services_per_page
        page = model.standing.services[first : first + model.services_per_page]
        self.ids.bar.render(model, _)
        self.ids.title.words = _("Layanan apa yang baru saja Anda terima?")
        self.per_page = model.services_per_page
        self.ids.services.offer(
            [
                (service.code, words(service.name, model.language), service.code == model.session.service)
                for service in page
            ],
            places=model.services_per_page,
        )
        self.ids.previous.words = _("Sebelumnya")
        self.ids.next.words = _("Berikutnya")
        self.ids.go_on.words = _("Lanjut")
        self.ids.previous.offered = model.service_page > 0
        self.ids.next.offered = model.service_page < model.pages - 1
        self.ids.go_on.offered = model.service is not None

    def choose(self, service):
        """That one."""
        self.emit(Choose(service))

    def turn(self, by):
        """Other services."""
        self.emit(Turn(by))

    def go_on(self):
        """With the service chosen already."""
        self.emit(Done())

    def targets(self):
        """The services of this page, the ways to others, the way on."""
        yield from self._offered()
        yield "go-on", self.ids.go_on
        yield "next", self.ids.next
        yield "previous", self.ids.previous
        yield from self.ids.bar.targets()

    def spoken(self):
        """The question, and what may be chosen."""
        return self.ids.title.words, *labelled(self._offered())

    def _offered(self):
        yield from ((f"service-{code}", chip) for code, chip in self.ids.services.chips())


beside(__file__)
