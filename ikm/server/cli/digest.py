"""`ikm digest`: what officers are told by mail."""

from typing import Annotated

import typer

from ikm.server.cli.common import end
from ikm.server.cli.database import open_store, read_settings
from ikm.server.ingest import now_ms
from ikm.server.mail.digest import prepare, send_due
from ikm.server.mail.sending import MailFault
from ikm.server.reports import wording

digest = typer.Typer(help="Ringkasan lewat surel untuk petugas.", no_args_is_help=True)


@digest.callback()
def _digest() -> None:
    """Ringkasan lewat surel untuk petugas."""


@digest.command()
def send(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Tampilkan semua ringkasan yang ada isinya, tanpa mengirim.")
    ] = False,
) -> None:
    """Kirim ringkasan yang sudah waktunya; `ikm serve` melakukannya sendiri setiap pagi."""
    settings = read_settings()
    with open_store() as store:
        if dry_run:
            prepared = prepare(store, settings, now_ms(), store.digest_readers())
            for one in prepared:
                typer.echo(f"Kepada: {one.reader.email}\nPerihal: {one.subject}\n\n{one.text}\n")
            typer.echo(f"{wording.count(len(prepared))} ringkasan; tidak ada yang dikirim.")
            return
        if settings.mail is None:
            end("IKM_SMTP_URL belum diisi, jadi tidak ada surel yang dikirim.")
        try:
            sent = send_due(store, settings, now_ms())
        except MailFault as fault:
            end(f"{fault} Ringkasan dicoba lagi nanti.")
    typer.echo(f"{wording.count(sent)} ringkasan dikirim.")
