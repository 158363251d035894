"""Codes of places."""

import pytest

from ikm.domain.organisation import CODE, proposed_code


@pytest.mark.parametrize(
    ("name", "taken", "code"),
    [
        ("UPT Pasar Rakyat", (), "upt-pasar-rakyat"),
        ("UPT Pasar Rakyat", ("upt-pasar-rakyat", "upt-pasar-rakyat-2"), "upt-pasar-rakyat-3"),
        ("Kabupatén  Contoh / Nomor 1", (), "kabupaten-contoh-nomor-1"),
        ("Dinas Penanaman Modal dan Pelayanan Terpadu Satu Pintu", (), "dinas-penanaman-modal-dan-pelayanan"),
        ("x" * 90, (), "x" * 40),
        ("ꦏꦧꦸꦥꦠꦺꦤ꧀", (), "tempat"),
    ],
)
def test_a_code_is_proposed_from_the_name(name, taken, code):
    assert proposed_code(name, taken) == code
    assert CODE.fullmatch(code)
