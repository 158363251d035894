"""Classes 42 to 49: what a response may say, to the last letter and second. Nothing of it holds up the queue."""

import unicodedata

import pytest
from sqlalchemy import select

from ikm import wire
from ikm.server import tables
from tests.ikm.server.kiosk_device import stored
from tests.ikm.server.web.bad_input.site import SECRET, Ward, secret, spelled
from tests.support import samples
from tests.support.samples import body

pytestmark = pytest.mark.whole

LONGEST = 500


def takes(ward: Ward, *bodies: bytes) -> list[dict[str, object]]:
    """The stored responses of these bodies, all of which are taken and counted."""
    before, mark = stored(ward.site.store)["response"], ward.mark()
    rows = ward.device.add(*bodies)
    receipt = ward.site.send(ward.device.call(rows)).receipt
    assert (receipt.rejected, receipt.head_seq) == ([], rows[-1].seq)
    assert stored(ward.site.store)["response"] == before + len(bodies)
    ward.quiet(mark)
    c = tables.response.c
    query = select(tables.response).where(c.device == ward.device.device, c.seq >= rows[0].seq).order_by(c.seq)
    with ward.site.store._engine.connect() as connection:
        found = [dict(row._mapping) for row in connection.execute(query)]
    # what was hashed is what is kept: the chain can be checked from it for ever
    assert [bytes(row["body"]) for row in found] == list(bodies)
    return found


@pytest.mark.parametrize("length", [1, 2, LONGEST])
@pytest.mark.parametrize("sign", ["a", "é", "😀", "ꦲ", "\u0301"])
def test_a_comment_up_to_its_longest_is_taken(ward: Ward, length: int, sign: str) -> None:
    """Class 42: counted in code points, whatever they weigh in bytes."""
    takes(ward, secret(comment=sign * length))


@pytest.mark.parametrize("length", [LONGEST + 1, 2_001, 20_000])
@pytest.mark.parametrize("sign", ["a", "😀"])
def test_a_comment_beyond_it_is_kept_aside(ward: Ward, length: int, sign: str) -> None:
    """Class 42."""
    ward.keeps_aside((secret(comment=sign * length), "response_malformed"))


def test_an_empty_comment_has_one_spelling_and_a_megabyte_is_too_large(ward: Ward) -> None:
    """Class 42: no comment is spelt by leaving it out."""
    ward.keeps_aside((spelled(SECRET, ""), "response_not_canonical"))
    ward.refuses(ward.rows(ward.next(secret(comment=SECRET + "a" * 1_000_000))), "body_too_large")


TEXTS = {
    "emoji with joiners": "👨‍👩‍👧‍👦 🏳️‍🌈 👍🏽",
    "right-to-left override": "\u202egnp.exe\u202c",
    "isolates": "\u2066abc\u2069\u200f\u200e",
    "combining flood": "a" + "\u0301\u0316\u035c" * 100,
    "zero width": "a\u200b\u200c\u200d\ufeffb",
    "Javanese script": "ꦥꦼꦭꦪꦤꦤ꧀ꦲꦥꦶꦏ꧀",
    "Balinese script": "ᬧᬮᬬᬦᬦ᭄ᬩᭂᬘᬶᬓ᭄",
    "Sundanese script": "ᮕᮜᮚᮔᮔ᮪",
    "Arabic": "خدمة ممتازة",
    "Chinese": "服务很好",
    "private use and unassigned": "\ue000\U000f0000\U0001fbff",
    "noncharacters": "\ufffe\uffff",
    "C1 controls": "\u0085\u009b31m",
    "line and paragraph separators": "a\u2028b\u2029c",
    "markup": "<script>alert(1)</script>&lt;{{7*7}}${7*7}",
    "SQL": "'; DROP TABLE response; --",
    "a formula": '=HYPERLINK("http://x","y")',
    "only blanks": "   \u00a0\u3000",
}


