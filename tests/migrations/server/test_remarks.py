"""0005 keeps what citizens wrote before, masked, a chunk of responses at a time."""

from datetime import date

from sqlalchemy import event, text

from ikm.server.store.engine import writing
from ikm.wire import canonical
from tests.migrations.server.test_products import hold
from tests.support.samples import body

MANY, CHUNK = 1_100, 1_000
PLACE = ("dukcapil", "ktp", "skm-14-2017-v2", date(2026, 11, 6))


def test_what_was_written_is_kept_masked_however_many_responses_there_are(at_revision):
    engine = at_revision("0001")
    said = [canonical(body(comment=words)) for words in ("Hubungi 081234567890", "", "   ")]
    with writing(engine) as connection:
        for seq in range(1, MANY + 1):
            hold(connection, seq, PLACE, "complete", said[0])
        for seq, one in enumerate(said[1:], MANY + 1):
            hold(connection, seq, PLACE, "complete", one)
    at_revision("0004")
    written = []

    def keep(_connection, _cursor, statement, parameters, _context, many):
        if statement.startswith("INSERT INTO remark"):
            written.append(len(parameters) if many else 1)

    event.listen(engine, "before_cursor_execute", keep)
    at_revision("0005")
    event.remove(engine, "before_cursor_execute", keep)
    assert max(written) <= CHUNK
    with engine.connect() as connection:
        query = "SELECT text, masked, unit, due_on, status, published, count(*) FROM remark GROUP BY 1, 2, 3, 4, 5, 6"
        [found] = connection.execute(text(query)).all()
    # a Friday's remark is due on the Friday after
    assert (*found[:3], str(found[3]), found[4], bool(found[5]), found[6]) == (
        "Hubungi [nomor telepon]", '{"phone":1}', "dukcapil", "2026-11-13", "new", False, MANY,
    )  # fmt: skip
