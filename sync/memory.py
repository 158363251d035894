"""What one round of the sync leaves for the next, in one process: nothing here is needed after a power cut."""

from dataclasses import dataclass

from ikm import wire

_LOOK_BACK_EVERY_MS = 24 * 60 * 60 * 1000


@dataclass
class Memory:
    """The line's measure, and what has been asked already.

    Args:
        limit: How many rows the next batch may have; a slow line makes it smaller.
        asked: Whether the server has said in this process where it stands.
        looked_back_ms: The boot clock at the last look at all epochs, None when one is due.
        unproved: Epochs begun since rows were last taken.
    """

    limit: int = wire.MAX_ROWS
    asked: bool = False
    looked_back_ms: int | None = None
    unproved: int = 0

    def arrived(self) -> None:
        """The line carried a batch: try twice as many rows."""
        self.limit = min(wire.MAX_ROWS, self.limit * 2)

    def gave_out(self, rows: int) -> None:
        """The line gave out under a batch of that many rows: try half as many."""
        self.limit = max(1, min(self.limit, rows) // 2)

    def is_look_back_due(self, boot_ms: int) -> bool:
        """Whether all epochs are to be looked at: when the server went back, and once a day."""
        return self.looked_back_ms is None or boot_ms - self.looked_back_ms >= _LOOK_BACK_EVERY_MS
