import json

from ikm.server.ingest import Ingest
from tests.ikm.server.kiosk_device import KioskDevice
from tests.support.samples import body


def test_unit_prints_the_working_sheet(run, sqlite_store):
    device = KioskDevice.enrolled(sqlite_store)
    Ingest(sqlite_store).accept(device.call(device.add(body(*(4,) * 9), body(*(3,) * 9), body(*(3,) * 9))))
    sheet = run("unit", "dukcapil", "--period", "2026").stdout
    for word in ("Persyaratan", "3,333", "0,370", "IKM 83,33", "Mutu B (Baik)", "n = 3"):
        assert word in sheet
    assert json.loads(run("unit", "dukcapil", "--period", "2026", "--json").stdout)["index"] == "83.33"
    assert "Belum ada jawaban" in run("unit", "dukcapil", "--period", "2025").stdout
