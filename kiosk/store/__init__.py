"""What the device keeps: its identity, its configuration, and every response as a link of a chain."""

from kiosk.store.errors import AlreadyEnrolled, NotEnrolled, StoreError
from kiosk.store.lock import WindowIsOpen, only_window
from kiosk.store.store import Store

__all__ = ["AlreadyEnrolled", "NotEnrolled", "Store", "StoreError", "WindowIsOpen", "only_window"]
