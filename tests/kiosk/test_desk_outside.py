"""What the staff's device does with the world outside: it is enrolled, and what waits leaves it on a stick."""

from dataclasses import replace

import pytest

from ikm import wire
from kiosk.admin.model import Page
from kiosk.staff import Trouble
from sync.keys import public_key
from tests.contracts.outbox import CONFIGURATION, IDENTITY
from tests.kiosk.test_desk import BOOTS, HASH, Device
from tests.support import samples
from tests.support.http_server import PORTAL, Reply, http_server, problem_reply

ENROLLED = wire.Enrolled(
    configuration=CONFIGURATION, device=samples.DEVICE, protocol=1, server=samples.SERVER, server_key=""
)


@pytest.fixture
def device(tmp_path):
    made = Device(tmp_path / "data")
    yield made
    made.store.close()


# -- enrolment ------------------------------------------------------------------------------------------------------


@pytest.fixture
def fresh(tmp_path):
    made = Device(tmp_path / "data")
    yield made
    made.store.close()


def test_enrolling_keeps_identity_configuration_and_that_a_pin_is_due(fresh, caplog):
    caplog.set_level("INFO")
    with http_server(lambda asked: Reply(201, wire.canonical(ENROLLED))) as server:
        fresh.desk.enrol(server.url, "BCDFGHJK")
        assert wire.decode_enrol_request(server.asked[0].body).code == "BCDFGHJK"
    assert f"enrolled by the assistant as device {samples.DEVICE}" in caplog.text
    assert "BCDFGHJK" not in caplog.text
    facts = fresh.switched_on(BOOTS[1])
    assert (facts.device, facts.pin_due, facts.pin_set) == (samples.DEVICE, True, False)
    assert facts.configuration == samples.configuration()


def test_a_device_that_has_a_pin_already_needs_no_other(fresh):
    fresh.store.change_guard(lambda guard: replace(guard, pin_hash=HASH))
    with http_server(lambda asked: Reply(201, wire.canonical(ENROLLED))) as server:
        fresh.desk.enrol(server.url, "BCDFGHJK")
    assert not fresh.desk.facts().pin_due


@pytest.mark.parametrize(
    ("answer", "page", "sentence"),
    [
        (problem_reply("enrolment_code_invalid"), Page.CODE, "Periksa ketikan; bila sudah benar, minta kode baru"),
        (problem_reply("too_many_attempts", retry_after_s=60), Page.CODE, "Tunggu sebentar"),
        (PORTAL, Page.ADDRESS, "login"),
        (Reply(404), Page.ADDRESS, "bukan server IKM"),
        (Reply(500), Page.ADDRESS, "bermasalah"),
        (Reply(cut=True), Page.ADDRESS, "tidak dapat dihubungi"),
    ],
    ids=["code", "too many", "portal", "other server", "server", "network"],
)
def test_a_failed_enrolment_says_why_where_it_can_be_mended_and_keeps_nothing(fresh, answer, page, sentence):
    with http_server(lambda asked: answer) as server, pytest.raises(Trouble, match=sentence) as trouble:
        fresh.desk.enrol(server.url, "BCDFGHJK")
    assert trouble.value.page is page
    assert fresh.store.identity() is None
    assert not fresh.store.guard().pin_due


def test_a_power_cut_between_asking_and_the_answer_does_not_spend_the_code(fresh):
    with http_server(lambda asked: Reply(cut=True)) as server:
        with pytest.raises(Trouble):
            fresh.desk.enrol(server.url, "BCDFGHJK")
        asked_with = wire.decode_enrol_request(server.asked[0].body).public_key
    fresh.switched_on(BOOTS[1])
    with http_server(lambda asked: Reply(201, wire.canonical(ENROLLED))) as server:
        fresh.desk.enrol(server.url, "BCDFGHJK")
        assert wire.decode_enrol_request(server.asked[0].body).public_key == asked_with
    assert public_key(fresh.store.identity().private_key) == asked_with
    assert fresh.store.next_key() is None


# -- on a stick -----------------------------------------------------------------------------------------------------


def test_what_waits_is_written_to_a_stick_and_stays_here(device, tmp_path):
    device.store.enrol(IDENTITY, CONFIGURATION)
    for _ in range(3):
        device.store.append(samples.body())
    told = []
    result = device.desk.carry_out(tmp_path, told.append)
    assert len(list(tmp_path.glob("*.jsonl"))) == 1
    assert result.passed
    assert result.sentence.startswith(f"3 jawaban ditulis ke USB {tmp_path.name}. USB boleh dicabut")
    assert told == [3]
    assert device.desk.facts().pending == 3


def test_a_stick_that_is_gone_and_a_file_that_is_none_are_told_in_a_sentence(device, tmp_path):
    device.store.enrol(IDENTITY, CONFIGURATION)
    with pytest.raises(Trouble, match=r"Media tidak dapat dipakai.*\(medium\)"):
        device.desk.carry_out(tmp_path / "gone", int)
    (tmp_path / "x.receipts").write_text("no receipt\n")
    with pytest.raises(Trouble, match="bukan tanda terima server"):
        device.desk.take_back(tmp_path / "x.receipts")


def test_an_address_that_is_none_is_refused_before_any_code_is_asked_for(fresh):
    assert fresh.desk.origin(" https://ikm.example/ ") == "https://ikm.example"
    with pytest.raises(Trouble, match="Alamat server harus") as trouble:
        fresh.desk.origin("https://")
    assert trouble.value.page is Page.ADDRESS


def test_an_enrolled_device_is_not_enrolled_again_and_spends_no_code(device):
    device.store.enrol(IDENTITY, CONFIGURATION)
    with http_server(lambda asked: Reply(201, wire.canonical(ENROLLED))) as server:
        with pytest.raises(Trouble, match="sudah terdaftar"):
            device.desk.enrol(server.url, "BCDFGHJK")
        assert server.asked == []
