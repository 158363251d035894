"""Moments as officers read them: in the time zone of their regency."""

from ikm.domain.errors import Refusal
from ikm.domain.organisation import Level, Tree
from ikm.domain.period import TimeZone
from ikm.server.store import Store


def zone_of(store: Store, tree: Tree) -> TimeZone:
    """The regency's time zone: its own, else that of its first unit, else WIB. A regency lies in one zone."""
    for node in tree.nodes.values():
        if node.level in (Level.REGENCY, Level.UNIT):
            try:
                return store.time_zone(node.code)
            except Refusal:
                # a regency from before it had a zone
                continue
    return TimeZone.WIB
