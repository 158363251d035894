"""The command line of a kiosk, and the one place where its parts are put together.

Exit codes: 1 the command did not succeed, 2 a setting or argument is wrong, 3 not enrolled yet, 4 a library is missing.
"""

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from getpass import getpass
from logging.handlers import RotatingFileHandler
from pathlib import Path
from random import SystemRandom
from typing import Annotated, NoReturn

import msgspec
import typer
from rich.console import Console

from ikm.domain.period import TimeZone
from kiosk.guard import complaint
from kiosk.machine import Machine, this_machine
from kiosk.sending import Sending
from kiosk.settings import SettingInvalid, Settings, settings_from
from kiosk.status import DeviceStatus, device_status, keep_sync_status, last_receipt_ms
from kiosk.store import AlreadyEnrolled, NotEnrolled, Store, StoreError, only_window
from sync.failure import Failure
from sync.keys import new_private_key
from sync.once import APP_VERSION
from sync.ports import Identity
from sync.worker import SyncStatus, Worker

NOT_DONE, WRONG_SETTING, NOT_ENROLLED, LIBRARY_MISSING = 1, 2, 3, 4

# our own loggers and not the root: the window's toolkit puts its own handlers there
_LOGGERS = ("kiosk", "sync")
_LOG_BYTES = 1024 * 1024
_LOG_FILES = 5

_log = logging.getLogger("kiosk")
_out = Console(highlight=False, soft_wrap=True)

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Kios survei kepuasan masyarakat.",
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback(invoke_without_command=True)
def _default(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        run()


@app.command()
def run() -> None:
    """Membuka jendela kios dan mengirim jawaban di belakangnya."""
    settings = _settings()
    with _opened(settings) as store, only_window(settings.data_dir):
        _log_to(settings.data_dir / "kiosk.log")
        held = store.identity()
        device = held.device if held else "not enrolled"
        _log.info("kiosk %s, device %s, data in %s", APP_VERSION, device, settings.data_dir)
        # imported here, so that no other command needs the window's library
        from kiosk.app import run as run_window  # noqa: PLC0415
        from kiosk.desk import OwnDesk  # noqa: PLC0415
        from kiosk.parts import Parts  # noqa: PLC0415

        machine = this_machine(settings.data_dir)

        def make() -> Worker | None:
            identity = store.identity()
            report = _keeper(settings.data_dir)
            return _worker(store, identity, machine, settings, report) if identity else None

        # the window starts the sync when it is up, tells it of an enrolment, and stops it when it closes
        parts = Parts(store, Sending(make), machine, OwnDesk(store, machine, settings.data_dir))
        raise typer.Exit(run_window(parts, settings))


@app.command()
def enrol(
    server: Annotated[str, typer.Option(help="Alamat server, misalnya https://ikm.contoh.go.id")],
    code: Annotated[str, typer.Option(help="Kode pendaftaran sekali pakai dari pengelola.")],
) -> None:
    """Mendaftarkan perangkat ini ke loketnya dengan kode sekali pakai."""
    from sync import client  # noqa: PLC0415 - the other commands need no network library to say what is wrong

    settings = _settings()
    with _opened(settings) as store:
        _log_to(settings.data_dir / "sync.log")
        held = store.identity()
        if held is not None:
            raise AlreadyEnrolled(held.device)
        try:
            identity, configuration = client.enrol(server, code, new_private_key(), APP_VERSION)
        except ValueError as wrong:
            _end(str(wrong), WRONG_SETTING)
        store.enrol(identity, configuration)
        _log.info("enrolled as device %s", identity.device)
    unit = configuration.unit_name["id"]
    _out.print(f"Perangkat terdaftar untuk {unit}, {configuration.counter_name}.", markup=False)
    _out.print(f"Nomor perangkat {identity.device}. Data disimpan di {settings.data_dir}.", markup=False)
    _out.print("Jalankan kios: kiosk run")


@app.command()
def pin() -> None:
    """Memasang PIN petugas, juga bila PIN yang lama terlupa; mengakhiri masa tunggu setelah PIN salah."""
    from kiosk.pin import pin_hash  # noqa: PLC0415 - the other commands need no hashing library

    settings = _settings()
    with _opened(settings) as store:
        chosen = _asked("PIN baru (4 sampai 8 angka): ")
        wrong = complaint(chosen)
        if wrong:
            _end(wrong, WRONG_SETTING)
        if _asked("Ulangi PIN baru: ") != chosen:
            _end("Kedua PIN tidak sama. PIN yang lama tetap berlaku.", WRONG_SETTING)
        hashed = pin_hash(chosen)
        store.change_guard(lambda guard: replace(guard.succeeded(), pin_hash=hashed, pin_due=False))
    _out.print("PIN petugas sudah dipasang. Buka menu petugas dengan menekan lama sudut layar.")


@app.command()
def sync(
    once: Annotated[bool, typer.Option("--once", help="Satu putaran saja, lalu selesai.")] = False,
) -> None:
    """Mengirim jawaban tanpa jendela, terus-menerus sampai dihentikan dengan Ctrl+C."""
    settings = _settings()
    with _opened(settings) as store:
        identity = _enrolled(store)
        _log_to(settings.data_dir / "sync.log")
        keep = _keeper(settings.data_dir)

        held = store.configuration()
        zone = _zone(held.time_zone if held else None)

        def report(status: SyncStatus) -> None:
            _out.print(_line(status, zone), markup=False)
            keep(status)

        worker = _worker(store, identity, this_machine(settings.data_dir), settings, report)
        if once:
            failed = worker.round().failure is not None
            raise typer.Exit(NOT_DONE if failed else 0)
        _out.print("Mengirim terus-menerus; hentikan dengan Ctrl+C.")
        _until_signalled(worker)


@app.command()
def status(
    as_json: Annotated[bool, typer.Option("--json", help="Sebagai JSON, untuk program lain.")] = False,
) -> None:
    """Menampilkan keadaan perangkat: antrean, pengiriman terakhir, konfigurasi."""
    settings = _settings()
    with _opened(settings) as store:
        found = device_status(store, settings.data_dir)
    if as_json:
        sys.stdout.write(msgspec.json.encode(found).decode() + "\n")
        return
    zone = _zone(found.time_zone)
    for name, value in (
        ("Perangkat", found.device or "belum terdaftar"),
        ("Unit", found.unit_name or "-"),
        ("Loket", found.counter_name or "-"),
        ("Server", found.server_url or "-"),
        ("Konfigurasi", "-" if found.configuration is None else str(found.configuration)),
        ("Jawaban", f"{found.stored} tersimpan, {found.acknowledged} diterima server, {found.pending} menunggu"),
        ("Latihan", f"{found.training} tersimpan, tidak dihitung dan tidak dikirim"),
        ("Menunggu sejak", _moment(found.oldest_pending_ms, zone)),
        ("Tanda terima", _moment(found.last_receipt_ms, zone)),
        ("Kendala", _trouble(found, zone)),
        ("Data", found.data_dir),
    ):
        _out.print(f"{name:<15} {value}", markup=False)


def main() -> None:
    """Run the command line; whatever a person can mend ends in one sentence on the error output."""
    # before there is a log file, nothing but the sentence goes to the screen
    for name in _LOGGERS:
        logging.getLogger(name).addHandler(logging.NullHandler())
    try:
        app()
    except SettingInvalid as wrong:
        _end(str(wrong), WRONG_SETTING)
    except NotEnrolled as early:
        _end(str(early), NOT_ENROLLED)
    except StoreError as trouble:
        _log.error("%s", trouble, exc_info=trouble)
        _end(str(trouble), NOT_DONE)
    except OSError as trouble:
        _end(f"Folder {trouble.filename} tidak dapat dipakai: {trouble.strerror}. Hubungi petugas.", NOT_DONE)
    except Failure as failure:
        _log.warning("%s", failure)
        _end(f"{failure.sentence} ({failure.code})", NOT_DONE)
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] not in {"kivy", "requests", "urllib3", "argon2"}:
            raise
        _end(f"Pustaka {missing.name} belum terpasang. Pasang dengan: pip install 'ikm-kiosk[kiosk]'", LIBRARY_MISSING)


