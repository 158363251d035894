"""The log as people read it: each act a sentence, its facts in words."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import msgspec

from ikm.domain.organisation import Tree
from ikm.domain.period import TimeZone, in_words
from ikm.domain.rights import Act, Role
from ikm.server.people import wording
from ikm.server.store.deeds import Deed
from ikm.server.store.remarks import Remark
from ikm.server.web.desk.desk import Desk
from ikm.server.web.desk.gate import Officer
from ikm.server.web.desk.moments import zone_of
from ikm.server.web.desk.remarks import CATEGORY_NAMES

KINDS: Mapping[str, str] = MappingProxyType(
    {
        "person.": "Pengguna dan peran",
        "account.": "Akun sendiri",
        "link.": "Tautan masuk",
        "token.": "Token program",
        "place.": "Tempat",
        "unit.": "Keterangan unit",
        "service.": "Layanan dan standar",
        "population.": "Banyaknya pengguna layanan",
        "holiday.": "Hari libur",
        "assessment.": "Penilaian mandiri",
        "places.": "Impor tempat",
        "questionnaire.": "Kuesioner",
        "kiosk.": "Setelan kios",
        "rollout.": "Penyebaran setelan",
        "device.": "Kios",
        "code.": "Kode pendaftaran",
        "fork.": "Kios kembar",
        "row.": "Jawaban yang disisihkan",
        "response.": "Jawaban",
        "remark.": "Saran dan pengaduan",
        "answers.": "Ekspor jawaban",
        "figures.": "Ekspor angka",
    }
)
"""Groups of acts by the beginning of their codes."""

SENTENCES: Mapping[str, str] = MappingProxyType(
    {
        "person.added": "%(subject)s (%(name)s) menjadi pengguna.",
        "person.invited": "Mengundang %(subject)s sebagai %(role)s.",
        "person.role_given": "Memberi %(subject)s peran %(role)s.",
        "person.role_taken": "Mencabut peran %(role)s dari %(subject)s.",
        "person.disabled": "Menonaktifkan %(subject)s.",
        "person.enabled": "Mengaktifkan kembali %(subject)s.",
        "account.signed_in": "Masuk.",
        "account.guessed": "Kata sandi atau kode yang salah sebelum yang benar.",
        "account.password": "Mengganti kata sandinya.",
        "account.authenticator": "Memasang autentikator.",
        "account.recovery_codes": "Membuat kode pemulihan baru.",
        "account.recovered": "Masuk dengan kode pemulihan.",
        "account.preferences": "Mengubah bahasa atau ringkasan surel.",
        "account.reset": "Memilih kata sandi baru lewat tautan.",
        "account.anew": "Memilih kata sandi baru dan menghapus autentikator lewat tautan.",
        "link.setup": "Membuat tautan untuk superadmin pertama.",
        "link.reset": "Membuat tautan kata sandi baru untuk %(subject)s.",
        "link.anew": "Membuat tautan kata sandi dan autentikator baru untuk %(subject)s.",
        "link.revoked": "Menarik undangan untuk %(subject)s.",
        "token.made": "Membuat token %(subject)s.",
        "token.revoked": "Mencabut token %(subject)s.",
        "place.added": "Menambah tempat %(subject)s.",
        "place.renamed": "Mengganti nama tempat.",
        "place.moved": "Memindahkan unit ke perangkat daerah lain.",
        "place.ordered": "Mengubah urutan %(subject)s.",
        "place.retired": "Menutup tempat ini.",
        "place.restored": "Membuka kembali tempat ini.",
        "place.deleted": "Menghapus tempat %(subject)s.",
        "unit.changed": "Mengubah keterangan unit.",
        "service.added": "Menambah layanan %(subject)s.",
        "service.renamed": "Mengganti nama layanan %(subject)s.",
        "service.promised": "Mengubah standar pelayanan %(subject)s.",
        "service.ordered": "Mengubah urutan layanan %(subject)s.",
        "service.retired": "Menutup layanan %(subject)s.",
        "service.restored": "Membuka kembali layanan %(subject)s.",
        "service.deleted": "Menghapus layanan %(subject)s.",
        "population.set": "Mencatat banyaknya pengguna layanan %(subject)s.",
        "population.deleted": "Menghapus banyaknya pengguna layanan %(subject)s.",
        "holiday.added": "Menambah hari libur.",
        "holiday.deleted": "Menghapus hari libur %(subject)s.",
        "assessment.made": "Mengisi penilaian mandiri.",
        "questionnaire.drafted": "Membuat rancangan kuesioner %(subject)s.",
        "questionnaire.edited": "Mengubah rancangan kuesioner %(subject)s.",
        "questionnaire.dropped": "Membuang rancangan kuesioner %(subject)s.",
        "questionnaire.finished": "Menetapkan kuesioner %(subject)s.",
        "questionnaire.scheduled": "Menjadwalkan kuesioner %(subject)s.",
        "questionnaire.unscheduled": "Membatalkan jadwal kuesioner %(subject)s.",
        "kiosk.settings_changed": "Mengubah setelan kios.",
        "rollout.begun": "Memulai penerapan setelan nomor %(subject)s.",
        "rollout.continued": "Melanjutkan penerapan setelan nomor %(subject)s.",
        "rollout.halted": "Menghentikan penerapan setelan nomor %(subject)s.",
        "places.imported": "Mengimpor tempat dan layanan dari %(subject)s.",
        "places.import_undone": "Membatalkan impor %(subject)s.",
        "response.voided": "Menyatakan jawaban %(subject)s tidak berlaku.",
        "remark.changed": "Menindaklanjuti saran %(subject)s.",
        "remark.exported": "Mengekspor saran dalam isian SP4N-LAPOR!.",
        "answers.exported": "Mengekspor jawaban mentah %(subject)s.",
        "figures.summary": "Mengekspor ringkasan IKM %(subject)s.",
        "figures.unit": "Mengekspor angka unit %(subject)s.",
        "figures.comparison": "Mengekspor perbandingan IKM %(subject)s.",
        "rollout.returned": "Mengembalikan setelan sebelum penerapan nomor %(subject)s.",
        "device.revoked": "Mencabut kios %(subject)s.",
        "fork.decided": "Memutuskan percabangan kios %(subject)s.",
        "row.released": "Menghitung jawaban yang disisihkan dari kios %(subject)s.",
        "row.rejected": "Menolak jawaban yang disisihkan dari kios %(subject)s.",
        "row.settled": "Menutup jawaban yang ternyata sudah ada dari kios %(subject)s.",
        "code.made": "Membuat %(subject)s kode pendaftaran.",
        "code.withdrawn": "Menarik %(subject)s kode pendaftaran.",
    }
)
"""What each act is, as a sentence; `subject`, `name` and `role` stand for what the log says."""

_SORTED = "Menindaklanjuti saran tanggal %(day)s, jenis %(kind)s."
_UNSORTED = "Menindaklanjuti saran tanggal %(day)s, belum dipilah."
"""A remark as people know it, instead of its id; where it was given stands below."""

_LABELS = {
    "name": "nama", "names": "nama lain", "role": "peran", "roles": "peran", "language": "bahasa",
    "digest": "ringkasan",
    "links": "tautan yang ditarik", "tokens": "token yang dicabut", "expires_ms": "berlaku sampai", "parent": "induk",
    "address": "alamat", "phone": "telepon", "opening": "jam buka", "pledge": "maklumat", "complaints": "pengaduan",
    "steps": "langkah", "users": "pengguna", "starts_on": "mulai", "ends_on": "sampai", "from": "berasal dari",
    "part": "bagian", "wave": "gelombang", "waves": "gelombang", "rows": "baris", "file": "berkas",
    "zone": "zona waktu",
    "level": "tingkat", "browser": "peramban", "count": "banyaknya", "kind": "jenis berkas", "periode": "periode",
    "perangkat": "perangkat daerah yang dipilih", "layanan": "layanan", "kanal": "kanal", "versi": "versi kuesioner",
    "sampel": "keadaan sampel", "dengan": "dibandingkan dengan", "units": "unit yang dibandingkan",
}  # fmt: skip
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact of a deed; only a `known` label is a word of ours, which may be translated."""

    label: str
    text: str
    known: bool


