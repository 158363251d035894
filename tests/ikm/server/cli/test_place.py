"""Places imported from the command line, by the way the page goes too."""

import json

from ikm.server.importing.template import separated
from tests.ikm.server.importing.files import MARKET, SCALES, csv_file


def test_a_file_is_shown_without_saving_saved_and_the_same_again_changes_nothing(run, sqlite_store, tmp_path):
    path = str(csv_file(tmp_path, MARKET, SCALES))
    before = sqlite_store.organisation()
    shown = run("place", "import", path, "--dry-run")
    assert shown.exit_code == 0
    assert "unit baru: UPT Pasar" in " ".join(shown.stdout.split())
    assert "2 baru, 0 berubah, 0 sama, 0 salah" in shown.stdout
    assert sqlite_store.organisation() == before
    done = run("place", "import", path, "--by", "Sari")
    assert (done.exit_code, "Sudah disimpan." in done.stdout) == (0, True)
    assert sqlite_store.place("upt-pasar")
    deed = sqlite_store.deeds(limit=1)[0]
    assert (deed.act, deed.who, deed.subject) == ("places.imported", "Sari", "unit.csv")
    again = run("place", "import", path, "--json")
    assert json.loads(again.stdout)["counts"] == {"baru": 0, "berubah": 0, "sama": 2, "salah": 0}
    assert len(sqlite_store.deeds(act="places.")) == 1


def test_a_file_with_faults_is_refused_and_each_is_told(run, sqlite_store, tmp_path):
    path = str(csv_file(tmp_path, (*MARKET[:5], "banyak"), SCALES))
    told = run("place", "import", path)
    assert told.exit_code == 3
    assert "1 kesalahan; tidak ada yang disimpan." in told.stderr
    assert "baris 2, kolom F" in " ".join(told.stdout.split())
    assert not sqlite_store.deeds(act="places.")


def test_a_file_that_cannot_be_read_is_one_sentence(run, tmp_path):
    missing = run("place", "import", str(tmp_path / "tidak-ada.csv"))
    assert (missing.exit_code, "berkas tidak ada" in missing.stderr) == (3, True)
    template = tmp_path / "contoh.csv"
    template.write_bytes(separated())
    assert "kosong" in run("place", "import", str(template)).stderr
