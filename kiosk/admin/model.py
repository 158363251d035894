"""What the staff's screens are showing, and what the device says about itself. Moments as in `kiosk.model`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from ikm.domain.configuration import Configuration
from ikm.domain.period import TimeZone
from kiosk.guard import MOST_DIGITS
from kiosk.local import Local

CODE_LETTERS = 8
ADDRESS_LETTERS = 120
SERVICES_PER_PAGE = 7
CELLS = 12
"""How many fields the test of the touch panel has."""


class Page(StrEnum):
    """One of the staff's screens. From ADDRESS on they are those of the first-start assistant, in order."""

    CLOSED = "closed"
    PIN = "pin"
    MENU = "menu"
    STATUS = "status"
    DEVICE = "device"
    CARRY = "carry"
    SERVICE = "service"
    DEFAULTS = "defaults"
    SOUND = "sound"
    HOURS = "hours"
    TRAINING = "training"
    ERASING = "erasing"
    DIAGNOSIS = "diagnosis"
    PANEL = "panel"
    RESTART = "restart"
    ADDRESS = "address"
    CODE = "code"
    ENROLLING = "enrolling"
    NEW_PIN = "new-pin"
    REPEAT_PIN = "repeat-pin"
    READY = "ready"


PINS = frozenset({Page.PIN, Page.NEW_PIN, Page.REPEAT_PIN})
"""Where digits are typed that nobody may read."""


class Probe(StrEnum):
    """What the diagnosis can try."""

    NETWORK = "network"
    DISK = "disk"
    PANEL = "panel"
    SOUND = "sound"


@dataclass(frozen=True, slots=True)
class Result:
    """How a test went, in a sentence; `passed` is None where only people can tell."""

    passed: bool | None
    sentence: str


@dataclass(frozen=True, slots=True)
class Stick:
    """The path of a folder to carry answers out to; `receipts` are files a server has left there, newest first."""

    folder: str
    receipts: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What people call it: the stick's label."""
        return self.folder.rpartition("/")[2] or self.folder


@dataclass(frozen=True, slots=True)
class Facts:
    """What the device says about itself: counts of responses, moments in ms of the UTC wall clock, None for never.

    `clock` is `synced`, `held` or `unknown`. `pin_set` says that some PIN opens, `pin_due` that the assistant has not
    got one yet, `server_pin` that one came with the configuration. `wait_ms` is how long no PIN is looked at,
    `failures` how many wrong ones there were since the last right one.

    `standing` is what the server last called the device (`active`, `forked`, `revoked`), `rejected` how many responses
    it has put aside, `warnings` the codes of the device's own complaints. `fingerprint` is that of the device's key,
    `epoch` the number of the chain that grows now. `damaged` says that the configuration kept cannot be used. All that
    is kept was looked at last at `checked_ms`, and was not all whole where it is `broken`.
    """

    version: str
    now_ms: int
    clock: str
    disk_free_bytes: int
    device: str = ""
    server_url: str = ""
    configuration: Configuration | None = None
    stored: int = 0
    pending: int = 0
    oldest_pending_ms: int | None = None
    last_receipt_ms: int | None = None
    trouble: str = ""
    training: int = 0
    local: Local = field(default_factory=Local)
    pin_set: bool = False
    pin_due: bool = False
    server_pin: bool = False
    wait_ms: int = 0
    failures: int = 0
    standing: str = "active"
    rejected: int = 0
    warnings: tuple[str, ...] = ()
    fingerprint: str = ""
    epoch: int = 0
    damaged: bool = False
    checked_ms: int | None = None
    broken: bool = False

    @property
    def acknowledged(self) -> int:
        """How many responses the server has."""
        return self.stored - self.pending


@dataclass(frozen=True, slots=True)
class Model:
    """Everything the staff's screens show.

    `typed` is what the page's field holds, `first_pin` the new PIN to be repeated. `note` is a sentence about what has
    just happened, `good` whether it is good news. While `busy` nothing else is begun. Before `waits_until_ms` no PIN is
    looked at. `cells` are the fields of the panel's test touched so far, `active_ms` the last touch. `sticks` is where
    answers can be carried out to, None before anybody has looked; while `carrying` that is under way, with
    `carried` responses written so far.
    Until `key_until_ms` another tap on the same `key` is its echo.
    """

    page: Page = Page.CLOSED
    facts: Facts | None = None
    local: Local = field(default_factory=Local)
    typed: str = field(default="", repr=False)
    first_pin: str = field(default="", repr=False)
    address: str = "https://"
    code: str = field(default="", repr=False)
    note: str = ""
    good: bool = False
    busy: bool = False
    waits_until_ms: int = 0
    results: Mapping[Probe, Result] = field(default_factory=dict)
    running: frozenset[Probe] = frozenset()
    cells: frozenset[int] = frozenset()
    sticks: tuple[Stick, ...] | None = None
    carrying: bool = False
    carried: int = 0
    services_page: int = 0
    seen_ms: int = 0
    active_ms: int = 0
    guard_until_ms: int = 0
    key: object = field(default=None, repr=False)
    key_until_ms: int = 0

    @property
    def configuration(self) -> Configuration | None:
        """What the kiosk runs on, or None before it has any."""
        return self.facts.configuration if self.facts else None

    @property
    def today(self) -> date | None:
        """The local date when the device last spoke, or None before."""
        if self.facts is None:
            return None
        zone = self.configuration.time_zone if self.configuration else TimeZone.WIB
        return zone.local_date(self.facts.now_ms)

    @property
    def pin_due(self) -> bool:
        """Whether the assistant still has to get a PIN."""
        return self.facts is not None and self.facts.pin_due

    @property
    def wait_s(self) -> int:
        """Whole seconds until a PIN is looked at again."""
        return max(0, -((self.seen_ms - self.waits_until_ms) // 1000))

    @property
    def field(self) -> str:
        """What has been typed on this page."""
        return {Page.ADDRESS: self.address, Page.CODE: self.code}.get(self.page, self.typed)

    @property
    def room(self) -> int:
        """How many letters this page's field takes; 0 where there is none."""
        if self.page in PINS:
            return MOST_DIGITS
        return {Page.ADDRESS: ADDRESS_LETTERS, Page.CODE: CODE_LETTERS}.get(self.page, 0)

    @property
    def service_pages(self) -> int:
        """How many pages the choice of service takes, "all of them" being one of the choices."""
        services = len(self.configuration.services) if self.configuration else 0
        return -(-(services + 1) // SERVICES_PER_PAGE)
