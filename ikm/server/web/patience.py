"""How long a client is waited for, and what it means when it goes: bad networks are no mistakes of this server."""

import asyncio

from litestar.types import ASGIApp, Receive, ReceiveMessage, Scope, Send

from ikm.domain.errors import Refusal

BODY_DEADLINE_S = 150.0
"""A device gives up after two minutes, so whoever still sends after this is none."""


class Patience:
    """Middleware that gives each request's body so many seconds, however slowly it drips in."""

    def __init__(self, app: ASGIApp, deadline_s: float) -> None:
        self._app = app
        self._deadline_s = deadline_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        await self._app(scope, _Body(receive, asyncio.get_running_loop().time() + self._deadline_s), send)


class _Body:
    def __init__(self, receive: Receive, until: float) -> None:
        self._receive = receive
        self._until = until
        self._whole = False

    async def __call__(self) -> ReceiveMessage:
        """The next piece. Raises Refusal (`request_too_slow`; `body_malformed` when the client went before its end)."""
        if self._whole:
            return await self._receive()
        try:
            async with asyncio.timeout_at(self._until):
                message = await self._receive()
        except TimeoutError:
            raise Refusal("request_too_slow") from None
        if message["type"] == "http.disconnect":
            raise Refusal("body_malformed", "cut short")
        self._whole = message["type"] == "http.request" and not message.get("more_body", False)
        return message
