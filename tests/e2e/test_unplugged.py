"""A touchscreen that is pulled out under a finger while the kiosk runs: the window goes on, the keyboard works."""

import ctypes
import ctypes.util
import subprocess

import pytest

from tests.e2e.test_without_a_finger import Keyboard, folder, kept, keyboard  # noqa: F401 - fixtures among them
from tests.support import samples

pytestmark = [pytest.mark.whole, pytest.mark.window]

_ALL_DEVICES, _SLAVE_POINTER, _DETACH = 0, 3, 4


class _Device(ctypes.Structure):
    _fields_ = [
        ("id", ctypes.c_int), ("name", ctypes.c_char_p), ("use", ctypes.c_int), ("attachment", ctypes.c_int),
        ("enabled", ctypes.c_int), ("num_classes", ctypes.c_int), ("classes", ctypes.c_void_p),
    ]  # fmt: skip


class _Detach(ctypes.Structure):
    # as large as the largest member of the library's union
    _fields_ = [("type", ctypes.c_int), ("id", ctypes.c_int), ("rest", ctypes.c_byte * 32)]


def unplug(display: str) -> list[str]:
    """Takes the pointing device from the display, as the system does when its cable goes; gives what was taken.

    The pretended one that this test presses with cannot be taken; it is simply not used any more.
    """
    x, xi = (ctypes.CDLL(ctypes.util.find_library(name)) for name in ("X11", "Xi"))
    x.XOpenDisplay.restype = ctypes.c_void_p
    x.XSync.argtypes = [ctypes.c_void_p, ctypes.c_int]
    x.XCloseDisplay.argtypes = [ctypes.c_void_p]
    xi.XIQueryDevice.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.POINTER(ctypes.c_int)]
    xi.XIQueryDevice.restype = ctypes.POINTER(_Device)
    xi.XIChangeHierarchy.argtypes = [ctypes.c_void_p, ctypes.POINTER(_Detach), ctypes.c_int]
    connection = x.XOpenDisplay(display.encode())
    count, taken = ctypes.c_int(), []
    devices = xi.XIQueryDevice(connection, _ALL_DEVICES, ctypes.byref(count))
    for place in range(count.value):
        device = devices[place]
        if device.use == _SLAVE_POINTER and b"XTEST" not in device.name:
            taken.append(device.name.decode())
            assert xi.XIChangeHierarchy(connection, ctypes.byref(_Detach(_DETACH, device.id)), 1) == 0
    x.XSync(connection, 0)
    x.XCloseDisplay(connection)
    return taken


def point(display: str, *orders: str) -> None:
    subprocess.run(["xdotool", *orders], env={"DISPLAY": display, "PATH": "/usr/bin:/bin"}, check=True)


def middle(kiosk: Keyboard, name: str) -> list[str]:
    left, top, width, height = kiosk.until(lambda seen: name in seen.targets).targets[name]
    return [str(left + width // 2), str(top + height // 2)]


@pytest.fixture
def display():
    """A display of its own, as large as the window: what is unplugged stays so."""
    from tests.support.screen import screen

    with screen("1280x800") as name:
        yield name


def test_a_survey_begun_by_touch_is_ended_by_keyboard_when_the_touchscreen_goes(keyboard, folder, display):  # noqa: F811
    # a window that has only just come is not given the pointer at once
    while keyboard.until(lambda seen: seen.accepts).screen == "attract":
        point(display, "mousemove", *middle(keyboard, "start"), "click", "1", "sleep", "0.3")
    first, *others = samples.CODES
    keyboard.until(lambda seen: seen.subject == first and seen.accepts)
    # the finger is still down on an answer when the cable goes, and nothing will ever say that it left
    place = middle(keyboard, "rating-1")
    point(display, "mousemove", *place, "mousedown", "1")
    assert unplug(display) == ["Xvfb mouse"]
    keyboard.press("4")
    for code in others:
        rating = 3 if others.index(code) % 2 == 0 else 4
        keyboard.until(
            lambda seen, code=code, name=f"rating-{rating}": (
                seen.subject == code and seen.accepts and name in seen.targets
            )
        )
        keyboard.press(str(rating))
    for screen in ("profile", "comment"):
        keyboard.until(lambda seen, screen=screen: seen.screen == screen and seen.accepts)
        keyboard.tab_to("done")
        keyboard.press("Return")
    keyboard.until(lambda seen: seen.screen == "thanks")
    body = kept(folder)
    assert body.answers == {first: 4} | {code: 3 + place % 2 for place, code in enumerate(others)}
    assert set(body.visit.inputs) == {"keyboard", "touch"}