def _asked(prompt: str) -> str:
    """What a person types without it being shown, or the first line of what is piped in."""
    if sys.stdin.isatty():
        return getpass(prompt).strip()
    return sys.stdin.readline().strip()


def _settings() -> Settings:
    return settings_from(os.environ, Path.home())


def _opened(settings: Settings) -> Store:
    return Store.open(settings.data_dir)


def _enrolled(store: Store) -> Identity:
    identity = store.identity()
    if identity is None:
        raise NotEnrolled
    return identity


def _worker(
    store: Store, identity: Identity, machine: Machine, settings: Settings, report: Callable[[SyncStatus], None]
) -> Worker:
    from sync.client import Client  # noqa: PLC0415 - as in `enrol`

    return Worker(
        store,
        Client(identity, APP_VERSION),
        machine,
        interval_s=settings.sync_interval_s,
        random=SystemRandom(),
        report=report,
        last_receipt_ms=last_receipt_ms(settings.data_dir),
    )


def _keeper(folder: Path) -> Callable[[SyncStatus], None]:
    return lambda status: keep_sync_status(folder, status)


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
    return f"Terkirim. Tanda terima {_moment(status.last_receipt_ms, zone)}. Menunggu: {status.pending}."


def _trouble(found: DeviceStatus, zone: TimeZone) -> str:
    if found.last_failure is None:
        return "-"
    return f"{found.last_failure} ({found.last_failure_code}, {_moment(found.last_failure_ms, zone)})"


def _zone(name: str | None) -> TimeZone:
    # before enrolment there is no moment to show, so any will do
    return TimeZone[name] if name else TimeZone.WIB


def _moment(at_ms: int | None, zone: TimeZone) -> str:
    return "-" if at_ms is None else zone.written(at_ms)


def _log_to(path: Path) -> None:
    """Log to a file in UTC, at most 5 MiB with its predecessors."""
    formatter = logging.Formatter("%(asctime)sZ %(levelname)s %(name)s %(message)s", "%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    handler = RotatingFileHandler(path, maxBytes=_LOG_BYTES, backupCount=_LOG_FILES - 1, encoding="utf-8")
    handler.setFormatter(formatter)
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        logger.setLevel(logging.INFO)
        logger.addHandler(handler)


def _end(sentence: str, code: int) -> NoReturn:
    Console(stderr=True, highlight=False, soft_wrap=True).print(sentence, markup=False)
    raise SystemExit(code)


if __name__ == "__main__":
    main()
