"""Keys over HTTP: receipts held to the server's, which may be handed over; the device's own, which may be rolled."""

import logging
from dataclasses import replace

import pytest
from msgspec import structs

from ikm import wire
from sync import keys
from sync.client import Client
from sync.failure import Cause, Failure
from sync.rolling import roll_key
from tests.contracts.outbox import IDENTITY
from tests.support import samples
from tests.support.fake_server import refused
from tests.support.http_server import Reply, problem_reply

SECOND, THIRD, FOREIGN = bytes([2] * 32), bytes([3] * 32), bytes([9] * 32)


@pytest.fixture
def ring(outbox, http, upstream):
    """The outbox of a device that trusts the server's first key."""
    outbox.held_identity = replace(IDENTITY, server_url=http.url, server_key=upstream.server.key)
    return outbox


@pytest.fixture
def client(ring):
    client = Client(ring.held_identity, "0.1.0", ring)
    yield client
    client.close()


def paths(http):
    return [asked.path.rpartition("/")[2] for asked in http.asked]


def heartbeat(client, nonce="0" * 32):
    return client.push(samples.batch([], nonce=nonce))


def refuses(client):
    with pytest.raises(Failure) as failed:
        heartbeat(client)
    assert failed.value.cause is Cause.NOT_OUR_SERVER


# -- the server's key ----------------------------------------------------------------------------------------------


def test_a_receipt_of_the_pinned_key_counts_and_no_keys_are_fetched(client, http):
    heartbeat(client)
    assert paths(http) == ["batches"]


def test_a_device_without_a_key_takes_the_newest_on_first_use_and_says_so(ring, http, upstream, caplog):
    upstream.server.private_keys += [SECOND]
    ring.held_identity = replace(ring.held_identity, server_key="")
    heartbeat(Client(ring.held_identity, "0.1.0", ring))
    assert ring.held_identity.server_key == keys.public_key(SECOND)
    assert f"server key taken on first use: {wire.fingerprint(keys.public_key(SECOND))}" in caplog.text
    assert paths(http) == ["batches", "keys"]


def test_a_key_that_was_handed_over_twice_is_followed_and_pinned(client, ring, http, upstream):
    upstream.server.private_keys += [SECOND, THIRD]
    heartbeat(client)
    heartbeat(client)
    assert ring.held_identity.server_key == keys.public_key(THIRD)
    assert paths(http) == ["batches", "keys", "batches"]


def test_a_key_another_process_has_pinned_meanwhile_is_taken_without_asking(client, ring, http, upstream):
    upstream.server.private_keys += [SECOND]
    ring.pin_server_key(keys.public_key(SECOND))
    heartbeat(client)
    assert paths(http) == ["batches"]


def test_a_server_with_another_key_is_not_ours(client, ring, upstream):
    upstream.server.private_keys = [FOREIGN]
    refuses(client)
    assert ring.held_identity.server_key != keys.public_key(FOREIGN)


def test_a_receipt_without_signature_is_no_receipt(client, http, upstream):
    upstream.server.sign = lambda receipt: receipt
    refuses(client)
    assert paths(http) == ["batches", "keys"]


@pytest.mark.parametrize(
    "changes",
    [{"head_seq": 7}, {"durable_seq": 7}, {"standing": "revoked"}, {"server_time_ms": 1}, {"configuration": 9}],
    ids=lambda changes: next(iter(changes)),
)
def test_a_receipt_changed_on_its_way_is_no_receipt(client, http, upstream, changes):
    def answer(asked):
        reply = upstream(asked)
        if asked.method == "GET":
            return reply
        return Reply(200, wire.canonical(structs.replace(wire.decode(reply.body, wire.Receipt), **changes)))

    http.answer = answer
    refuses(client)


def chain(*private_keys):
    """Keys as a server that owned all of these would list them."""
    public = [keys.public_key(private) for private in private_keys]
    signatures = [""] + [
        keys.signed(before, wire.server_key_bytes(samples.SERVER, key))
        for before, key in zip(private_keys, public[1:], strict=False)
    ]
    held = [wire.ServerKey(key=key, signature=made) for key, made in zip(public, signatures, strict=True)]
    return wire.ServerKeys(keys=held, server=samples.SERVER)


def without_signature(listed):
    return structs.replace(listed, keys=[structs.replace(key, signature="") for key in listed.keys])


FIRST = bytes(range(100, 132))
FORGED = chain(FIRST, FOREIGN).keys[0], chain(SECOND, FOREIGN).keys[1]


