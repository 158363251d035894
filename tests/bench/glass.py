"""The glass of an X display: fingers on it and the colours seen on it, by the display server's own library.

A program for each press would take longer than what is to be measured.
"""

import ctypes
import ctypes.util
import time
from typing import Self

_ALL_PLANES, _ZPIXMAP = 0xFFFFFFFF, 2
_SIDE = 6


class Glass:
    """One display. Points are pixels from the top left."""

    def __init__(self, display: str) -> None:
        self._x = ctypes.CDLL(ctypes.util.find_library("X11"))
        self._test = ctypes.CDLL(ctypes.util.find_library("Xtst"))
        self._x.XOpenDisplay.restype = self._x.XDefaultRootWindow.restype = ctypes.c_void_p
        self._x.XGetImage.restype = ctypes.c_void_p
        self._x.XGetPixel.restype = ctypes.c_ulong
        self._x.XGetImage.argtypes = [
            ctypes.c_void_p, ctypes.c_void_p, *[ctypes.c_int] * 2, *[ctypes.c_uint] * 2, ctypes.c_ulong, ctypes.c_int
        ]  # fmt: skip
        self._x.XGetPixel.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_int]
        for name in ("XDestroyImage", "XCloseDisplay", "XDefaultRootWindow", "XFlush"):
            getattr(self._x, name).argtypes = [ctypes.c_void_p]
        self._test.XTestFakeMotionEvent.argtypes = [ctypes.c_void_p, *[ctypes.c_int] * 3, ctypes.c_ulong]
        self._test.XTestFakeButtonEvent.argtypes = [ctypes.c_void_p, ctypes.c_uint, ctypes.c_int, ctypes.c_ulong]
        self._display = self._x.XOpenDisplay(display.encode())
        if not self._display:
            raise OSError(f"display {display} cannot be opened")
        self._root = self._x.XDefaultRootWindow(self._display)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._x.XCloseDisplay(self._display)

    def move(self, x: int, y: int) -> None:
        """Be over that point."""
        self._test.XTestFakeMotionEvent(self._display, -1, x, y, 0)
        self._x.XFlush(self._display)

    def press(self) -> float:
        """Touch; gives the moment in seconds of `time.perf_counter`."""
        return self._button(1)

    def let_go(self) -> float:
        """Let go; gives the moment."""
        return self._button(0)

    def colours(self, x: int, y: int) -> tuple[int, ...]:
        """What a small square is filled with."""
        image = self._x.XGetImage(self._display, self._root, x, y, _SIDE, _SIDE, _ALL_PLANES, _ZPIXMAP)
        if not image:
            raise OSError("the display shows nothing there")
        try:
            places = [(column, row) for column in range(0, _SIDE, 2) for row in range(0, _SIDE, 2)]
            return tuple(self._x.XGetPixel(image, *place) for place in places)
        finally:
            self._x.XDestroyImage(image)

    def changed(self, x: int, y: int, before: tuple[int, ...], timeout_s: float = 5) -> float:
        """The moment at which a small square first looks otherwise than before."""
        deadline = time.perf_counter() + timeout_s
        while time.perf_counter() < deadline:
            if self.colours(x, y) != before:
                return time.perf_counter()
            time.sleep(0.0005)
        raise TimeoutError(f"nothing changed at {x}, {y}")

    def _button(self, down: int) -> float:
        self._test.XTestFakeButtonEvent(self._display, 1, down, 0)
        moment = time.perf_counter()
        self._x.XFlush(self._display)
        return moment
