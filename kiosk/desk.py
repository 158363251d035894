"""This device as the staff's screens ask it, over its real store, clock, disk and server."""

import errno
import logging
import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from datetime import date
from pathlib import Path
from typing import Protocol

from ikm import wire
from ikm.domain.configuration import Configuration
from ikm.domain.errors import PROBLEMS, Refusal
from ikm.domain.oserrors import reason
from ikm.domain.period import TimeZone
from kiosk.admin.facts import STANDINGS
from kiosk.admin.model import Facts, Page, Probe, Result, Stick
from kiosk.checking import last_check
from kiosk.complaints import Complaints
from kiosk.guard import Guard
from kiosk.last_sync import last_sync
from kiosk.local import Local
from kiosk.pin import opens, pin_hash
from kiosk.staff import Trouble
from kiosk.sticks import sticks
from kiosk.store import Store, StoreError
from kiosk.store.errors import Cause
from sync import client, transport
from sync.failure import Failure
from sync.keys import kept_key, public_key
from sync.once import APP_VERSION

_PROBE_BYTES = 1024 * 1024
_NO_ROOM_FOR_A_TRY = "Penyimpanan penuh: PIN tidak dapat diperiksa. Kosongkan ruang dari terminal (kiosk status)."

log = logging.getLogger(__name__)


class Machine(Protocol):
    """The machine's own facts."""

    def clock(self) -> wire.Clock:
        """Now."""
        ...

    def disk_free_bytes(self) -> int:
        """Free space where the answers are kept, in bytes."""
        ...


