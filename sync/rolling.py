"""A new key for a device: on the medium first, then the server's, then in use."""

from sync import keys
from sync.client import Client
from sync.failure import Failure
from sync.keys import KeyRing


def roll_key(ring: KeyRing, client: Client) -> str:
    """The device's new public key, once the server knows it; a roll that broke off is brought to its end.

    The client must be one with that key ring. Raises Failure.
    """
    private_key = keys.kept_key(ring)
    try:
        client.roll_key(private_key)
    except Failure as failure:
        if failure.code != "signature_invalid":
            raise
        # the answer of an earlier try was lost: whatever the new key can sign shows that the server has it
        client.configuration()
    else:
        ring.use_next_key()
    return keys.public_key(private_key)
