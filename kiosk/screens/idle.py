"""Nobody has touched the screen for a while: are they still here?"""

from kiosk.events import Leave, Stay
from kiosk.screens.base import BaseScreen, beside
from kiosk.spoken import labelled
from kiosk.widgets.drawn import Ring
from kiosk.widgets.target import BigButton

__all__ = ["BigButton", "IdleScreen", "Ring"]


class IdleScreen(BaseScreen):
    """A visible countdown, a way back in, and a way to start afresh for whoever came after them."""

    def render(self, model, _):
        """The seconds left."""
        self.ids.title.words = _("Masih di sini?")
        self.ids.seconds.words = str(model.seconds_left)
        self.ids.ring.part = min(1.0, model.seconds_left / model.configuration.countdown_s)
        self.ids.hint.words = (
            _("Jika tidak, jawaban yang sudah diberikan disimpan dan layar kembali ke awal.")
            if model.session.answers
            else _("Jika tidak, layar kembali ke awal.")
        )
        self.ids.stay.words = _("Ya, saya masih di sini")
        self.ids.leave.words = _("Saya baru datang")

    def stay(self):
        """Still here."""
        self.emit(Stay())

    def leave(self):
        """Somebody else is here now."""
        self.emit(Leave())

    def targets(self):
        """The way back, and the way to the beginning."""
        yield "stay", self.ids.stay
        yield "leave", self.ids.leave

    def spoken(self):
        """The question, what comes of silence, and what can be said."""
        return self.ids.title.words, self.ids.hint.words, *labelled(self.targets())


beside(__file__)
