"""Stories in which a promise of the protocol is the only thing between an answer and its loss.

Chance finds these too, in hours; told outright they take seconds, and each mutant of the protocol dies in one of them.
"""

from collections.abc import Callable

from tests.support.fault_proxy import Trouble
from tests.torture.machine import Protocol
from tests.torture.mischief import MISCHIEF, mischief, reuse_an_id, say_it_differently


def _cached_receipt(told: Protocol) -> None:
    """A proxy serves yesterday's receipt after the server was put back to the day before."""
    told.back_the_server_up()
    told.tap(0, 3)
    told.send(0, [])
    told.restore_the_server()
    # nothing new to send: to a heartbeat that receipt would be all that is said
    told.send(0, [Trouble.OLD_ANSWER])


def _forged_receipt(told: Protocol) -> None:
    """Somebody on the way has read the request and answers it, right in all but the signature."""
    told.send(0, [])
    told.tap(0, 3)
    told.send(0, [Trouble.FORGED])


def _clone_with_as_many(told: Protocol) -> None:
    """The second machine of a cloned card has as many rows as the server, others, and none after them."""
    told.tap(0, 1)
    told.send(0, [])
    told.clone()
    told.tap(0, 3)
    told.send(0, [])
    told.tap(1, 3)
    told.send(1, [])


def _clones_in_turn(told: Protocol) -> None:
    """Both machines of a cloned card are at work, and know their server already."""
    told.tap(0, 1)
    told.clone()
    told.send(0, [])
    told.send(1, [])
    for _ in range(3):
        told.tap(0, 2)
        told.tap(1, 1)
        told.send(0, [])
        told.send(1, [])


def _uncountable_first(told: Protocol) -> None:
    """A row nobody can count stands before good ones."""
    told.tap_what_nobody_can_count(0)
    told.tap(0, 2)
    told.send(0, [])


def _uncountable_last(told: Protocol) -> None:
    """A row nobody can count stands after good ones."""
    told.tap(0, 2)
    told.tap_what_nobody_can_count(0)
    told.send(0, [])
    told.tap(0, 1)


def _put_back(told: Protocol) -> None:
    """An old image of the card is written to it."""
    told.tap(0, 2)
    told.send(0, [])
    told.keep_an_image()
    told.tap(0, 3)
    told.send(0, [])
    told.put_the_image_back()
    told.tap(0, 2)
    told.send(0, [])


def _restored(told: Protocol) -> None:
    """The server is put back while a card goes on."""
    told.tap(0, 2)
    told.send(0, [])
    told.back_the_server_up()
    told.tap(0, 3)
    told.send(0, [])
    told.restore_the_server()
    told.tap(0, 1)
    told.send(0, [Trouble.LOST_ANSWER])
    told.send(0, [Trouble.TWICE_AT_ONCE])


def _mischief(told: Protocol) -> None:
    """Everything no kiosk would send."""
    for kind in MISCHIEF:
        mischief(told.world, kind)
    reuse_an_id(told.world)
    say_it_differently(told.world)


def _rolled(told: Protocol) -> None:
    """The server's key is followed by two others between receipts."""
    told.tap(0, 1)
    told.send(0, [])
    told.roll_the_servers_key()
    told.roll_the_servers_key()
    told.tap(0, 1)
    told.send(0, [])


STORIES: dict[str, Callable[[Protocol], None]] = {
    story.__name__.strip("_"): story
    for story in (
        _cached_receipt, _forged_receipt, _clone_with_as_many, _clones_in_turn, _uncountable_first, _uncountable_last,
        _put_back, _restored, _mischief, _rolled,
    )
}  # fmt: skip


def tell(story: str, machine: type[Protocol]) -> None:
    """Play a story to its end, every promise checked after it and once all has been sent."""
    told = machine()
    told.enrol()
    STORIES[story](told)
    told.what_is_acknowledged_is_on_the_server()
    told.heads_are_what_came()
    told.nothing_is_there_that_nobody_said()
    told.only_clones_fork_and_disputed_rows_are_held()
    told.teardown()
