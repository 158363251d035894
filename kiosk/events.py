"""What can happen to the interview, and what is then to be done in the world.

Moments are milliseconds of one monotonic clock.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ikm.domain.configuration import Aid, Configuration
from ikm.domain.response import Response
from kiosk.local import Local
from kiosk.model import Model, Place

# -- what can be done on a screen --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Start:
    """Begin."""


@dataclass(frozen=True, slots=True)
class Speak:
    """Use this language."""

    locale: str


@dataclass(frozen=True, slots=True)
class Turn:
    """Show the next page (1) or the one before (-1)."""

    by: int


@dataclass(frozen=True, slots=True)
class Choose:
    """This is the service I came for."""

    service: str


@dataclass(frozen=True, slots=True)
class Rate:
    """My answer to the question on the screen."""

    rating: int


@dataclass(frozen=True, slots=True)
class Because:
    """The reason for the low rating just given."""

    reason: str


@dataclass(frozen=True, slots=True)
class Use:
    """Turn an aid on, or off where it is on."""

    aid: Aid


@dataclass(frozen=True, slots=True)
class Read:
    """Show the service standard and the pledge."""


@dataclass(frozen=True, slots=True)
class Options:
    """Show languages and aids."""


@dataclass(frozen=True, slots=True)
class Write:
    """One more letter of the comment."""

    letter: str


@dataclass(frozen=True, slots=True)
class Erase:
    """The comment's last letter, taken back."""


@dataclass(frozen=True, slots=True)
class Toggle:
    """Choose an option of the profile, or take it back."""

    field: str
    option: str


@dataclass(frozen=True, slots=True)
class Back:
    """One screen back."""


@dataclass(frozen=True, slots=True)
class Done:
    """Finished with this screen: skip it, or go on with what it holds."""


@dataclass(frozen=True, slots=True)
class Stay:
    """Yes, I am still here."""


@dataclass(frozen=True, slots=True)
class Leave:
    """Finished before the end, or somebody else than who was answering: keep what was answered and go."""


@dataclass(frozen=True, slots=True)
class SetUp:
    """Begin the first-start assistant."""


Action = (
    Start
    | Speak
    | Use
    | Read
    | Options
    | Turn
    | Choose
    | Rate
    | Because
    | Toggle
    | Write
    | Erase
    | Back
    | Done
    | Stay
    | Leave
    | SetUp
)


# -- events ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tap:
    """Somebody did something on the screen they saw, by `touch`, `keyboard` or `switch`."""

    at_ms: int
    place: Place
    action: Action
    by: str = "touch"


@dataclass(frozen=True, slots=True)
class Touched:
    """A finger came down somewhere: whoever it is, they are still here."""

    at_ms: int


@dataclass(frozen=True, slots=True)
class Tick:
    """Time passed."""

    at_ms: int


@dataclass(frozen=True, slots=True)
class Configured:
    """A configuration arrived. `answered` are the counts of answers kept so far under its questionnaire."""

    at_ms: int
    configuration: Configuration
    answered: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Settled:
    """The staff's own settings, as they are from now on."""

    at_ms: int
    local: Local


@dataclass(frozen=True, slots=True)
class Hours:
    """Whether the counter is open now."""

    at_ms: int
    open: bool


@dataclass(frozen=True, slots=True)
class Surveyed:
    """Whether an answer given now could be kept and would count: there is room for it, the server takes it."""

    at_ms: int
    full: bool = False
    revoked: bool = False


@dataclass(frozen=True, slots=True)
class StaffCame:
    """Somebody asks for the staff's screens; whoever was answering has gone."""

    at_ms: int


@dataclass(frozen=True, slots=True)
class StaffLeft:
    """The staff's screens are closed."""

    at_ms: int


@dataclass(frozen=True, slots=True)
class Saved:
    """The response handed over last is on the medium."""

    at_ms: int


@dataclass(frozen=True, slots=True)
class SaveFailed:
    """The response handed over last could not be written."""

    at_ms: int


@dataclass(frozen=True, slots=True)
class Crashed:
    """The window met an error nobody expected."""

    at_ms: int


@dataclass(frozen=True, slots=True)
class Closing:
    """The process ends."""

    at_ms: int


Event = (
    Tap | Touched | Tick | Configured | Settled | Hours | Surveyed | StaffCame | StaffLeft | Saved | SaveFailed
    | Crashed | Closing
)  # fmt: skip


# -- effects -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Keep:
    """Write this response to the medium and say how it went. `last_tap_ms` is the moment it belongs to.

    In `training` it goes where nothing counts and nothing is sent from.
    """

    response: Response
    configuration: int
    last_tap_ms: int
    training: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """What would be kept if the power went now. Written when the medium has nothing better to do, the newest only."""

    response: Response
    configuration: int
    last_tap_ms: int


@dataclass(frozen=True, slots=True)
class Retry:
    """Try again to write what could not be written."""


Effect = Keep | Draft | Retry
Step = tuple[Model, tuple[Effect, ...]]
