"""What places decide about their kiosks, as the database keeps it."""

import pytest

from ikm.domain.errors import Refusal
from ikm.server.configuring.settings import KioskSettings
from ikm.server.store.deeds import Doer
from tests.ikm.server.kiosk_device import NOW_MS

BY = Doer("Sari", NOW_MS)


def code_of(call, *given) -> str:
    with pytest.raises(Refusal) as caught:
        call(*given)
    return caught.value.code


def test_settings_are_kept_by_place_and_written_down(store):
    assert store.kiosk_settings("dukcapil").revision == 0
    store.put_kiosk_settings("dukcapil", KioskSettings(idle_s=50), 0, BY)
    store.put_kiosk_settings("dukcapil", KioskSettings(idle_s=55, staff_pin="$argon2id$x"), 1, BY)
    held = store.kiosk_settings("dukcapil")
    assert (held.settings.idle_s, held.revision) == (55, 2)
    deed = store.deeds()[0]
    assert (deed.act, deed.node) == ("kiosk.settings_changed", "dukcapil")
    # 4c: what opens a kiosk is not for those who read the log
    assert deed.facts == {"idle_s": [50, 55], "staff_pin": "changed"}


def test_the_second_of_two_officers_is_told(store):
    # 4c 94
    assert code_of(store.put_kiosk_settings, "dukcapil", KioskSettings(idle_s=50), 3, BY) == "changed_meanwhile"
    store.put_kiosk_settings("dukcapil", KioskSettings(idle_s=50), 0, BY)
    for stale in (0, 2):
        assert code_of(store.put_kiosk_settings, "dukcapil", KioskSettings(), stale, BY) == "changed_meanwhile"
    assert store.kiosk_settings("dukcapil").settings.idle_s == 50


@pytest.mark.parametrize(
    ("node", "settings"),
    [
        ("dukcapil", KioskSettings(services=("ktp",))),
        ("dukcapil-1", KioskSettings(services=("ktp", "of-another-unit"))),
        ("dukcapil", KioskSettings(languages=("en",))),
        ("dukcapil", KioskSettings(languages=("id", "id"))),
        ("dukcapil", KioskSettings(default_language="fr")),
        ("dukcapil", KioskSettings(languages=("id", "en"), default_language="jv")),
    ],
)
def test_settings_no_kiosk_could_run_on_are_refused(sqlite_store, node, settings):
    held = sqlite_store.kiosk_settings(node)
    call = sqlite_store.put_kiosk_settings
    assert code_of(call, node, settings, held.revision, BY) == "configuration_invalid"
    assert sqlite_store.kiosk_settings(node) == held


def test_settings_of_no_place_are_refused(sqlite_store):
    assert code_of(sqlite_store.put_kiosk_settings, "nowhere", KioskSettings(), 0, BY) == "not_found"
