"""How much the log still says where room gets scarce: the log is what a full medium can do without."""

import logging
from collections.abc import Mapping

from kiosk.space import Room

_LEVELS: Mapping[Room, int] = {
    Room.PLENTY: logging.INFO,
    Room.LOW: logging.ERROR,
    # above all there is
    Room.FULL: logging.CRITICAL + 1,
}
_LOGGERS = ("kiosk", "sync")


def quieten(room: Room) -> None:
    """Let the log say as much as there is room for. The change itself is said while, or as soon as, anything may be."""
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    for logger in loggers:
        logger.setLevel(logging.INFO)
    logging.getLogger(__name__).warning("room on the medium: %s", room.name.lower())
    for logger in loggers:
        logger.setLevel(_LEVELS[room])
