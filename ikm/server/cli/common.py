"""What every command shares: exit codes, the JSON option, an end told as one sentence."""

import sys
from typing import Annotated, NoReturn

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
