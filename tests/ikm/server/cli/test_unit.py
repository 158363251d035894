import json

from ikm.server.ingest import Ingest
from tests.ikm.server.kiosk_device import NOW_MS, KioskDevice
from tests.support.samples import body, clock


def test_unit_prints_the_working_sheet(run, sqlite_store):
    device = KioskDevice.enrolled(sqlite_store)
    Ingest(sqlite_store).accept(device.call(device.add(body(*(4,) * 9), body(*(3,) * 9), body(*(3,) * 9))))
    sheet = run("unit", "dukcapil", "--period", "2026").stdout
    for word in ("Persyaratan", "3,333", "0,370", "IKM 83,33", "Mutu B (Baik)", "n = 3"):
        assert word in sheet
    assert json.loads(run("unit", "dukcapil", "--period", "2026", "--json").stdout)["index"] == "83.33"
    assert "tanggal" not in sheet
    assert "Belum ada jawaban" in run("unit", "dukcapil", "--period", "2025").stdout


def test_unit_says_how_many_answers_nobody_can_date(run, sqlite_store):
    device = KioskDevice.enrolled(sqlite_store)
    unknown = clock(0, boot_id="1f0c8a58-8a53-4d3c-9f1e-1d2f3a4b5c6d", state="unknown")
    Ingest(sqlite_store, lambda: NOW_MS).accept(device.call(device.add(body(), body(clock=unknown))))
    assert "1 jawaban tidak pasti tanggalnya" in " ".join(run("unit", "dukcapil", "--period", "2026").stdout.split())
