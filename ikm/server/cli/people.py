"""`ikm setup-link`, `ikm people`, `ikm deeds`: who may come in, and whether the log of what people did is whole."""

from typing import Annotated, Any
from urllib.parse import urlsplit

import typer
from rich import box
from rich.markup import escape
from rich.table import Table

from ikm.domain.organisation import Tree
from ikm.server.cli.acts import Who, Why, signed
from ikm.server.cli.common import FAULT, Json, end, print_json
from ikm.server.cli.database import open_store, read_settings
from ikm.server.cli.sheet import console
from ikm.server.ingest import now_ms
from ikm.server.people import links, wording
from ikm.server.people.throttle import account_name
from ikm.server.reports import wording as figures
from ikm.server.store import Store
from ikm.server.store.deeds import Doer
from ikm.server.store.people import Person
from ikm.server.web.desk.moments import zone_of

people = typer.Typer(help="Orang yang boleh masuk.", no_args_is_help=True)
deeds = typer.Typer(help="Catatan perbuatan petugas.", no_args_is_help=True)

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def setup_link(who: Who = None) -> None:
    """Buat tautan sekali pakai untuk superadmin pertama; yang dibuat sebelumnya tidak berlaku lagi."""
    settings = read_settings()
    name, _ = signed(who, "-")
    with open_store(creates=True) as store:
        link = links.setup_link(store, settings.public_url, Doer(name, now_ms()))
    if link is None:
        end(
            "Sudah ada superadmin yang dapat masuk; mintalah undangan kepadanya. "
            "Bila ia sendiri terkunci: ikm people reset SUREL"
        )
    typer.echo(link)
    typer.echo("Berlaku 24 jam dan sekali pakai. Siapa pun yang memegangnya menjadi superadmin.")
    _warn_of_loopback(settings.public_url)


@people.command("list")
def list_people(as_json: Json = False) -> None:
    """Tampilkan semua orang, peran, dan kapan mereka terakhir masuk."""
    with open_store() as store:
        found = store.people()
        tree = Tree(store.organisation(retired=True))
        zone, names = zone_of(store, tree), {code: node.name for code, node in tree.nodes.items()}
    if as_json:
        print_json({"people": [_person(person) for person in found]})
        return
    if not found:
        typer.echo("Belum ada pengguna. Buat yang pertama dengan: ikm setup-link")
        return
    table = Table(box=box.SIMPLE_HEAD, padding=0, show_edge=False)
    for column in ("Surel", "Nama", "Peran", "Terakhir masuk", "Status"):
        table.add_column(column, overflow="fold")
    for person in found:
        roles = "\n".join(f"{wording.ROLES[one.role]}, {names.get(one.node, one.node)}" for one in person.grants)
        seen = zone.written(person.seen_ms) if person.seen_ms is not None else "belum pernah"
        table.add_row(escape(person.email), escape(person.name), escape(roles), seen, _STATES[_state(person)])
    console().print(table)


@people.command("reset")
def reset(
    email: Annotated[str, typer.Argument(metavar="SUREL", help="Surel orang yang tidak dapat masuk.")],
    why: Why,
    who: Who = None,
    password_only: Annotated[
        bool, typer.Option("--password-only", help="Autentikatornya tetap; hanya kata sandi yang baru.")
    ] = False,
) -> None:
    """Buat tautan sekali pakai bagi orang yang terkunci, dan lupakan percobaan masuk yang salah."""
    settings = read_settings()
    name, reason = signed(who, why)
    with open_store() as store:
        person = _one(store, email)
        by = Doer(name, now_ms(), reason=reason)
        link = links.reset(store, settings.public_url, person, by, factor=not password_only)
        for kind, account in (("sign-in", person.email), ("code", person.id), ("proof", person.id)):
            store.forget_guesses(account_name(kind, account))
    typer.echo(link)
    typer.echo(f"Berlaku 24 jam dan sekali pakai, untuk {person.name} ({person.email}).")
    if person.disabled_ms is not None:
        typer.echo("Orang ini sedang dinonaktifkan; tautan itu baru berguna sesudah seorang admin mengaktifkannya.")
    _warn_of_loopback(settings.public_url)


@deeds.command("verify")
def verify_deeds(as_json: Json = False) -> None:
    """Periksa seluruh catatan; kode keluar 1 dan nomor barisnya bila ada yang diubah atau hilang."""
    with open_store() as store:
        fault = store.deed_fault()
        newest = store.deeds(limit=1)
    total = newest[0].seq if newest else 0
    if as_json:
        print_json({"total": total, "fault": fault})
    elif fault is None:
        typer.echo(f"Catatan utuh: {figures.count(total)} baris.")
    else:
        typer.echo(f"Catatan nomor {fault} diubah atau hilang; baris sesudahnya tidak lagi membuktikan apa pun.")
    if fault is not None:
        raise typer.Exit(FAULT)


_STATES = {"on": "aktif", "waiting": "belum lengkap", "off": "nonaktif"}


def _state(person: Person) -> str:
    if person.disabled_ms is not None:
        return "off"
    return "on" if person.complete else "waiting"


def _person(person: Person) -> dict[str, Any]:
    return {
        "id": person.id, "email": person.email, "name": person.name, "state": _state(person),
        "roles": [{"role": grant.role.value, "node": grant.node} for grant in person.grants],
        "made_ms": person.made_ms, "seen_ms": person.seen_ms,
    }  # fmt: skip


def _one(store: Store, email: str) -> Person:
    found = next((person for person in store.people() if person.email == email.strip().lower()), None)
    if found is None:
        end(f"Tidak ada pengguna dengan surel {email}. Lihat daftarnya dengan: ikm people list")
    return found


def _warn_of_loopback(public_url: str) -> None:
    if urlsplit(public_url).hostname in _LOOPBACK:
        typer.echo("Alamat itu hanya berlaku di komputer server ini; untuk yang lain setel IKM_PUBLIC_URL.")
