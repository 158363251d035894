"""What no kiosk would send: each is refused with the code the protocol gives it, and leaves nothing behind."""

import requests
from msgspec import Raw
from msgspec.structs import replace

from ikm import wire
from sync import keys
from sync.ports import Identity
from tests.support import samples
from tests.torture.protocol_world import World

_EXPECTED = {
    "unsigned": "signature_invalid",
    "signed by another": "signature_invalid",
    "body changed after signing": "signature_invalid",
    "hash of other bytes": "row_hash_invalid",
    "gap": "gap",
    "link to nowhere": "gap",
    "link broken inside": "gap",
    "out of order": "batch_order",
    "epoch without opening": "opening_invalid",
    "opening from the future": "opening_invalid",
    "batch of another device": "batch_device_mismatch",
}
MISCHIEF = tuple(_EXPECTED)


def mischief(world: World, kind: str) -> None:
    """Send it, and hold the answer to what is expected."""
    identity, _ = world.identity()
    device = identity.device
    said = _posted(world, identity, _batch(device, kind), kind)
    held = world.held(device)
    assert said.get("code") == _EXPECTED[kind], said
    assert (held.responses, held.heads, held.forks) == ({}, {}, [])


def reuse_an_id(world: World) -> None:
    """A second row under the id of the first: in the chain, kept aside and told, whatever it says."""
    for rating, code in ((2, "response_conflict"), (1, "response_repeated")):
        identity, _ = world.identity()
        device = identity.device
        first = _rows(device, ratings=(1,))[0]
        body = wire.canonical(samples.body(rating))
        facts = {"device": device, "epoch": 1, "seq": 2, "row_id": first.id, "prev_hash": first.hash, "body": body}
        second = wire.Row(body=Raw(body), hash=wire.row_hash(**facts), id=first.id, prev_hash=first.hash, seq=2)
        said = _posted(world, identity, samples.batch([first, second], device=device), "")
        assert (said.get("head_seq"), said.get("rejected")) == (2, [{"code": code, "seq": 2}]), said
        assert list(world.held(device).responses) == [first.id]


def say_it_differently(world: World) -> None:
    """Another row under a number that is held: refused as a fork, kept aside, and nothing from there on is counted."""
    identity, _ = world.identity()
    device = identity.device
    held_rows, others = _rows(device), _rows(device, ratings=(1, 4))
    _posted(world, identity, samples.batch(held_rows, device=device), "")
    said = _posted(world, identity, samples.batch(others, device=device), "")
    assert (said.get("code"), said.get("head_seq"), said.get("head_hash")) == ("fork", 1, held_rows[0].hash), said
    held = world.held(device)
    assert [one[:4] for one in held.aside] == [(others[1].id, 1, 2, "fork")]
    assert [held.responses[row.id][3] for row in held_rows] == [False, True, True]


def _batch(device: str, kind: str) -> wire.Batch:
    batch = samples.batch(_rows(device), device=device)
    match kind:
        case "hash of other bytes":
            batch.rows[1] = replace(batch.rows[1], body=Raw(wire.canonical(samples.body(4))))
        case "gap":
            del batch.rows[0]
        case "link to nowhere":
            return replace(batch, rows=_rows(device, prev="a" * 64))
        case "link broken inside":
            # each row's own hash is right, and the third follows another second than the one that is sent
            other = _rows(device, ratings=(1, 4, 3))
            return replace(batch, rows=[*batch.rows[:2], other[2]])
        case "out of order":
            batch.rows.reverse()
        case "epoch without opening":
            return replace(batch, epoch=2, rows=_rows(device, epoch=2))
        case "opening from the future":
            opening = wire.Opening(
                known_seq=0, previous_epoch=5, previous_hash=wire.GENESIS, previous_seq=0, reason="lost", salvaged=0
            )
            rows = _rows(device, epoch=2, prev=wire.genesis(device, 2, opening))
            return replace(batch, epoch=2, opening=opening, rows=rows)
        case "batch of another device":
            return replace(batch, device=samples.DEVICE, rows=[])
    return batch


def _rows(
    device: str, *, epoch: int = 1, prev: str = wire.GENESIS, ratings: tuple[int, ...] = (1, 2, 3)
) -> list[wire.Row]:
    bodies = [wire.canonical(samples.body(rating)) for rating in ratings]
    return samples.chain(bodies, device=device, epoch=epoch, prev=prev, salt=_salt(device))


def _salt(device: str) -> int:
    return int(device[-4:], 16)


def _posted(world: World, identity: Identity, batch: wire.Batch, kind: str) -> dict[str, object]:
    path = f"/api/v1/devices/{identity.device}/batches"
    body = wire.canonical(batch)
    key = bytes(range(32)) if kind == "signed by another" else identity.private_key
    signature = keys.signature(key, "POST", path, body)
    if kind == "body changed after signing":
        body = wire.canonical(replace(batch, nonce="f" * 32))
    headers = {"Content-Type": "application/json", wire.SIGNATURE_HEADER: signature}
    if kind == "unsigned":
        del headers[wire.SIGNATURE_HEADER]
    answer = requests.post(world.url + path, data=body, headers=headers, timeout=30)
    found: dict[str, object] = answer.json()
    return found
