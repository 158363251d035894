"""Patience with wrong passwords and codes: a few are free, then each makes the next wait longer, never for ever."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from ikm.server.addresses import neighbourhood

FIRST_WAIT_MS = 30_000
LONGEST_WAIT_MS = 15 * 60_000
FORGOTTEN_MS = 24 * 3_600_000
"""After so long without a wrong one everything is forgotten."""
KNOWN_MS = 30 * 24 * 3_600_000
"""An address from which the account came in within so long does not suffer from what others try."""

_PAIR, _ACCOUNT, _ADDRESS = 5, 20, 30


@dataclass(frozen=True, slots=True)
class Counter:
    """Who is counted, how many wrong tries are free, and the mark that lifts this counter (see `Watch.known`)."""

    who: str
    free: int
    lifted_by: str = ""


@dataclass(frozen=True, slots=True)
class Watch:
    """What counts for one try: the account from that address, the account from anywhere, the address on any account.

    The account as such is only counted where strangers come from: whoever tries the passwords of others from all over
    the world cannot keep them out of their own office.
    """

    pair: Counter
    account: Counter
    address: Counter
    known: str

    @property
    def counters(self) -> Sequence[Counter]:
        """All of them."""
        return self.pair, self.account, self.address


def watch(kind: str, account: str, address: str) -> Watch:
    """What counts for a try of that kind ('sign-in', 'code', 'confirm', 'proof') on that account from that address."""
    place, name = neighbourhood(address), account_name(kind, account)
    known = f"known:{name}:{place}"
    return Watch(
        Counter(f"pair:{name}:{place}", _PAIR),
        Counter(f"account:{name}", _ACCOUNT, known),
        Counter(f"address:{place}", _ADDRESS),
        known,
    )


def account_name(kind: str, account: str) -> str:
    """How an account is named in counters of that kind.

    Only a hash of it is kept: people type their password where their e-mail address belongs.
    """
    return f"{kind}:{hashlib.sha256(account.casefold().encode()).hexdigest()[:32]}"


def wait_ms(tries: int, free: int) -> int:
    """How long after so many wrong ones the next is heard."""
    if tries < free:
        return 0
    # far below the float's and the shift's limits, however many there were
    return min(FIRST_WAIT_MS << min(tries - free, 16), LONGEST_WAIT_MS)
