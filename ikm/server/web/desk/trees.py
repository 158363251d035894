"""The organisation, held for a moment: every request asks for it, and it hardly ever changes."""

import threading
from collections.abc import Sequence
from typing import Protocol

from ikm.domain.organisation import Node, Tree

_FRESH_MS = 1_000


class Organised(Protocol):
    """Where the places come from."""

    def organisation(self, *, retired: bool = False) -> Sequence[Node]:
        """Every node, parents before children; with retired ones or not."""
        ...


class Trees:
    """The tree as it was at most a second ago. Safe for several threads."""

    def __init__(self, source: Organised) -> None:
        self._source = source
        self._lock = threading.Lock()
        self._held: tuple[int, Tree] | None = None

    def tree(self, now_ms: int) -> Tree:
        """The tree."""
        with self._lock:
            if self._held is None or not 0 <= now_ms - self._held[0] < _FRESH_MS:
                self._held = now_ms, Tree(self._source.organisation(retired=True))
            return self._held[1]
