"""The tables of the desk's pages, from which page and file are made alike."""

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction

from ikm.domain.change import Change
from ikm.domain.filled import Filled
from ikm.domain.organisation import Node
from ikm.domain.period import Period
from ikm.server.reports import wording
from ikm.server.reports.cockpit import Cockpit, Stand, State
from ikm.server.reports.exports import Column, Table, Value
from ikm.server.reports.measured import Measured
from ikm.server.reports.unit_view import UnitView, difference

STATES = {
    State.NOTHING: "belum mulai",
    State.NO_INDEX: "belum lengkap",
    State.TOO_FEW: "belum memadai",
    State.NO_TARGET: "target belum diketahui",
    State.ENOUGH: "memadai",
}
"""How far a unit has come, as people say it."""

DIRECTIONS = {"up": "naik", "down": "turun", "same": "tidak dapat dibedakan"}
"""What a change is called."""

WEEKDAYS = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
UNKNOWN = "belum ada"
_PAIR = 2


def direction(change: Change | None) -> str:
    """A change in a word; '–' where nothing can be said."""
    told = None if change is None else change.direction
    return "–" if told is None else DIRECTIONS[told]


def ranking(found: Cockpit) -> Table:
    """The units, the highest index first."""
    columns = (
        Column("Peringkat"), Column("Unit"), Column("Perangkat daerah"), Column("IKM", 2), Column("Mutu"),
        Column("Selang bawah", 2), Column("Selang atas", 2), Column("Responden"), Column("Target"), Column("Sampel"),
        Column("Dipublikasikan"), Column("Ditindaklanjuti"),
    )  # fmt: skip
    return Table("Unit", "Unit menurut indeks", columns, tuple(_ranked(found, stand) for stand in found.stands))


def heat(found: Cockpit) -> Table:
    """Units by elements, the mean of each."""
    columns = (Column("Unit"), *(Column(f"U{element.annex_number}", 2) for element in found.elements))
    rows = tuple(
        (stand.unit.name, *(None if (one := stand.element(element.code)) is None else one.mean
                            for element in found.elements))
        for stand in found.stands
        if stand.measured.result.responses
    )  # fmt: skip
    return Table("Unsur", "Nilai rata-rata unsur tiap unit", columns, rows)


def elements(view: UnitView) -> Table:
    """The elements of a unit with how often each rating was given."""
    columns = (
        Column("Unsur"), Column("Jawaban"), *(Column(f"Nilai {rating}") for rating in (1, 2, 3, 4)), Column("NRR", 3),
        Column("Mutu"),
    )  # fmt: skip
    score = view.measured.result.score
    rows = []
    for spread, line in zip(view.spreads, () if score is None else score.elements, strict=True):
        grade = line.band.grade if line.band is not None and spread.answers >= wording.GRADES_FROM else None
        name = f"U{spread.element.annex_number} {spread.element.name}"
        rows.append((name, spread.answers, *spread.counts, spread.mean, grade))
    return Table("Unsur", "Nilai per unsur", columns, tuple(rows))


def trend(view: UnitView) -> Table:
    """The periods up to this one and how each differs from the one before."""
    columns = (
        Column("Periode"), Column("IKM", 2), Column("Selang bawah", 2), Column("Selang atas", 2), Column("Responden"),
        Column("Perubahan", 2, signed=True), Column("Kesimpulan"),
    )  # fmt: skip
    rows = tuple(
        (point.period.label, *_index(point.measured), point.measured.result.responses,
         None if point.change is None else point.change.points, direction(point.change))
        for point in view.trend
    )  # fmt: skip
    return Table("Tren", "Tren", columns, rows)


def parts(name: str, title: str, first: str, found: Sequence[tuple[str, str, Measured]]) -> Table:
    """Parts of a unit's answers, such as its services."""
    columns = (
        Column(first), Column("IKM", 2), Column("Mutu"), Column("Selang bawah", 2), Column("Selang atas", 2),
        Column("Responden"),
    )  # fmt: skip
    named = Counter(label for _, label, _ in found)
    rows = tuple(
        # versions of one questionnaire have one title
        (label if named[label] == 1 else f"{label} ({code})", *_graded(part)[:2], *_index(part)[1:],
         part.result.responses)
        for code, label, part in found
    )  # fmt: skip
    return Table(name, title, columns, rows)


def groups(view: UnitView) -> tuple[Table, ...]:
    """The respondents by each trait."""
    columns = (Column("Responden"), Column("Banyaknya"), Column("Rata-rata nilai", 2))
    return tuple(
        Table(
            group.name, group.name, (Column(group.name), *columns[1:]),
            tuple((one.name, one.responses, one.mean) for one in group.slices),
        )
        for group in view.groups
    )  # fmt: skip


