"""What all screens share: the place their taps are aimed at, and the bar with the ways back and to help."""

from collections.abc import Callable, Iterator
from pathlib import Path

from kivy.lang import Builder
from kivy.properties import BooleanProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.floatlayout import FloatLayout

from ikm.i18n import Translate
from kiosk.events import Action, Back, Options
from kiosk.model import Model, Place, Screen
from kiosk.spoken import Spoken
from kiosk.theme import Theme
from kiosk.widgets.target import BigButton, Target

__all__ = ["BaseScreen", "BigButton", "Column", "TopBar", "beside"]

Emit = Callable[[Place, Action, str], None]
"""Hears what was done on which place, and by what: touch, keyboard or switch."""


class BaseScreen(FloatLayout):
    """A screen: `render` shows a model, `emit` says what was tapped on what was shown.

    `ground` names the palette's colour behind everything. `targets` names what can be tapped, for the screen report
    and for those who go from target to target by key.
    """

    look = ObjectProperty(Theme(1280, 800), rebind=True)
    ground = StringProperty("paper")

    def __init__(self, emit: Emit, **properties: object) -> None:
        super().__init__(**properties)
        self._emit = emit
        self._place = Place(Screen.OUT_OF_SERVICE)
        self._by = "touch"

    def emit(self, action: Action, by: str = "") -> None:
        """Pass on a tap, with the place it was aimed at and what it was done by."""
        self._emit(self._place, action, by or self._by)

    def press(self, target: Target, by: str) -> None:
        """Tap a target of this screen by `keyboard` or `switch`."""
        self._by = by
        try:
            target.dispatch("on_tap")
        finally:
            self._by = "touch"

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
        """What can be tapped, by name, in the order a keyboard meets it: nothing, unless the screen has something."""
        return iter(())

    def spoken(self) -> Spoken:
        """What a voice reads when this screen appears, in order and in the very words shown: nothing, by default."""
        return ()


class Column(BoxLayout):
    """Things one below the other; with `low`, the one that `sinks` goes to the bottom, where every hand reaches."""

    low = BooleanProperty(False)
    sinks = ObjectProperty(None, allownone=True)

    def __init__(self, **properties: object) -> None:
        super().__init__(orientation="vertical", **properties)
        self.bind(low=self._order, sinks=self._order)

    def _order(self, *_event: object) -> None:
        if self.sinks is not None and self.sinks.parent is self:
            self.remove_widget(self.sinks)
            self.add_widget(self.sinks, index=0 if self.low else len(self.children))


class TopBar(BoxLayout):
    """Back on the left, languages and help on the right, the screen's own thing between."""

    look = ObjectProperty(Theme(1280, 800), rebind=True)
    screen = ObjectProperty(None, allownone=True)
    can_go_back = BooleanProperty(False)
    has_options = BooleanProperty(True)

    def render(self, model: Model, _: Translate) -> None:
        """Show what is possible now."""
        self.can_go_back = model.can_go_back
        self.ids.back.words = _("Kembali")
        self.ids.options.words = _("Bahasa & bantuan")

    def go_back(self) -> None:
        """One screen back."""
        self.screen.emit(Back())

    def open_options(self) -> None:
        """Languages and aids."""
        self.screen.emit(Options())

    def targets(self) -> Iterator[tuple[str, Target]]:
        """Its buttons by name."""
        yield "back", self.ids.back
        yield "options", self.ids.options


def beside(kv_of: str) -> None:
    """Load the layout that lies beside a module."""
    Builder.load_file(str(Path(kv_of).with_suffix(".kv")))


beside(__file__)
