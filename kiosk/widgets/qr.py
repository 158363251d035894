"""A QR code of an address, drawn so that any telephone reads it from any palette."""

import segno
from kivy.graphics import Color, Rectangle
from kivy.graphics.texture import Texture
from kivy.properties import BooleanProperty, NumericProperty, StringProperty
from kivy.uix.widget import Widget

QUIET_MODULES = 4
"""The light border the standard asks for, in modules."""

LIGHT, DARK = b"\xff\xff\xff\xff", b"\x00\x00\x00\xff"


def modules_of(address: str) -> tuple[tuple[bool, ...], ...]:
    """Rows from the top, True where dark, with the quiet border; () where no code can hold the address, or it is ""."""
    if not address:
        return ()
    try:
        code = segno.make_qr(address, error="m")
    except segno.DataOverflowError:
        return ()
    return tuple(tuple(bool(module) for module in row) for row in code.matrix_iter(border=QUIET_MODULES))


class QrCode(Widget):
    """The code of `address`: black on white whatever the palette, every module the same whole number of pixels.

    `drawn` is false where there is nothing to show; `module_px` is the size of one module in pixels.
    """

    address = StringProperty("")
    drawn = BooleanProperty(False)
    module_px = NumericProperty(0)

    def __init__(self, **properties: object) -> None:
        self._modules: tuple[tuple[bool, ...], ...] = ()
        self._texture: Texture | None = None
        super().__init__(**properties)
        with self.canvas:
            Color(1, 1, 1, 1)
            self._picture = Rectangle(size=(0, 0))
        self.fbind("address", self._encode)
        for name in ("pos", "size"):
            self.fbind(name, self._place)
        self._encode()

    def _encode(self, *_event: object) -> None:
        self._modules = modules_of(self.address)
        self.drawn = bool(self._modules)
        if self._modules:
            side = len(self._modules)
            if self._texture is None or self._texture.size != (side, side):
                self._texture = Texture.create(size=(side, side), colorfmt="rgba")
                self._texture.mag_filter = self._texture.min_filter = "nearest"
                # a lost graphics context takes the picture with it
                self._texture.add_reload_observer(self._paint)
            self._paint(self._texture)
            self._picture.texture = self._texture
        self._place()

    def _paint(self, texture: Texture) -> None:
        # textures begin at the bottom
        rows = reversed(self._modules)
        pixels = b"".join(DARK if dark else LIGHT for row in rows for dark in row)
        texture.blit_buffer(pixels, colorfmt="rgba", bufferfmt="ubyte")

    def _place(self, *_event: object) -> None:
        side = len(self._modules)
        self.module_px = int(min(self.width, self.height) // side) if side else 0
        across = self.module_px * side
        self._picture.size = (across, across)
        self._picture.pos = (int(self.x + (self.width - across) / 2), int(self.y + (self.height - across) / 2))
