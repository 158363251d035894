"""What people are told about roles, people and browsers."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from ikm.domain.filled import Filled
from ikm.domain.rights import Role

ROLES: Mapping[Role, str] = MappingProxyType(
    {
        Role.SUPERADMIN: "Superadmin",
        Role.AGENCY_ADMIN: "Admin perangkat daerah",
        Role.UNIT_OFFICER: "Petugas unit",
        Role.PUBLISHER: "Penerbit",
        Role.VERIFIER: "Pemeriksa",
    }
)
"""How each role is called."""

DUTIES: Mapping[Role, str] = MappingProxyType(
    {
        Role.SUPERADMIN: "Dapat melakukan segalanya di seluruh daerah.",
        Role.AGENCY_ADMIN: "Mengatur unit, kios dan pengguna satu perangkat daerah.",
        Role.UNIT_OFFICER: "Mengatur layanan dan kios satu unit, serta menjawab saran.",
        Role.PUBLISHER: "Menerbitkan indeks.",
        Role.VERIFIER: "Melihat dan memeriksa semuanya tanpa mengubah apa pun.",
    }
)
"""What each may do, in a sentence."""

LANGUAGES: Mapping[str, str] = MappingProxyType({"id": "Bahasa Indonesia", "en": "English"})
DIGESTS: Mapping[str, str] = MappingProxyType(
    {"daily": "Setiap hari kerja", "weekly": "Setiap minggu", "none": "Tidak perlu"}
)
"""How often a summary of kiosks is sent by e-mail."""

_BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = (
    ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("CrOS", "ChromeOS"),
    ("Mac OS", "macOS"), ("Linux", "Linux"),
)  # fmt: skip
_OTHER_SIGNS = re.compile(r"[^\w .,/()-]")


def browser(agent: str) -> str:
    """What calls itself so, as its owner knows it: 'Firefox di Android'."""
    program = next((name for part, name in _BROWSERS if part in agent), "")
    system = next((name for part, name in _SYSTEMS if part in agent), "")
    if program and system:
        return Filled("%(program)s di %(system)s", program=program, system=system)
    return program or system or _OTHER_SIGNS.sub("", agent)[:40].strip() or "Peramban lain"
