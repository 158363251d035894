"""A mail server of our own on this machine: it speaks SMTP, keeps what it is given, and refuses what it is told to."""

import asyncio
import base64
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage


@dataclass
class Post:
    """What came in, and how the server behaves: addresses it refuses, or mails to them, with which code; logins."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    logins: list[tuple[str, str]] = field(default_factory=list)
    refused: dict[str, int] = field(default_factory=dict)
    unread: dict[str, int] = field(default_factory=dict)
    login_refused: bool = False


@contextmanager
def post_office() -> Iterator[Post]:
    """A running server on a free port of the loopback."""
    post, loop, ready = Post(), asyncio.new_event_loop(), threading.Event()
    stop = asyncio.Event()

    async def serve() -> None:
        server = await asyncio.start_server(lambda reader, writer: _talk(post, reader, writer), "127.0.0.1", 0)
        post.port = server.sockets[0].getsockname()[1]
        ready.set()
        async with server:
            await stop.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    ready.wait()
    try:
        yield post
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()


async def _talk(post: Post, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    def say(line: str) -> None:
        writer.write(f"{line}\r\n".encode())

    say("220 here")
    while line := (await reader.readline()).decode().strip():
        verb = line.upper().split()[0]
        if verb == "EHLO":
            say("250-here")
            say("250 AUTH PLAIN")
        elif verb == "AUTH":
            _, user, password = base64.b64decode(line.split()[2]).decode().split("\0")
            post.logins.append((user, password))
            say("535 no" if post.login_refused else "235 welcome")
        elif verb == "RCPT":
            address = line.partition("<")[2].partition(">")[0]
            say(f"{post.refused.get(address, 250)} said")
        elif verb == "DATA":
            say("354 go on")
            raw = await reader.readuntil(b"\r\n.\r\n")
            mail = message_from_bytes(raw[:-3], policy=policy.default)
            code = post.unread.get(str(mail["To"]), 250)
            if code == 250:
                post.mails.append(mail)
            say(f"{code} read")
        elif verb == "QUIT":
            say("221 bye")
            break
        else:
            say("250 fine")
    writer.close()
