"""Classes 14 to 21, 27, 30 and 31: members that are missing, unknown, doubled, of another type, or out of range."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from ikm import wire
from tests.ikm.server.web.bad_input.site import SECRET, Ward, secret, spelled, spelt

pytestmark = pytest.mark.whole

VISIT = wire.VisitMessage(
    aids=["contrast"], back_steps=1, inputs=["touch"], spent_ms={"profile": 900}, unanswered={"comment": 2}
)
FULL = secret(
    profile={"gender": "L", "education": "S1"}, answers={**json.loads(secret())["answers"], "TIME": 1},
    reasons={"TIME": "wait"}, visit=VISIT,
)  # fmt: skip
"""A body with every member that may be there; `visit` and `reasons` among them."""

Path = tuple[str | int, ...]


def paths(value: Any, before: Path = ()) -> Iterator[Path]:
    """Every place in something parsed, outermost first."""
    for key in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield (*before, key)
        yield from paths(value[key], (*before, key))


def at(value: Any, path: Path) -> Any:
    for key in path:
        value = value[key]
    return value


def put(value: Any, path: Path, new: Any) -> Any:
    """That thing with another value at one place."""
    changed = json.loads(json.dumps(value))
    at(changed, path[:-1])[path[-1]] = new
    return changed


def without(value: Any, path: Path) -> Any:
    changed = json.loads(json.dumps(value))
    del at(changed, path[:-1])[path[-1]]
    return changed


def test_the_body_that_is_spoilt_below_is_a_good_one(ward: Ward) -> None:
    """The control of this file."""
    assert ward.site.send(ward.rows(ward.device.add(FULL))).receipt.rejected == []


def around_the_row(told: dict[str, Any]) -> list[Path]:
    """The places of a batch, its rows' bodies left out."""
    return [path for path in paths(told) if "body" not in path]


def test_a_doubled_member_is_refused_around_a_row_and_kept_aside_in_one(ward: Ward) -> None:
    """Class 14: a reader keeps the last one, silently; so both orders, equal values, and each depth."""
    for old, new in (
        ('"protocol":2', '"protocol":2,"protocol":2'), ('"protocol":2', '"protocol":1,"protocol":2'),
        ('"epoch":1', '"epoch":9,"epoch":1'), ('"queued":1', '"queued":1,"queued":1'),
        ('"boot_ms":60000', '"boot_ms":1,"boot_ms":60000'), ('"seq":', '"seq":9,"seq":'),
    ):  # fmt: skip
        ward.refuses(ward.respelt(old, new), "body_malformed")
    ward.keeps_aside(
        (spelled('"TIME":3', '"TIME":3,"TIME":3'), "response_not_canonical"),
        (spelled('"TIME":3', '"TIME":1,"TIME":3'), "response_not_canonical"),
        (spelled('"unit":"dukcapil"', '"unit":"x","unit":"dukcapil"'), "response_not_canonical"),
        (spelled('"state":"synced"', '"state":"held","state":"synced"'), "response_not_canonical"),
    )


@pytest.mark.parametrize("old", ['"protocol":2,', '"protocol":2'])
def test_other_spellings_of_a_good_batch_are_refused(ward: Ward, old: str) -> None:
    """Class 14: white space, order, escapes and a default spelt out, so that one request has one spelling."""
    raw = ward.plain()
    told = json.loads(raw)
    spellings = [
        raw.replace(b'"protocol":2', b'"protocol": 2'), raw + b"\n", b" " + raw, json.dumps(told).encode(),
        raw.replace(b'"protocol":2', b'"opening":null,"protocol":2'), raw.replace(b'"0.1.0"', rb'"\u0030.1.0"'),
        raw.replace(b'"queued":1', b'"queued":1,"warnings":[]'),
        json.dumps(dict(reversed(told.items())), separators=(",", ":")).encode(),
    ]  # fmt: skip
    for other in spellings:
        assert other != raw
        ward.refuses(ward.device.signed(other), "body_malformed")


def test_a_batch_without_one_of_its_members_is_refused(ward: Ward) -> None:
    """Class 15, each member in turn."""
    told = json.loads(ward.plain())
    for path in around_the_row(told):
        if not isinstance(path[-1], int):
            ward.refuses(ward.device.signed(spelt(without(json.loads(ward.plain()), path))), "body_malformed")


