"""Digests: to whom, about what, when; never twice, and again while the mail server is down."""

import re
from dataclasses import replace
from datetime import date

import msgspec
import pytest
import uuid_utils
from sqlalchemy import URL, update

from ikm.domain.period import TimeZone
from ikm.domain.rights import Grant, Role
from ikm.server import tables
from ikm.server.ingest import Ingest
from ikm.server.mail.digest import due, prepare, send_due
from ikm.server.mail.sending import MailFault, mail, send
from ikm.server.periodic import Periodic
from ikm.server.settings import MailServer, Settings
from ikm.server.store.deeds import Doer
from ikm.server.store.digests import Reader
from tests.ikm.server.kiosk_device import NOW_MS, KioskDevice
from tests.support import samples
from tests.support.free_port import free_port
from tests.support.smtp import post_office

HOUR = 3_600_000
# Monday 2 November 2026, 10.00 in WIB
OPEN_MS = 1_793_588_400_000
MADE_MS = NOW_MS - 90 * 24 * HOUR


def settings(port, **more):
    server = MailServer("127.0.0.1", port, implicit=False, **more)
    return Settings(URL.create("sqlite"), public_url="https://skm.example", mail=server, mail_from="ikm@contoh.go.id")


def person(store, role, node, *, digest="daily", language="id", name="Sari Wijaya"):
    made = str(uuid_utils.uuid4())
    store.add_person(made, f"{made[:8]}@contoh.go.id", name, [Grant(role, node)], Doer("uji", MADE_MS))
    facts = {"password_hash": "x", "totp_secret": "x", "digest": digest, "language": language}
    with store._engine.begin() as connection:
        connection.execute(update(tables.person).where(tables.person.c.id == made).values(**facts))
    return f"{made[:8]}@contoh.go.id"


def beat(store, device, at_ms, **health):
    told = samples.batch([]).health
    clock = msgspec.structs.replace(told.clock, wall_ms=at_ms)
    told = msgspec.structs.replace(told, **{"clock": clock, **health})
    Ingest(store, lambda: at_ms).accept(device.call([], health=told))


@pytest.fixture
def silent(store):
    """A kiosk that fell silent in opening hours."""
    device = KioskDevice.enrolled(store)
    beat(store, device, OPEN_MS - 2 * HOUR)
    return device


def words(message) -> str:
    return " ".join(message.get_body(("plain",)).get_content().split())


def test_each_officer_is_told_what_they_can_do_something_about(store, silent):
    regency = person(store, Role.SUPERADMIN, "contoh")
    mine = person(store, Role.UNIT_OFFICER, "dukcapil")
    other = person(store, Role.UNIT_OFFICER, "pkm-harapan")
    reader = person(store, Role.VERIFIER, "contoh")
    off = person(store, Role.SUPERADMIN, "contoh", digest="none")
    with post_office() as post:
        assert send_due(store, settings(post.port), OPEN_MS) == 3
    told = {message["To"]: words(message) for message in post.mails}
    assert told.keys() == {regency, mine, other}
    assert "Kios diam pada jam buka (1)" in told[mine]
    assert f"https://skm.example/kelola/kios/{silent.device}" in told[mine]
    # on Mondays also which units are short of answers
    assert "Puskesmas Harapan: belum ada jawaban" in told[other]
    assert "diam pada jam buka" not in told[other]
    assert {reader, off}.isdisjoint(told)


def test_a_digest_is_sent_once_however_often_and_by_however_many_it_is_tried(store, silent):
    person(store, Role.UNIT_OFFICER, "dukcapil")
    with post_office() as post:
        assert [send_due(store, settings(post.port), OPEN_MS + minute) for minute in (0, 1, 2)] == [1, 0, 0]
        reader = store.digest_readers()[0]
        for seen_ms in (None, OPEN_MS - 1):
            assert not store.claim_digest(replace(reader, digested_ms=seen_ms), OPEN_MS)
        assert len(post.mails) == 1
        beat(store, silent, OPEN_MS + 22 * HOUR)
        assert send_due(store, settings(post.port), OPEN_MS + 24 * HOUR) == 1


def test_a_mail_server_that_is_down_is_tried_again(store, silent):
    address = person(store, Role.UNIT_OFFICER, "dukcapil")
    with pytest.raises(MailFault, match="tidak dapat dihubungi"):
        send_due(store, settings(free_port()), OPEN_MS)
    with post_office() as post:
        post.refused[address] = 451
        with pytest.raises(MailFault, match="belum mau"):
            send_due(store, settings(post.port), OPEN_MS + 60_000)
        del post.refused[address]
        assert send_due(store, settings(post.port), OPEN_MS + 120_000) == 1


def test_an_address_that_is_wrong_holds_up_nobody(store, silent):
    wrong, right = person(store, Role.UNIT_OFFICER, "dukcapil"), person(store, Role.UNIT_OFFICER, "dukcapil")
    with post_office() as post:
        post.refused[wrong] = 550
        assert send_due(store, settings(post.port), OPEN_MS) == 1
        assert [message["To"] for message in post.mails] == [right]
        assert send_due(store, settings(post.port), OPEN_MS + 60_000) == 0


def test_a_mail_that_the_server_will_never_take_holds_up_nobody_and_one_it_may_take_later_waits(store, silent):
    first, second = sorted(person(store, Role.UNIT_OFFICER, "dukcapil") for _ in range(2))
    with post_office() as post:
        post.unread[first] = 451
        with pytest.raises(MailFault, match="belum mau"):
            send_due(store, settings(post.port), OPEN_MS)
        post.unread[first] = 554
        assert send_due(store, settings(post.port), OPEN_MS + 60_000) == 1
        assert [message["To"] for message in post.mails] == [second]


