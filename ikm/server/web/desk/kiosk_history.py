"""What was done to a kiosk: by name for those who inspect there, by role for all others who look after it."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from ikm.domain.filled import Filled
from ikm.domain.rights import Act
from ikm.server.people.wording import ROLES
from ikm.server.store.deeds import Deed
from ikm.server.web.desk.desk import Desk
from ikm.server.web.desk.gate import Officer

_SHOWN, _READ = 20, 200
_COMMAND_LINE, _GONE = Filled("pengelola server"), Filled("petugas yang kini tidak bertugas di sini")


@dataclass(frozen=True, slots=True)
class Line:
    """Something that was done, last at that moment; `times` how often in a row for the same reason."""

    at_ms: int
    who: str
    act: str
    reason: str
    times: int


class History:
    """What was done to one kiosk and to its counter's settings, as an officer may read it."""

    def __init__(self, desk: Desk, officer: Officer, device: str, counter: str) -> None:
        self._decided: Sequence[Deed] = [
            deed
            for act, limit in (("device.revoked", 1), ("fork.decided", _READ))
            for deed in desk.store.deeds(nodes=[counter], subject=device, act=act, limit=limit)
        ]
        self._all = [
            deed
            for subject in (device, counter)
            for deed in desk.store.deeds(nodes=[counter], subject=subject, limit=_READ)
        ]
        self._all.sort(key=lambda deed: -deed.seq)
        self._by_name = officer.may(Act.INSPECT, counter)
        people = {deed.person for deed in (*self._decided, *self._all) if deed.person}
        places = officer.rights.tree.path(counter)
        self._roles = {} if self._by_name else desk.store.roles_on(people, places)

    @property
    def lines(self) -> Sequence[Line]:
        """The newest first, one for what was done again and again."""
        found = []
        for (who, act, reason), deeds in groupby(self._all, lambda deed: (self._who(deed), deed.act, deed.reason)):
            several = list(deeds)
            found.append(Line(several[0].at_ms, who, act, reason, len(several)))
        return found[:_SHOWN]

    def decider(self, act: str, at_ms: int) -> str:
        """Who revoked the kiosk or decided about it at that moment."""
        return next((self._who(one) for one in self._decided if one.act == act and one.at_ms == at_ms), _COMMAND_LINE)

    def _who(self, deed: Deed) -> str:
        if self._by_name:
            return Filled("%(name)s", name=deed.who) if deed.who else _COMMAND_LINE
        if deed.person is None:
            return _COMMAND_LINE
        role = self._roles.get(deed.person)
        return Filled(ROLES[role]) if role else _GONE
