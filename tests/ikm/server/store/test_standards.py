"""What units say of themselves, read back as it was put."""

from datetime import date

import pytest

from ikm.domain.errors import Refusal
from ikm.domain.period import TimeZone
from ikm.domain.standard import promised


def test_the_sample_units_say_where_and_when_and_what_they_promise(store):
    facts = store.unit_facts("dukcapil")
    kiosk = store.configuration("dukcapil-1").to_domain()
    assert (facts.opening, facts.pledge, facts.time_zone) == (kiosk.opening, kiosk.pledge, TimeZone.WIB)
    offered = {service.code: service for service in store.services("dukcapil")}
    assert list(offered) == ["ktp", "kk", "akta-lahir", "pindah", "kia"]
    for shown in kiosk.services:
        assert promised(offered[shown.code], facts.complaints) == shown.standard
    with pytest.raises(Refusal, match="not_found"):
        store.unit_facts("nirgends")


def test_a_place_is_closed_on_the_days_of_all_places_above_it(store):
    store.put_holidays("dukcapil", {date(2026, 12, 24): "Rapat", date(2026, 6, 1): "Pindah gedung"})
    named = [(date(2026, 12, 24), "Cuti bersama Natal"), (date(2026, 12, 25), "Hari Raya Natal")]
    assert store.holidays("dukcapil")[:3] == [(date(2026, 6, 1), "Pindah gedung"), *named]
    assert store.holidays("pkm-harapan")[:2] == named
    assert store.holidays("dukcapil-1") == store.holidays("dukcapil")
    assert store.holidays("nirgends") == []
