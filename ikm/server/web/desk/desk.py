"""What every handler of the desk works with: the store, the clock, the way pages and answers to forms are made."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import SkipValidation
from litestar.response import Redirect

from ikm.server.reports.measured import Memo
from ikm.server.settings import Settings
from ikm.server.store import Store
from ikm.server.web.desk.forms import Form, FormFaults, new_once
from ikm.server.web.desk.gate import Officer
from ikm.server.web.desk.menu import menu
from ikm.server.web.render import page


@dataclass(frozen=True, slots=True)
class Desk:
    """The server behind the officials' pages. Safe for several threads."""

    store: Store
    settings: Settings
    now_ms: Callable[[], int]
    memo: Memo = field(default_factory=Memo)

    def page(
        self, template: str, officer: Officer, *, here: str = "", status: int = 200, **shown: Any
    ) -> Response[str]:
        """A page of the desk; `here` is the entry of the menu it belongs to.

        Its template extends `desk.html` and may use `officer`, `once` (a new form's number) and what is given here.
        """
        return page(
            template, status, locale=officer.language, officer=officer, once=new_once(), menu=menu(officer, here),
            regency=next(iter(officer.rights.tree.nodes.values()), None), **{"faults": {}, "values": {}, **shown},
        )  # fmt: skip

    def again(
        self, template: str, officer: Officer, form: Form, faults: FormFaults, *, here: str = "", **shown: Any
    ) -> Response[str]:
        """The page of a form that could not be taken: what was typed is still there, a sentence beside each fault."""
        return self.page(
            template, officer, here=here, status=422, faults=faults.faults, values=form.shown(), **shown
        )  # fmt: skip


GivenDesk = NamedDependency[SkipValidation[Desk]]


def done(path: str, notice: str = "", **query: str) -> Redirect:
    """Where a form that was taken leads: a page on this server, which shows that notice (see `notices`)."""
    told: Mapping[str, str] = {**query, **({"kabar": notice} if notice else {})}
    return Redirect(path, query_params=dict(told) or None, status_code=303)
