"""The server's command line: `ikm`. Faults that are to be expected are one sentence on stderr and an exit code."""

import typer

from ikm.server.cli.decisions import forks, quarantine
from ikm.server.cli.devices import devices, keys
from ikm.server.cli.digest import digest
from ikm.server.cli.enrol import codes, enrol
from ikm.server.cli.explain import explain
from ikm.server.cli.fleet import fleet
from ikm.server.cli.keeping import audit, backup, import_carry_out
from ikm.server.cli.people import deeds, people, setup_link
from ikm.server.cli.place import place
from ikm.server.cli.sample import sample
from ikm.server.cli.score import score
from ikm.server.cli.seed import seed
from ikm.server.cli.server import example, migrate, serve, verify
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
groups = {
    "codes": codes, "deeds": deeds, "devices": devices, "digest": digest, "fleet": fleet, "forks": forks,
    "keys": keys, "people": people, "place": place, "quarantine": quarantine,
}  # fmt: skip
for name, group in groups.items():
    app.add_typer(group, name=name)
app.command()(score)
app.command()(seed)
# a list of means without quotes leaves words over, which the command itself refuses with how to write them
app.command(context_settings={"allow_extra_args": True})(explain)
for command in (sample, unit, serve, setup_link, migrate, example, enrol, audit, backup, import_carry_out):
    app.command()(command)
