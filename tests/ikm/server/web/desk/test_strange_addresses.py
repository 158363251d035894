"""Addresses that no page of ours leads to, on both databases: they differ in what they take for an id or a text."""

import pytest

from ikm.domain.rights import Role
from ikm.server.settings import Settings
from ikm.server.web.app import create_app
from tests.ikm.server.kiosk_device import NOW_MS
from tests.support.desk import Office

LARGE = 10**30
NOWHERE = f"{LARGE}.01a20a2d-7c00-7000-8001-00000000ffff"


@pytest.fixture
def officer(store):
    settings = Settings(store._engine.url, public_url="http://testserver.local")
    now = [NOW_MS]
    with Office(store, create_app(settings, now_ms=lambda: now[0]), now).officer(Role.SUPERADMIN) as found:
        yield found


def test_an_address_that_leads_nowhere_is_told_so_and_is_no_failure_of_the_server(officer):
    # 4c 72, 73
    wanted = {
        "/kelola/kios/bukan-kios": 404,
        f"/kelola/kios/{'0' * 400}": 404,
        "/kelola/kios/bukan-kios/cabut": 404,
        f"/kelola/kios/penerapan/nomor/{LARGE}": 404,
        "/kelola/pengguna/bukan-orang": 404,
        "/kelola/impor/bukan-impor": 404,
        "/kelola/saran/bukan-saran": 404,
        f"/kelola/saran?sesudah={NOWHERE}": 200,
        "/kelola/saran?sesudah=-1.x&cari=%00": 200,
        f"/kelola/unit/dukcapil/lembar?sesudah={NOWHERE}": 200,
        "/kelola/catatan?orang=%00Sari&jenis=%00": 200,
        f"/kelola/catatan?sebelum={LARGE}": 400,
        "/kelola/unit/dukcapil?layanan=%00": 404,
        "/kelola/tempat?cari=%00": 200,
        "/kelola/kios?cari=%00&unit=%00": 200,
        "/kelola/pengguna?cari=%00": 200,
    }
    assert {address: officer.get(address).status_code for address in wanted} == wanted