def test_a_body_without_one_of_its_members_is_kept_aside(ward: Ward) -> None:
    """Class 15 in rows: one batch with a row for every member that has to be there."""
    told = json.loads(secret())
    asides = []
    for path in paths(told):
        if path == ("comment",):
            continue
        code = "status_contradicts_answers" if len(path) == 2 and path[0] == "answers" else "response_malformed"
        asides.append((spelt(without(told, path)), code))
    assert len(asides) == 25
    ward.keeps_aside(*asides)


def test_an_unknown_member_is_refused_around_a_row_and_kept_aside_in_one(ward: Ward) -> None:
    """Class 16, in every object; a name that looks like a known one is unknown too."""
    told = json.loads(ward.plain())
    objects = [(), *(path for path in around_the_row(told) if isinstance(at(told, path), dict))]
    assert len(objects) == 4
    for path in objects:
        for name in ("extra", "Protocol", "ｅpoch", "__proto__", ""):
            changed = put(told, (*path, name), SECRET)
            ward.refuses(ward.device.signed(spelt(renumbered(ward, changed))), "body_malformed")
    body = json.loads(FULL)
    known = {"answers": "question_unknown", "profile": "profile_unknown", "reasons": "reason_unknown"}
    asides = []
    for path in [(), *(path for path in paths(body) if isinstance(at(body, path), dict))]:
        place = str(path[-1]) if path else ""
        code = known.get(place, "response_malformed")
        new: Any = {"answers": 4, "profile": "x", "reasons": "x"}.get(place, SECRET)
        if place == "answers":
            body_changed = put(put(body, (*path, "EXTRA"), new), ("status",), "complete")
        else:
            body_changed = put(body, (*path, "EXTRA"), new)
        asides.append((spelt(body_changed), code))
    assert len(asides) == 8
    ward.keeps_aside(*asides)


def renumbered(ward: Ward, told: dict[str, Any]) -> dict[str, Any]:
    """A batch parsed earlier, its row replaced by the one that would come next now."""
    fresh = json.loads(ward.plain())["rows"][0]
    extra = {name: value for name, value in told["rows"][0].items() if name not in fresh}
    return {**told, "rows": [{**fresh, **extra}]}


def test_null_is_refused_in_every_place_around_a_row(ward: Ward) -> None:
    """Class 17."""
    for path in around_the_row(json.loads(ward.plain())):
        call = ward.device.signed(spelt(put(json.loads(ward.plain()), path, None)))
        ward.refuses(call, "body_malformed")


def test_null_is_kept_aside_in_every_place_of_a_body(ward: Ward) -> None:
    """Class 17 in rows: one batch with a row for every place."""
    body = json.loads(FULL)
    asides = [(spelt(put(body, path, None)), in_body(path)) for path in paths(body)]
    assert len(asides) == 40
    ward.keeps_aside(*asides)


def in_body(path: Path) -> str:
    """The code of a value that is no value of that place."""
    if path == ("visit",):
        # absent is what it means, and absent is spelt by leaving it out
        return "response_not_canonical"
    return "rating_out_of_range" if path[0] == "answers" and len(path) == 2 else "response_malformed"


def wrong_types(value: Any) -> list[Any]:
    """Values of other types that a lenient reader would take for that one."""
    if isinstance(value, bool):
        return [1, "true"]
    if isinstance(value, int):
        return [bool(value), str(value), value + 0.5, [value], {"value": value}]
    if isinstance(value, str):
        return [0, True, [value], {value[:5] or "x": value}]
    if isinstance(value, list):
        return [{}, "x", 0, False]
    return [[], "x", 0, False, [[name, item] for name, item in value.items()]]


def test_another_type_is_refused_in_every_place_around_a_row(ward: Ward) -> None:
    """Classes 18 and 19, and every other mixture: True is not 1, "4" is not 4."""
    told = json.loads(ward.plain())
    cases = [(path, wrong) for path in around_the_row(told) for wrong in wrong_types(at(told, path))]
    assert len(cases) > 80
    for path, wrong in cases:
        ward.refuses(ward.device.signed(spelt(put(json.loads(ward.plain()), path, wrong))), "body_malformed")


