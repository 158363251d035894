"""Every route of the application, whatever it is: who may use it, tried with every role on its own and on other places.

The routes are read from the application itself, so a route that was added yesterday is tried today. A route of the desk
that names no rule, a public one that is not in PUBLIC, and a path parameter without a sample in SAMPLES fail.
"""

from collections.abc import Iterator

import pytest
from httpx import Response

from ikm.domain.errors import PROBLEMS
from ikm.domain.rights import RIGHTS, Role
from ikm.server.store.deeds import Doer
from ikm.server.web.desk.gate import Rule
from tests.ikm.server.kiosk_device import NOW_MS, KioskDevice
from tests.support.desk import AGENCY, COUNTER, REGENCY, UNIT, Office, office
from tests.support.ways import FOREIGN, FOREIGN_COUNTER, OWN, SAMPLES, Way, desk_ways, state_of, ways_of

PUBLIC = frozenset({
    # kiosks, which sign what they send
    ("POST", "/api/v1/enrolments"), ("POST", "/api/v1/devices/{device:str}/batches"),
    ("POST", "/api/v1/devices/{device:str}/keys"), ("GET", "/api/v1/devices/{device:str}/configuration"),
    # the server's public keys, whether it is well, published figures
    ("GET", "/api/v1/server/keys"), ("GET", "/healthz"), ("GET", "/api/v1/units/{unit:str}/index"),
    # the public's pages. The page of completeness shows ids, counts and dates of kiosks and no answer: whoever doubts
    # that all answers were counted may look without asking us
    ("GET", "/"), ("GET", "/unit/{code:str}"), ("GET", "/unit/{code:str}/saran"), ("GET", "/audit"),
    ("GET", "/static/{digest:str}/{name:str}"),
})  # fmt: skip
"""Routes that ask nobody who they are, each with a reason."""

FOR_TOKENS = "/api/v1/data/"
"""Below this, programs read with a token of a place."""

OPEN_PREFIXES = ("/schema",)
"""The description of the interface."""

OPEN_DESK = frozenset({
    # before anybody has come in
    ("GET", "/masuk"), ("POST", "/masuk"), ("GET", "/masuk/kode"), ("POST", "/masuk/kode"),
    ("GET", "/masuk/autentikator"), ("POST", "/masuk/autentikator"),
    # whoever has the link
    ("GET", "/undangan/{token:str}"), ("POST", "/undangan/{token:str}"),
})  # fmt: skip
"""Routes of the desk that everybody may use."""

ROLES = [
    (Role.SUPERADMIN, REGENCY), (Role.AGENCY_ADMIN, AGENCY), (Role.UNIT_OFFICER, UNIT), (Role.PUBLISHER, UNIT),
    (Role.VERIFIER, UNIT),
]  # fmt: skip
_READING = frozenset({"GET", "HEAD", "OPTIONS"})


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[Office]:
    with office(tmp_path_factory.mktemp("matrix"), NOW_MS) as opened:
        yield opened


@pytest.fixture(scope="module")
def ways(server: Office) -> list[Way]:
    return ways_of(server.app)


@pytest.fixture(scope="module")
def devices(server: Office) -> dict[str, str]:
    """A kiosk at the unit and one at another."""
    return {
        counter: KioskDevice.enrolled(server.store, counter=counter).device for counter in (COUNTER, FOREIGN_COUNTER)
    }


def test_every_route_names_its_rule_or_is_known_to_be_public(ways):
    assert len(ways) > 40
    undecided = [
        str(way) for way in ways
        if way.rule is None
        and (way.method, way.path) not in PUBLIC
        and not way.path.startswith((*OPEN_PREFIXES, FOR_TOKENS))
    ]  # fmt: skip
    assert undecided == []
    known = {(way.method, way.path) for way in ways}
    assert {way for way in PUBLIC | OPEN_DESK if way not in known} == set()


def test_only_the_door_and_links_are_open_to_everybody(ways):
    assert {(way.method, way.path) for way in desk_ways(ways) if way.rule.open} == OPEN_DESK


def test_a_rule_names_a_parameter_of_its_own_path_and_a_place_in_the_path_is_looked_at(ways):
    wrong = [
        str(way) for way in desk_ways(ways)
        if (way.rule.at is not None and way.rule.at not in way.parameters)
        or (way.rule.at is None and way.rule.act is not None and set(OWN) & set(way.parameters))
    ]  # fmt: skip
    assert wrong == []


def test_every_path_parameter_has_a_sample(ways):
    assert {name for way in ways for name in way.parameters} - set(SAMPLES) - set(OWN) == set()


def test_programs_read_their_tokens_place_and_nothing_without_one(server, ways):
    doer = Doer("uji", server.now_ms, server.person(Role.SUPERADMIN, REGENCY))
    server.store.add_token("ikm_matrix", "matrix", UNIT, server.now_ms + 1000, doer)
    found = [way for way in ways if way.path.startswith(FOR_TOKENS)]
    assert len(found) >= 5
    with server.visitor() as visitor, server.officer() as officer:
        for way in found:
            assert way.method == "GET", "tokens only read"
            # having come in as a person is no token
            for who, headers in ((visitor, {}), (visitor, {"Authorization": "Bearer ikm_x"}), (officer, {})):
                assert who._client.get(way.at(OWN), headers=headers).status_code == 401, str(way)
            bearer = {"Authorization": "Bearer ikm_matrix"}
            assert visitor._client.get(way.at(OWN), headers=bearer).status_code in (200, 404, 422), str(way)
            if set(OWN) & set(way.parameters):
                assert visitor._client.get(way.at(FOREIGN), headers=bearer).status_code in (403, 404), str(way)


