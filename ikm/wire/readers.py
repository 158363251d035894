"""What decodes each message, made before two threads can ask for it.

msgspec works out how a type is decoded when it first meets it, and leaves on the class what it has so far while it goes
on: another thread that meets the class in that moment follows pointers that are not there yet, and the process dies of
it. Seen of a kiosk whose window and sync read the same configuration just after the start.
"""

import threading
from typing import Any

from msgspec import json

from ikm.wire import configuration, device, server
from ikm.wire.types import Message

_READERS: dict[type[Message], json.Decoder[Any]] = {}
# a signal may come in the middle of making one and ask for another
_MAKING = threading.RLock()


def reader(kind: type[Message]) -> json.Decoder[Any]:
    """The decoder of a message, whole whichever thread asks."""
    return _READERS.get(kind) or _made(kind)


def _made(kind: type[Message]) -> json.Decoder[Any]:
    with _MAKING:
        if kind not in _READERS:
            _READERS[kind] = json.Decoder(kind)
        return _READERS[kind]


# all of the protocol's at once, on the one thread that imports them: with them what is only converted to is whole too
for _module in (configuration, device, server):
    for _kind in vars(_module).values():
        if isinstance(_kind, type) and issubclass(_kind, Message):
            _made(_kind)
