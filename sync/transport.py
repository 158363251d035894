"""One HTTP exchange with the server, bounded in time and size; every way to fail is folded into `Failure`."""

import gzip
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import requests
import urllib3

from ikm import wire
from ikm.domain.errors import Refusal
from sync.failure import Cause, Failure

CONNECT_TIMEOUT_S = 10.0
READ_TIMEOUT_S = 30.0
TOTAL_TIMEOUT_S = 120.0
"""No answer may take longer than this to arrive, however steadily it drips."""

MAX_ANSWER_BYTES = 1024 * 1024
GZIP_FROM_BYTES = 1024

_PIECE_BYTES = 64 * 1024
# The statuses that say "not now" rather than "no"
_NOT_NOW = frozenset({408, 425, 429})
_TOO_LARGE = 413
_NETWORK_LOGIN = 511
# OpenSSL's names for bytes that are no TLS record, by version
_PLAIN_REASONS = frozenset({"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE"})


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: `media_type` without parameters, in lower case."""

    status: int
    media_type: str
    body: bytes


def server_origin(text: str) -> str:
    """A server's address as scheme://host[:port], from what a person typed.

    Raises:
        ValueError: It is not such an address; the message says so in Indonesian.
    """
    typed = text.strip()
    try:
        parts = urlsplit(typed)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ValueError(f"Alamat server tidak benar: {typed}") from None
    if parts.scheme not in {"http", "https"} or not host:
        raise ValueError(f"Alamat server harus seperti https://ikm.contoh.go.id, bukan: {typed}")
    if "@" in parts.netloc:
        raise ValueError("Alamat server tidak boleh memuat nama pengguna atau kata sandi.")
    if parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise ValueError(f"Alamat server hanya berisi nama server, tanpa bagian lain di belakangnya: {typed}")
    name = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{name}" + (f":{port}" if port is not None else "")


class Transport:
    """A session with one server. Not for several threads at once.

    Redirects are not followed: a body for our server is for nobody else. The environment is not consulted (proxies,
    .netrc, certificate bundles), so a variable left over on a machine cannot reroute answers; certificates are checked
    against the bundle of `certifi`, always.
    """

    def __init__(self, origin: str, app_version: str) -> None:
        self._origin = origin
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers.clear()
        self._session.headers.update(
            {
                "User-Agent": f"ikm-kiosk/{app_version}",
                "Accept": "application/json, application/problem+json",
                # an answer is small, and an unpacked one cannot be a bomb
                "Accept-Encoding": "identity",
            }
        )

    def get(self, path: str, headers: Mapping[str, str]) -> Answer:
        """The successful answer to a GET. Raises Failure."""
        return self._exchange("GET", path, None, headers)

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """The successful answer to a POST of JSON, packed where that pays. Raises Failure."""
        extra = {"Content-Type": "application/json", **headers}
        if len(body) > GZIP_FROM_BYTES:
            body = gzip.compress(body, compresslevel=6, mtime=0)
            extra["Content-Encoding"] = "gzip"
        return self._exchange("POST", path, body, extra)

    def close(self) -> None:
        """Give the connections back."""
        self._session.close()

    def _exchange(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        try:
            with self._session.request(
                method,
                self._origin + path,
                data=body,
                headers=dict(headers),
                timeout=(CONNECT_TIMEOUT_S, READ_TIMEOUT_S),
                allow_redirects=False,
                stream=True,
            ) as response:
                answer = _read(response)
                _refuse_unless_successful(answer, response.headers)
                return answer
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            raise _network_failure(error) from error


def _read(response: requests.Response) -> Answer:
    raw: urllib3.BaseHTTPResponse = response.raw
    deadline = time.monotonic() + TOTAL_TIMEOUT_S
    body = bytearray()
    # read1 returns what has come, so that a slow drip meets the deadline
    while piece := raw.read1(_PIECE_BYTES, decode_content=False):
        body += piece
        if len(body) > MAX_ANSWER_BYTES:
            raise Failure(Cause.NOT_OUR_SERVER, "answer too large")
        if time.monotonic() > deadline:
            raise Failure(Cause.NETWORK, "answer too slow")
    media_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return Answer(response.status_code, media_type, bytes(body))


def _refuse_unless_successful(answer: Answer, headers: Mapping[str, str]) -> None:
    status = answer.status
    if 200 <= status < 300:
        if answer.media_type != "application/json":
            raise Failure(Cause.NOT_OUR_SERVER, f"{status} {answer.media_type[:40]}")
        return
    problem = _problem(answer)
    retry_after_s = _retry_after_s(headers.get("Retry-After"), problem)
    raise Failure(
        _cause(status, problem), f"HTTP {status}", status=status, problem=problem, retry_after_s=retry_after_s
    )


def _cause(status: int, problem: wire.Problem | None) -> Cause:
    if status == _NETWORK_LOGIN:
        return Cause.NOT_OUR_SERVER
    if status >= 500 or status in _NOT_NOW:
        return Cause.SERVER
    # a proxy before our server may cap bodies in its own words
    if status == _TOO_LARGE or (problem is not None and status >= 400):
        return Cause.REFUSED
    return Cause.NOT_OUR_SERVER


def _problem(answer: Answer) -> wire.Problem | None:
    if answer.media_type != "application/problem+json":
        return None
    try:
        problem = wire.decode(answer.body, wire.Problem)
    except Refusal:
        return None
    return problem if problem.status == answer.status else None


def _retry_after_s(header: str | None, problem: wire.Problem | None) -> float | None:
    if problem is not None and isinstance(problem.retry_after_s, int):
        return float(problem.retry_after_s)
    if header is None:
        return None
    if header.strip().isascii() and header.strip().isdigit():
        return float(header.strip())
    try:
        at = parsedate_to_datetime(header)
    except ValueError:
        return None
    return max(0.0, (at.astimezone(UTC) - datetime.now(UTC)).total_seconds())


def _is_plain(error: BaseException) -> bool:
    """Whether what answered a TLS greeting was not TLS at all, as a server without https answers it."""
    # the libraries wrap the reason several times, once as an argument and not as the cause
    waiting: list[object] = [error]
    while waiting:
        found = waiting.pop()
        if isinstance(found, ssl.SSLError) and found.reason in _PLAIN_REASONS:
            return True
        if isinstance(found, BaseException):
            waiting.extend((*found.args, getattr(found, "reason", None)))
    return False


def _network_failure(error: Exception) -> Failure:
    name = type(error).__name__
    if isinstance(error, (requests.exceptions.SSLError, urllib3.exceptions.SSLError)):
        return Failure(Cause.NO_TLS if _is_plain(error) else Cause.TLS, name)
    network = (
        requests.ConnectionError,
        requests.Timeout,
        requests.exceptions.ChunkedEncodingError,
        urllib3.exceptions.HTTPError,
    )
    return Failure(Cause.NETWORK if isinstance(error, network) else Cause.UNEXPECTED, name)
