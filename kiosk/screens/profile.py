"""Who the citizen is, in three taps or none."""

from kivy.properties import BooleanProperty
from kivy.uix.boxlayout import BoxLayout

from ikm.domain.questionnaire import words
from kiosk.events import Done, Toggle, Turn
from kiosk.fields import columns
from kiosk.screens.base import BaseScreen, Column, TopBar, beside
from kiosk.spoken import labelled
from kiosk.widgets.fitted import FitGroup, FittedLabel
from kiosk.widgets.target import BigButton, Chip

__all__ = ["BigButton", "Column", "FieldRow", "FittedLabel", "ProfileScreen", "TopBar"]


class FieldRow(BoxLayout):
    """One thing asked, with its choices: a title above a grid."""

    def __init__(self, field, emit, group):
        self.field = field
        self.lines = 1
        super().__init__()
        self.chips = {option.code: Chip(group=group) for option in field.options}
        for code, chip in self.chips.items():
            chip.bind(on_tap=lambda _chip, code=code: emit(Toggle(field.code, code)))
            self.ids.grid.add_widget(chip)

    def lay_out(self, look, language):
        """Sizes for this window, but for the height of the chips."""
        grid, title = self.ids.grid, self.ids.title
        grid.cols = columns(self.field, language, portrait=look.portrait, low=look.low)
        self.lines = -(-len(self.chips) // grid.cols)
        title.color, title.max_px, title.min_px = look.colours.ink, look.small_px, look.least_px
        # in low reach the title stands above, with the other words, and the chips have all the room
        title.height = 0 if look.low else look.small_px * 1.3
        title.opacity = 0 if look.low else 1
        for chip in self.chips.values():
            chip.look, chip.inset = look, look.space_px * 0.5
        # five chips of 20 mm in a row leave a totem hardly a gap
        grid.spacing = look.space_px * (0.3 if look.portrait and grid.cols > 4 else 1), 0

    def targets(self):
        """The choices by name."""
        yield from ((f"option-{self.field.code}-{option}", chip) for option, chip in self.chips.items())

    def rise(self, chip_px):
        """Take the height of chips of `chip_px` pixels."""
        self.height = self.lines * chip_px + self.ids.title.height

    def render(self, chosen, language):
        """The choices in that language, one of them chosen or none."""
        self.ids.title.words = words(self.field.text, language)
        for option in self.field.options:
            self.chips[option.code].words = words(option.text, language)
            self.chips[option.code].chosen = chosen == option.code


class ProfileScreen(BaseScreen):
    """The fields of one page; one button that goes on, skips or finishes."""

    last = BooleanProperty(True)

    def __init__(self, emit, **properties):
        super().__init__(emit, **properties)
        self._fields = ()
        self._language = ""
        self.rows = {}
        self.shown = ()
        self.bind(look=self._lay_out)
        self.ids.rows.bind(height=self._share)

    def render(self, model, _):
        """The fields with what has been chosen."""
        self._language = model.language
        self._keep(model.configuration.questionnaire.profile_fields)
        page, pages = model.profile_page, model.profile_pages
        self._ask(pages[page] if pages else ())
        self.last = page + 1 >= len(pages)
        self.ids.bar.render(model, _)
        self.ids.title.words = _("Sedikit tentang Anda")
        self.ids.hint.words = _("Boleh dilewati. Data ini tidak menunjukkan siapa Anda.")
        number = _("{number} dari {count}").format(number=page + 1, count=len(pages))
        self.ids.progress.words = number if len(pages) > 1 else ""
        self.ids.asked.words = words(self.shown[0].field.text, model.language) if self.look.low and self.shown else ""
        # whoever is asked for a comment next has not finished
        ends = self.last and not model.configuration.asks_comment
        if self.last and not model.session.profile:
            self.ids.done.words = _("Lewati")
        else:
            self.ids.done.words = _("Selesai") if ends else _("Lanjut")
        for row in self.shown:
            row.render(model.session.profile.get(row.field.code), model.language)
        self._lay_out(self, self.look)

    def done(self):
        """On to the next page, or finish or skip."""
        self.emit(Done() if self.last else Turn(1))

    def targets(self):
        """Every option, the way on, and the bar."""
        for row in self.shown:
            yield from row.targets()
        yield "done", self.ids.done
        yield from self.ids.bar.targets()

    def spoken(self):
        """That nobody has to answer, and what is asked, each thing with its choices."""
        asked = ((words(row.field.text, self._language), *labelled(row.targets())) for row in self.shown)
        return (self.ids.title.words, self.ids.hint.words, *asked)

    def _keep(self, fields):
        # rows are built once for each questionnaire, not once for each citizen
        if fields != self._fields:
            self._fields = fields
            group = FitGroup()
            self.rows = {field.code: FieldRow(field, self.emit, group) for field in fields}
            self.shown = ()

    def _ask(self, fields):
        shown = tuple(self.rows[field.code] for field in fields)
        if shown != self.shown:
            self.shown = shown
            self.ids.rows.clear_widgets()
            for row in shown:
                self.ids.rows.add_widget(row)

    def _lay_out(self, _screen, look):
        for row in self.shown:
            row.lay_out(look, self._language)
        self._share()

    def _share(self, *_event):
        # all chips of the screen are equally high
        titles_px = sum(row.ids.title.height for row in self.shown)
        lines = max(1, sum(row.lines for row in self.shown))
        for row in self.shown:
            row.rise((self.ids.rows.height - titles_px) / lines)


beside(__file__)
