"""What every command shares: exit codes, the JSON option, an end told as one sentence."""

import json
import re
import sys
from collections.abc import Mapping
from typing import Annotated, Any, NoReturn

import typer

FAULT = 1
USAGE = 2
REFUSED = 3
"""Exit codes: something did not work, or something found wrong; the command or the settings were not understood; a
file was read and refused. 4 is taken: libraries are missing (`__main__`)."""

Json = Annotated[bool, typer.Option("--json", help="Keluarkan JSON.")]


def end(sentence: str, code: int = FAULT) -> NoReturn:
    """Ends the command with a sentence on stderr."""
    typer.echo(sentence, err=True)
    sys.exit(code)


def print_json(values: Mapping[str, Any]) -> None:
    """The values as JSON on stdout."""
    typer.echo(json.dumps(values, ensure_ascii=False, indent=2))


def whole_number(text: str) -> int:
    """A number of people as Indonesians write it: '900', '1.000'.

    Raises:
        typer.BadParameter: It is no whole number above nothing, or its dots do not stand between thousands.
    """
    plain = text.strip()
    if re.fullmatch(r"[1-9]\d{0,2}(\.\d{3})+", plain):
        plain = plain.replace(".", "")
    if not re.fullmatch(r"0*[1-9]\d{0,11}", plain):
        raise typer.BadParameter(f"'{text}' bukan bilangan orang; tulis seperti 900 atau 1.000.")
    return int(plain)
