"""Outside opening hours: a dark screen that any touch wakes."""

from kivy.properties import NumericProperty

from kiosk.screens.base import BaseScreen, beside

PLACES = 5
MINUTE_MS = 60_000


class SleepScreen(BaseScreen):
    """One quiet line. Nothing moves; each night it stands elsewhere, so that no panel keeps it for ever."""

    height_of_words = NumericProperty(0.5)

    def render(self, model, _):
        """How to wake it."""
        self.ids.wake.words = _("Sentuh layar untuk memulai")
        self.height_of_words = 0.2 + 0.12 * (model.since_ms // MINUTE_MS % PLACES)


beside(__file__)
