"""What issue 4 added to a response: which questions were asked, why a rating was low, a comment, how the visit went."""

import pytest
from sqlalchemy import select

from ikm import wire
from ikm.domain.questionnaire import Instrument
from ikm.domain.tally import Tally
from ikm.server import tables
from ikm.server.ingest import Ingest
from tests.ikm.server.kiosk_device import NOTHING, NOW_MS, KioskDevice, counted, stored
from tests.support.samples import CODES, body

VISIT = wire.VisitMessage(
    aids=["contrast", "large"], back_steps=2, inputs=["keyboard", "touch"], left_at="question-COST",
    spent_ms={"question-REQ": 4_200, "reasons-REQ": 2_100, "question-PROC": 3_000}, unanswered={"question-REQ": 3},
)  # fmt: skip
SPOKEN = {
    "answers": {"PROC": 4, "REQ": 2},
    "asked": ["REQ", "PROC", "COST"],
    "comment": "Antrean lebih cepat kalau loket 3 dibuka, terima kasih! \u2013 sa\u00e9 pisan",
    "instrument": "rotating",
    "language": "su",
    "reasons": {"REQ": "standard"},
    "status": "partial",
    "visit": VISIT,
}


def short(**changes) -> bytes:
    """A response to the rotating form that says everything a response can say, changed."""
    return wire.canonical(body(**(SPOKEN | changes)))


def spelled(old: str, new: str, raw: bytes = b"") -> bytes:
    text = (raw or short()).decode()
    assert old in text
    return text.replace(old, new, 1).encode()


def test_what_a_citizen_said_is_kept_in_the_bytes_it_came_in(store, ingest, device):
    rows = device.add(short(), body())
    assert ingest.accept(device.call(rows)).head_seq == 2
    with store._engine.connect() as connection:
        kept = connection.execute(select(tables.response.c.body).order_by(tables.response.c.seq)).scalars().all()
    assert [bytes(one) for one in kept] == [bytes(row.body) for row in rows]
    told = wire.decode_body(bytes(kept[0])).to_domain()
    assert (told.asked, told.reasons, told.comment) == (("REQ", "PROC", "COST"), {"REQ": "standard"}, SPOKEN["comment"])
    assert told.visit == VISIT.to_domain()
    assert told.visit.left_at == "question-COST"


def test_a_short_form_counts_what_was_answered_and_never_as_complete(store, ingest, device):
    asked = ["COMP", "FACI", "TIME"]
    answered = body(answers={"COMP": 4, "FACI": 1, "TIME": 3}, asked=asked, instrument="rotating", status="partial")
    left = body(answers={"TIME": 2}, asked=asked, instrument="rotating", status="partial")
    tapped = body(
        answers={"COST": 1}, asked=["COST"], instrument="one_tap", status="partial", reasons={"COST": "other"}
    )
    ingest.accept(device.call(device.add(answered, left, tapped)))
    assert counted(store) == {
        ("dukcapil", "ktp"): Tally(
            responses=3,
            complete=0,
            counts={"COMP": (0, 0, 0, 1), "COST": (1, 0, 0, 0), "FACI": (1, 0, 0, 0), "TIME": (0, 1, 1, 0)},
        )
    }
    assert stored(store)["tally_product"] == 0
    assert store.differences() == []


def test_short_forms_and_whole_ones_add_up_and_only_whole_ones_tell_how_answers_go_together(store, ingest, device):
    ingest.accept(device.call(device.add(short(), body(*(3,) * 9))))
    tally = counted(store)["dukcapil", "ktp"]
    assert (tally.responses, tally.complete) == (2, 1)
    assert tally.counts["REQ"] == (0, 1, 1, 0)
    assert tally.counts["CMPL"] == (0, 0, 1, 0)
    assert tally.sums == dict.fromkeys(CODES, 3)
    assert store.differences() == []


def test_a_form_that_asks_in_turn_but_asks_everything_is_whole(sqlite_store):
    ingest, device = Ingest(sqlite_store, lambda: NOW_MS), KioskDevice.enrolled(sqlite_store)
    ingest.accept(device.call(device.add(body(asked=list(CODES), instrument="rotating"))))
    assert counted(sqlite_store)["dukcapil", "ktp"].complete == 1


