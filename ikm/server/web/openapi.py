"""The interface's description at /schema: Litestar's, completed with what raw bodies hide from it."""

from typing import Any

import msgspec
from litestar import Request
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme

from ikm import wire
from ikm.server.web import data
from ikm.server.web.api import REQUESTS, ServerHealth, UnitIndex

_MESSAGES = (
    *REQUESTS.values(), wire.ResponseBody, wire.Receipt, wire.Enrolled, wire.KeyRolled, wire.ServerKeys,
    wire.ConfigurationMessage, wire.Problem, UnitIndex, ServerHealth, *data.MESSAGES,
)  # fmt: skip
_REF = "#/components/schemas/{name}"


class SchemaPlugin(JsonRenderPlugin):
    """The description with request bodies and with the messages as msgspec checks them."""

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        """The description as JSON."""
        return super().render(request, completed(openapi_schema))


def config(version: str) -> OpenAPIConfig:
    """The application's OpenAPI settings; no page with scripts from elsewhere, only the description itself."""
    return OpenAPIConfig(
        title="Kios Survei Kepuasan Masyarakat",
        version=version,
        description="Antarmuka perangkat dan data terbuka. Penolakan berbentuk RFC 9457 dengan kode tetap.",
        path="/schema",
        components=Components(
            security_schemes={
                "token": SecurityScheme(
                    type="http", scheme="bearer", description="Token dari halaman Token, berlaku untuk satu tempat."
                )
            }
        ),
        render_plugins=[SchemaPlugin(path="/")],
    )


def completed(schema: dict[str, Any]) -> dict[str, Any]:
    """The description with the request messages added; the one given stays as it is."""
    _, components = msgspec.json.schema_components(_MESSAGES, ref_template=_REF)
    components["Row"]["properties"]["body"] = {"$ref": _REF.format(name="ResponseBody")}
    paths = {path: dict(item) for path, item in schema["paths"].items()}
    for address, message in REQUESTS.items():
        path = address.replace(":str}", "}")
        content = {"application/json": {"schema": {"$ref": _REF.format(name=message.__name__)}}}
        paths[path]["post"] = {**paths[path]["post"], "requestBody": {"required": True, "content": content}}
    own = schema.get("components", {}).get("schemas", {})
    described = {"paths": paths, "components": {**schema.get("components", {}), "schemas": {**own, **components}}}
    mended: dict[str, Any] = _ecma({**schema, **described})
    return mended


def _ecma(value: Any) -> Any:
    # Python's \A and \Z are ^ and $ in the regular expressions of JSON Schema
    if isinstance(value, dict):
        return {
            key: item.replace(r"\A", "^").replace(r"\Z", "$")
            if key == "pattern" and isinstance(item, str)
            else _ecma(item)
            for key, item in value.items()
        }
    return [_ecma(item) for item in value] if isinstance(value, list) else value
