"""A device gives itself another key: the old one asks for it, the new one proves that it is there."""

from ikm import wire
from ikm.domain.errors import Refusal
from ikm.server.ingest import Call, is_id, uncompressed
from ikm.server.keys import check_possession, check_signature
from ikm.server.store import Store


def roll_device_key(store: Store, call: Call, now_ms: int) -> wire.KeyRolled:
    """The server's yes to a device's new key, which stands from now on.

    A device whose answer was lost asks again with the new key alone, and is answered the same.

    Raises:
        Refusal: `device_unknown`, `signature_invalid`, `key_invalid`, or what is wrong with the message.
    """
    raw = uncompressed(call.body, call.encoding)
    roll = wire.decode_key_roll(raw)
    if not is_id(call.device):
        raise Refusal("device_unknown")
    device = store.device(call.device)
    check_signature(device.public_key, call.signature, call.signed(raw))
    store.roll_device_key(device.id, device.public_key, check_possession(device.id, roll), now_ms)
    return wire.KeyRolled(device=device.id, public_key=roll.public_key, server=store.server_id())
