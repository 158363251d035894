"""The questions of a questionnaire version, remembered by each connection: a version never changes."""

from collections.abc import Callable, Sequence
from functools import partial

from sqlalchemy import Connection, select

from ikm import wire
from ikm.domain.errors import Refusal
from ikm.server import tables as t

_HELD = "ikm_asked"


def asked(connection: Connection) -> Callable[[str], Sequence[str]]:
    """How that connection tells the questions of a version, in alphabetical order.

    Raises, when called: Refusal (`questionnaire_unknown`).
    """
    return partial(_asked, connection)


def _asked(connection: Connection, code: str) -> Sequence[str]:
    held: dict[str, Sequence[str]] = connection.info.setdefault(_HELD, {})
    found = held.get(code)
    if found is None:
        body = connection.execute(select(t.questionnaire.c.body).where(t.questionnaire.c.code == code)).scalar()
        if body is None:
            raise Refusal("questionnaire_unknown", code)
        version = wire.decode(body.encode(), wire.QuestionnaireMessage)
        found = held[code] = sorted(question.code for question in version.questions)
    return found
