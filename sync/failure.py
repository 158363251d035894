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
    NETWORK_LOGIN = "network_login"
    NOT_OUR_SERVER = "not_our_server"
    TLS = "tls"
    TLS_EXPIRED = "tls_expired"
    TLS_EARLY = "tls_early"
    TLS_NAME = "tls_name"
    TLS_ISSUER = "tls_issuer"
    NO_TLS = "no_tls"
    REFUSED = "refused"
    SERVER = "server"
    DIVERGED = "diverged"
    MEDIUM = "medium"
    MEDIUM_FULL = "medium_full"
    RECEIPTS_UNREADABLE = "receipts_unreadable"
    UNEXPECTED = "unexpected"


_SENTENCES: Mapping[Cause, str] = MappingProxyType(
    {
        Cause.NETWORK: "Server tidak dapat dihubungi. Periksa alamatnya, jaringan perangkat ini, dan servernya.",
        Cause.NETWORK_LOGIN: (
            "Yang menjawab bukan server IKM: jaringan ini butuh login jaringan lebih dahulu, "
            "atau alamat servernya salah."
        ),
        Cause.NOT_OUR_SERVER: "Yang menjawab bukan server IKM. Mungkin jaringan ini meminta login lebih dahulu.",
        Cause.TLS: "Sertifikat server tidak dapat diperiksa. Hubungi pengelola.",
        Cause.TLS_EXPIRED: "Sertifikat server sudah kedaluwarsa. Hubungi pengelola.",
        Cause.TLS_EARLY: "Sertifikat server belum berlaku. Hubungi pengelola.",
        Cause.TLS_NAME: "Sertifikat server dibuat untuk nama lain. Periksa alamat server.",
        Cause.TLS_ISSUER: (
            "Penerbit sertifikat server tidak dikenal perangkat ini; mungkin jaringan ini menyadap sambungan. "
            "Hubungi pengelola."
        ),
        Cause.NO_TLS: (
            "Server di alamat ini tidak memakai https; periksa alamat atau pakai http:// bila pengelola memintanya."
        ),
        Cause.REFUSED: "Server menolak permintaan perangkat ini.",
        Cause.SERVER: "Server sedang bermasalah.",
        Cause.DIVERGED: "Catatan server tidak cocok dengan catatan perangkat ini. Hubungi pengelola.",
        Cause.MEDIUM: "Media tidak dapat dipakai. Periksa apakah masih terpasang dan dapat ditulisi, lalu ulangi.",
        Cause.MEDIUM_FULL: "Media penuh. Kosongkan atau pakai media lain, lalu ulangi.",
        Cause.RECEIPTS_UNREADABLE: "Berkas ini bukan tanda terima server untuk perangkat ini, atau isinya rusak.",
        Cause.UNEXPECTED: "Terjadi kesalahan yang tidak terduga. Kejadian ini sudah dicatat.",
    }
)

# where the sentence that goes with the code would leave people in doubt about their answers
_SENTENCES_OF_CODES: Mapping[str, str] = MappingProxyType(
    {
        "protocol_unsupported": (
            "Server belum mengenal versi perangkat lunak kios ini. Jawaban tetap tersimpan dan dikirim setelah server "
            "diperbarui; hubungi pengelola."
        ),
    }
)

_CLOCK_FIRST = "Jam dan tanggal perangkat ini mungkin salah; betulkan lebih dahulu."

_TLS = frozenset({Cause.TLS, Cause.TLS_EXPIRED, Cause.TLS_EARLY, Cause.TLS_NAME, Cause.TLS_ISSUER})

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
        partway: Whether the line gave out after the request had begun, as a slow line does under a large one.
    """

    def __init__(
        self,
        cause: Cause,
        detail: str = "",
        *,
        status: int | None = None,
        problem: Problem | None = None,
        retry_after_s: float | None = None,
        partway: bool = False,
    ) -> None:
        self.cause = cause
        self.status = status
        self.problem = problem
        self.detail = detail
        self.retry_after_s = retry_after_s
        self.partway = partway
        self._clock_doubted = False
        super().__init__(f"{self.code}: {detail}" if detail else self.code)

    @property
    def code(self) -> str:
        """The stable code: the server's own where it named one, otherwise the cause."""
        return self.problem.code if self.problem and self.problem.code in PROBLEMS else self.cause.value

    @property
    def sentence(self) -> str:
        """What to tell people, in Indonesian. Of the server's words only the code is used: nothing foreign is shown."""
        if self.problem and self.problem.code in PROBLEMS:
            if self.problem.code in _SENTENCES_OF_CODES:
                return _SENTENCES_OF_CODES[self.problem.code]
            # nothing is wrong with a server that asks for patience
            if self.status == HTTPStatus.TOO_MANY_REQUESTS:
                return PROBLEMS[self.problem.code].title
            return f"{_SENTENCES[self.cause]} {PROBLEMS[self.problem.code].title}"
        if self._clock_doubted:
            return f"{_CLOCK_FIRST} {_SENTENCES[self.cause]}"
        return _SENTENCES[self.cause]

    @property
    def slow(self) -> bool:
        """Whether a person has to do something first, so that trying each minute is only noise."""
        return self.cause in _SLOW

    def doubt_clock(self) -> None:
        """Name this device's clock first, where the failure is one that a wrong clock brings about."""
        self._clock_doubted = self.cause in _TLS