@pytest.mark.parametrize(
    "listed",
    [
        chain(FOREIGN),
        without_signature(chain(FIRST, FOREIGN)),
        wire.ServerKeys(keys=list(FORGED), server=samples.SERVER),
        wire.ServerKeys(keys=chain(FIRST, SECOND, FOREIGN).keys[::2], server=samples.SERVER),
        structs.replace(chain(FIRST, FOREIGN), server=samples.row_id(5)),
    ],
    ids=["no key of ours", "unsigned", "signed by another", "one left out", "another server"],
)
def test_a_key_nobody_handed_over_to_is_never_pinned(client, ring, http, upstream, listed):
    upstream.server.private_keys = [FOREIGN]
    upstream.server.server_keys = lambda: listed
    refuses(client)
    assert ring.held_identity.server_key == keys.public_key(FIRST)
    assert paths(http) == ["batches", "keys"]


# -- the device's key ----------------------------------------------------------------------------------------------


@pytest.fixture
def known(upstream):
    """The server checks signatures, and knows the device by the key it has."""
    upstream.device_key = keys.public_key(IDENTITY.private_key)
    return upstream


def test_a_key_is_kept_before_it_is_asked_for_and_used_from_then_on(client, ring, http, known):
    waiting = []
    http.answer = lambda asked: (waiting.append(ring.next_key()), known(asked))[1]
    new = roll_key(ring, client)
    assert keys.public_key(waiting[0]) == new == known.device_key
    assert (ring.next_key(), keys.public_key(ring.held_identity.private_key)) == (None, new)
    request = wire.decode_key_roll(http.asked[0].body)
    assert keys.is_signed(new, request.proof, wire.key_roll_bytes(samples.DEVICE, new))
    # the client was made before
    assert heartbeat(client).head_seq == 0


def test_a_roll_whose_answer_is_lost_is_brought_to_its_end_by_the_next_round(client, ring, http, known):
    http.answer = lambda asked: Reply(cut=True) if known(asked) else None
    with pytest.raises(Failure):
        roll_key(ring, client)
    assert ring.held_identity.private_key == IDENTITY.private_key
    http.answer = known
    heartbeat(client)
    assert keys.public_key(ring.held_identity.private_key) == known.device_key
    assert ring.next_key() is None


def test_a_roll_whose_answer_is_lost_is_brought_to_its_end_by_another_roll(client, ring, http, known):
    http.answer = lambda asked: Reply(cut=True) if known(asked) else None
    with pytest.raises(Failure):
        roll_key(ring, client)
    http.answer = known
    assert roll_key(ring, client) == known.device_key == keys.public_key(ring.held_identity.private_key)


def test_a_roll_the_server_never_heard_of_is_tried_again_with_the_same_key(client, ring, http, known):
    http.answer = lambda asked: Reply(cut=True)
    with pytest.raises(Failure):
        roll_key(ring, client)
    waiting = ring.next_key()
    http.answer = known
    heartbeat(client)
    assert ring.next_key() == waiting
    assert roll_key(ring, client) == keys.public_key(waiting)


def test_a_refused_roll_leaves_the_old_key_in_use(client, ring, http, known):
    http.answer = lambda asked: problem_reply("key_invalid") if asked.path.endswith("/keys") else known(asked)
    with pytest.raises(Failure) as failed:
        roll_key(ring, client)
    assert failed.value.code == "key_invalid"
    heartbeat(client)
    assert ring.held_identity.private_key == IDENTITY.private_key


def test_a_roll_that_is_confirmed_for_another_key_is_none(client, ring, http, known):
    other = wire.KeyRolled(device=samples.DEVICE, public_key=keys.public_key(FOREIGN), server=samples.SERVER)
    http.answer = lambda asked: Reply(201, wire.canonical(other))
    with pytest.raises(Failure):
        roll_key(ring, client)
    assert ring.held_identity.private_key == IDENTITY.private_key


def test_a_key_that_no_key_of_ours_replaces_is_refused_as_it_is(client, ring, known):
    known.device_key = keys.public_key(FOREIGN)
    ring.put_next_key(SECOND)
    with pytest.raises(Failure) as failed:
        heartbeat(client)
    assert failed.value.code == refused("signature_invalid").code
    assert ring.next_key() == SECOND


def test_no_key_is_ever_logged(client, ring, caplog, known):
    caplog.set_level(logging.DEBUG)
    roll_key(ring, client)
    heartbeat(client)
    for secret in (IDENTITY.private_key, ring.held_identity.private_key):
        assert secret.hex() not in caplog.text
        assert wire.to_base64(secret) not in caplog.text
        assert repr(secret) not in repr(ring.held_identity)