def test_whoever_has_not_come_in_is_led_to_the_door_and_changes_nothing(server, ways):
    before = state_of(server.store)
    with server.visitor() as visitor:
        for way in desk_ways(ways):
            if way.rule.open:
                continue
            answer = visitor.get(way.at(OWN)) if way.method == "GET" else visitor.post(way.at(OWN))
            assert answer.status_code in (302, 303), str(way)
            assert answer.headers["location"].startswith("/masuk?kembali="), str(way)
    assert state_of(server.store) == before


@pytest.mark.parametrize(("role", "node"), ROLES, ids=[role.value for role, _ in ROLES])
def test_each_role_is_let_in_where_its_rights_reach_and_refused_everywhere_else(server, ways, devices, role, node):
    """Threat 23. What is refused changes nothing; what is allowed is not refused for want of rights."""
    wrong = []
    with server.officer(role, node) as officer:
        before = state_of(server.store)
        for way, where, own in tries(ways):
            if not allowed(way.rule, role, own=own):
                path = way.at({**where, "device": devices[where["counter"]]})
                answer = officer.get(path) if way.method == "GET" else officer.post(path)
                # what is not there is nobody's: it is looked for before rights are
                if not barred(answer) and answer.status_code != 404:
                    wrong.append((str(way), "own" if own else "foreign", answer.status_code))
        assert state_of(server.store) == before
        for way, where, own in tries(ways):
            if way.method == "GET" and allowed(way.rule, role, own=own):
                answer = officer.get(way.at({**where, "device": devices[where["counter"]]}))
                if barred(answer):
                    wrong.append((str(way), "own" if own else "foreign", answer.status_code))
    assert wrong == []


@pytest.mark.parametrize(("role", "node"), ROLES, ids=[role.value for role, _ in ROLES])
def test_each_role_may_send_the_forms_its_rights_reach(server, ways, devices, role, node):
    """Empty forms: what they lack is said, but not that the officer may not."""
    refused = []
    with server.officer(role, node) as officer:
        for way in desk_ways(ways):
            skipped = (
                way.rule.open or way.method == "GET" or way.path in ("/keluar", "/bukti", "/akun/sesi/lain/akhiri")
            )
            if skipped or not allowed(way.rule, role, own=True):
                continue
            answer = officer.post(way.at({**OWN, "device": devices[COUNTER]}))
            if barred(answer) or answer.status_code in (401, 405, 500):
                refused.append((str(way), answer.status_code))
    assert refused == []


def test_a_form_from_elsewhere_or_without_its_token_is_refused_on_every_route(server, ways):
    """Threat 17: another site's, nobody's, one with no token and one with another's."""
    taken = []
    with server.officer() as officer, server.officer() as other:
        before = state_of(server.store)
        own = {"Origin": "http://testserver.local", "Sec-Fetch-Site": "same-origin"}
        tries = {
            "another site": ({"Sec-Fetch-Site": "cross-site", "Origin": "https://jahat.example"}, officer.csrf),
            "a sibling": ({"Sec-Fetch-Site": "same-site"}, officer.csrf),
            "another origin": ({"Origin": "https://jahat.example"}, officer.csrf),
            "no origin": ({"Origin": "null"}, officer.csrf),
            "nobody": ({}, officer.csrf),
            "no token": (own, None),
            "another's token": (own, other.csrf),
        }
        for way in desk_ways(ways):
            if way.method in _READING:
                continue
            for name, (headers, csrf) in tries.items():
                if way.rule.open and name in ("no token", "another's token"):
                    continue
                answer = officer._client.request(
                    way.method, way.at(OWN), headers=headers, data={"csrf": csrf} if csrf else {},
                    follow_redirects=False,
                )  # fmt: skip
                if answer.status_code != 403:
                    taken.append((str(way), name, answer.status_code))
        assert state_of(server.store) == before
    assert taken == []


def tries(ways: list[Way]) -> Iterator[tuple[Way, dict[str, str], bool]]:
    """Every route that is not open to all, on the own place and, where it has one in its path, on another."""
    for way in desk_ways(ways):
        if not way.rule.open:
            yield way, OWN, True
            if way.rule.at is not None:
                yield way, FOREIGN, False


def barred(answer: Response) -> bool:
    """Whether an answer says that one may not. A wrong code is refused too, but for another reason."""
    return answer.status_code == 403 and PROBLEMS["forbidden"].title in answer.text


def allowed(rule: Rule, role: Role, *, own: bool) -> bool:
    """Whether a role on the unit (or above it) may use a route there, or elsewhere."""
    if rule.act is None:
        return True
    reaches = own or rule.at is None or role is Role.SUPERADMIN
    return role in RIGHTS[rule.act] and reaches
