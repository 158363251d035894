"""Why a request came to nothing: a few causes with stable codes, each with a sentence for the status screen."""

from collections.abc import Mapping
from enum import StrEnum
from http import HTTPStatus
from types import MappingProxyType

from ikm.domain.errors import PROBLEMS
from ikm.wire import Problem


class Cause(StrEnum):
    """What kind of failure it was; the value is the code shown and logged."""

    NETWORK = "network"
    NOT_OUR_SERVER = "not_our_server"
    TLS = "tls"
    NO_TLS = "no_tls"
    REFUSED = "refused"
    SERVER = "server"
    DIVERGED = "diverged"
    UNEXPECTED = "unexpected"


_SENTENCES: Mapping[Cause, str] = MappingProxyType(
    {
        Cause.NETWORK: "Server tidak dapat dihubungi. Periksa alamatnya, jaringan perangkat ini, dan servernya.",
        Cause.NOT_OUR_SERVER: "Yang menjawab bukan server IKM. Mungkin jaringan ini meminta login lebih dahulu.",
        Cause.TLS: "Sertifikat server tidak sah atau belum dapat diperiksa. Pastikan jam dan tanggal perangkat benar.",
        Cause.NO_TLS: (
            "Server di alamat ini tidak memakai https; periksa alamat atau pakai http:// bila pengelola memintanya."
        ),
        Cause.REFUSED: "Server menolak permintaan perangkat ini.",
        Cause.SERVER: "Server sedang bermasalah.",
        Cause.DIVERGED: "Catatan server tidak cocok dengan catatan perangkat ini. Hubungi pengelola.",
        Cause.UNEXPECTED: "Terjadi kesalahan yang tidak terduga. Kejadian ini sudah dicatat.",
    }
)

# Only a person can mend these; asking again soon changes nothing
_SLOW = frozenset({Cause.REFUSED, Cause.DIVERGED})


class Failure(Exception):
    """A request that came to nothing; no row has been acknowledged by it.

    Args:
        cause: What kind.
        detail: What exactly, for the log: an exception's name, a place. Never an answer's content.
        status: The HTTP status, where there was an answer.
        problem: What the server said, when it spoke.
        retry_after_s: How many seconds the server asks to be left alone.
    """

    def __init__(
        self,
        cause: Cause,
        detail: str = "",
        *,
        status: int | None = None,
        problem: Problem | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        self.cause = cause
        self.status = status
        self.problem = problem
        self.detail = detail
        self.retry_after_s = retry_after_s
        super().__init__(f"{self.code}: {detail}" if detail else self.code)

    @property
    def code(self) -> str:
        """The stable code: the server's own where it named one, otherwise the cause."""
        return self.problem.code if self.problem and self.problem.code in PROBLEMS else self.cause.value

    @property
    def sentence(self) -> str:
        """One or two sentences in Indonesian. Of the server's words only the code is used: nothing foreign is shown."""
        if self.problem and self.problem.code in PROBLEMS:
            # nothing is wrong with a server that asks for patience
            if self.status == HTTPStatus.TOO_MANY_REQUESTS:
                return PROBLEMS[self.problem.code].title
            return f"{_SENTENCES[self.cause]} {PROBLEMS[self.problem.code].title}"
        return _SENTENCES[self.cause]

    @property
    def slow(self) -> bool:
        """Whether a person has to do something first, so that trying each minute is only noise."""
        return self.cause in _SLOW
