"""Coming in and going out."""

from litestar import post
from litestar.response import Redirect

from ikm.server.web.desk.desk import GivenDesk, done
from ikm.server.web.desk.gate import GivenOfficer, signed_in


@post("/keluar", sync_to_thread=True, opt=signed_in())
def leave(officer: GivenOfficer, desk: GivenDesk) -> Redirect:
    """End every session of whoever asks."""
    desk.store.end_sessions(person=officer.person)
    return done("/")


ROUTES = (leave,)
