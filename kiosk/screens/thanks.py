"""The answers are on the medium; the citizen is thanked. Before that, for as long as writing takes, the wait."""

from ikm.domain.questionnaire import words
from kiosk.events import Done
from kiosk.screens.base import BaseScreen, beside
from kiosk.widgets.drawn import Face
from kiosk.widgets.target import BigButton

__all__ = ["BigButton", "Face", "SavingScreen", "ThanksScreen"]


class SavingScreen(BaseScreen):
    """Shown for a blink on a sound medium."""

    def render(self, model, _):  # noqa: ARG002  (all screens are rendered alike)
        """What there is to say."""
        self.ids.wait.words = _("Menyimpan jawaban…")

    def targets(self):
        """The way out, where there is one."""
        yield from ()


class ThanksScreen(BaseScreen):
    """Thanks, said by the whole screen."""

    def render(self, model, _):
        """What there is to say."""
        self.ids.thanks.words = _("Terima kasih!")
        self.ids.why.words = _("Jawaban Anda sudah tersimpan dan membantu kami melayani lebih baik.")
        self.ids.unit.words = words(model.configuration.unit_name, model.language)
        self.ids.done.words = _("Selesai")

    def done(self):
        """Finish."""
        self.emit(Done())

    def targets(self):
        """The way out, where there is one."""
        yield "done", self.ids.done


beside(__file__)
