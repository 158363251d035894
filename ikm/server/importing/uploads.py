"""Uploads: bytes of any name become a table, and a table becomes text that waits in the database and comes back."""

import re
import tempfile
import unicodedata
from pathlib import Path

import msgspec

from ikm.server.importing.records import Record, Table
from ikm.server.importing.sheets import LARGEST_BYTES, read_table

_LONGEST = 60
_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,5}")


def safe_name(name: str) -> str:
    """A file's name without the folders, the invisible signs and the length that a stranger may give it."""
    last = re.split(r"[/\\]", name)[-1]
    plain = "".join(sign for sign in last if not unicodedata.category(sign).startswith("C")).strip(" .")
    stem, dot, suffix = plain.rpartition(".")
    if not _SUFFIX.fullmatch(dot + suffix):
        stem, suffix = plain, ""
    kept = re.sub(r"[<>:\"|?*]", "_", stem)[:_LONGEST].strip(" .") or "berkas"
    return f"{kept}.{suffix}" if suffix else kept


def read_upload(name: str, content: bytes) -> Table:
    """What an uploaded file says. Raises Refusal as `read_table`."""
    with tempfile.TemporaryDirectory(prefix="ikm-") as folder:
        path = Path(folder) / safe_name(name)
        # one more byte than may be is enough to be told that it is too large
        path.write_bytes(content[: LARGEST_BYTES + 1])
        return read_table(path)


class _Kept(msgspec.Struct, frozen=True):
    records: tuple[Record, ...]
    notes: tuple[str, ...]


_DECODER = msgspec.json.Decoder(_Kept)


def kept(table: Table) -> bytes:
    """A table as text."""
    return msgspec.json.encode(_Kept(table.records, table.notes), enc_hook=dict)


def restored(file_name: str, sha256: str, text: bytes) -> Table:
    """The table of such a text."""
    held = _DECODER.decode(text)
    return Table(file_name, sha256, held.records, held.notes)
