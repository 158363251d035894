"""The digest: what wants an officer's eye on the places where they can do something about it."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from ikm.domain.organisation import Level, Tree
from ikm.domain.period import PeriodKind, TimeZone, period_of
from ikm.domain.rights import Act, Rights
from ikm.i18n import translator
from ikm.server.mail.sending import MailFault, RecipientRefused, mail, send
from ikm.server.reports.cockpit import Stand, State, cockpit
from ikm.server.reports.measured import Memo
from ikm.server.reports.ports import Filter
from ikm.server.settings import Settings
from ikm.server.speaking import speak
from ikm.server.store import Store
from ikm.server.store.digests import Reader
from ikm.server.store.silence import Kiosk
from ikm.server.web.pages.views import FILTERS

SENT_AT_HOUR = 7
"""Digests go out from this local hour on: daily ones from Monday to Friday, weekly ones on Mondays."""

_FRIDAY = 5
_DAY_MS = 86_400_000
_HOUR_MS = 3_600_000
_TEMPLATES = Path(__file__).parent / "templates"
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Digest:
    """What one reader is told: kiosks by what is wrong, late answers by unit, units short of their sample."""

    silent: tuple[Kiosk, ...] = ()
    forked: tuple[Kiosk, ...] = ()
    aside: tuple[Kiosk, ...] = ()
    disks: tuple[Kiosk, ...] = ()
    clocks: tuple[Kiosk, ...] = ()
    overdue: tuple[tuple[str, int], ...] = ()
    short: tuple[Stand, ...] = ()

    @property
    def count(self) -> int:
        """How many things it tells."""
        kiosks = (self.silent, self.forked, self.aside, self.disks, self.clocks)
        return sum(map(len, kiosks)) + len(self.overdue) + len(self.short)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A digest as it would be sent."""

    reader: Reader
    digest: Digest
    subject: str
    text: str
    html: str


def due(reader: Reader, now_ms: int, zone: TimeZone) -> bool:
    """Whether a reader's digest is due: its hour came since they got the last one, or since they are here."""
    today = zone.local_date(now_ms)
    if zone.minute_of_day(now_ms) < SENT_AT_HOUR * 60:
        today -= timedelta(days=1)
    if reader.digest == "weekly":
        today -= timedelta(days=today.weekday())
    # nobody is at work to see to it before Monday
    today -= timedelta(days=max(0, today.isoweekday() - _FRIDAY))
    slot_ms = (today.toordinal() - 719_163) * _DAY_MS + (SENT_AT_HOUR - zone.value) * _HOUR_MS
    return max(reader.made_ms, reader.digested_ms or 0) < slot_ms


def prepare(store: Store, settings: Settings, now_ms: int, readers: Sequence[Reader]) -> list[Prepared]:
    """The digests of those readers that tell anything, in their languages."""
    if not readers:
        return []
    tree = Tree(store.organisation(retired=True))
    kiosks = store.kiosks(now_ms)
    zone = _zone(store, tree)
    memo, found = Memo(), []
    for reader in readers:
        digest = _digest(store, reader, Rights(reader.grants, tree), kiosks, (zone, now_ms, memo))
        if digest.count:
            found.append(_worded(reader, digest, tree, zone, (now_ms, settings.public_url)))
    return found


def send_due(store: Store, settings: Settings, now_ms: int) -> int:
    """How many digests were sent; each that is due is claimed first, and given back where the mail server is down.

    Raises:
        MailFault: The mail server took none of the rest; what was sent before stays sent.
    """
    if settings.mail is None:
        return 0
    zone = _zone(store, Tree(store.organisation(retired=True)))
    waiting = [reader for reader in store.digest_readers() if due(reader, now_ms, zone)]
    prepared = {one.reader.person: one for one in prepare(store, settings, now_ms, waiting)}
    sent = 0
    for reader in waiting:
        if not store.claim_digest(reader, now_ms):
            continue
        one = prepared.get(reader.person)
        # nothing to tell: the next one is tomorrow's
        if one is None:
            continue
        try:
            send(settings.mail, mail(settings.mail_from, reader.email, one.subject, one.text, one.html))
        except RecipientRefused as fault:
            # the others are not to wait for an address that is wrong
            _LOG.warning("digest of %s: %s", reader.person, fault)
            continue
        except MailFault:
            store.give_digest_back(reader, now_ms)
            raise
        sent += 1
        _LOG.info("digest sent to %s: %d things", reader.person, one.digest.count)
    return sent


def _digest(
    store: Store, reader: Reader, rights: Rights, kiosks: Sequence[Kiosk], when: tuple[TimeZone, int, Memo]
) -> Digest:
    zone, now_ms, memo = when
    today = zone.local_date(now_ms)
    equips, decides = set(rights.scope(Act.EQUIP)), set(rights.scope(Act.DECIDE))
    mine = [one for one in kiosks if one.device.counter in equips]
    decided = [one for one in kiosks if one.device.counter in decides]
    answered = rights.scope(Act.ANSWER, Level.UNIT)
    short: tuple[Stand, ...] = ()
    # how a quarter goes changes slowly: once a week is enough
    if reader.digest == "weekly" or today.weekday() == 0:
        nodes = rights.tree.nodes
        arranged = [nodes[code] for code in rights.scope(Act.ARRANGE, Level.UNIT)]
        units = [(unit, nodes[str(unit.parent)]) for unit in arranged if not unit.retired]
        stands = cockpit(store, units, period_of(today, PeriodKind.QUARTER), Filter(), memo).stands if units else ()
        short = tuple(stand for stand in stands if stand.state in (State.NOTHING, State.TOO_FEW))
    return Digest(
        silent=_with(mine, "silent"),
        forked=_with(decided, "forked"),
        aside=_with(decided, "aside"),
        disks=_with(mine, "disk_full", "disk_low"),
        clocks=_with(mine, "clock"),
        overdue=tuple(sorted(store.overdue_remarks(answered, today).items())),
        short=short,
    )


def _with(kiosks: Sequence[Kiosk], *problems: str) -> tuple[Kiosk, ...]:
    return tuple(one for one in kiosks if set(problems) & set(one.problems))


def _worded(reader: Reader, digest: Digest, tree: Tree, zone: TimeZone, told: tuple[int, str]) -> Prepared:
    now_ms, public_url = told
    shown = {
        "reader": reader, "digest": digest, "nodes": tree.nodes, "address": public_url, "now_ms": now_ms,
        "today": zone.local_date(now_ms), "most": 20,
    }  # fmt: skip
    environment = _environment(reader.language)
    subject = " ".join(environment.get_template("subject.txt").render(shown).split())
    text = environment.get_template("digest.txt").render(shown)
    html = environment.get_template("digest.html").render(shown)
    return Prepared(reader, digest, subject, text, html)


def _zone(store: Store, tree: Tree) -> TimeZone:
    unit = next((node.code for node in tree.nodes.values() if node.level is Level.UNIT), None)
    return TimeZone.WIB if unit is None else store.time_zone(unit)


@cache
def _environment(locale: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        extensions=["jinja2.ext.i18n"],
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= FILTERS
    speak(environment, translator(locale, "desk"))
    return environment
