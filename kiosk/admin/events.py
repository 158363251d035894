"""What can happen on the staff's screens, and what is then to be done. Actions shared with citizens are theirs."""

from dataclasses import dataclass, field

from kiosk.admin.model import Facts, Model, Page, Probe, Result, Stick
from kiosk.events import Back, Choose, Done, Erase, Speak, Turn, Use, Write
from kiosk.local import Local

# -- actions; from the citizens' screens come Back, Done, Write, Erase, Turn, Choose, Speak and Use -----------------


@dataclass(frozen=True, slots=True)
class Go:
    """Show that page."""

    page: Page


@dataclass(frozen=True, slots=True)
class Follow:
    """Take language and aids from the configuration again."""


@dataclass(frozen=True, slots=True)
class Louder:
    """Change the volume by that much."""

    by: int


@dataclass(frozen=True, slots=True)
class Train:
    """Begin training, or end it."""

    on: bool


@dataclass(frozen=True, slots=True)
class Run:
    """Run that test."""

    probe: Probe


@dataclass(frozen=True, slots=True)
class Feel:
    """This field of the touch panel was touched."""

    cell: int


@dataclass(frozen=True, slots=True)
class Skip:
    """Go on without a PIN of the device's own."""


@dataclass(frozen=True, slots=True)
class CarryOut:
    """Write what the server has not received yet into that folder."""

    folder: str


@dataclass(frozen=True, slots=True)
class TakeBack:
    """Read the server's receipts from that file."""

    file: str


Action = (
    Go | Follow | Louder | Train | Run | Feel | Skip | CarryOut | TakeBack
    | Back | Done | Write | Erase | Turn | Choose | Speak | Use
)  # fmt: skip

# -- events ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tap:
    """Somebody did something on the page they saw."""

    at_ms: int
    page: Page
    action: Action


@dataclass(frozen=True, slots=True)
class Touched:
    """A finger came down somewhere."""

    at_ms: int


@dataclass(frozen=True, slots=True)
class Tick:
    """Time passed."""

    at_ms: int


@dataclass(frozen=True, slots=True)
class Told:
    """What the device says about itself now."""

    at_ms: int
    facts: Facts


@dataclass(frozen=True, slots=True)
class Checked:
    """Whether the PIN was right, and how long no other is looked at."""

    at_ms: int
    right: bool
    wait_ms: int


@dataclass(frozen=True, slots=True)
class AddressTaken:
    """The address is one."""

    at_ms: int
    origin: str


@dataclass(frozen=True, slots=True)
class Enrolled:
    """The device belongs to a counter."""

    at_ms: int
    facts: Facts


@dataclass(frozen=True, slots=True)
class PinKept:
    """The new PIN is on the medium."""

    at_ms: int
    facts: Facts


@dataclass(frozen=True, slots=True)
class Erased:
    """The answers from training are gone."""

    at_ms: int
    facts: Facts


@dataclass(frozen=True, slots=True)
class Settled:
    """These settings are on the medium."""

    at_ms: int
    local: Local


@dataclass(frozen=True, slots=True)
class TrainingEnded:
    """Training ended by itself."""

    at_ms: int


@dataclass(frozen=True, slots=True)
class Probed:
    """How a test went."""

    at_ms: int
    probe: Probe
    result: Result


@dataclass(frozen=True, slots=True)
class Searched:
    """Where answers can be carried out to now."""

    at_ms: int
    sticks: tuple[Stick, ...]


@dataclass(frozen=True, slots=True)
class Written:
    """How many responses are in the file so far."""

    at_ms: int
    rows: int


@dataclass(frozen=True, slots=True)
class Carried:
    """How carrying out, or taking receipts back, went."""

    at_ms: int
    result: Result


@dataclass(frozen=True, slots=True)
class Failed:
    """What was under way came to nothing; `page` is where that can be mended, None for the page shown."""

    at_ms: int
    sentence: str
    page: Page | None = None


Event = (
    Tap | Touched | Tick | Told | Checked | AddressTaken | Enrolled | PinKept | Erased | Settled
    | TrainingEnded | Probed | Searched | Written | Carried | Failed
)  # fmt: skip

# -- effects --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Look:
    """Read what the device says about itself."""


@dataclass(frozen=True, slots=True)
class Check:
    """See whether this PIN opens; count the try first."""

    pin: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class KeepPin:
    """Make this the device's PIN, "" to end the assistant without one."""

    pin: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class CheckAddress:
    """See whether that can be a server's address."""

    address: str


@dataclass(frozen=True, slots=True)
class Enrol:
    """Make this device one of the counter the code was made for."""

    address: str
    code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Settle:
    """Keep these settings."""

    local: Local


@dataclass(frozen=True, slots=True)
class EraseTraining:
    """Forget the answers from training."""


@dataclass(frozen=True, slots=True)
class RunProbe:
    """Run that test; a sound at that volume."""

    probe: Probe
    volume: int


@dataclass(frozen=True, slots=True)
class Search:
    """See where answers can be carried out to."""


@dataclass(frozen=True, slots=True)
class Restart:
    """End the process so that it is started again."""


@dataclass(frozen=True, slots=True)
class Leave:
    """Back to the citizens."""

    local: Local


Effect = (
    Look | Check | KeepPin | CheckAddress | Enrol | Settle | EraseTraining | RunProbe | Search | CarryOut | TakeBack
    | Restart | Leave
)  # fmt: skip
Step = tuple[Model, tuple[Effect, ...]]
