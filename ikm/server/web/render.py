"""Templates and static files, read from the package once; HTML with everything escaped."""

import hashlib
from functools import cache
from pathlib import Path
from types import MappingProxyType

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import Response
from litestar.enums import MediaType

from ikm.assets import asset
from ikm.domain.errors import Problem
from ikm.domain.questionnaire import OFFICIAL_LOCALE
from ikm.i18n import translator
from ikm.server.speaking import speak
from ikm.server.web.pages.views import FILTERS

_ROOMS = tuple(Path(__file__).parent / room for room in ("pages", "desk"))
_MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".woff2": "font/woff2"}

STATIC_PATH = "/static"
"""Static files lie at STATIC_PATH/{digest}/{name}: other content has another address, so they may be kept for ever."""


@cache
def static_files() -> MappingProxyType[str, tuple[bytes, str]]:
    """Content and media type of the packaged static files, by name."""
    return MappingProxyType(
        {
            path.name: (path.read_bytes(), _MEDIA_TYPES[path.suffix])
            for folder in (*(room / "static" for room in _ROOMS), asset("fonts"))
            for path in sorted(folder.iterdir())
            if path.suffix in _MEDIA_TYPES
        }
    )


@cache
def static_digest() -> str:
    """The hash (12 hex digits) of all static files together."""
    digest = hashlib.sha256()
    for name, (content, _) in static_files().items():
        digest.update(name.encode() + b"\0" + content)
    return digest.hexdigest()[:12]


def page(template: str, status_code: int = 200, *, locale: str = OFFICIAL_LOCALE, **shown: object) -> Response[str]:
    """A page of that template, its `_()` sentences in that language."""
    html = _environment(locale).get_template(template).render({"locale": locale, **shown})
    return Response(html, status_code=status_code, media_type=MediaType.HTML)


def error_page(
    problem: Problem, advice: str = "", locale: str = OFFICIAL_LOCALE, back: str = "/"
) -> Response[str]:  # fmt: skip
    """The page for a refusal: its sentence, what to do, and a way back."""
    return page(
        "error.html", problem.status, locale=locale, number=problem.status, title=problem.title, advice=advice,
        back=back, regency=None,
    )  # fmt: skip


def _static_url(name: str) -> str:
    if name not in static_files():
        raise KeyError(name)
    return f"{STATIC_PATH}/{static_digest()}/{name}"


@cache
def _environment(locale: str) -> Environment:
    # StrictUndefined: a figure a template misspells must break a test, not print as nothing
    environment = Environment(
        loader=FileSystemLoader([room / "templates" for room in _ROOMS]),
        extensions=["jinja2.ext.i18n"],
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= FILTERS
    environment.globals["static"] = _static_url
    speak(environment, translator(locale, "desk"))
    return environment
