"""All pages of the staff's screens. Widgets are made once, as many as the fullest page needs, and used again."""

from kivy.clock import Clock
from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.widget import Widget

from kiosk.admin import view
from kiosk.admin.model import Model
from kiosk.events import Back, Done, Erase, Write
from kiosk.model import Place, Screen
from kiosk.screens.base import BaseScreen, beside
from kiosk.screens.staff.plan import NOWHERE, plan
from kiosk.theme import Theme
from kiosk.widgets.fitted import FitGroup, FittedLabel
from kiosk.widgets.keyboard import Entry, Keyboard
from kiosk.widgets.target import BigButton, Chip, Target

__all__ = ["Entry", "Keyboard", "StaffScreen"]

_KEYS = {"done": Done(), "erase": Erase(), "back": Back()}


class Gauge(Widget):
    """How full something is, in tenths."""

    look = ObjectProperty(Theme(1280, 800), rebind=True)
    level = NumericProperty(0)


class Cell(Target):
    """A field of the touch panel's test."""

    touched = BooleanProperty(False)


class StaffScreen(BaseScreen):
    """Shows a page as `kiosk.admin.view` describes it. Its place is `staff` with the page as its subject."""

    good = BooleanProperty(False)
    bare = BooleanProperty(False)
    back_words = StringProperty("")

    def __init__(self, emit, **properties):
        self._view = None
        self._chips, self._cells, self._buttons = [], [], []
        self._details, self._facts = [], []
        self._group = FitGroup()
        self._place_parts = Clock.create_trigger(self._lay_out, -1)
        super().__init__(emit, **properties)
        self.bind(look=self._place_parts, size=self._place_parts)

    def show(self, model, _):
        """Nothing: the interview only says that the staff are there, and `attend` what they see."""

    def attend(self, model: Model) -> bool:
        """Show the page of that model; whether anything looks different now."""
        place = Place(Screen.STAFF, model.page.value)
        if place != self._place:
            self._place = place
            for widget in self.walk(restrict=True):
                if isinstance(widget, Target):
                    widget.forget()
        shown = view(model)
        if shown == self._view:
            return False
        self._view = shown
        self._fill()
        self._place_parts()
        return True

    def key(self, name):
        """What a key of the keyboard means."""
        self.emit(_KEYS.get(name) or Write(name))

    def go_back(self):
        """One page back."""
        self.emit(Back())

    def targets(self):
        """The page's choices, then the keys, the buttons, and the way back."""
        if self._view is None:
            return
        chips = self._cells if self._view.cells else self._chips
        yield from ((choice.name, chip) for choice, chip in zip(self._view.choices, chips, strict=False))
        if self._view.entry is not None:
            yield from self.ids.keyboard.targets()
        yield from ((choice.name, button) for choice, button in zip(self._view.buttons, self._buttons, strict=False))
        if "back" not in (self._view.entry.keys if self._view.entry else ()):
            yield "back", self.ids.back

    def _fill(self):
        shown = self._view
        self.ids.title.words = "" if shown.cells else shown.title
        self.ids.lead.words, self.ids.note.words, self.good = shown.lead, shown.note, shown.good
        self.bare = shown.is_bare
        self.ids.gauge.level = shown.level or 0
        self.back_words = "Selesai" if shown.cells else "Kembali"
        self._fill_entry(shown.entry)
        choices, cells = ((), shown.choices) if shown.cells else (shown.choices, ())
        self._offer(self._chips, choices, lambda: Chip(group=self._group, size_hint=(None, None)))
        self._offer(self._cells, cells, lambda: Cell(size_hint=(None, None)))
        self._offer(self._buttons, shown.buttons, lambda: BigButton(size_hint=(None, None)))
        self._say(self._details, [choice.detail for choice in choices])
        self._say(self._facts, [part for pair in shown.facts for part in pair])

    def _fill_entry(self, entry):
        if entry is None:
            self.ids.entry.words = self.ids.entry.hint = ""
            return
        self.ids.entry.words, self.ids.entry.hint = entry.shown, entry.hint
        self.ids.keyboard.layout = entry.layout
        self.ids.keyboard.words = dict(entry.keys)

    def _offer(self, pool, choices, make):
        """Let the pool's widgets be these choices; those left over are not there."""
        while len(pool) < len(choices):
            made = make()
            made.bind(on_tap=lambda target: self.emit(target.action))
            pool.append(made)
            # behind the way back, which lies over the panel's test
            self.add_widget(made, index=len(self.children))
        for widget, choice in zip(pool, choices, strict=False):
            widget.action = choice.action
            widget.offered = True
            if isinstance(widget, Cell):
                widget.touched = choice.chosen
                continue
            widget.words = choice.words
            if isinstance(widget, Chip):
                widget.chosen = choice.chosen
            else:
                widget.primary = choice.primary
        for widget in pool[len(choices) :]:
            widget.offered = False
            # or its words would still have a say in the size of the others'
            if not isinstance(widget, Cell):
                widget.words = ""

    def _say(self, pool, texts):
        while len(pool) < len(texts):
            pool.append(FittedLabel(halign="left", size_hint=(None, None)))
            self.add_widget(pool[-1], index=len(self.children))
        for at, label in enumerate(pool):
            label.words = texts[at] if at < len(texts) else ""

    def _lay_out(self, *_event):
        if self._view is None:
            return
        look, made = self.look, plan(self._view, self.look)
        for name in ("title", "back", "lead", "note", "entry", "keyboard", "gauge"):
            self._put(self.ids[name], getattr(made, name))
        for name in ("entry", "keyboard", "gauge"):
            self.ids[name].opacity = 0 if getattr(made, name) == NOWHERE else 1
        self.ids.back.offered = made.back != NOWHERE and self._view.back
        self._put_all(self._cells if self._view.cells else self._chips, made.choices)
        self._put_all([] if self._view.cells else self._cells, ())
        self._put_all(self._chips if self._view.cells else [], ())
        self._put_all(self._buttons, made.buttons)
        self._put_all(self._details, made.details)
        self._put_all(self._facts, [box for pair in made.facts for box in pair])
        for at, label in enumerate((*self._facts, *self._details)):
            is_name = at < len(self._facts) and at % 2 == 0
            label.max_px, label.min_px = look.small_px * 1.15, look.least_px * 0.9
            label.color = look.colours.soft_ink if is_name else look.colours.ink

    def _put_all(self, pool, boxes):
        for at, widget in enumerate(pool):
            self._put(widget, boxes[at] if at < len(boxes) else NOWHERE)

    def _put(self, widget, box):
        if hasattr(widget, "look"):
            widget.look = self.look
        x, y, widget.width, widget.height = box
        widget.pos = (self.x + x, self.y + y)


beside(__file__)
