"""Nobody has touched the screen for a while: are they still here?"""

from kiosk.events import Stay
from kiosk.screens.base import BaseScreen, beside
from kiosk.widgets.drawn import Ring
from kiosk.widgets.target import BigButton

__all__ = ["BigButton", "IdleScreen", "Ring"]


class IdleScreen(BaseScreen):
    """A visible countdown and one button."""

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

    def stay(self):
        """Still here."""
        self.emit(Stay())

    def targets(self):
        """The way back."""
        yield "stay", self.ids.stay

    def spoken(self):
        """The question, what comes of silence, and the way to stay."""
        return (self.ids.title.words, self.ids.hint.words, self.ids.stay.words)


beside(__file__)
