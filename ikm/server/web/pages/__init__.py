"""The public pages: what the regency and each unit earned, readable by anyone, without JavaScript.

`router(source, now_ms)` gives the routes, `audit_router` that of the completeness of what was received, `error_page`
the page for a refusal anywhere on the site.
"""

from ikm.server.web.pages.audit import router as audit_router
from ikm.server.web.pages.public import router
from ikm.server.web.pages.remarks import router as remarks_router
from ikm.server.web.render import error_page

__all__ = ["audit_router", "error_page", "remarks_router", "router"]