def test_nothing_to_tell_is_no_mail(store):
    device = KioskDevice.enrolled(store)
    tuesday = OPEN_MS + 24 * HOUR
    beat(store, device, tuesday - 60_000)
    person(store, Role.UNIT_OFFICER, "dukcapil")
    with post_office() as post:
        assert send_due(store, settings(post.port), tuesday) == 0
    assert post.mails == []


def test_the_periodic_round_outlives_a_mail_server_that_is_down(store, silent):
    person(store, Role.UNIT_OFFICER, "dukcapil")
    Periodic(store, settings(free_port()), lambda: OPEN_MS).round()
    with post_office() as post:
        Periodic(store, settings(post.port), lambda: OPEN_MS).round()
    assert len(post.mails) == 1


def test_the_periodic_round_outlives_a_fault_that_nobody_foresaw_and_tells_its_cause(sqlite_store, silent, caplog):
    person(sqlite_store, Role.UNIT_OFFICER, "dukcapil")

    def broken(_):
        raise TypeError("no such schedule")

    sqlite_store.apply_schedules = broken
    with post_office() as post:
        Periodic(sqlite_store, settings(post.port), lambda: OPEN_MS).round()
    assert len(post.mails) == 1
    [told] = [record for record in caplog.records if record.name == "ikm.server.periodic"]
    assert told.exc_info[1].args == ("no such schedule",)


def reader(digest="daily", made_ms=0, digested_ms=None):
    return Reader("x", "x@y.id", "X", "id", digest, made_ms, digested_ms, ())


@pytest.mark.parametrize(
    ("one", "hour", "expected"),
    [
        (reader(), 7, True),
        (reader(digested_ms=OPEN_MS - 3 * HOUR), 10, False),
        (reader(digested_ms=OPEN_MS - 4 * HOUR), 10, True),
        (reader(digested_ms=OPEN_MS - 27 * HOUR), 6, False),
        # before its hour the slot is that of the Friday before
        (reader(digested_ms=OPEN_MS - 76 * HOUR), 6, True),
        # on a Saturday and a Sunday nobody works, and Friday's was sent
        (reader(digested_ms=OPEN_MS + (4 * 24 - 3) * HOUR), 5 * 24 + 10, False),
        (reader(digested_ms=OPEN_MS + (4 * 24 - 3) * HOUR), 6 * 24 + 10, False),
        (reader(digested_ms=OPEN_MS + (4 * 24 - 3) * HOUR), 7 * 24 + 6, False),
        (reader(digested_ms=OPEN_MS + (4 * 24 - 3) * HOUR), 7 * 24 + 7, True),
        # whoever came today has not missed this morning's
        (reader(made_ms=OPEN_MS - HOUR), 10, False),
        (reader("weekly", digested_ms=OPEN_MS - 4 * HOUR), 10, True),
        (reader("weekly", digested_ms=OPEN_MS), 24 + 10, False),
        (reader("weekly", digested_ms=OPEN_MS), 7 * 24 + 10, True),
    ],
)
def test_a_digest_is_due_once_its_hour_has_come(one, hour, expected):
    assert due(one, OPEN_MS + (hour - 10) * HOUR, TimeZone.WIB) is expected


def test_names_of_places_are_only_words_in_the_mail(store, silent):
    # threat 15, 4c 87
    hostile = "<b>Loket</b>"
    person(store, Role.UNIT_OFFICER, "dukcapil", name="Sari <i>")
    with store._engine.begin() as connection:
        connection.execute(update(tables.node).where(tables.node.c.code == "dukcapil-1").values(name=hostile))
    (one,) = prepare(store, settings(1), OPEN_MS, store.digest_readers())
    assert hostile not in one.html
    assert "&lt;b&gt;Loket" in one.html
    assert hostile in one.text
    assert not re.search(r"<script|style=", one.html)


def test_the_day_of_a_mail_is_written_in_its_readers_language(store, silent):
    person(store, Role.UNIT_OFFICER, "dukcapil")
    for language, day in (("id", "1 Februari 2027"), ("en", "1 February 2027")):
        readers = [replace(one, language=language) for one in store.digest_readers()]
        [one] = prepare(store, settings(1), OPEN_MS + 91 * 24 * HOUR, readers)
        assert [day in text for text in (one.subject, one.text, one.html)] == [True] * 3


def test_remarks_that_wait_too_long_are_counted(store):
    row = {
        "unit": "dukcapil", "service": "ktp", "local_date": date(2026, 10, 1), "received_ms": NOW_MS, "language": "id",
        "text": "Lama", "status": "new", "due_on": date(2026, 10, 6),
    }  # fmt: skip
    with store._engine.begin() as connection:
        for status, category in (("new", ""), ("answered", ""), ("new", "praise")):
            told = {**row, "status": status, "category": category, "response": str(uuid_utils.uuid7())}
            connection.execute(tables.remark.insert().values(told))
    assert store.overdue_remarks(["dukcapil"], date(2026, 11, 2)) == {"dukcapil": 1}
    assert store.overdue_remarks(["dukcapil"], date(2026, 10, 6)) == {}
    assert store.overdue_remarks(["pkm-harapan"], date(2026, 11, 2)) == {}


def test_a_login_goes_with_the_mail_and_its_password_never_into_an_error():
    message = mail("ikm@contoh.go.id", "x@y.id", "Perihal", "Isi", "<p>Isi</p>")
    with post_office() as post:
        server = MailServer("127.0.0.1", post.port, implicit=False, user="ikm", password="rahasia")
        send(server, message)
        assert post.logins == [("ikm", "rahasia")]
        assert post.mails[0]["Auto-Submitted"] == "auto-generated"
        post.login_refused = True
        with pytest.raises(MailFault) as caught:
            send(server, message)
    assert "rahasia" not in f"{caught.value!r} {server!r}"
