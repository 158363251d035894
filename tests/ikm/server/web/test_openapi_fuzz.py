"""The interface's description taken at its word: schemathesis calls what it promises, with all that it allows and not.

No answer is a mistake of the server's; each has a documented status and content, and a refusal is a problem of ours.
"""

import json
from collections import Counter

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from litestar.testing import TestClient
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from ikm import wire
from ikm.domain.errors import PROBLEMS
from ikm.domain.rights import Grant, Role
from ikm.server.settings import Settings
from ikm.server.store.deeds import Doer
from ikm.server.web.app import create_app
from tests.ikm.server.kiosk_device import NOTHING, NOW_MS, KioskDevice, stored

EXAMPLES = 40
OPERATIONS = 13
TOKEN = "ikm-" + "f" * 43


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_every_answer_is_one_that_the_description_names(sqlite_store, mode):
    device = KioskDevice.enrolled(sqlite_store)
    by = Doer("uji", NOW_MS, "01a20a2d-7c00-7000-8000-00000000000a")
    sqlite_store.add_person(by.person, "a@contoh.go.id", "A", [Grant(Role.SUPERADMIN, "contoh")], by)
    sqlite_store.add_token(TOKEN, "fuzz", "contoh", 2**52, by)
    app = create_app(Settings(database=sqlite_store._engine.url))
    seen: Counter[int] = Counter()
    with TestClient(app, raise_server_exceptions=False) as client:
        described = schemathesis.openapi.from_dict(client.get("/schema").json())
        operations = [found.ok() for found in described.get_all_operations()]
        assert len(operations) == OPERATIONS
        for operation in operations:
            # paths, headers and queries are free text, so nothing but a body can break the description
            if operation.body or mode is GenerationMode.POSITIVE:
                seen += called(operation, operation.as_strategy(generation_mode=mode), client, device)
        assert client.get("/healthz").status_code == 200
    assert stored(sqlite_store) == NOTHING
    assert sum(seen.values()) >= 100
    # not everything fails at the same first gate
    assert len(seen) >= 3


def called(operation, cases, client, device) -> Counter[int]:
    """Statuses of the answers to an operation's cases, half of which name a device there is and sign for it."""
    seen: Counter[int] = Counter()

    @seed(20261124)
    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=cases, ours=st.booleans())
    def one(case, ours):
        if ours and "device" in (case.path_parameters or {}):
            case.path_parameters["device"] = device.device
        sent = case.as_transport_kwargs(base_url="http://testserver.local")
        raw = body_of(sent)
        headers = {name: value for name, value in sent["headers"].items() if is_header(name, value)}
        if ours:
            path = case.formatted_path
            headers |= {"Content-Type": "application/json", "Content-Encoding": ""}
            headers["Authorization"] = f"Bearer {TOKEN}"
            headers[wire.SIGNATURE_HEADER] = device.sign(sent["method"], path, raw)
        answer = client.request(
            sent["method"], sent["url"], params=sent.get("params"), content=raw, headers=headers, follow_redirects=False
        )
        seen[answer.status_code] += 1
        case.validate_response(
            answer,
            checks=[
                not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance,
            ],
        )  # fmt: skip
        if answer.status_code >= 400:
            problem = wire.decode(answer.content, wire.Problem)
            assert (problem.status, problem.title) == (answer.status_code, PROBLEMS[problem.code].title)

    one()
    return seen


def body_of(sent) -> bytes:
    """The bytes that schemathesis would send."""
    if sent.get("json") is not None:
        return json.dumps(sent["json"], sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode(
            "utf-8", "surrogatepass"
        )
    data = sent.get("data")
    if isinstance(data, bytes):
        return data
    return b"" if data is None else str(data).encode("utf-8", "surrogatepass")


def is_header(name: str, value: object) -> bool:
    """Whether HTTP can carry it at all; what it cannot is sent over bare sockets in bad_input."""
    text = f"{name}{value}"
    return name.isascii() and text.isprintable() and all(ord(sign) < 256 for sign in text)
