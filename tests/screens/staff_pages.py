"""A model for each page of the staff's screens, as full as it gets."""

from dataclasses import replace
from datetime import date

from ikm.domain.configuration import Aid, Opening, Service
from kiosk.admin.model import Facts, Model, Page, Probe, Result, Stick
from kiosk.local import Local
from tests.support import samples
from tests.support.staff import facts

LONG = "Surat keterangan pindah datang warga negara Indonesia antar kabupaten dalam satu provinsi"
STICKS = tuple(
    Stick(
        f"/media/petugas/{label}",
        (f"/media/petugas/{label}/ikm-{samples.DEVICE}-20260930-153000.jsonl.receipts",) * 2,
    )
    for label in ("KINGSTON", "DATA KANTOR 2", "SANDISK ULTRA", "LAIN")
)
NETWORK = "Server tidak dapat dihubungi. Periksa alamatnya, jaringan perangkat ini, dan servernya."
CODE = "Kode pendaftaran salah, sudah dipakai, atau kedaluwarsa. Periksa ketikan; bila sudah benar, minta kode baru."


def full_facts(**changes: object) -> Facts:
    """A device with everything to say."""
    configuration = samples.configuration(
        languages=("id", "en", "jv", "su"),
        unit_name={"id": "Dinas Kependudukan dan Pencatatan Sipil Kabupaten Contoh di Kecamatan Yang Jauh Sekali"},
        services=(*(Service(f"s{n}", {"id": f"Layanan nomor {n}"}) for n in range(5)), Service("long", {"id": LONG})),
        opening=tuple(Opening(day, start, start + 240) for day in range(1, 6) for start in (480, 780)),
        closed_on=tuple(f"2027-01-{day:02d}" for day in range(1, 12)),
    )
    known: dict[str, object] = {
        "configuration": configuration,
        "stored": 12_345,
        "pending": 123,
        "oldest_pending_ms": 1_793_490_000_000,
        "last_receipt_ms": 1_793_490_000_000,
        "trouble": NETWORK,
        "disk_free_bytes": 40_000_000,
        "training": 12,
        "standing": "forked",
        "rejected": 14,
        "warnings": ("disk_low", "second_copy_failed"),
        "fingerprint": "123 456",
        "epoch": 3,
        "damaged": True,
        "checked_ms": 1_793_490_000_000,
        "broken": True,
    }
    return facts(**(known | changes))


def staff_pages() -> dict[str, Model]:
    """Models by a name that says what they show."""
    base = Model(facts=full_facts(), local=Local().train(date(2026, 11, 24)))
    due = full_facts(pin_due=True, server_pin=True)
    tried = {
        Probe.NETWORK: Result(passed=False, sentence=f"{NETWORK} (network)"),
        Probe.DISK: Result(passed=True, sentence="1 MB ditulis dan dibaca kembali dalam 0,02 detik."),
        Probe.SOUND: Result(
            passed=None,
            sentence="Suara uji dibunyikan dengan volume 10. Bila tidak terdengar, periksa pengeras suara.",
        ),
    }
    others = {
        page.value: replace(base, page=page)
        for page in Page
        if page not in {Page.CLOSED, Page.DIAGNOSIS, Page.ADDRESS, Page.CODE}
    }
    return others | {
        "pin-wrong": replace(base, page=Page.PIN, typed="12345678", note="PIN salah.", facts=full_facts(failures=4)),
        "pin-waits": replace(base, page=Page.PIN, waits_until_ms=3_600_000),
        "pin-missing": replace(base, page=Page.PIN, facts=full_facts(pin_set=False)),
        "menu-note": replace(base, page=Page.MENU, note="PIN baru sudah berlaku.", good=True),
        "own-defaults": replace(base, page=Page.DEFAULTS, local=Local(language="jv", aids=frozenset(Aid))),
        "sound-tried": replace(base, page=Page.SOUND, results=tried),
        "diagnosis": replace(base, page=Page.DIAGNOSIS, results=tried),
        "carry-none": replace(base, page=Page.CARRY, sticks=()),
        "carry": replace(base, page=Page.CARRY, sticks=STICKS, carrying=True),
        "carry-done": replace(
            base,
            page=Page.CARRY,
            sticks=STICKS[:1],
            note="12345 jawaban ditulis ke USB KINGSTON. USB boleh dicabut dan dibawa ke pengelola; tanda terimanya "
            "nanti dibaca di sini.",
            good=True,
        ),
        "carry-failed": replace(
            base,
            page=Page.CARRY,
            sticks=STICKS[:2],
            note="USB tidak dapat dipakai atau sudah dicabut. Pasang lagi atau pakai USB lain, lalu ulangi.",
        ),
        "next-services": replace(base, page=Page.SERVICE, services_page=1),
        "address": replace(base, page=Page.ADDRESS, address="https://ikm.kabupaten-contoh.go.id", note=NETWORK),
        "code": replace(base, page=Page.CODE, code="BCDFGHJK", note=CODE),
        "new-pin-due": replace(
            base, page=Page.NEW_PIN, facts=due, note="PIN ini terlalu mudah ditebak. Pilih angka lain."
        ),
        "training-off": replace(base, page=Page.TRAINING, local=Local(), facts=full_facts(training=0)),
    }
