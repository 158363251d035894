"""Sound through the library that comes with Kivy, without Kivy: this runs in a process that has no window."""

import ctypes
import ctypes.util
import importlib.util
from pathlib import Path

FULL_VOLUME = 10
RATE_HZ = 44_100
_SDL_INIT_AUDIO = 0x10
_MIX_INIT_OGG = 0x10
_S16 = 0x8010
_MIX_MAX_VOLUME = 128
_BUFFER_FRAMES = 1024


class NoSound(Exception):
    """A device or a file that does not sound; the message is the library's own."""


def _library(name: str) -> ctypes.CDLL:
    # the very libraries that Kivy brings; asking where Kivy lies does not import it
    kivy = importlib.util.find_spec("kivy")
    folder = Path(kivy.origin).parent.parent / "Kivy.libs" if kivy and kivy.origin else Path()
    beside = sorted(folder.glob(f"lib{name}-*.so*"))
    found = str(beside[0]) if beside else ctypes.util.find_library(name)
    if found is None:
        raise NoSound(f"library {name} not found")
    try:
        return ctypes.CDLL(found)
    except OSError as trouble:
        raise NoSound(str(trouble)) from trouble


class Mixer:
    """One sound device, opened when it is first needed. Raises NoSound wherever the library says no."""

    def __init__(self) -> None:
        # in this order: the mixer needs the other one
        self._sdl, self._mix = _library("SDL2-2"), _library("SDL2_mixer-2")
        self._sdl.SDL_GetError.restype = ctypes.c_char_p
        self._sdl.SDL_RWFromFile.restype = ctypes.c_void_p
        self._sdl.SDL_RWFromFile.argtypes = [ctypes.c_char_p, ctypes.c_char_p]
        self._mix.Mix_LoadWAV_RW.restype = ctypes.c_void_p
        self._mix.Mix_LoadWAV_RW.argtypes = [ctypes.c_void_p, ctypes.c_int]
        self._mix.Mix_FreeChunk.argtypes = [ctypes.c_void_p]
        self._mix.Mix_PlayChannelTimed.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_int]
        self._chunk: int | None = None
        self._open = False

    def play(self, path: Path, volume: int) -> None:
        """Sound this file, instead of whatever sounds now."""
        self._need_device()
        self.stop()
        source = self._sdl.SDL_RWFromFile(str(path).encode(), b"rb")
        self._chunk = self._mix.Mix_LoadWAV_RW(source, 1) if source else None
        if not self._chunk:
            raise NoSound(self._error())
        self._mix.Mix_Volume(-1, round(_MIX_MAX_VOLUME * max(0, min(volume, FULL_VOLUME)) / FULL_VOLUME))
        if self._mix.Mix_PlayChannelTimed(0, self._chunk, 0, -1) < 0:
            raise NoSound(self._error())

    def playing(self) -> bool:
        """Whether the file still sounds."""
        return self._open and bool(self._mix.Mix_Playing(0))

    def stop(self) -> None:
        """Be silent."""
        if self._open:
            self._mix.Mix_HaltChannel(-1)
        if self._chunk:
            self._mix.Mix_FreeChunk(self._chunk)
            self._chunk = None

    def close(self) -> None:
        """Let go of the device, for others and for its power."""
        self.stop()
        if self._open:
            self._mix.Mix_CloseAudio()
            self._sdl.SDL_QuitSubSystem(_SDL_INIT_AUDIO)
            self._open = False

    def _need_device(self) -> None:
        if self._open:
            return
        if self._sdl.SDL_InitSubSystem(_SDL_INIT_AUDIO) != 0:
            raise NoSound(self._error())
        self._mix.Mix_Init(_MIX_INIT_OGG)
        if self._mix.Mix_OpenAudio(RATE_HZ, _S16, 2, _BUFFER_FRAMES) != 0:
            # a loudspeaker may be plugged in later, and is only found by looking anew
            trouble = self._error()
            self._sdl.SDL_QuitSubSystem(_SDL_INIT_AUDIO)
            raise NoSound(trouble)
        self._open = True

    def _error(self) -> str:
        said: bytes | None = self._sdl.SDL_GetError()
        return (said or b"").decode(errors="replace")
