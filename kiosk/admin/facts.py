"""The device's facts in words and figures, for the staff's pages. Pure."""

import re
from collections.abc import Iterable
from datetime import date, datetime

from ikm.domain.configuration import Aid, Configuration, Opening
from ikm.domain.period import MONTHS, TimeZone
from ikm.domain.questionnaire import OFFICIAL_LOCALE
from kiosk.admin.model import Facts
from kiosk.local import Local
from kiosk.space import space, space_trouble

_DAYS = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
_CLOCKS = {
    "synced": "cocok dengan server",
    "held": "cocok ketika terakhir diperiksa",
    "unknown": "belum dapat dipastikan",
}
STANDINGS = {
    "active": "aktif, jawaban dihitung",
    "forked": "identitasnya dipakai dua perangkat; pengelola memutuskan",
    "revoked": "dicabut pengelola; jawaban baru tidak dihitung",
}
WARNINGS = {
    "second_copy_failed": "Salinan kedua gagal ditulis.",
    "salvaged": "Penyimpanan pernah rusak.",
}
"""Sentences for the device's complaints; its room has a sentence of its own."""
_ROOM = frozenset({"disk_low", "disk_full"})
_DATES_SHOWN = 5
NAME_LETTERS = 20
_CARRIED = re.compile(r"ikm-(?P<device>[0-9a-f-]{36})-(?P<made>\d{8}-\d{6})\.jsonl\.receipts", re.ASCII)

Pairs = tuple[tuple[str, str], ...]


def every_aid() -> tuple[Aid, ...]:
    """The aids in the order they are offered."""
    return tuple(Aid)


def status(facts: Facts | None) -> Pairs:
    """The device at a glance."""
    if facts is None:
        return ()
    configuration = facts.configuration
    zone = configuration.time_zone if configuration else TimeZone.WIB
    waiting = f"{facts.pending} menunggu"
    if facts.oldest_pending_ms is not None:
        waiting += f" sejak {zone.written(facts.oldest_pending_ms)}"
    return (
        ("Unit", configuration.unit_name[OFFICIAL_LOCALE] if configuration else "-"),
        ("Loket", configuration.counter_name if configuration else "-"),
        ("Jawaban", f"{facts.stored} tersimpan, {facts.acknowledged} diterima server, {waiting}"),
        ("Tanda terima terakhir", "-" if facts.last_receipt_ms is None else zone.written(facts.last_receipt_ms)),
        ("Kedudukan", STANDINGS.get(facts.standing, facts.standing)),
        ("Disisihkan", f"{facts.rejected} jawaban" if facts.rejected else "-"),
        ("Kendala", " ".join(filter(None, _troubles(facts))) or "-"),
        ("Jam perangkat", f"{zone.written(facts.now_ms)}, {_CLOCKS.get(facts.clock, facts.clock)}"),
        ("Ruang kosong", space(facts.disk_free_bytes)),
    )


def device(facts: Facts | None) -> Pairs:
    """What the device is, and to whom."""
    if facts is None:
        return ()
    configuration = facts.configuration
    return (
        ("Perangkat", _breakable(facts.device) or "belum terdaftar"),
        ("Sidik jari", facts.fingerprint or "-"),
        ("Server", facts.server_url or "-"),
        ("Rantai jawaban", f"nomor {facts.epoch}" if facts.epoch else "-"),
        ("Konfigurasi", f"nomor {configuration.version}" if configuration else "-"),
        ("Pemeriksaan isi", _checked(facts)),
        ("Versi", facts.version),
    )


def _troubles(facts: Facts) -> tuple[str, ...]:
    damaged = "Konfigurasi rusak." if facts.damaged else ""
    broken = "Sebagian isi penyimpanan rusak; mulai ulang kios." if facts.broken else ""
    return (space_trouble(facts.disk_free_bytes), broken, damaged, *complaints(facts.warnings), facts.trouble)


def complaints(codes: Iterable[str]) -> list[str]:
    """The sentences of those of `Health.warnings` that have no better place: the room is told in its own words."""
    return [WARNINGS.get(code, f"({code})") for code in codes if code not in _ROOM]


