"""The commands of a kiosk, for whoever sets it up and looks after it."""

import signal
import sys
import threading
from base64 import b64decode
from dataclasses import replace
from getpass import getpass
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from rich.console import Console

from ikm import wire
from ikm.domain.period import TimeZone
from kiosk import process
from kiosk.admin.facts import complaints
from kiosk.guard import complaint
from kiosk.last_sync import last_sync
from kiosk.machine import this_machine
from kiosk.space import space, space_trouble
from kiosk.status import DeviceStatus, device_status
from kiosk.store import AlreadyEnrolled
from sync.keys import kept_key, public_key
from sync.once import APP_VERSION
from sync.standing import STANDINGS
from sync.worker import SyncStatus, Worker

_out = Console(highlight=False, soft_wrap=True)

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Kios survei kepuasan masyarakat.",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main() -> None:
    """Run the command that was typed."""
    with process.sentences():
        app()


@app.callback(invoke_without_command=True)
def _default(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        run()


@app.command()
def run() -> None:
    """Membuka jendela kios dan mengirim jawaban di belakangnya."""
    raise typer.Exit(process.run_window())


@app.command()
def enrol(
    server: Annotated[str, typer.Option(help="Alamat server, misalnya https://ikm.contoh.go.id")],
    code: Annotated[str, typer.Option(help="Kode pendaftaran sekali pakai dari pengelola.")],
) -> None:
    """Mendaftarkan perangkat ini ke loketnya dengan kode sekali pakai."""
    from sync import client  # noqa: PLC0415 - the other commands need no network library to say what is wrong

    settings = process.settings_of_process()
    with process.opened(settings) as store:
        process.log_to(settings.data_dir / "sync.log")
        held = store.identity()
        if held is not None:
            raise AlreadyEnrolled(held.device)
        try:
            # kept before it is shown to anybody: cut off here, the same key and code get the same device again
            identity, configuration = client.enrol(server, code, kept_key(store), APP_VERSION)
        except ValueError as wrong:
            process.end(str(wrong), process.WRONG_SETTING)
        store.enrol(identity, configuration)
        process.log.info("enrolled as device %s", identity.device)
    unit = configuration.unit_name["id"]
    _out.print(f"Perangkat terdaftar untuk {unit}, {configuration.counter_name}.", markup=False)
    _out.print(f"Tanda pengenal {identity.device}. Data disimpan di {settings.data_dir}.", markup=False)
    _out.print(_fingerprint(identity.private_key), markup=False)
    _out.print("Jalankan kios: kiosk run")
    _out.print("Pasang PIN petugas: kiosk pin")


@app.command()
def pin() -> None:
    """Memasang PIN petugas, juga bila PIN yang lama terlupa; mengakhiri masa tunggu setelah PIN salah."""
    from kiosk.pin import pin_hash  # noqa: PLC0415 - the other commands need no hashing library

    settings = process.settings_of_process()
    with process.opened(settings) as store:
        chosen = _asked("PIN baru (4 sampai 8 angka): ")
        wrong = complaint(chosen)
        if wrong:
            process.end(wrong, process.WRONG_SETTING)
        if _asked("Ulangi PIN baru: ") != chosen:
            process.end("Kedua PIN tidak sama. PIN yang lama tetap berlaku.", process.WRONG_SETTING)
        hashed = pin_hash(chosen)
        store.change_guard(lambda guard: replace(guard.succeeded(), pin_hash=hashed, pin_due=False))
    _out.print("PIN petugas sudah dipasang. Menu petugas: tahan sudut kiri atas layar awal selama tiga detik.")


@app.command()
def sync(
    once: Annotated[bool, typer.Option("--once", help="Satu putaran saja, lalu selesai.")] = False,
) -> None:
    """Mengirim jawaban tanpa jendela, terus-menerus sampai dihentikan dengan Ctrl+C."""
    settings = process.settings_of_process()
    with process.opened(settings) as store:
        identity = process.enrolled(store)
        process.log_to(settings.data_dir / "sync.log")
        keep = process.keeper(settings.data_dir)

        held = store.configuration()
        zone = _zone(held.time_zone if held else None)

        def report(status: SyncStatus) -> None:
            _out.print(_line(status, zone), markup=False)
            keep(status)

        machine = this_machine(settings.data_dir, store.warnings)
        worker = process.worker_of(store, identity, machine, settings, report)
        if once:
            failed = worker.round().failure is not None
            raise typer.Exit(process.NOT_DONE if failed else 0)
        _out.print("Mengirim terus-menerus; hentikan dengan Ctrl+C.")
        _until_signalled(worker)


@app.command(name="carry-out")
def carry_out(folder: Annotated[Path, typer.Argument(help="Folder tujuan, misalnya pada USB.")]) -> None:
    """Menulis jawaban yang belum diterima server ke sebuah berkas, untuk kantor tanpa jaringan."""
    from sync.carry_out import write_carry_out  # noqa: PLC0415 - as with the client

    settings = process.settings_of_process()
    with process.opened(settings) as store:
        process.enrolled(store)
        process.log_to(settings.data_dir / "sync.log")
        machine = this_machine(settings.data_dir, store.warnings)
        carried = write_carry_out(store, folder, machine.clock().wall_ms, disk_free_bytes=machine.disk_free_bytes())
    _out.print(f"{carried.rows} jawaban ditulis ke {carried.path}.", markup=False)
    _out.print("Bawa berkas itu ke pengelola. Jawaban tetap tersimpan di sini sampai tanda terimanya dibawa kembali.")


@app.command()
def receipts(file: Annotated[Path, typer.Argument(help="Berkas tanda terima (.receipts) dari server.")]) -> None:
    """Membaca tanda terima yang dibawa kembali dari server."""
    from sync.carry_out import take_receipts  # noqa: PLC0415 - as with the client

    settings = process.settings_of_process()
    with process.opened(settings) as store:
        process.enrolled(store)
        process.log_to(settings.data_dir / "sync.log")
        taken = take_receipts(store, file)
        pending = store.queue().pending
    _out.print(
        f"{taken.receipts} tanda terima dibaca, {taken.acknowledged} jawaban terbukti diterima server. "
        f"Menunggu: {pending}."
    )
    if taken.standing != "active":
        _out.print(STANDINGS[taken.standing])


@app.command(name="roll-key")
def roll_key() -> None:
    """Mengganti kunci perangkat ini; server mengenalnya dengan kunci yang baru."""
    from sync import rolling  # noqa: PLC0415 - as with the client
    from sync.client import Client  # noqa: PLC0415

    settings = process.settings_of_process()
    with process.opened(settings) as store:
        identity = process.enrolled(store)
        process.log_to(settings.data_dir / "sync.log")
        client = Client(identity, APP_VERSION, store)
        try:
            rolling.roll_key(store, client)
        finally:
            client.close()
        process.log.info("the key of this device was rolled")
        _out.print(f"Kunci perangkat sudah diganti. {_fingerprint(process.enrolled(store).private_key)}", markup=False)
    _out.print("Minta pengelola membuat cadangan server: server yang dipulihkan dari cadangan lama menolak kunci ini.")


@app.command(name="trust-server")
def trust_server(key: Annotated[str, typer.Argument(help="Kunci server yang berlaku, dari: ikm keys list")]) -> None:
    """Mempercayai kunci server itu, sesudah server dipulihkan dari cadangan sebelum kuncinya diganti."""
    try:
        # one spelling only: it is compared with what a server says
        right = wire.to_base64(Ed25519PublicKey.from_public_bytes(b64decode(key, validate=True)).public_bytes_raw())
    except ValueError:
        process.end("Itu bukan kunci server. Salin seluruhnya dari: ikm keys list", process.WRONG_SETTING)
    settings = process.settings_of_process()
    with process.opened(settings) as store:
        process.enrolled(store)
        process.log_to(settings.data_dir / "sync.log")
        store.pin_server_key(right)
        process.log.warning("the server's key was chosen by hand: %s", wire.fingerprint(right))
    _out.print(f"Server dengan sidik jari {wire.fingerprint(right)} dipercaya. Periksa: kiosk sync --once")


@app.command()
def status(
    as_json: Annotated[bool, typer.Option("--json", help="Sebagai JSON, untuk program lain.")] = False,
) -> None:
    """Menampilkan keadaan perangkat: antrean, pengiriman terakhir, konfigurasi."""
    settings = process.settings_of_process()
    with process.opened(settings) as store:
        found, identity = device_status(store, settings.data_dir), store.identity()
    seen = last_sync(settings.data_dir)
    standing, rejected = (seen.standing, seen.rejected) if seen else ("active", 0)
    if as_json:
        facts = msgspec.to_builtins(found) | {"standing": standing, "rejected": rejected}
        sys.stdout.write(msgspec.json.encode(facts).decode() + "\n")
        return
    zone = _zone(found.time_zone)
    for name, value in (
        ("Perangkat", found.device or "belum terdaftar"),
        ("Unit", found.unit_name or "-"),
        ("Loket", found.counter_name or "-"),
        ("Server", found.server_url or "-"),
        ("Konfigurasi", "-" if found.configuration is None else str(found.configuration)),
        ("Sidik jari", _digits(identity.private_key) if identity else "-"),
        ("Jawaban", f"{found.stored} tersimpan, {found.acknowledged} diterima server, {found.pending} menunggu"),
        ("Kedudukan", STANDINGS[standing] if seen else "-"),
        ("Disisihkan", f"{rejected} jawaban disisihkan server untuk diperiksa pengelola" if rejected else "-"),
        ("Latihan", f"{found.training} tersimpan, tidak dihitung dan tidak dikirim"),
        ("Menunggu sejak", _moment(found.oldest_pending_ms, zone)),
        ("Tanda terima", _moment(found.last_receipt_ms, zone)),
        ("Kendala", _trouble(found, zone)),
        ("Ruang kosong", space(found.disk_free_bytes)),
        ("Data", found.data_dir),
    ):
        _out.print(f"{name:<15} {value}", markup=False)


def _asked(prompt: str) -> str:
    """What a person types without it being shown, or the first line of what is piped in."""
    if sys.stdin.isatty():
        return getpass(prompt).strip()
    return sys.stdin.readline().strip()


def _until_signalled(worker: Worker) -> None:
    """Let the worker run beside this thread until the process is asked to end."""
    asked = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: asked.set())
    worker.start()
    asked.wait()
    worker.stop()


