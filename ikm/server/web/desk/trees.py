"""The organisation, held as long as it stays the same: every request asks for it, and it hardly ever changes."""

import threading
from collections.abc import Sequence
from typing import Protocol

from ikm.domain.organisation import Node, Tree


class Organised(Protocol):
    """Where the places come from."""

    def organisation(self, *, retired: bool = False) -> Sequence[Node]:
        """Every node, parents before children; with retired ones or not."""
        ...

    def organisation_stamp(self) -> tuple[int, ...]:
        """What is another whenever the tree was changed."""
        ...


class Trees:
    """The tree with its retired places. Safe for several threads; other processes' changes are seen at once."""

    def __init__(self, source: Organised) -> None:
        self._source = source
        self._lock = threading.Lock()
        self._held: tuple[tuple[int, ...], Tree] | None = None

    def tree(self) -> Tree:
        """The tree as it is."""
        # asked before the tree is read: at worst it is read once more than needed
        stamp = self._source.organisation_stamp()
        with self._lock:
            if self._held is None or self._held[0] != stamp:
                self._held = stamp, Tree(self._source.organisation(retired=True))
            return self._held[1]
