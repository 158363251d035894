"""The server's settings, read once from the environment and refused when anything in them is not understood."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

_NAMES = (
    "IKM_DATA", "IKM_DATABASE_URL", "IKM_HOST", "IKM_MAIL_FROM", "IKM_PORT", "IKM_PUBLIC_URL", "IKM_SMTP_URL",
)  # fmt: skip
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_POSTGRES = "postgresql+psycopg"


class SettingsError(Exception):
    """A setting that cannot be used; the message is one Indonesian sentence naming the variable."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """The server that takes our mail: `implicit` where the line is TLS from its first byte, else STARTTLS is asked for.

    `user` is '' where it lets us in without.
    """

    host: str
    port: int
    implicit: bool
    user: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the server keeps its data, where it listens, and the address people and devices know it by.

    Without `mail` no mail is sent; `mail_from` is whom it is from.
    """

    database: URL
    host: str = "127.0.0.1"
    port: int = 8080
    public_url: str = "http://127.0.0.1:8080"
    mail: MailServer | None = None
    mail_from: str = ""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """The settings of an environment.

        Raises:
            SettingsError: A value is not understood, or a name that begins with IKM_ is not one of ours.
        """
        for name in sorted(environment):
            if name.startswith("IKM_") and name not in _NAMES:
                raise SettingsError(f"Pengaturan {name} tidak dikenal; yang ada: {', '.join(_NAMES)}.")
        host = _host(environment.get("IKM_HOST", "127.0.0.1"))
        port = _port(environment.get("IKM_PORT", "8080"))
        mail = _mail(environment.get("IKM_SMTP_URL", ""))
        return cls(
            database=_database(environment),
            host=host,
            port=port,
            public_url=_public_url(environment.get("IKM_PUBLIC_URL") or address(host, port)),
            mail=mail,
            mail_from=_mail_from(environment.get("IKM_MAIL_FROM", ""), needed=mail is not None),
        )


def base_url(settings: Settings) -> str:
    """Where the public pages are for others than this computer; '' where nobody else could reach them."""
    return "" if urlsplit(settings.public_url).hostname in _LOOPBACK else settings.public_url


def address(host: str, port: int) -> str:
    """The http address of a host and port; an IPv6 host gets its brackets."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _database(environment: Mapping[str, str]) -> URL:
    text = environment.get("IKM_DATABASE_URL", "")
    if not text:
        folder = Path(environment.get("IKM_DATA") or "var/server")
        return URL.create("sqlite", database=str(folder.absolute() / "ikm.db"))
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise SettingsError("IKM_DATABASE_URL bukan alamat basis data yang benar.") from None
    if url.drivername in ("postgresql", "postgres"):
        url = url.set(drivername=_POSTGRES)
    if url.drivername not in ("sqlite", _POSTGRES):
        raise SettingsError("IKM_DATABASE_URL harus dimulai dengan postgresql:// atau sqlite:///.")
    if not url.database or url.database == ":memory:":
        raise SettingsError("IKM_DATABASE_URL tidak menyebut nama basis data.")
    return url


def _host(text: str) -> str:
    if not text or any(sign.isspace() or sign in "/@" for sign in text):
        raise SettingsError("IKM_HOST harus berupa alamat atau nama komputer, misalnya 0.0.0.0.")
    return text.strip("[]")


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 65_535):
        raise SettingsError("IKM_PORT harus berupa bilangan 1 sampai 65535.")
    return int(text)


def _public_url(text: str) -> str:
    sentence = "IKM_PUBLIC_URL harus berupa alamat seperti https://skm.contoh.go.id, tanpa jalur di belakangnya."
    try:
        parts = urlsplit(text)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        raise SettingsError(sentence) from None
    # devices sign the path they call, so the server must be at the root of its address
    if not valid or parts.path.strip("/") or parts.query or parts.fragment or parts.username or parts.password:
        raise SettingsError(sentence)
    return f"{parts.scheme}://{parts.netloc}"


def _mail(text: str) -> MailServer | None:
    if not text:
        return None
    sentence = "IKM_SMTP_URL harus berupa alamat seperti smtp://nama:sandi@surel.contoh.go.id:587 atau smtps://...:465."
    try:
        parts = urlsplit(text)
        port, host = parts.port, parts.hostname
    except ValueError:
        raise SettingsError(sentence) from None
    if parts.scheme not in ("smtp", "smtps") or not host or parts.path.strip("/") or parts.query or parts.fragment:
        raise SettingsError(sentence)
    implicit = parts.scheme == "smtps"
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return MailServer(host, port or (465 if implicit else 587), implicit, user, password)


def _mail_from(text: str, *, needed: bool) -> str:
    _, at, domain = text.strip().rpartition("@")
    plain = text.isprintable() and text.isascii() and " " not in text.strip() and len(text) <= 200
    if (text and not (at and domain and plain)) or (needed and not text):
        raise SettingsError("IKM_MAIL_FROM harus berupa alamat surel, misalnya ikm@contoh.go.id.")
    return text.strip()
