"""The running server: granian in this one process, so that ending the process ends all of it."""

import asyncio
import errno
import gc
import logging
import resource
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

from granian.constants import Interfaces
from granian.server.embed import Server
from granian.utils.proxies import wrap_asgi_with_proxy_headers

from ikm.server.ingest import now_ms
from ikm.server.people.links import first_link
from ikm.server.periodic import Periodic
from ikm.server.settings import Settings, address
from ikm.server.store import Store
from ikm.server.web.app import create_app

_LOG = logging.getLogger(__name__)

# a client that never ends its request holds one for half a minute or more, and the fleet needs the others
_CONNECTIONS = 4096
_LEAST_CONNECTIONS = 128
_OTHER_FILES = 256
# a batch is thousands of small objects, none of them in a circle: looked through every 700 they cost a quarter of it
_COLLECT_AFTER = 50_000


class PortTaken(Exception):
    """Something listens there already, or the address is not this machine's; the message is an Indonesian sentence."""


def serve(settings: Settings, tell: Callable[[str], object] = print) -> None:
    """Serve until SIGTERM or SIGINT; requests under way are answered first.

    Where nobody could come in yet, `tell` is given the link that makes the first superadmin.

    Raises:
        PortTaken: Before anything was started.
        Refusal: `server_busy` when the database cannot be reached.
        NewerDatabase: The database was written by a newer version.
    """
    with _only_one(settings.host, settings.port):
        _check_port(settings.host, settings.port)
        app = create_app(settings)
        with closing(Store.open(settings.database)) as store:
            first = first_link(store, settings.public_url, now_ms())
        if first is not None:
            tell(first)
        with closing(Store.open(settings.database)) as store, _by_itself(store, settings):
            asyncio.run(_serve(app, settings))


@contextmanager
def _by_itself(store: Store, settings: Settings) -> Iterator[None]:
    """Let the server do what is due by itself for as long as the block runs."""
    periodic = Periodic(store, settings)
    periodic.start()
    try:
        yield
    finally:
        periodic.stop()


def ease_collector() -> None:
    """Let the garbage collector come seldom, and look at what was made since alone."""
    # what is here now stays to the end and need not be looked through again
    gc.collect()
    gc.freeze()
    gc.set_threshold(_COLLECT_AFTER, 10, 10)


async def _serve(app: object, settings: Settings) -> None:
    server = Server(
        # a proxy on the same machine may say whom it speaks for; nobody else may
        wrap_asgi_with_proxy_headers(app, trusted_hosts=["127.0.0.1", "::1"]),
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        backlog=1024,
        backpressure=_room_for_connections(),
        websockets=False,
        log_access=False,
    )
    ease_collector()
    _LOG.info("Server mendengarkan di %s", address(settings.host, settings.port))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, server.stop)
    await server.serve()


def _room_for_connections() -> int:
    """How many connections there may be at once, having raised this process's limit of open files for them."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _CONNECTIONS + _OTHER_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    room = _CONNECTIONS if soft == resource.RLIM_INFINITY else soft - _OTHER_FILES
    return max(_LEAST_CONNECTIONS, min(_CONNECTIONS, room))


@contextmanager
def _only_one(host: str, port: int) -> Iterator[None]:
    """Hold the port's name for as long as the block runs: two servers started at once would both find the port free.

    The name lives in the kernel, so it goes with the process however that ends.
    """
    with socket.socket(socket.AF_UNIX) as name:
        try:
            name.bind(f"\0ikm-serve-{host}-{port}")
        except OSError as error:
            raise PortTaken(_why(error, host, port)) from None
        yield


def _check_port(host: str, port: int) -> None:
    # granian shares its port with whoever asks for it, so a second server would take half the requests unnoticed
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen()
    except OSError as error:
        raise PortTaken(_why(error, host, port)) from None


def _why(error: OSError, host: str, port: int) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return f"Port {port} di {host} sudah dipakai program lain. Pilih port lain dengan --port atau IKM_PORT."
        case errno.EACCES:
            return f"Port {port} hanya boleh dipakai root. Pilih port di atas 1023 dengan --port atau IKM_PORT."
        case _:
            return f"Alamat {host} bukan alamat komputer ini. Periksa --host atau IKM_HOST."
