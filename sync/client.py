"""The protocol from the device's side: what is signed and sent, and what counts as an answer.

A receipt counts only if it is our server's answer to this very request: a captive portal's 200, a proxy's old copy, a
cut or doubled answer are not receipts, and change nothing.
"""

from typing import TypeVar

from ikm import wire
from ikm.domain.errors import Refusal
from sync import keys
from sync.failure import Cause, Failure
from sync.ports import Identity
from sync.transport import Answer, Transport, server_origin

M = TypeVar("M", bound=wire.Message)


class Client:
    """The server as one enrolled device sees it. Not for several threads at once."""

    def __init__(self, identity: Identity, app_version: str) -> None:
        self._identity = identity
        self._transport = Transport(identity.server_url, app_version)

    def push(self, batch: wire.Batch) -> wire.Receipt:
        """The receipt for a batch. Whether its head is a row of ours is for the caller to check. Raises Failure."""
        path = f"/api/v1/devices/{self._identity.device}/batches"
        body = wire.canonical(batch)
        answer = self._transport.post(path, body, self._signed("POST", path, body))
        receipt = _decode(answer, 200, wire.Receipt)
        expected = (wire.PROTOCOL, batch.device, batch.epoch, batch.nonce, self._identity.server)
        if (receipt.protocol, receipt.device, receipt.epoch, receipt.nonce, receipt.server) != expected:
            raise Failure(Cause.NOT_OUR_SERVER, "receipt for something else")
        return receipt

    def configuration(self) -> wire.ConfigurationMessage:
        """The newest configuration for this device, one a kiosk can run on. Raises Failure."""
        path = f"/api/v1/devices/{self._identity.device}/configuration"
        answer = self._transport.get(path, self._signed("GET", path, b""))
        return _runnable(_decode(answer, 200, wire.ConfigurationMessage))

    def close(self) -> None:
        """Give the connections back."""
        self._transport.close()

    def _signed(self, method: str, path: str, body: bytes) -> dict[str, str]:
        return {wire.SIGNATURE_HEADER: keys.signature(self._identity.private_key, method, path, body)}


def enrol(
    server_url: str, code: str, private_key: bytes, app_version: str
) -> tuple[Identity, wire.ConfigurationMessage]:
    """Who this device now is and its first configuration, for a one-time code and the device's own new key.

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
    finally:
        transport.close()
    enrolled = _decode(answer, 201, wire.Enrolled)
    _check_protocol(enrolled.protocol)
    identity = Identity(device=enrolled.device, server=enrolled.server, server_url=origin, private_key=private_key)
    return identity, _runnable(enrolled.configuration)


def _decode(answer: Answer, status: int, kind: type[M]) -> M:
    if answer.status != status:
        raise Failure(Cause.NOT_OUR_SERVER, str(answer.status))
    try:
        return wire.decode(answer.body, kind)
    except Refusal as refusal:
        raise Failure(Cause.NOT_OUR_SERVER, f"{kind.__name__} {refusal.detail}") from None


def _runnable(configuration: wire.ConfigurationMessage) -> wire.ConfigurationMessage:
    _check_protocol(configuration.protocol)
    try:
        configuration.to_domain()
    except Refusal as refusal:
        raise Failure(Cause.UNEXPECTED, f"configuration {configuration.version}: {refusal}") from None
    return configuration


def _check_protocol(protocol: int) -> None:
    if protocol != wire.PROTOCOL:
        raise Failure(Cause.NOT_OUR_SERVER, f"protocol {protocol}")
