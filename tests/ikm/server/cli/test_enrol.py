"""Codes as an operator makes, prints, lists and withdraws them."""

import json
import os
import re
import stat
import zlib
from contextlib import suppress

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ikm.domain.organisation import Level, Node
from ikm.server.enrol import Enrolment
from ikm.server.ingest import now_ms
from ikm.server.reports.enrolment_sheet import Card, breakable, enrolment_sheet, scanned
from tests.ikm.server.kiosk_device import enrol_bytes


def cards(number, unit="Dinas Kependudukan", counter="Loket 1"):
    return [Card(unit, counter, "BCDF-GHJK", "1 Desember 2026 pukul 14.30 WIB")] * number


def pages(pdf: bytes) -> int:
    """How many pages a PDF has, as its own catalogue counts them."""
    assert pdf.startswith(b"%PDF-")
    read = b""
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        with suppress(zlib.error):
            read += zlib.decompressobj().decompress(stream)
    return max(int(count) for count in re.findall(rb"/Type\s*/Pages.{,200}?/Count (\d+)", pdf + read, re.DOTALL))


@pytest.mark.parametrize(("number", "expected"), [(1, 1), (3, 1), (4, 2), (30, 10)])
def test_three_cards_go_on_a_page(number, expected):
    assert (
        pages(enrolment_sheet("Kabupaten Contoh", "https://ikm.example", "24 November 2026", cards(number))) == expected
    )


@pytest.mark.parametrize(
    "name", ["W" * 200, "Unit Pelaksana Teknis " * 9, "a-" * 100, "ꦲꦏ꧀ꦱꦫ " * 30, "#panic(1) *b* $x$ @y"]
)
def test_a_name_as_long_as_it_may_be_takes_no_more_room(name):
    sheet = enrolment_sheet(name, "https://" + "abcdefgh." * 25 + "example", "24 November 2026", cards(6, name, name))
    assert pages(sheet) == 2


def test_the_same_cards_give_the_same_words_in_the_square():
    assert scanned("https://ikm.example", "BCDF-GHJK") == "https://ikm.example/#BCDF-GHJK"


def test_only_words_that_are_too_long_are_broken():
    assert breakable("Dinas Kependudukan dan Pencatatan") == "Dinas Kependudukan dan Pencatatan"
    assert breakable("x" * 40).replace("\u200b", "") == "x" * 40
    assert max(map(len, breakable("x" * 40).split("\u200b"))) == 8


def test_a_sheet_is_printed_for_every_counter_of_a_unit(run, tmp_path, sqlite_store):
    file = tmp_path / "kartu.pdf"
    told = run("enrol", "--unit", "dukcapil", "--count", "2", "--pdf", str(file), "--json")
    made = json.loads(told.stdout)["codes"]
    counters = [one["counter"] for one in made]
    assert counters == sorted(counters)
    assert set(counters) == {"dukcapil-1", "dukcapil-2"}
    assert len(made) == 4
    assert pages(file.read_bytes()) == 2
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    answer = Enrolment(sqlite_store).enrol(enrol_bytes(made[3]["code"], Ed25519PrivateKey.generate()), "::1", now_ms())
    assert answer.configuration.counter == counters[3]


def test_several_counters_may_be_named_and_their_codes_are_told_without_a_sheet(run):
    told = run("enrol", "--counter", "dukcapil-1", "--counter", "dukcapil-2", "--count", "2").stdout.splitlines()
    assert len([line for line in told if re.fullmatch(r"[A-Z]{4}-[A-Z]{4}  dukcapil-[12], sampai .+ WIB", line)]) == 4


def test_a_sheet_that_cannot_be_written_leaves_no_code_open(run, tmp_path, sqlite_store, monkeypatch):
    honest = os.open

    def full(path, *others, **more):
        if str(path).endswith("kartu.pdf"):
            raise OSError(28, "No space left on device")
        return honest(path, *others, **more)

    monkeypatch.setattr(os, "open", full)
    told = run("enrol", "--unit", "dukcapil", "--pdf", str(tmp_path / "kartu.pdf"))
    assert told.exit_code == 1
    assert "tidak dapat ditulis: penyimpanan penuh." in told.stderr
    assert sqlite_store.enrolment_codes(0) == []


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["enrol"], 2, "Sebutkan --counter atau --unit."),
        (["enrol", "--unit", "nowhere"], 1, "Unit nowhere tidak ada atau belum mempunyai loket."),
        (["enrol", "--unit", "rsud", "--counter", "dukcapil-1"], 1, "Loket dukcapil-1 bukan milik unit rsud."),
        (["enrol", "--unit", "dukcapil", "--count", "300"], 2, "Paling banyak 300 kode sekali jalan; ini 600."),
        (["enrol", "--unit", "dukcapil", "--pdf", "/nowhere/x.pdf"], 1, "Folder /nowhere tidak ada."),
        (["enrol", "--unit", "dukcapil", "--pdf", "/etc/passwd"], 1, "Berkas /etc/passwd sudah ada."),
        (["codes", "revoke"], 2, "Sebutkan kode, --counter, atau --unit."),
        (["codes", "revoke", "AEIO"], 1, "Kode pendaftaran salah"),
        (["codes", "revoke", "--unit", "nowhere"], 1, "Unit nowhere tidak ada"),
    ],
)
def test_a_mistake_is_one_sentence_and_makes_no_code(run, sqlite_store, words, code, sentence):
    told = run(*words)
    assert (told.exit_code, told.stderr.count("\n")) == (code, 1)
    assert sentence in told.stderr
    assert sqlite_store.enrolment_codes(0) == []


def test_open_codes_are_listed_and_withdrawn(run):
    assert run("codes", "list").stdout == "Tidak ada kode yang masih dapat dipakai.\n"
    code = json.loads(run("enrol", "--counter", "dukcapil-1", "--json").stdout)["code"]
    run("enrol", "--counter", "dukcapil-2")
    assert code not in run("codes", "list").stdout
    assert [one["counter"] for one in json.loads(run("codes", "list", "--json").stdout)["codes"]] == [
        "dukcapil-2", "dukcapil-1",
    ]  # fmt: skip
    assert run("codes", "revoke", code.lower()).stdout == "1 kode ditarik.\n"
    assert run("codes", "revoke", "--unit", "dukcapil").stdout == "1 kode ditarik.\n"
    assert json.loads(run("codes", "list", "--json").stdout) == {"codes": []}


def test_a_new_counter_gets_what_its_kiosk_runs_on_before_its_code(run, sqlite_store):
    sqlite_store.put_node(Node("dukcapil-9", Level.COUNTER, "dukcapil", "Loket 9"), {}, 90)
    assert run("enrol", "--counter", "dukcapil-9").exit_code == 0
    assert sqlite_store.configuration("dukcapil-9").version == 1
    sqlite_store.put_node(Node("kosong", Level.UNIT, "disdukcapil", "Unit Kosong"), {}, 91)
    sqlite_store.put_node(Node("kosong-1", Level.COUNTER, "kosong", "Loket Kosong"), {}, 92)
    told = run("enrol", "--counter", "kosong-1")
    assert (told.exit_code, "Zona waktu unit belum diisi." in told.stderr) == (1, True)