ASKED = "asked_contradicts_answers"
REFUSED = {
    "an answer nobody asked for": (short(reasons={}, answers={"PROC": 4, "REQ": 2, "TIME": 1}), ASKED),
    "one question twice": (short(reasons={}, asked=["REQ", "REQ", "PROC"]), ASKED),
    "a rotating form that asks nothing": (short(reasons={}, asked=[]), ASKED),
    "a whole form that asks a few": (short(reasons={}, instrument=Instrument.FULL), ASKED),
    "one tap on three questions": (short(reasons={}, instrument="one_tap"), ASKED),
    "one tap on nothing": (short(reasons={}, instrument="one_tap", asked=[]), ASKED),
    "one tap that answers something else": (
        short(reasons={}, instrument="one_tap", asked=["TIME"], answers={"REQ": 2}), ASKED,
    ),
    "a question that does not exist": (short(asked=["REQ", "PROC", "SPEED"]), "question_unknown"),
    "a short form called complete": (short(status="complete"), "status_contradicts_answers"),
    "a reason that does not exist": (short(reasons={"REQ": "weather"}), "reason_unknown"),
    "a reason of another element": (short(reasons={"REQ": "comfort"}), "reason_unknown"),
    "a reason for a good rating": (short(reasons={"PROC": "wait"}), "reason_unknown"),
    "a reason for no rating": (short(reasons={"COST": "overcharged"}), "reason_unknown"),
    "a reason for no question": (short(reasons={"SPEED": "wait"}), "reason_unknown"),
    "an instrument nobody knows": (spelled('"rotating"', '"spinning"'), "response_malformed"),
    "an aid nobody knows": (spelled('"contrast"', '"telepathy"'), "response_malformed"),
    "an input nobody knows": (spelled('"keyboard"', '"voice"'), "response_malformed"),
    "steps back below none": (spelled('"back_steps":2', '"back_steps":-2'), "response_malformed"),
    "a name in the visit": (spelled('"back_steps":2', '"back_steps":2,"name":"Siti"'), "response_malformed"),
    "a stage that is a sentence": (spelled('"question-COST"', '"Siti was here"'), "response_malformed"),
    "time below none": (spelled("4200", "-1"), "response_malformed"),
    "time that is true": (spelled("4200", "true"), "response_malformed"),
    "a reason that is a number": (spelled('{"REQ":"standard"}', '{"REQ":1}'), "response_malformed"),
    "a comment of two lines": (short(comment="satu\ndua"), "response_malformed"),
    "a comment that is a number": (
        spelled('"comment":"x"', '"comment":7', short(comment="x")), "response_malformed",
    ),
    "no comment, spelt out": (spelled('"comment":"x"', '"comment":""', short(comment="x")), "response_not_canonical"),
    "the whole form, spelt out": (
        spelled('"language"', '"instrument":"full","language"', wire.canonical(body())), "response_not_canonical",
    ),
    "a comment of 501 letters": (short(comment="a" * 501), "response_malformed"),
    "a thousand stages": (
        short(visit=wire.VisitMessage(spent_ms={f"question-{n}": 1 for n in range(1000)})), "response_malformed",
    ),
    "a thousand unanswered stages": (
        short(visit=wire.VisitMessage(unanswered={f"question-{n}": 1 for n in range(1000)})), "response_malformed",
    ),
    "a hundred and one reasons": (short(reasons={f"R{n}": "other" for n in range(101)}), "response_malformed"),
    "a hundred and one answers": (short(answers={f"A{n}": 1 for n in range(101)}), "response_malformed"),
    "a hundred and one questions": (short(asked=[f"A{n}" for n in range(101)]), "response_malformed"),
    "twenty-one fields of profile": (short(profile={f"P{n}": "x" for n in range(21)}), "response_malformed"),
}  # fmt: skip


@pytest.mark.parametrize(("bad", "code"), REFUSED.values(), ids=REFUSED)
def test_what_no_kiosk_could_have_sent_is_kept_aside_though_its_like_was_just_accepted(sqlite_store, bad, code):
    ingest, device = Ingest(sqlite_store, lambda: NOW_MS), KioskDevice.enrolled(sqlite_store)
    # what is remembered of a good response must not let a bad one through
    good = KioskDevice.enrolled(sqlite_store, "dukcapil-2")
    ingest.accept(good.call(good.add(short(), short(reasons={}))))
    before = stored(sqlite_store)
    assert before != NOTHING
    receipt = ingest.accept(device.call(device.add(short(), bad)))
    assert receipt.rejected == [wire.RejectedRow(code=code, seq=2)]
    assert stored(sqlite_store)["response"] == before["response"] + 1
    assert sqlite_store.differences() == []


def test_a_refusal_repeats_neither_the_comment_nor_the_reason(sqlite_store):
    ingest, device = Ingest(sqlite_store, lambda: NOW_MS), KioskDevice.enrolled(sqlite_store)
    for bad in (short(reasons={"REQ": "rahasia"}), short(comment="rahasia" * 100), short(comment="rahasia\n")):
        ingest.accept(device.call(device.add(bad)))
    kept = sqlite_store.quarantined()
    assert [row.code for row in kept] == ["reason_unknown", "response_malformed", "response_malformed"]
    assert "rahasia" not in repr(kept)


def test_the_most_that_one_response_may_say_is_accepted_and_fits_into_a_request(sqlite_store):
    ingest, device = Ingest(sqlite_store, lambda: NOW_MS), KioskDevice.enrolled(sqlite_store)
    stages = {f"question-{'x' * 60}{n:03}": 2**53 - 1 for n in range(wire.MAX_STAGES)}
    most = short(comment="\u00e9" * 500, visit=wire.VisitMessage(spent_ms=stages, unanswered=stages))
    call = device.call(device.add(most))
    assert len(call.body) < wire.MAX_BODY_BYTES
    assert ingest.accept(call).head_seq == 1
