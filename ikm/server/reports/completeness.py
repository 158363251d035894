"""Whether anything is missing, where, and since when: one sentence first, then every device and every finding."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

from ikm.domain.period import TimeZone
from ikm.server.reports import wording
from ikm.server.store.audit import EpochCount, Finding
from ikm.server.store.fleet import FleetDevice
from ikm.server.store.forks import Fork

FAULTS: Mapping[str, str] = MappingProxyType(
    {
        "missing": "tidak ada di server",
        "lost": "hilang di kios",
        "altered": "isinya tidak cocok dengan sidik jarinya",
        "link": "rantainya terputus",
        "double": "nomornya dipakai dua kali",
        "head": "ujung rantainya tidak cocok",
    }
)
"""What a finding is called."""


class Books(Protocol):
    """What completeness is read from."""

    def fleet(self, *, unit: str | None = None, device: str | None = None) -> Sequence[FleetDevice]:
        """The devices."""
        ...

    def epoch_counts(self, device: str | None = None) -> Sequence[EpochCount]:
        """Their epochs, counted."""
        ...

    def chain_faults(self, device: str) -> Sequence[Finding]:
        """What is wrong with the rows of one."""
        ...

    def forks(self, device: str | None = None, *, undecided: bool = False) -> Sequence[Fork]:
        """Places where two claim to be one device."""
        ...

    def waiting_aside(self) -> Mapping[str, int]:
        """How many rows kept aside wait for a decision, by device."""
        ...

    def time_zone(self, unit: str) -> TimeZone:
        """The zone of a unit."""
        ...


@dataclass(frozen=True, slots=True)
class DeviceBooks:
    """How one device stands. `undecided` rows are kept aside and `forks` open until an officer decides."""

    device: FleetDevice
    zone: TimeZone
    epochs: tuple[EpochCount, ...]
    findings: tuple[Finding, ...]
    forks: tuple[Fork, ...]
    undecided: int

    @property
    def responses(self) -> int:
        """How many responses the server holds of it."""
        return sum(epoch.responses for epoch in self.epochs)

    @property
    def held(self) -> int:
        """How many of those are in no tally because of a fork."""
        return sum(epoch.held for epoch in self.epochs)

    @property
    def aside(self) -> int:
        """How many rows of its chains are kept aside."""
        return sum(epoch.aside for epoch in self.epochs)

    @property
    def queued(self) -> int:
        """How many rows it said, last time, were waiting on it."""
        return self.device.health.queued if self.device.health else 0

    @property
    def last_ms(self) -> int | None:
        """When its last response was received, in milliseconds since 1970; None before one."""
        return max((epoch.last_ms for epoch in self.epochs if epoch.last_ms is not None), default=None)


@dataclass(frozen=True, slots=True)
class Completeness:
    """How all devices asked for stand. `thorough`: every row was hashed again; `tallies`: how many cells differ."""

    devices: tuple[DeviceBooks, ...]
    thorough: bool
    tallies: int | None = None

    @property
    def findings(self) -> list[tuple[DeviceBooks, Finding]]:
        """Everything wrong, what is gone before what is merely wrong."""
        found = [(books, finding) for books in self.devices for finding in books.findings]
        return sorted(found, key=lambda pair: -pair[1].rows)

    @property
    def complete(self) -> bool:
        """Whether nothing is missing and nothing is wrong."""
        return not self.tallies and not any(books.findings for books in self.devices)

    @property
    def missing(self) -> int:
        """How many responses are gone."""
        return sum(finding.rows for _, finding in self.findings)


def completeness(
    books: Books, *, unit: str | None = None, device: str | None = None, thorough: bool, tallies: int | None = None
) -> Completeness:
    """How the devices of a unit, or that one, or all stand.

    Without `thorough` the rows are counted; they are hashed again only where the count does not add up.
    """
    aside = books.waiting_aside()
    counts: dict[str, list[EpochCount]] = {}
    for count in books.epoch_counts(device):
        counts.setdefault(count.device, []).append(count)
    found = []
    for one in books.fleet(unit=unit, device=device):
        epochs = tuple(counts.get(one.id, ()))
        checked = thorough or not all(epoch.adds_up for epoch in epochs)
        faults = tuple(books.chain_faults(one.id)) if checked else ()
        found.append(
            DeviceBooks(
                device=one,
                zone=books.time_zone(one.unit),
                epochs=epochs,
                findings=(*faults, *_lost(epochs)),
                forks=tuple(books.forks(one.id, undecided=True)) if one.open_forks else (),
                undecided=aside.get(one.id, 0),
            )
        )
    return Completeness(tuple(found), thorough, tallies)


def _lost(epochs: Sequence[EpochCount]) -> list[Finding]:
    return [
        Finding(epoch.device, epoch.epoch, "lost", epoch.lost_first, epoch.lost_last, epoch.lost, epoch.told_ms)
        for epoch in epochs
        if epoch.lost
    ]


def sentence(found: Completeness) -> str:
    """The one line: whether anything is missing, where and since when."""
    if not found.devices and not found.tallies:
        return "BELUM ADA KIOS terdaftar, jadi tidak ada yang dapat diperiksa."
    if found.complete:
        return _all_there(found)
    if not found.findings:
        return (
            f"TIDAK COCOK: {wording.count(found.tallies or 0)} rekapitulasi berbeda dari jawabannya; jawaban lengkap."
        )
    books, finding = found.findings[0]
    more = len(found.findings) - 1 + bool(found.tallies)
    others = f"; dan {wording.count(more)} temuan lain" if more else ""
    lead = f"TIDAK LENGKAP: {wording.count(found.missing)} jawaban hilang" if found.missing else "RUSAK"
    return f"{lead}: {described(books, finding)}{others}."


def described(books: DeviceBooks, finding: Finding) -> str:
    """A finding in words: what, on which device, where in its chain, since when."""
    numbers = f"nomor {wording.count(finding.first)}"
    if finding.last > finding.first:
        numbers += f"–{wording.count(finding.last)}"
    since = f"sejak {books.zone.written(finding.since_ms)}" if finding.since_ms is not None else "sejak awal"
    place = f"kios {books.device.counter} ({books.device.id}) rantai {finding.epoch} {numbers}"
    return f"{place} {FAULTS[finding.fault]}, {since}"


def _all_there(found: Completeness) -> str:
    responses = sum(books.responses for books in found.devices)
    line = f"LENGKAP: tidak ada yang hilang; {wording.count(responses)} jawaban dari {len(found.devices)} kios"
    last = max((books for books in found.devices if books.last_ms), key=lambda books: books.last_ms or 0, default=None)
    if last is not None and last.last_ms is not None:
        line += f", terakhir diterima {last.zone.written(last.last_ms)}"
    return f"{line}."
