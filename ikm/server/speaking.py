"""Templates that say a `Filled` sentence in their reader's language wherever they show one."""

from collections.abc import Callable
from typing import Any, cast

from jinja2 import Environment, pass_context
from jinja2.runtime import Context
from markupsafe import escape

from ikm.domain.filled import Filled
from ikm.i18n import Translate, say, say_in_context


def speak(environment: Environment, words: Translate) -> None:
    """Let the environment's templates speak the language of those words; it has the extension `jinja2.ext.i18n`.

    Dates, periods and other sentences of Python are said by being shown, alone or as a value of another sentence.
    """

    def told(value: Any) -> Any:
        return say(value, words) if isinstance(value, Filled) else value

    def fit(text: str) -> str:
        # jinja takes a translation for HTML, and one day somebody will have a word translated that a stranger wrote
        return escape(text) if environment.autoescape is True else text

    def translate(text: str) -> str:
        return fit(say(text, words))

    environment.finalize = told
    # what stands for one of something stands for many of it too: Indonesian has no plural forms
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        translate, lambda one, many, count: translate(one if count == 1 else many), newstyle=True,
        pgettext=lambda context, text: fit(say_in_context(context, text, words)),
    )  # fmt: skip
    for name in ("gettext", "ngettext", "pgettext"):
        environment.globals[name] = _saying_values(cast("Callable[..., Any]", environment.globals[name]), told)
    # sentences of modules, their values filled in: a per cent sign means nothing here
    environment.filters["said"] = lambda text: say(text, words)


def _saying_values(call: Callable[..., Any], told: Callable[[Any], Any]) -> Callable[..., Any]:
    @pass_context
    def said(context: Context, /, *args: Any, **values: Any) -> Any:
        return call(context, *args, **{name: told(value) for name, value in values.items()})

    return said