class OwnDesk:
    """`kiosk.staff.Desk` over the real parts. Safe for several threads."""

    def __init__(self, store: Store, machine: Machine, folder: Path) -> None:
        self._store = store
        self._machine = machine
        self._folder = folder
        self._usable: Configuration | None = None
        self._damaged = False
        self._unkept = Complaints(log, "the end of training could not be kept")

    def begin(self) -> Facts:
        """The facts at the start of the process; a wait that was cut off begins anew."""
        with _troubles():
            clock = self._machine.clock()
            guard = self._store.guard()
            if guard != guard.restarted(clock.boot_id, clock.boot_ms):
                self._store.change_guard(lambda held: held.restarted(clock.boot_id, clock.boot_ms))
        return self.facts()

    def facts(self) -> Facts:
        """What the device says about itself."""
        with _troubles():
            queue, guard, identity = self._store.queue(), self._store.guard(), self._store.identity()
            sync, checked = last_sync(self._folder), last_check(self._folder)
            configuration, clock = self._configuration(), self._machine.clock()
            server_pin = configuration.staff_pin if configuration else ""
            return Facts(
                version=APP_VERSION,
                now_ms=clock.wall_ms,
                clock=clock.state,
                disk_free_bytes=self._machine.disk_free_bytes(),
                device=identity.device if identity else "",
                server_url=identity.server_url if identity else "",
                configuration=configuration,
                stored=queue.stored,
                pending=queue.pending,
                oldest_pending_ms=queue.oldest_pending_ms,
                last_receipt_ms=sync.last_receipt_ms if sync else None,
                trouble=sync.failure.sentence if sync and sync.failure else "",
                training=self._store.training_count(),
                local=self._store.local().on(self._today()),
                pin_set=bool(guard.pin_hash or server_pin),
                pin_due=guard.pin_due,
                server_pin=bool(server_pin),
                wait_ms=guard.left_ms(clock.boot_id, clock.boot_ms),
                failures=guard.failures,
                standing=self.standing(),
                rejected=sync.rejected if sync else 0,
                warnings=tuple(self._store.warnings()),
                fingerprint=wire.fingerprint(public_key(identity.private_key)) if identity else "",
                epoch=self._store.epoch() if identity else 0,
                damaged=self._damaged,
                checked_ms=checked.at_ms if checked else None,
                broken=checked is not None and not checked.whole,
            )

    def check(self, pin: str) -> tuple[bool, int]:
        """Whether the PIN opens, and how long in ms no other is looked at."""
        with _troubles():
            clock, guard = self._machine.clock(), self._store.guard()
            left_ms = guard.left_ms(clock.boot_id, clock.boot_ms)
            if left_ms:
                # also where the process was not there to begin it anew
                self._store.change_guard(lambda held: held.restarted(clock.boot_id, clock.boot_ms))
                return False, left_ms
            # on the medium before the PIN is looked at: whoever cuts the power then has used up the try
            try:
                failed = self._store.change_guard(lambda held: held.failed(clock.boot_id, clock.boot_ms))
            except StoreError as error:
                if error.cause is Cause.FULL:
                    raise Trouble(_NO_ROOM_FOR_A_TRY) from error
                raise
            configuration = self._configuration()
            if opens(pin, (failed.pin_hash, configuration.staff_pin if configuration else "")):
                self._store.change_guard(Guard.succeeded)
                log.info("the staff's menu was opened")
                return True, 0
            now = self._machine.clock()
            left_ms = failed.left_ms(now.boot_id, now.boot_ms)
            log.info("a wrong PIN, %d since the last right one; locked for %d s", failed.failures, left_ms // 1000)
            return False, left_ms

    def keep_pin(self, pin: str) -> None:
        """Make it the device's PIN; "" leaves the one there is. Either way the assistant has ended."""
        hashed = pin_hash(pin) if pin else None
        with _troubles():
            self._store.change_guard(
                lambda held: replace(
                    held.succeeded(), pin_hash=held.pin_hash if hashed is None else hashed, pin_due=False
                )
            )
        log.info("the PIN of the server is enough" if hashed is None else "a PIN was set")

    def origin(self, address: str) -> str:
        """The address of a server as it is used, from what was typed."""
        try:
            return transport.server_origin(address)
        except ValueError as wrong:
            raise Trouble(str(wrong), Page.ADDRESS) from None

    def enrol(self, address: str, code: str) -> None:
        """Make this device one of the code's counter."""
        with _troubles():
            held = self._store.identity()
            if held is not None:
                raise Trouble(f"Perangkat ini sudah terdaftar sebagai {held.device}.", Page.ADDRESS)
            # kept before it is shown to anybody: cut off here, the same key and code get the same device again
            private_key = kept_key(self._store)
            try:
                identity, configuration = client.enrol(address, code, private_key, APP_VERSION)
            except ValueError as wrong:
                raise Trouble(str(wrong), Page.ADDRESS) from None
            except Failure as failure:
                # what our server itself says is about the code; anything else is about reaching it
                page = Page.CODE if failure.problem is not None else Page.ADDRESS
                if failure.code in PROBLEMS:
                    raise Trouble(PROBLEMS[failure.code].title, page) from failure
                raise Trouble(f"{failure.sentence} ({failure.code})", page) from failure
            # first, so that after a power cut the assistant goes on where it was
            self._store.change_guard(lambda guard: replace(guard, pin_due=not guard.pin_hash))
            self._store.enrol(identity, configuration)
            log.info("enrolled by the assistant as device %s", identity.device)

    def settle(self, local: Local) -> None:
        """Keep these settings."""
        with _troubles():
            held = self._store.local()
            self._store.put_local(local)
            for name, before, after in _changes(held, local):
                log.info("the staff set %s from %s to %s", name, before, after)

    def erase_training(self) -> None:
        """Forget the answers from training."""
        with _troubles():
            self._store.erase_training()
            log.info("the answers from training were erased")

    def end_training(self) -> bool:
        """End training that was begun on another day; whether there was any."""
        with _troubles():
            held = self._store.local()
            if not held.training:
                return False
            local = held.on(self._today())
            if local != held:
                self._keep_end(local)
            return not local.training

    def _keep_end(self, local: Local) -> None:
        try:
            self._store.put_local(local)
        except StoreError as error:
            # what citizens answer now counts all the same; the next minute tries again to keep it so
            self._unkept.failed(error)
            return
        self._unkept.succeeded()
        if not local.training:
            log.info("training ended by itself with its day")

    def _today(self) -> date:
        configuration = self._configuration()
        zone = configuration.time_zone if configuration else TimeZone.WIB
        return zone.local_date(self._machine.clock().wall_ms)

    def probe(self, probe: Probe) -> Result:
        """How the test of network or disk went."""
        return self._probe_network() if probe is Probe.NETWORK else self._probe_disk()

    def standing(self) -> str:
        """What the server last called this device; `active` until it has said anything."""
        sync = last_sync(self._folder)
        return sync.standing if sync else "active"

    def sticks(self, own: Path | None) -> tuple[Stick, ...]:
        """Where answers can be carried out to now: the settings' own folder, and sticks."""
        return sticks(own)

    def carry_out(self, folder: Path, written: Callable[[int], None]) -> Result:
        """How writing what the server has not received into that folder went."""
        # here, as with reading receipts: most kiosks never carry anything out
        from sync.carry_out import write_carry_out  # noqa: PLC0415

        with _troubles(), _stick_troubles():
            carried = write_carry_out(
                self._store,
                folder,
                self._machine.clock().wall_ms,
                disk_free_bytes=self._machine.disk_free_bytes(),
                written=written,
            )
        # the file's name fills a small screen, and whoever takes it in needs only the stick
        sentence = (
            f"{carried.rows} jawaban ditulis ke USB {folder.name}. USB boleh dicabut dan dibawa ke pengelola; "
            "tanda terimanya nanti dibaca di sini."
        )
        return Result(passed=True, sentence=sentence)

    def take_back(self, file: Path) -> Result:
        """How reading the server's receipts from that file went."""
        from sync.carry_out import take_receipts  # noqa: PLC0415

        with _troubles(), _stick_troubles():
            taken = take_receipts(self._store, file)
            waiting = self._store.queue().pending
        sentence = (
            f"{taken.receipts} tanda terima dibaca, {taken.acknowledged} jawaban sudah diterima server. "
            f"{f'{waiting} masih menunggu.' if waiting else 'Tidak ada lagi yang menunggu.'}"
        )
        if taken.standing in {"forked", "revoked"}:
            sentence += f" Kios ini {STANDINGS[taken.standing]}."
        return Result(passed=True, sentence=sentence)

    def _configuration(self) -> Configuration | None:
        """The configuration held, or the last one this process could use."""
        try:
            held = self._store.configuration()
            found = held.to_domain() if held else None
        except Refusal:
            # the shell has logged why; the staff need their screens most when the kiosk cannot run
            found = None
        # every enrolled device was given one
        self._damaged = found is None and self._store.identity() is not None
        if not self._damaged:
            self._usable = found
        return self._usable

    def _probe_network(self) -> Result:
        with _troubles():
            identity = self._store.identity()
        if identity is None:
            return Result(passed=False, sentence="Perangkat ini belum terdaftar.")
        server = client.Client(identity, APP_VERSION)
        began_s = time.monotonic()
        try:
            server.configuration()
        except Failure as failure:
            return Result(passed=False, sentence=f"{failure.sentence} ({failure.code})")
        finally:
            server.close()
        return Result(passed=True, sentence=f"Server menjawab dalam {_seconds(time.monotonic() - began_s)} detik.")

    def _probe_disk(self) -> Result:
        path = self._folder / "uji-tulis"
        written = secrets.token_bytes(_PROBE_BYTES)
        began_s = time.monotonic()
        try:
            with path.open("wb") as stream:
                stream.write(written)
                stream.flush()
                os.fsync(stream.fileno())
            kept = path.read_bytes() == written
        except OSError as error:
            why = "penuh" if error.errno == errno.ENOSPC else reason(error)
            return Result(passed=False, sentence=f"Penyimpanan tidak dapat ditulisi: {why}.")
        finally:
            path.unlink(missing_ok=True)
        took = _seconds(time.monotonic() - began_s)
        if not kept:
            return Result(passed=False, sentence="Yang dibaca kembali tidak sama dengan yang ditulis. Ganti kartunya.")
        return Result(passed=True, sentence=f"1 MB ditulis dan dibaca kembali dalam {took} detik.")


def _changes(before: Local, after: Local) -> Iterator[tuple[str, object, object]]:
    """The settings that differ: name, value before, value after."""
    for field in fields(Local):
        was, now = getattr(before, field.name), getattr(after, field.name)
        if was != now:
            yield field.name, _written(was), _written(now)


def _written(value: object) -> object:
    return sorted(map(str, value)) if isinstance(value, frozenset) else value


def _seconds(duration_s: float) -> str:
    return f"{duration_s:.2f}".replace(".", ",")


@contextmanager
def _stick_troubles() -> Iterator[None]:
    """What a stick cannot do, as trouble with a sentence."""
    try:
        yield
    except Failure as failure:
        raise Trouble(f"{failure.sentence} ({failure.code})") from failure


@contextmanager
def _troubles() -> Iterator[None]:
    """What the medium cannot do, as trouble with a sentence."""
    try:
        yield
    except StoreError as error:
        raise Trouble(str(error)) from error
