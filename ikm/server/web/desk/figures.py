"""The cockpit: what an officer sees first."""

from litestar import Response, get

from ikm.domain.rights import Act
from ikm.server.web.desk.desk import GivenDesk
from ikm.server.web.desk.gate import GivenOfficer, needs


@get("/kelola", sync_to_thread=True, opt=needs(Act.SEE))
def cockpit(officer: GivenOfficer, desk: GivenDesk) -> Response[str]:
    """The officer's places at a glance."""
    return desk.page("cockpit.html", officer, here="figures")


ROUTES = (cockpit,)
