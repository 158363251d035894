"""Who the citizen is, in three taps or none."""

from kivy.uix.gridlayout import GridLayout

from ikm.domain.questionnaire import words
from kiosk.events import Done, Toggle
from kiosk.screens.base import BaseScreen, TopBar, beside
from kiosk.widgets.fitted import FitGroup, FittedLabel
from kiosk.widgets.target import BigButton, Chip

__all__ = ["BigButton", "ProfileScreen", "TopBar"]


class FieldRow:
    """One thing asked, with its choices: a title and a grid."""

    def __init__(self, field, emit, group):
        self.field = field
        self.title = FittedLabel(halign="left", valign="bottom", bold=True, size_hint_y=None)
        self.grid = GridLayout()
        self.chips = {option.code: Chip(group=group) for option in field.options}
        for code, chip in self.chips.items():
            chip.bind(on_tap=lambda _chip, code=code: emit(Toggle(field.code, code)))
            self.grid.add_widget(chip)

    def lay_out(self, look):
        """Sizes for this window: all chips of the screen equally high."""
        across = 3 if look.portrait else 7
        lines = -(-len(self.chips) // across)
        gap = look.space_px * 1.5
        self.grid.cols = -(-len(self.chips) // lines)
        self.grid.spacing = gap
        self.grid.size_hint_y = lines + (lines - 1) * gap / look.target_px
        self.title.max_px, self.title.min_px = look.small_px, look.least_px
        self.title.height = look.small_px * 1.35
        for chip in self.chips.values():
            chip.look = look

    def render(self, chosen, language):
        """The choices in that language, one of them chosen or none."""
        self.title.words = words(self.field.text, language)
        for option in self.field.options:
            self.chips[option.code].words = words(option.text, language)
            self.chips[option.code].chosen = chosen == option.code


class ProfileScreen(BaseScreen):
    """All fields at once; one button that skips or finishes."""

    def __init__(self, emit, **properties):
        super().__init__(emit, **properties)
        self._fields = ()
        self.rows = {}
        self.bind(look=self._lay_out)

    def render(self, model, _):
        """The fields with what has been chosen."""
        self._ask(model.configuration.questionnaire.profile_fields)
        self.ids.bar.render(model, _)
        self.ids.title.words = _("Sedikit tentang Anda")
        self.ids.hint.words = _("Boleh dilewati. Data ini tidak menunjukkan siapa Anda.")
        self.ids.done.words = _("Selesai") if model.session.profile else _("Lewati")
        for code, row in self.rows.items():
            row.render(model.session.profile.get(code), model.language)

    def done(self):
        """Finish or skip."""
        self.emit(Done())

    def targets(self):
        """Every option, and the way on."""
        yield from self.ids.bar.targets()
        for code, row in self.rows.items():
            yield from ((f"option-{code}-{option}", chip) for option, chip in row.chips.items())
        yield "done", self.ids.done

    def _ask(self, fields):
        # rows are built once for each questionnaire, not once for each citizen
        if fields == self._fields:
            return
        self._fields = fields
        group = FitGroup()
        self.ids.rows.clear_widgets()
        self.rows = {field.code: FieldRow(field, self.emit, group) for field in fields}
        for row in self.rows.values():
            self.ids.rows.add_widget(row.title)
            self.ids.rows.add_widget(row.grid)
        self._lay_out(self, self.look)

    def _lay_out(self, _screen, look):
        for row in self.rows.values():
            row.lay_out(look)


beside(__file__)
