"""One HTTP exchange with the server, bounded in time and size; every way to fail is folded into `Failure`."""

import gzip
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import MappingProxyType
from urllib.parse import urlsplit

import requests
import urllib3

from ikm import wire
from ikm.domain.errors import Refusal
from sync.deadline import Line, WatchedAdapter
from sync.failure import Cause, Failure

CONNECT_TIMEOUT_S = 10.0
READ_TIMEOUT_S = 30.0
TOTAL_TIMEOUT_S = 120.0
"""No exchange may take longer than this from its first byte to its last, however steadily it drips."""

MAX_ANSWER_BYTES = 1024 * 1024
GZIP_FROM_BYTES = 1024

_PIECE_BYTES = 64 * 1024
# The statuses that say "not now" rather than "no"
_NOT_NOW = frozenset({408, 425, 429})
_TOO_LARGE = 413
_NETWORK_LOGIN = 511
_PAGES = frozenset({"text/html", "application/xhtml+xml"})
# OpenSSL's names for bytes that are no TLS record, by version
_PLAIN_REASONS = frozenset({"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE"})
# OpenSSL's numbers (X509_V_ERR_...) for what is wrong with a certificate
_CERTIFICATE_CAUSES: Mapping[int, Cause] = MappingProxyType(
    {
        9: Cause.TLS_EARLY,
        10: Cause.TLS_EXPIRED,
        18: Cause.TLS_ISSUER,
        19: Cause.TLS_ISSUER,
        20: Cause.TLS_ISSUER,
        21: Cause.TLS_ISSUER,
        62: Cause.TLS_NAME,
        64: Cause.TLS_NAME,
    }
)


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
        self._line = Line()
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, WatchedAdapter(self._line))
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
            with (
                self._line.until(TOTAL_TIMEOUT_S),
                self._session.request(
                    method,
                    self._origin + path,
                    data=body,
                    headers=dict(headers),
                    timeout=(CONNECT_TIMEOUT_S, READ_TIMEOUT_S),
                    allow_redirects=False,
                    stream=True,
                ) as response,
            ):
                answer = _read(response)
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            if self._line.broken:
                raise _too_slow() from error
            raise _network_failure(error) from error
        # an answer that ends with its connection looks whole when the connection was cut
        if self._line.broken:
            raise _too_slow()
        _refuse_unless_successful(answer, response.headers)
        return answer


def _too_slow() -> Failure:
    return Failure(Cause.NETWORK, "exchange too slow", partway=True)


def _read(response: requests.Response) -> Answer:
    raw: urllib3.BaseHTTPResponse = response.raw
    body = bytearray()
    # read1 returns what has come, so that no more than the cap is ever held
    while piece := raw.read1(_PIECE_BYTES, decode_content=False):
        body += piece
        if len(body) > MAX_ANSWER_BYTES:
            raise Failure(Cause.NOT_OUR_SERVER, "answer too large")
    media_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return Answer(response.status_code, media_type, bytes(body))


def _refuse_unless_successful(answer: Answer, headers: Mapping[str, str]) -> None:
    status = answer.status
    if 200 <= status < 300:
        if answer.media_type != "application/json":
            cause = Cause.NETWORK_LOGIN if answer.media_type in _PAGES else Cause.NOT_OUR_SERVER
            raise Failure(cause, f"{status} {answer.media_type[:40]}")
        return
    problem = _problem(answer)
    retry_after_s = _retry_after_s(headers.get("Retry-After"), problem)
    raise Failure(
        _cause(status, problem), f"HTTP {status}", status=status, problem=problem, retry_after_s=retry_after_s
    )


def _cause(status: int, problem: wire.Problem | None) -> Cause:
    # a login page is shown in place of an answer, or the way to it
    if status == _NETWORK_LOGIN or 300 <= status < 400:
        return Cause.NETWORK_LOGIN
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
        # without a zone a date of HTTP is UTC
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    # OverflowError: dates at the ends of the calendar leave it in another zone
    except (ValueError, OverflowError):
        return None
    return max(0.0, (at - datetime.now(UTC)).total_seconds())


def _network_failure(error: Exception) -> Failure:
    name = type(error).__name__
    if isinstance(error, (requests.exceptions.SSLError, urllib3.exceptions.SSLError)):
        return Failure(_tls_cause(error), name)
    if isinstance(error, requests.ConnectTimeout) or any(_is_unconnected(found) for found in _causes(error)):
        return Failure(Cause.NETWORK, name)
    network = (
        requests.ConnectionError,
        requests.Timeout,
        requests.exceptions.ChunkedEncodingError,
        urllib3.exceptions.HTTPError,
    )
    if isinstance(error, network):
        return Failure(Cause.NETWORK, name, partway=True)
    return Failure(Cause.UNEXPECTED, name)


def _is_unconnected(error: object) -> bool:
    return isinstance(error, (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError))


def _tls_cause(error: Exception) -> Cause:
    """What exactly is wrong with the TLS of the other side."""
    for found in _causes(error):
        # what a server without https answers to a TLS greeting is not TLS at all
        if isinstance(found, ssl.SSLError) and found.reason in _PLAIN_REASONS:
            return Cause.NO_TLS
        if isinstance(found, ssl.SSLCertVerificationError):
            return _CERTIFICATE_CAUSES.get(found.verify_code, Cause.TLS)
    return Cause.TLS


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and all it wraps."""
    # the libraries wrap a reason several times, once as an argument and not as the cause
    waiting: list[object] = [error]
    while waiting:
        found = waiting.pop()
        if isinstance(found, BaseException):
            yield found
            waiting.extend((*found.args, getattr(found, "reason", None)))