@pytest.mark.parametrize("name", TEXTS, ids=str)
def test_any_script_there_is_is_taken_as_it_was_written(ward: Ward, name: str) -> None:
    """Class 43: no letter is lost, turned or shortened between the citizen and the database."""
    takes(ward, secret(comment=TEXTS[name]))


def test_both_forms_of_an_accent_are_taken_and_stay_two(ward: Ward) -> None:
    """Class 44: hashed over the bytes as sent, and never normalised."""
    composed, decomposed = (unicodedata.normalize(form, "Pelayanan é å ñ ộ") for form in ("NFC", "NFD"))
    assert composed != decomposed
    one, other = takes(ward, secret(comment=composed), secret(comment=decomposed))
    assert one["hash"] != other["hash"]
    ligatures = "ﬁ ① Å ²"
    takes(ward, secret(comment=ligatures))


YEAR_10000_MS = 253_402_300_800_000
SECOND = 1_000


@pytest.mark.parametrize(
    ("wall_ms", "believed"),
    [
        pytest.param(0, False, id="1970"),
        pytest.param(-1, False, id="before 1970"),
        pytest.param(-(2**53) + 1, False, id="the lowest there is"),
        pytest.param(4_070_908_800_000, False, id="2099"),
        pytest.param(YEAR_10000_MS - 1, False, id="the last moment of 9999"),
        pytest.param(YEAR_10000_MS, False, id="the year 10000"),
        pytest.param(2**53 - 1, False, id="the highest there is"),
        pytest.param(1_483_228_800_000 - SECOND, False, id="the leap second of 2016"),
        pytest.param(1_709_164_800_000, True, id="29 February"),
        pytest.param(1_735_664_400_000, True, id="midnight of New Year in Jakarta"),
    ],
)
def test_any_moment_is_taken_and_believed_only_where_it_can_be(own_ward: Ward, wall_ms: int, believed: bool) -> None:
    """Class 45: a response is never refused for its time."""
    for state in ("synced", "held", "unknown"):
        clock = samples.clock(wall_ms, state=state)
        [row] = takes(own_ward, wire.canonical(body(comment=SECRET, clock=clock)))
        is_believed = believed and state != "unknown"
        assert row["clock"] == ("device" if is_believed else "uncertain")
        if is_believed:
            assert row["occurred_ms"] == wall_ms
        else:
            # after the one before it, and before it came in
            assert 1_704_067_200_000 < row["occurred_ms"] <= row["received_ms"]
    assert own_ward.site.store.differences() == []


@pytest.mark.parametrize(
    "text",
    [
        '"2026-11-24T19:00:00"', '"2026-11-24T19:00:00+07:00"', '"2026-11-24T24:00:00Z"', '"2016-12-31T23:59:60Z"',
        '"10000-01-01T00:00:00Z"', '"1793500000000"', "1793500000000.5", str(2**53), str(-(2**53)), "null",
    ],
)  # fmt: skip
def test_a_moment_that_is_no_count_of_milliseconds_is_kept_aside(ward: Ward, text: str) -> None:
    """Class 45: the protocol has no written dates, so none without an offset, with `24:00` or a leap second."""
    ward.keeps_aside((spelled('"wall_ms":1793500000000', f'"wall_ms":{text}'), "response_malformed"))


def test_a_device_with_a_mad_clock_is_heard_and_its_boots_are_kept_apart(own_ward: Ward) -> None:
    """Class 45 in the health message, from which the server reckons when a machine was started."""
    from msgspec import structs

    for wall_ms in (-(2**53) + 1, 0, 2**53 - 1):
        for boot_ms in (0, 2**53 - 1):
            rows = own_ward.device.add(secret())
            batch = samples.batch(rows, device=own_ward.device.device)
            health = structs.replace(batch.health, clock=samples.clock(wall_ms, boot_ms=boot_ms))
            raw = wire.canonical(structs.replace(batch, health=health))
            assert own_ward.site.send(own_ward.device.signed(raw)).receipt.rejected == []
    own_ward.goes_on()


