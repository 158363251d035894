"""Which questions a citizen of the rotating form is asked: a random few, always of those answered least so far."""

from collections.abc import Mapping, Sequence

_MULTIPLIER, _INCREMENT, _MODULUS = 6364136223846793005, 1442695040888963407, 2**64


def next_seed(seed: int) -> int:
    """The seed after this one (a linear congruential step of 64 bits; Knuth's constants for MMIX)."""
    return (seed * _MULTIPLIER + _INCREMENT) % _MODULUS


def deal(codes: Sequence[str], answered: Mapping[str, int], count: int, seed: int) -> tuple[str, ...]:
    """`count` of the codes (all where there are not so many), in their own order.

    Those with the fewest answers come first and chance decides among equals, so answers per question stay even within
    one as long as everybody who is asked answers, and become even again soon where somebody does not.
    """
    luck = {}
    for code in codes:
        seed = next_seed(seed)
        luck[code] = seed >> 32
    chosen = sorted(codes, key=lambda code: (answered.get(code, 0), luck[code], code))[: max(0, count)]
    return tuple(code for code in codes if code in chosen)
