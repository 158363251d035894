"""A few words of one's own, or none: the keyboard has no digits, and nobody is asked for a name."""

from kivy.properties import BooleanProperty

from kiosk.events import Back, Done, Erase, Options, Write
from kiosk.screens.base import BaseScreen, beside
from kiosk.visit import COMMENT_LETTERS
from kiosk.widgets.keyboard import Entry, Keyboard
from kiosk.widgets.layouts import capital_due
from kiosk.widgets.target import BigButton

__all__ = ["BigButton", "CommentScreen", "Entry", "Keyboard"]

_ACTIONS = {"done": Done, "back": Back, "erase": Erase, "options": Options}


class CommentScreen(BaseScreen):
    """What has been written, and the keys to go on writing."""

    full = BooleanProperty(False)

    def render(self, model, _):
        """The comment as it stands."""
        comment = model.session.comment
        self.full = len(comment) >= COMMENT_LETTERS
        self.ids.title.words = _("Ada saran untuk kami? (boleh dilewati)")
        self.ids.notice.words = (
            _("Sudah penuh: paling banyak {count} huruf.").format(count=COMMENT_LETTERS)
            if self.full
            else _("Jangan tulis nama, NIK, atau nomor telepon.")
        )
        self.ids.options.words = _("Bahasa & bantuan")
        self.ids.entry.hint = _("Ketuk huruf untuk menulis")
        self.ids.entry.words = comment
        self.ids.keyboard.words = {
            "back": _("Kembali"),
            "options": _("Bahasa & bantuan"),
            "erase": _("Hapus"),
            "space": _("Spasi"),
            "done": _("Kirim") if comment.strip() else _("Lewati"),
        }

    def typed(self, name):
        """A key was tapped."""
        if name in _ACTIONS:
            self.emit(_ACTIONS[name]())
            return
        letter = " " if name == "space" else name
        self.emit(Write(letter.upper() if capital_due(self.ids.entry.words) else letter))

    def open_options(self):
        """Languages and aids."""
        self.emit(Options())

    def targets(self):
        """The keys, of which going on comes first; then languages and aids."""
        yield from self.ids.keyboard.targets()
        if not self.look.low:
            yield "options", self.ids.options

    def spoken(self):
        """What is asked, what not to write, and the way on."""
        return (self.ids.title.words, self.ids.notice.words, self.ids.keyboard.words["done"])


beside(__file__)
