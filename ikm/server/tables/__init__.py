"""The server's tables, the same on SQLite and PostgreSQL. Only the store and the migrations know them.

Texts in several languages and messages are canonical JSON in text columns; hashes are 32 raw bytes; a response's body
is kept in the very bytes it was hashed in. Times are milliseconds since 1970, UTC.
"""

from ikm.server.tables.answers import (
    remark,
    response,
    void,
)
from ikm.server.tables.base import metadata
from ikm.server.tables.devices import (
    backup,
    boot,
    contact,
    device,
    device_key,
    durable,
    enrolment_code,
    enrolment_try,
    fork,
    head,
    opening,
    quarantine,
    server_key,
)
from ikm.server.tables.people import (
    api_token,
    deed,
    invitation,
    login_try,
    person,
    recovery_code,
    role_grant,
    session,
)
from ikm.server.tables.places import (
    configuration,
    holiday,
    kiosk_setting,
    node,
    population,
    questionnaire,
    questionnaire_draft,
    questionnaire_schedule,
    rollout,
    self_assessment,
    server,
    service,
    unit,
)
from ikm.server.tables.tallies import (
    tally,
    tally_facet,
    tally_product,
    tally_rating,
)

__all__ = [
    "api_token",
    "backup",
    "boot",
    "configuration",
    "contact",
    "deed",
    "device",
    "device_key",
    "durable",
    "enrolment_code",
    "enrolment_try",
    "fork",
    "head",
    "holiday",
    "invitation",
    "kiosk_setting",
    "login_try",
    "metadata",
    "node",
    "opening",
    "person",
    "population",
    "quarantine",
    "questionnaire",
    "questionnaire_draft",
    "questionnaire_schedule",
    "recovery_code",
    "remark",
    "response",
    "role_grant",
    "rollout",
    "self_assessment",
    "server",
    "server_key",
    "service",
    "session",
    "tally",
    "tally_facet",
    "tally_product",
    "tally_rating",
    "unit",
    "void",
]