@pytest.mark.parametrize("duration", [0, 1, 86_400_000, 2**53 - 1])
def test_any_duration_that_can_be_is_taken(ward: Ward, duration: int) -> None:
    """Class 46: how long somebody took is theirs to say, even if a machine stood still for a century."""
    takes(ward, secret(duration_ms=duration))


@pytest.mark.parametrize(
    "duration", ["-1", "-31000", str(2**53), str(2**64), "31000.0", "31000.5", "1e5", '"31000"', "true"]
)
def test_a_duration_that_cannot_be_is_kept_aside(ward: Ward, duration: str) -> None:
    """Class 46."""
    ward.keeps_aside((spelled('"duration_ms":31000', f'"duration_ms":{duration}'), "response_malformed"))


def answers(**changes: int) -> dict[str, int]:
    return {**samples.response(*(3,) * 9).answers, **changes}


def test_answers_to_other_questions_missing_ones_and_doubled_ones_are_kept_aside(ward: Ward) -> None:
    """Class 47."""
    eight = dict(list(answers().items())[:8])
    ward.keeps_aside(
        (secret(answers=answers(EXTRA=4)), "question_unknown"),
        (secret(answers={**eight, "U9": 4}), "question_unknown"),
        (secret(answers={**eight, "time": 4}), "question_unknown"),
        (secret(answers=eight), "status_contradicts_answers"),
        (secret(status="partial"), "status_contradicts_answers"),
        (secret(answers={}, status="partial"), "answers_empty"),
        (secret(answers={}), "answers_empty"),
        (spelled('"TIME":3', '"TIME":3,"TIME":4'), "response_not_canonical"),
        (secret(answers={f"Q{number}": 4 for number in range(101)}), "response_malformed"),
        (spelled('"TIME":3', '"":3'), "response_malformed"),
        (spelled('"TIME":3', '"TIME\\u0000":3'), "response_malformed"),
    )


def test_another_questionnaire_is_kept_aside(ward: Ward) -> None:
    """Class 48: one that never was, a later one, one of another spelling."""
    for code in ("skm-2099", "skm-14-2017-v3", "SKM-14-2017-V2", "skm-14-2017-v2.", "0"):
        ward.keeps_aside((secret(questionnaire=code), "questionnaire_unknown"))
    for text in ("", " ", "skm 14", "../skm", "a" * 65, "skm-14-2017-v2\n", "ѕkm-14-2017-v2"):
        ward.keeps_aside((secret(questionnaire=text), "response_malformed"))


def test_a_choice_that_is_not_offered_is_kept_aside(ward: Ward) -> None:
    """Class 49: of the profile, of reasons, of short forms, of places; none says what was chosen."""
    ward.keeps_aside(
        (secret(profile={"gender": "X"}), "profile_unknown"),
        (secret(profile={"gender": "l"}), "profile_unknown"),
        (secret(profile={"religion": "L"}), "profile_unknown"),
        (secret(profile={"gender": "Laki-laki"}), "profile_unknown"),
        (secret(profile={"gender": ""}), "response_malformed"),
        (secret(profile={f"f{number}": "x" for number in range(21)}), "response_malformed"),
        (secret(answers=answers(TIME=1), reasons={"TIME": "weather"}), "reason_unknown"),
        (secret(answers=answers(TIME=3), reasons={"TIME": "wait"}), "reason_unknown"),
        (secret(asked=["TIME"]), "asked_contradicts_answers"),
        (secret(instrument="one_tap", asked=[]), "asked_contradicts_answers"),
        (secret(language="ID"), "response_malformed"),
        (secret(channel="web"), "response_malformed"),
        (secret(unit="nowhere"), "unit_unknown"),
        (secret(counter="pkm-harapan-1"), "unit_unknown"),
        (secret(unit="pkm-harapan", counter="pkm-harapan-1", service="umum"), "unit_unknown"),
        (secret(service="umum"), "service_unknown"),
    )