def test_another_type_is_kept_aside_in_every_place_of_a_body(ward: Ward) -> None:
    """Classes 18 and 19 in rows."""
    body = json.loads(FULL)
    cases = [
        (spelt(put(body, path, wrong)), in_type(path)) for path in paths(body) for wrong in wrong_types(at(body, path))
    ]
    assert len(cases) > 160
    for start in range(0, len(cases), 100):
        ward.keeps_aside(*cases[start : start + 100])


def in_type(path: Path) -> str:
    return "rating_out_of_range" if path[0] == "answers" and len(path) == 2 else "response_malformed"


@pytest.mark.parametrize(
    "rating",
    [
        "4.0",
        "3.9999",
        "4e0",
        "40e-1",
        "0",
        "5",
        "-1",
        "-4",
        str(2**31),
        str(2**63),
        str(2**64),
        "true",
        '"4"',
        "null",
        "-0",
    ],
)
def test_a_rating_that_is_not_one_to_four_is_kept_aside(ward: Ward, rating: str) -> None:
    """Classes 20 and 21."""
    ward.keeps_aside((spelled('"TIME":3', f'"TIME":{rating}'), "rating_out_of_range"))


@pytest.mark.parametrize("number", ["0", "-1", str(2**53), str(2**63), str(2**64), "1.0", "true", '"1"'])
@pytest.mark.parametrize("member", ["seq", "epoch"])
def test_a_place_in_the_chain_is_a_number_from_one_to_two_to_the_53(ward: Ward, number: str, member: str) -> None:
    """Class 27."""

    def change(told: dict[str, Any]) -> None:
        place = told if member == "epoch" else told["rows"][0]
        place[member] = json.loads(number)

    ward.refuses(ward.envelope(change), "body_malformed")


def test_the_highest_number_there_may_be_is_only_a_gap(ward: Ward) -> None:
    """Class 27: 2^53 - 1 is read, and does not continue the chain."""
    rows = ward.next()
    far = wire.Row(
        body=rows[0].body, id=rows[0].id, prev_hash=rows[0].prev_hash, seq=2**53 - 1,
        hash=wire.row_hash(
            device=ward.device.device, epoch=1, seq=2**53 - 1, row_id=rows[0].id, prev_hash=rows[0].prev_hash,
            body=rows[0].body,
        ),
    )  # fmt: skip
    assert ward.refuses(ward.rows([far]), "gap").head_seq == len(ward.device.rows) - 1


HEX = "0123456789abcdef" * 4


@pytest.mark.parametrize("member", ["hash", "prev_hash"])
@pytest.mark.parametrize(
    "text",
    [HEX.upper(), HEX[:-1], HEX + "0", "", "g" * 64, "0x" + HEX[2:], HEX[:-1] + "٤", HEX[:-1] + "\n", " " + HEX[1:]],
)
def test_a_hash_is_64_small_hexadecimal_digits(ward: Ward, member: str, text: str) -> None:
    """Class 30."""
    ward.refuses(ward.envelope(lambda told: told["rows"][0].update({member: text})), "body_malformed")


ID = "01a20a2d-7c00-7000-8000-000000000001"


@pytest.mark.parametrize("member", ["id", "device"])
@pytest.mark.parametrize(
    "text",
    [
        "", "x", "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff", ID.upper(),
        "{" + ID + "}", "urn:uuid:" + ID, ID.replace("-", ""), ID[:-1], ID + "0",
        "5f0c8a58-8a53-4d3c-9f1e-1d2f3a4b5c6d", "6ba7b810-9dad-11d1-80b4-00c04fd430c8", ID.replace("-8000-", "-c000-"),
        ID + "\n", "1'; DROP TABLE response; --",
    ],
)  # fmt: skip
def test_an_id_is_a_uuid_of_version_7_in_small_letters(ward: Ward, member: str, text: str) -> None:
    """Class 31: no UUID, nil, v1, v4, other variant, upper case, braces."""

    def change(told: dict[str, Any]) -> None:
        (told if member == "device" else told["rows"][0])[member] = text

    ward.refuses(ward.envelope(change), "body_malformed")
