"""A form sent twice is told that it did its work, never that somebody else changed what it changed itself."""

from datetime import date
from functools import partial

import pytest
from msgspec.structs import replace

from ikm import wire
from ikm.domain.errors import Refusal
from ikm.domain.remark import Status
from ikm.server.configuring.settings import KioskSettings
from ikm.server.store.deeds import Doer
from ikm.server.store.remarks import Decision, Wanted
from tests.ikm.server.kiosk_device import NOW_MS
from tests.support.samples import body

CODE, DAY = "skm-baru", date(2026, 12, 1)


def by(number: int) -> Doer:
    return Doer("Sari", NOW_MS, once=f"formulir-nomor-{number:04}")


def test_a_form_sent_twice_is_told_that_it_did_its_work(store, ingest, device):
    ingest.accept(device.call(device.add(body(comment="Kursi kurang"))))
    [remark] = store.remarks(Wanted(["dukcapil"]))
    answered = Decision("", Status.ANSWERED, None, "Ditambah", published=False)
    message = replace(wire.questionnaire_message(store.questionnaire("skm-14-2017-v2")), code=CODE)
    number = len(store.rollouts()) + 1
    forms = (
        partial(store.decide_remark, remark.id, 1, answered),
        partial(store.put_kiosk_settings, "dukcapil", KioskSettings(idle_s=50), 0),
        partial(store.roll_out, "dukcapil", ["dukcapil-1"]),
        partial(store.continue_rollout, number, 1),
        partial(store.return_rollout, number),
        partial(store.begin_draft, message, "skm-14-2017-v2"),
        partial(store.put_draft, message, 1),
        partial(store.finish_draft, CODE, 2),
        partial(store.put_schedule, "dukcapil", DAY, CODE, today=DAY),
        partial(store.drop_schedule, "dukcapil", DAY),
        partial(store.begin_draft, replace(message, code="skm-lain"), CODE),
        partial(store.drop_draft, "skm-lain", 1),
    )
    for place, send in enumerate(forms):
        send(by=by(place))
        with pytest.raises(Refusal) as caught:
            send(by=by(place))
        assert (send.func.__name__, caught.value.code) == (send.func.__name__, "done_already")
