"""What citizens wrote before remarks were kept, masked, from the bodies of their responses.

Revision: 0005
"""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

from ikm.domain.masking import mask
from ikm.domain.remark import due_on

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_CHUNK = 1000


def upgrade() -> None:
    # a hand that masks better one day masks these better too, so the domain's is used and not a copy of it
    names = ("id", "unit", "service", "received_ms", "language", "body")
    response = sa.table("response", *map(sa.column, names), sa.column("local_date", sa.Date()))
    texts = ("response", "unit", "service", "received_ms", "language", "text", "masked")
    days = (sa.column("local_date", sa.Date()), sa.column("due_on", sa.Date()))
    remark = sa.table("remark", *map(sa.column, texts), *days)
    # millions of bodies: a chunk at a time comes out of the database and its remarks go back in
    bodies = op.get_bind().execute(sa.select(response), execution_options={"yield_per": _CHUNK})
    for partition in bodies.partitions():
        found = [row for row in map(_remark, partition) if row is not None]
        if found:
            op.bulk_insert(remark, found)


def _remark(row: Any) -> dict[str, Any] | None:
    words = json.loads(bytes(row.body)).get("comment", "").strip()
    if not words:
        return None
    masked = mask(words)
    return {
        "response": row.id,
        "unit": row.unit,
        "service": row.service,
        "local_date": row.local_date,
        "received_ms": row.received_ms,
        "language": row.language,
        "text": masked.text,
        "masked": json.dumps({kind.value: count for kind, count in masked.found.items()}, separators=(",", ":")),
        "due_on": due_on(row.local_date),
    }
