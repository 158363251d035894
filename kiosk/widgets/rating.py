"""One of the four answers: a face, the official label, and the same label in Indonesian under a translation."""

from pathlib import Path

from kivy.lang import Builder
from kivy.properties import BooleanProperty, ColorProperty, NumericProperty, ObjectProperty, StringProperty

from kiosk.widgets.drawn import Face, Tick
from kiosk.widgets.fitted import FittedLabel
from kiosk.widgets.target import Target

__all__ = ["Face", "FittedLabel", "RatingButton", "Tick"]


class RatingButton(Target):
    """The answer `rating`. `chosen` marks the answer given; `flat` lays face and words side by side."""

    rating = NumericProperty(1)
    words = StringProperty("")
    official = StringProperty("")
    chosen = BooleanProperty(False)
    flat = BooleanProperty(False)
    colour = ColorProperty()
    edge = NumericProperty(0)
    group = ObjectProperty(None, allownone=True)
    official_group = ObjectProperty(None, allownone=True)


Builder.load_file(str(Path(__file__).with_suffix(".kv")))
