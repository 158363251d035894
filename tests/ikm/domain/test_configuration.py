import pytest

from ikm.domain.configuration import Service
from ikm.domain.errors import Refusal
from tests.support.samples import configuration


def test_the_sample_configuration_is_one_a_kiosk_can_run_on():
    assert configuration().default_language == "id"


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"services": ()}, "services"),
        ({"services": (Service("ktp", {"id": "KTP"}),) * 2}, "services"),
        ({"languages": ("en",)}, "languages"),
        ({"default_language": "su"}, "languages"),
        ({"idle_s": 0}, "idle_s"),
        ({"unit_name": {"en": "Registry"}}, "unit_name"),
    ],
)
def test_one_it_could_not_run_on_is_refused_with_the_place(change, where):
    with pytest.raises(Refusal) as refusal:
        configuration(**change)
    assert refusal.value.code == "configuration_invalid"
    assert where in refusal.value.detail