def _checked(facts: Facts) -> str:
    """When all that is kept was looked at last, and how that went."""
    if facts.checked_ms is None:
        return "belum pernah; berjalan sendiri ketika kios sepi"
    zone = facts.configuration.time_zone if facts.configuration else TimeZone.WIB
    return f"{zone.written(facts.checked_ms)}, {'ada yang rusak' if facts.broken else 'semua utuh'}"


def ready(facts: Facts | None) -> Pairs:
    """What a device is after its enrolment."""
    if facts is None or facts.configuration is None:
        return ()
    return (
        ("Unit", facts.configuration.unit_name[OFFICIAL_LOCALE]),
        ("Loket", facts.configuration.counter_name),
        ("Server", facts.server_url),
        ("Perangkat", _breakable(facts.device)),
        ("Sidik jari", facts.fingerprint or "-"),
    )


def is_for(facts: Facts | None, file: str) -> bool:
    """Whether a file of receipts may be this device's: its name says whose, unless somebody renamed it."""
    named = _CARRIED.fullmatch(_name(file))
    return named is None or facts is None or named["device"] == facts.device


def carried(facts: Facts | None, file: str) -> str:
    """What a file of receipts is about: when its answers were carried out, or the end of the file's name.

    The end is where the names of one device differ; all of it is too long for a narrow screen.
    """
    name = _name(file)
    named = _CARRIED.fullmatch(name)
    try:
        made = datetime.strptime(f"{named['made']}+0000", "%Y%m%d-%H%M%S%z") if named else None
    except ValueError:
        made = None
    if made is not None:
        zone = facts.configuration.time_zone if facts and facts.configuration else TimeZone.WIB
        return zone.written(int(made.timestamp()) * 1000)
    name = name.partition(".")[0]
    return name if len(name) <= NAME_LETTERS else f"…{name[1 - NAME_LETTERS :]}"


def open_now(facts: Facts | None) -> str:
    """Whether the counter is open, in a sentence."""
    if facts is None or facts.configuration is None:
        return ""
    configuration = facts.configuration
    if not configuration.opening and not configuration.closed_on:
        return "Server tidak menetapkan jam buka, jadi kios selalu menyala."
    if facts.clock == "unknown":
        return "Jam perangkat belum dapat dipastikan, jadi kios tetap menyala."
    is_open = configuration.is_open(facts.now_ms)
    return f"Menurut jam perangkat, loket sekarang {'buka' if is_open else 'tutup'}. Jam buka diatur di server."


def hours(facts: Facts | None) -> Pairs:
    """The opening hours day by day, and the next dates the counter is closed on."""
    if facts is None or facts.configuration is None:
        return ()
    configuration = facts.configuration
    today = configuration.time_zone.local_date(facts.now_ms)
    days = tuple((day, _stretches(configuration, weekday)) for weekday, day in enumerate(_DAYS, 1))
    closed = [day for day in map(_date, sorted(configuration.closed_on)) if day and day >= today]
    more = f" dan {len(closed) - _DATES_SHOWN} hari lain" if len(closed) > _DATES_SHOWN else ""
    dates = ", ".join(f"{day.day} {MONTHS[day.month - 1]} {day.year}" for day in closed[:_DATES_SHOWN])
    return (*(days if configuration.opening else ()), *((("Tutup juga pada", dates + more),) if closed else ()))


def training_ends(local: Local) -> str:
    """Until when training goes on, in a sentence; "" where it does not."""
    day = local.trained_on
    if day is None:
        return ""
    return f"Latihan berakhir sendiri {day.day} {MONTHS[day.month - 1]} {day.year} pukul 24.00."


def _breakable(device: str) -> str:
    """The device's id with a blank where a narrow screen may begin a new line."""
    middle = device.find("-", len(device) // 2) + 1
    return f"{device[:middle]} {device[middle:]}" if middle else device


def _name(file: str) -> str:
    return file.rpartition("/")[2]


def _date(written: str) -> date | None:
    # the wire takes any digits in the form of a date
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None


def _stretches(configuration: Configuration, weekday: int) -> str:
    found = sorted(
        (hours for hours in configuration.opening if hours.weekday == weekday), key=lambda hours: hours.opens_min
    )
    return ", ".join(_stretch(hours) for hours in found) or "tutup"


def _stretch(hours: Opening) -> str:
    return "-".join(f"{minute // 60:02d}.{minute % 60:02d}" for minute in (hours.opens_min, hours.closes_min))
