"""Answers that came on a stick: taken in as if the device had sent them, with receipts to carry back."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

import msgspec

from ikm import wire
from ikm.domain.errors import Refusal
from ikm.server.ingest import Call, Ingest

# the text of a batch may need a backslash before every sign, and a signature and a path come beside it
_MOST_LINE_BYTES = 2 * wire.MAX_BODY_BYTES + 1024
_PATH = re.compile(r"/api/v1/devices/([0-9a-f-]{36})/batches")


class Carried(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A line of the file: a batch with the address it was signed for."""

    format: Literal["ikm-carry-out-1"]
    path: str
    signature: str
    body: str


_CARRIED = msgspec.json.Decoder(Carried)


@dataclass(frozen=True, slots=True)
class Imported:
    """One line of a file that was taken in: its number, the receipt, and how many rows it carried."""

    line: int
    receipt: wire.Receipt
    rows: int


@dataclass(frozen=True, slots=True)
class Refused:
    """One line that was not: its number and why."""

    line: int
    refusal: Refusal


def import_lines(ingest: Ingest, file: IO[bytes]) -> Iterator[Imported | Refused]:
    """What became of each line, in order; a line that is refused keeps none of the others out.

    The same file may be given again at any time: what is held already is held once.
    """
    number = 0
    while line := file.readline(_MOST_LINE_BYTES):
        number += 1
        if not line.endswith(b"\n"):
            # cut short where the stick was pulled out, or no file of ours
            yield Refused(number, Refusal("carry_out_unreadable", f"baris {number}"))
            return
        try:
            yield _taken(ingest, number, line)
        except Refusal as refusal:
            yield Refused(number, refusal)


def write_receipts(receipts: list[wire.Receipt], beside: Path) -> Path:
    """The file of receipts beside the one that was imported, one canonical receipt a line, whole or not at all.

    Raises:
        OSError: The medium did not take it.
    """
    target = beside.with_name(f"{beside.name}.receipts")
    part = beside.with_name(f".{beside.name}.receipts.part")
    try:
        with part.open("wb") as out:
            out.writelines(wire.canonical(receipt) + b"\n" for receipt in receipts)
            out.flush()
            os.fsync(out.fileno())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return target


def _taken(ingest: Ingest, number: int, line: bytes) -> Imported:
    try:
        carried = _CARRIED.decode(line)
    # RecursionError: nesting deeper than the decoder follows is malformed too
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Refusal("carry_out_unreadable", f"baris {number}") from None
    found = _PATH.fullmatch(carried.path)
    if found is None:
        raise Refusal("carry_out_unreadable", f"baris {number}")
    body = carried.body.encode("utf-8", "surrogatepass")
    receipt = ingest.accept(Call("POST", carried.path, found[1], carried.signature, body, carried=True))
    return Imported(number, receipt, len(wire.decode_batch(body).rows))
