"""Documents as files that a browser keeps."""

from typing import Literal

from litestar import Response
from litestar.params import FromPath

from ikm.domain.errors import Refusal
from ikm.server.reports.exports import Document, csv_bytes, xlsx_bytes

Kind = FromPath[str]
"""How a file is written: 'csv' or 'xlsx'; anything else is refused as not found."""

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv"

Written = Literal["csv", "xlsx"]


def file_of(document: Document, kind: str, name: str) -> Response[bytes]:
    """The document as a file of that name. Raises Refusal (`not_found`) for a kind there is not."""
    if kind == "csv":
        return kept(csv_bytes(document), CSV, f"{name}.csv")
    if kind == "xlsx":
        return kept(xlsx_bytes(document), XLSX, f"{name}.xlsx")
    raise Refusal("not_found", "kind")


def kept(content: bytes, media_type: str, name: str) -> Response[bytes]:
    """A file the browser is to keep under that name."""
    return Response(content, media_type=media_type, headers=disposition(name))


def disposition(name: str) -> dict[str, str]:
    """The header that names a file; names are made of codes, so nothing needs quoting."""
    return {"Content-Disposition": f'attachment; filename="{name}"'}
