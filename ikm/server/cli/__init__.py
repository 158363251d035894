"""The server's command line: `ikm`. Faults that are to be expected are one sentence on stderr and an exit code."""

import typer

from ikm.server.cli.explain import explain
from ikm.server.cli.sample import sample
from ikm.server.cli.score import score
from ikm.server.cli.server import enrol, example, migrate, serve, verify
from ikm.server.cli.unit import unit

app = typer.Typer(
    name="ikm",
    help="Server Survei Kepuasan Masyarakat.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
tallies = typer.Typer(help="Rekapitulasi jawaban.", no_args_is_help=True)
tallies.command()(verify)
app.add_typer(tallies, name="tallies")
app.command()(score)
# a list of means without quotes leaves words over, which the command itself refuses with how to write them
app.command(context_settings={"allow_extra_args": True})(explain)
for command in (sample, unit, serve, migrate, example, enrol):
    app.command()(command)
