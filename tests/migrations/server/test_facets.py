"""0004 counts who answered and how, and each unit's month, from what an old database holds."""

from datetime import date

import pytest
from sqlalchemy import text

from ikm import wire
from ikm.assets import asset
from ikm.server.store import Store
from ikm.server.store.engine import writing
from ikm.wire import canonical
from tests.migrations.server.test_products import hold
from tests.support.samples import body


@pytest.fixture
def old(at_revision):
    """Responses as a server of the first version held them, with nothing counted but what 0002 counts."""
    engine = at_revision("0001")
    visit = wire.VisitMessage(aids=["contrast"], left_at="question-PROC", unanswered={"service": 2})
    bodies = [
        body(4, 3, 4, 4, 4, 2, 4, 4, 4, profile={"gender": "P", "education": "SMA"}),
        body(1, 2, reasons={"REQ": "other"}, visit=visit),
        body(*(2,) * 9, language="jv"),
    ]
    with writing(engine) as connection:
        raw = asset("questionnaires/skm-14-2017-v2.json").read_bytes()
        message = canonical(wire.decode(raw, wire.QuestionnaireMessage)).decode()
        connection.execute(text("INSERT INTO questionnaire VALUES ('skm-14-2017-v2', :body)"), {"body": message})
        connection.execute(text("INSERT INTO node VALUES ('k', 'regency', NULL, 1, 'K', '{}')"))
        connection.execute(text("INSERT INTO node VALUES ('a', 'agency', 'k', 1, 'A', '{}')"))
        connection.execute(text("INSERT INTO node VALUES ('dukcapil', 'unit', 'a', 1, 'U', '{}')"))
        connection.execute(text("INSERT INTO unit VALUES ('dukcapil', 'WIT')"))
        for seq, one in enumerate(bodies, 1):
            hold(connection, seq, ("dukcapil", "ktp", one.questionnaire, date(2026, 11, 1)), one.status.value,
                 canonical(one))  # fmt: skip
        place = "'dukcapil', 'month', '2026-11-01', 'ktp', 'skm-14-2017-v2', 'kiosk'"
        connection.execute(text(f"INSERT INTO tally VALUES ({place}, 3, 2)"))
        for question in bodies[0].answers:
            given = [one.answers.get(question) for one in bodies]
            counts = ", ".join(str(given.count(rating)) for rating in (1, 2, 3, 4))
            connection.execute(text(f"INSERT INTO tally_rating VALUES ({place}, '{question}', {counts})"))
    return engine


def test_what_is_counted_of_old_responses_is_what_verifying_counts(old, database):
    store = Store.open(database)
    found = store.differences()
    store.close()
    # the days were left out here, and nothing else
    assert {difference.cell.grain for difference in found} == {"day"}
    with old.connect() as connection:
        facets = connection.execute(text("SELECT facet, value, responses, ratings, total FROM tally_facet")).all()
    assert ("unanswered", "service", 2, 0, 0) in [tuple(row) for row in facets]
    assert ("profile.gender", "P", 1, 9, 33) in [tuple(row) for row in facets]