def _line(status: SyncStatus, zone: TimeZone) -> str:
    if status.failure is not None:
        return f"{status.failure.sentence} ({status.failure.code}) Menunggu: {status.pending}."
    standing = "" if status.standing == "active" else f"{STANDINGS[status.standing]} "
    moment = _moment(status.last_receipt_ms, zone)
    return f"Terkirim. Tanda terima {moment}. {standing}Menunggu: {status.pending}."


def _fingerprint(private_key: bytes) -> str:
    return f"Sidik jari {_digits(private_key)}; cocokkan dengan yang ditampilkan server (ikm devices list)."


def _digits(private_key: bytes) -> str:
    return wire.fingerprint(public_key(private_key))


def _trouble(found: DeviceStatus, zone: TimeZone) -> str:
    troubles = [space_trouble(found.disk_free_bytes), *complaints(found.warnings)]
    if found.last_failure is not None:
        troubles.append(f"{found.last_failure} ({found.last_failure_code}, {_moment(found.last_failure_ms, zone)})")
    return " ".join(filter(None, troubles)) or "-"


def _zone(name: str | None) -> TimeZone:
    # before enrolment there is no moment to show, so any will do
    return TimeZone[name] if name else TimeZone.WIB


def _moment(at_ms: int | None, zone: TimeZone) -> str:
    return "-" if at_ms is None else zone.written(at_ms)
