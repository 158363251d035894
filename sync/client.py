"""The protocol from the device's side: what is signed and sent, and what counts as an answer.

A receipt counts only if it is our server's answer to this very request, signed by the key this device trusts: a captive
portal's 200, a proxy's old copy, a cut or doubled answer are not receipts, and change nothing.
"""

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from ikm import wire
from ikm.domain.errors import Refusal
from ikm.wire.configuration import CONFIGURATION_PROTOCOL
from sync import keys
from sync.batches import path_of
from sync.failure import Cause, Failure
from sync.keys import KeyRing
from sync.ports import Identity
from sync.transport import Answer, Transport, server_origin

M = TypeVar("M", bound=wire.Message)
T = TypeVar("T")

_KEYS_PATH = "/api/v1/server/keys"

_log = logging.getLogger(__name__)


class Client:
    """The server as one enrolled device sees it. Not for several threads at once.

    Args:
        identity: Who the device is.
        app_version: The version of this software.
        ring: Where keys are kept, those other processes changed meanwhile too; without it a key learnt here is
            forgotten with the client.
    """

    def __init__(self, identity: Identity, app_version: str, ring: KeyRing | None = None) -> None:
        self._identity = identity
        self._ring = ring
        self._transport = Transport(identity.server_url, app_version)

    def push(self, batch: wire.Batch) -> wire.Receipt:
        """The receipt for a batch. Whether its head is a row of ours is for the caller to check. Raises Failure."""

        def read(answer: Answer) -> wire.Receipt:
            receipt = _decode(answer, 200, wire.Receipt)
            expected = (wire.PROTOCOL, batch.device, batch.epoch, batch.nonce, self._identity.server)
            if (receipt.protocol, receipt.device, receipt.epoch, receipt.nonce, receipt.server) != expected:
                raise Failure(Cause.NOT_OUR_SERVER, "receipt for something else")
            self._verify(receipt)
            return receipt

        return self._signed("POST", path_of(batch), wire.canonical(batch), read)

    def configuration(self) -> wire.ConfigurationMessage:
        """The newest configuration for this device, one a kiosk can run on. Raises Failure."""
        path = f"/api/v1/devices/{self._identity.device}/configuration"
        return self._signed(
            "GET", path, None, lambda answer: _runnable(_decode(answer, 200, wire.ConfigurationMessage))
        )

    def roll_key(self, private_key: bytes) -> None:
        """Have the server know this device by that key from now on; the present one signs. Raises Failure."""
        device, server = self._identity.device, self._identity.server
        key = keys.public_key(private_key)
        proof = keys.signed(private_key, wire.key_roll_bytes(device, key))
        body = wire.canonical(wire.KeyRoll(protocol=wire.PROTOCOL, proof=proof, public_key=key))
        answer = self._send("POST", f"/api/v1/devices/{device}/keys", body, self._identity.private_key)
        rolled = _decode(answer, 201, wire.KeyRolled)
        if (rolled.device, rolled.public_key, rolled.server) != (device, key, server):
            raise Failure(Cause.NOT_OUR_SERVER, "another key was taken")

    def close(self) -> None:
        """Give the connections back."""
        self._transport.close()

    def _signed(self, method: str, path: str, body: bytes | None, read: Callable[[Answer], T]) -> T:
        """What `read` makes of the answer, to the key the server knows us by."""
        try:
            return read(self._send(method, path, body, self._identity.private_key))
        except Failure as failure:
            if failure.code != "signature_invalid":
                raise
            for key, adopt in self._other_keys():
                try:
                    found = read(self._send(method, path, body, key))
                except Failure as other:
                    if other.code != "signature_invalid":
                        raise
                    continue
                adopt()
                self._identity = replace(self._identity, private_key=key)
                _log.warning("the server knows this device by another of its keys, which it uses from now on")
                return found
            raise

    def _other_keys(self) -> list[tuple[bytes, Callable[[], None]]]:
        """Keys the server may know us by, each with what is to be done when it does."""
        if self._ring is None:
            return []
        held, following = self._ring.identity(), self._ring.next_key()
        found: list[tuple[bytes, Callable[[], None]]] = []
        if held is not None and held.private_key != self._identity.private_key:
            found.append((held.private_key, lambda: None))
        if following is not None:
            found.append((following, self._ring.use_next_key))
        return found

    def _send(self, method: str, path: str, body: bytes | None, private_key: bytes) -> Answer:
        headers = {wire.SIGNATURE_HEADER: keys.signature(private_key, method, path, body or b"")}
        if body is None:
            return self._transport.get(path, headers)
        return self._transport.post(path, body, headers)

    def _verify(self, receipt: wire.Receipt) -> None:
        """Hold the receipt to the server's key, the one it may have handed over to meanwhile included."""
        held = self._ring.identity() if self._ring else None
        for trusted in (self._identity.server_key, held.server_key if held else ""):
            if keys.is_receipt_signed(trusted, receipt):
                self._identity = replace(self._identity, server_key=trusted)
                return
        trusted = self._identity.server_key
        answer = _decode(self._transport.get(_KEYS_PATH, {}), 200, wire.ServerKeys)
        newest = keys.newest_key(trusted, self._identity.server, answer)
        if not keys.is_receipt_signed(newest, receipt):
            raise Failure(Cause.NOT_OUR_SERVER, "receipt without our server's signature")
        if self._ring is not None:
            self._ring.pin_server_key(newest)
        self._identity = replace(self._identity, server_key=newest)
        how = "handed over to" if trusted else "taken on first use"
        _log.warning("server key %s: %s", how, wire.fingerprint(newest))