@dataclass(frozen=True, slots=True)
class Told:
    """A line of the log in words. `sentence` takes `values`; an act without one is shown by its code.

    `link` leads to what it is about, where there is a page of it that the reader may open.
    """

    seq: int
    when: str
    who: str
    address: str
    place: str
    sentence: str
    values: Mapping[str, str]
    facts: tuple[Fact, ...]
    reason: str
    link: str = ""


def lines(desk: Desk, officer: Officer, deeds: Sequence[Deed]) -> list[Told]:
    """Those deeds as that officer reads them."""
    tree, zone = officer.rights.tree, zone_of(desk.store, officer.rights.tree)
    remarks = desk.store.remarks_named({deed.subject for deed in deeds if deed.act == "remark.changed"})
    found = []
    for deed in deeds:
        line, remark = told(deed, tree, zone), remarks.get(deed.subject)
        found.append(line if remark is None else _about(line, remark, officer))
    return found


def _about(line: Told, remark: Remark, officer: Officer) -> Told:
    kind = CATEGORY_NAMES.get(remark.category, "")
    link = f"/kelola/saran/{remark.id}" if officer.may(Act.READ, remark.unit) else ""
    values = {**line.values, "day": in_words(remark.local_date), "kind": kind}
    return replace(line, sentence=_SORTED if kind else _UNSORTED, values=values, link=link)


def told(deed: Deed, tree: Tree, zone: TimeZone) -> Told:
    """That deed in words, at local time."""
    place = tree.nodes.get(deed.node or "")
    name, role = deed.facts.get("name"), deed.facts.get("role")
    values = {
        "subject": deed.subject or "–",
        "name": name if isinstance(name, str) else "–",
        "role": _role(role) if isinstance(role, str) else "–",
        "act": deed.act,
        "kind": "",
    }
    return Told(
        deed.seq, zone.written(deed.at_ms), deed.who, deed.address, place.name if place else deed.node or "",
        SENTENCES.get(deed.act, "%(act)s %(subject)s"), values, tuple(_facts(deed, zone)), deed.reason,
    )  # fmt: skip


def _facts(deed: Deed, zone: TimeZone) -> Iterator[Fact]:
    for key, value in deed.facts.items():
        if key != "role":
            yield Fact(_LABELS.get(key, key), _fact(key, value, zone), key in _LABELS)


def _fact(key: str, value: Any, zone: TimeZone) -> str:
    if key == "roles" and isinstance(value, list):
        return ", ".join(f"{_role(str(role))} ({node})" for role, node in value)
    if key.endswith("_ms") and isinstance(value, int):
        return zone.written(value)
    if isinstance(value, list) and len(value) == 2 and not any(isinstance(one, list | dict) for one in value):
        return f"{_shown(value[0])} → {_shown(value[1])}"
    return _shown(value)


def _role(code: str) -> str:
    return wording.ROLES[Role(code)] if code in set(Role) else code


def _shown(value: Any) -> str:
    if value is None or value == "":
        return "kosong"
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