def hours(view: UnitView) -> Table:
    """How many came in which hour of the week, and the mean of their ratings where they are enough."""
    columns = [Column("Hari")]
    for hour in view.hours.hours:
        columns += [Column(f"{hour:02}.00"), Column(f"{hour:02}.00 nilai", 2)]
    rows = []
    for day, name in enumerate(WEEKDAYS, 1):
        row: list[Value] = [name]
        for hour in view.hours.hours:
            one = view.hours.cells.get((day, hour))
            row += [0 if one is None else one.responses, None if one is None else one.mean]
        if day <= 5 or any(row[1::2]):
            rows.append(tuple(row))
    return Table("Jam", "Jam dan hari", tuple(columns), tuple(rows))


def leaving(view: UnitView) -> Table:
    """The screens at which people walked away."""
    columns = (Column("Layar"), Column("Pergi setelah menjawab sebagian"), Column("Pergi tanpa menjawab"))
    rows = tuple((one.name, one.left, one.unanswered) for one in view.leaving)
    return Table("Berhenti", "Berhenti di layar mana", columns, rows)


def reasons(view: UnitView) -> Table:
    """Why people gave a 1 or 2, what is said most first."""
    columns = (Column("Unsur"), Column("Alasan"), Column("Banyaknya"))
    rows = [(why.element, one.name, one.responses) for why in view.reasons for one in why.reasons]
    rows.sort(key=lambda row: -row[2])
    return Table("Alasan", "Alasan nilai rendah", columns, tuple(rows))


def comparison(found: Sequence[tuple[Node, Period, Measured]]) -> tuple[Table, Table]:
    """Units or periods beside the first of them, and their elements."""
    columns = (
        Column("Unit"), Column("Periode"), Column("IKM", 2), Column("Selang bawah", 2), Column("Selang atas", 2),
        Column("Mutu"), Column("Responden"), Column("Selisih dari baris pertama", 2, signed=True), Column("Kesimpulan"),
    )  # fmt: skip
    rows = []
    first = found[0][2] if found else None
    for place, (unit, period, measured) in enumerate(found):
        differs = difference(first, measured) if place and first is not None else None
        verdict = "pembanding" if not place else _apart(differs)
        points = None if differs is None else differs.points
        rows.append((unit.name, period.label, *_index(measured), _graded(measured)[1], measured.result.responses,
                     points, verdict))  # fmt: skip
    scores = [measured.result.score for _, _, measured in found]
    known = {one.element.code: one.element for score in scores if score for one in score.elements}
    names = [Filled("%(unit)s, %(period)s", unit=unit.name, period=period.label) for unit, period, _ in found]
    headings = [Column("Unsur"), *(Column(name, 3) for name in names)]
    if len(found) == _PAIR:
        headings.append(Column("Selisih", 3, signed=True))
    lines = []
    for code, element in known.items():
        means = [
            next((one.mean for one in (score.elements if score else ()) if one.element.code == code), None)
            for score in scores
        ]
        lines.append((f"U{element.annex_number} {element.name}", *means, *_apart_by(means)))
    of_elements = Table("Unsur", "Nilai rata-rata tiap unsur", tuple(headings), tuple(lines))
    return Table("Indeks", "Indeks", columns, tuple(rows)), of_elements


def _apart_by(means: Sequence[Fraction | None]) -> tuple[Fraction | None, ...]:
    """How far the second mean of two is above the first; nothing where there are not two."""
    if len(means) != _PAIR:
        return ()
    first, second = means
    return (None if first is None or second is None else second - first,)


def _apart(change: Change | None) -> str:
    told = None if change is None else change.direction
    return {"up": "lebih tinggi", "down": "lebih rendah", "same": "tidak dapat dibedakan"}.get(told or "", "–")


def _ranked(found: Cockpit, stand: Stand) -> tuple[Value, ...]:
    measured = stand.measured
    published = UNKNOWN if found.published is None else "ya" if stand.unit.code in found.published else "belum"
    followed = UNKNOWN if found.followed_up is None else "ya" if stand.unit.code in found.followed_up else "belum"
    return (
        wording.place(stand.standing), stand.unit.name, stand.agency.name, *_graded(measured), *_index(measured)[1:],
        measured.result.responses, measured.sample.target, STATES[stand.state], published, followed,
    )  # fmt: skip


def _graded(measured: Measured) -> tuple[Value, Value]:
    scored = measured.result.scored
    return (None, None) if scored is None or scored.band is None else (scored.index, scored.band.grade)


def _index(measured: Measured) -> tuple[Value, Value, Value]:
    scored, sure = measured.result.scored, measured.certainty
    return (None if scored is None else scored.index, *((None, None) if sure is None else sure.interval))