def enrol(
    server_url: str, code: str, private_key: bytes, app_version: str
) -> tuple[Identity, wire.ConfigurationMessage]:
    """Who this device now is and its first configuration, for a one-time code and the device's own key.

    The key should be one that is kept already (`sync.keys.kept_key`): to a code that the same key has spent the server
    gives the same answer again.

    Raises:
        ValueError: The address is none; the message says so in Indonesian.
        Failure: The server did not take the device.
    """
    origin = server_origin(server_url)
    request = wire.EnrolRequest(
        app_version=app_version,
        code=code.strip(),
        protocol=wire.PROTOCOL,
        public_key=keys.public_key(private_key),
    )
    transport = Transport(origin, app_version)
    try:
        answer = transport.post("/api/v1/enrolments", wire.canonical(request), {})
    except Failure as failure:
        # no receipt has vouched for the clock of a device that nobody knows yet
        failure.doubt_clock()
        raise
    finally:
        transport.close()
    enrolled = _decode(answer, 201, wire.Enrolled)
    if enrolled.protocol not in wire.SPOKEN:
        raise Failure(Cause.NOT_OUR_SERVER, f"protocol {enrolled.protocol}")
    identity = Identity(
        device=enrolled.device,
        server=enrolled.server,
        server_url=origin,
        private_key=private_key,
        server_key=enrolled.server_key,
    )
    return identity, _runnable(enrolled.configuration)


def _decode(answer: Answer, status: int, kind: type[M]) -> M:
    if answer.status != status:
        raise Failure(Cause.NOT_OUR_SERVER, str(answer.status))
    try:
        message = wire.decode(answer.body, kind)
    except Refusal as refusal:
        raise Failure(Cause.NOT_OUR_SERVER, f"{kind.__name__} {refusal.detail}") from None
    # a decoder takes the last of a doubled member, and our server doubles none
    if wire.canonical(message) != answer.body:
        raise Failure(Cause.NOT_OUR_SERVER, f"{kind.__name__} canonical")
    return message


def _runnable(configuration: wire.ConfigurationMessage) -> wire.ConfigurationMessage:
    if configuration.protocol != CONFIGURATION_PROTOCOL:
        raise Failure(Cause.NOT_OUR_SERVER, f"configuration of protocol {configuration.protocol}")
    try:
        configuration.to_domain()
    except Refusal as refusal:
        raise Failure(Cause.UNEXPECTED, f"configuration {configuration.version}: {refusal}") from None
    return configuration
