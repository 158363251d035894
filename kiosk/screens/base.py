"""What all screens share: the place their taps are aimed at, and the bar at the top."""

from collections.abc import Callable, Iterator
from pathlib import Path

from kivy.lang import Builder
from kivy.properties import BooleanProperty, ColorProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.floatlayout import FloatLayout

from ikm.i18n import Translate
from kiosk import theme
from kiosk.model import Action, Back, Model, Place, Screen, Speak
from kiosk.widgets.target import BigButton, Target

__all__ = ["BaseScreen", "BigButton", "TopBar", "beside", "next_language"]

Emit = Callable[[Place, Action], None]


class BaseScreen(FloatLayout):
    """A screen: `render` shows a model, `emit` says what was tapped on what was shown.

    `targets` names what can be tapped, for the screen report.
    """

    look = ObjectProperty(theme.Theme(1280, 800), rebind=True)
    background = ColorProperty(theme.PAPER)

    def __init__(self, emit: Emit, **properties: object) -> None:
        super().__init__(**properties)
        self._emit = emit
        self._place = Place(Screen.OUT_OF_SERVICE)

    def emit(self, action: Action) -> None:
        """Pass on a tap, with the place it was aimed at."""
        self._emit(self._place, action)

    def show(self, model: Model, _: Translate) -> None:
        """Render the model; a press begun on what stood here before is forgotten."""
        if model.place != self._place:
            self._place = model.place
            for widget in self.walk(restrict=True):
                if isinstance(widget, Target):
                    widget.forget()
        self.render(model, _)

    def render(self, model: Model, _: Translate) -> None:
        """Show the model in the language of `_`; each screen says how."""

    def targets(self) -> Iterator[tuple[str, Target]]:
        """What can be tapped, by name: nothing, unless the screen has something."""
        return iter(())


class TopBar(BoxLayout):
    """Back on the left, the other language on the right, the screen's own thing between."""

    look = ObjectProperty(theme.Theme(1280, 800), rebind=True)
    screen = ObjectProperty(None, allownone=True)
    language = StringProperty("")
    can_go_back = BooleanProperty(False)

    def render(self, model: Model, _: Translate) -> None:
        """Show what is possible now."""
        self.can_go_back = model.can_go_back
        self.language = next_language(model)
        self.ids.back.words = _("Kembali")

    def go_back(self) -> None:
        """One screen back."""
        self.screen.emit(Back())

    def change_language(self) -> None:
        """The next language of this kiosk."""
        self.screen.emit(Speak(self.language))

    def targets(self) -> Iterator[tuple[str, Target]]:
        """Its buttons by name."""
        yield "back", self.ids.back
        yield f"language-{self.language}", self.ids.language


def next_language(model: Model) -> str:
    """The language after the present one in the kiosk's list, or "" where there is only one."""
    languages = model.configuration.languages if model.configuration else ()
    if len(languages) < 2 or model.language not in languages:
        return ""
    return languages[(languages.index(model.language) + 1) % len(languages)]


def beside(kv_of: str) -> None:
    """Load the layout that lies beside a module."""
    Builder.load_file(str(Path(kv_of).with_suffix(".kv")))


beside(__file__)
