"""One server process for the package, and a device for each test that needs one to itself."""

from collections.abc import Iterator

import pytest
from sqlalchemy import URL

from ikm.server.store import Store
from tests.ikm.server.kiosk_device import KioskDevice
from tests.ikm.server.web.bad_input.site import Site, Ward
from tests.support.free_port import free_port
from tests.support.killing import serving


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server of the sample regency in a process of its own."""
    folder = tmp_path_factory.mktemp("site")
    with serving(folder, free_port()) as url:
        store = Store.open(URL.create("sqlite", database=str(folder / "server" / "ikm.db")))
        yield Site(url, store, folder / "server.log")
        store.close()


@pytest.fixture(scope="module")
def _wards(site: Site) -> list[Ward]:
    return [Ward(site, KioskDevice.enrolled(site.store))]


@pytest.fixture
def ward(site: Site, _wards: list[Ward]) -> Iterator[Ward]:
    """A device that the tests of a file share, as long as each leaves its chain as whole as it found it."""
    yield _wards[-1]
    if not _wards[-1].is_sound():
        _wards.append(Ward(site, KioskDevice.enrolled(site.store)))


@pytest.fixture
def own_ward(site: Site) -> Ward:
    """A device for a test that spoils it."""
    return Ward(site, KioskDevice.enrolled(site.store))
