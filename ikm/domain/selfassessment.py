"""What a unit says of the four factors that carry its service."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ikm.domain.errors import Refusal
from ikm.domain.regulation import FACTOR_NAMES, RATINGS, Factor

GRADES: Mapping[int, str] = MappingProxyType({1: "Belum ada", 2: "Sebagian", 3: "Ada", 4: "Ada dan selalu dijalankan"})
"""What each step means, for every factor alike."""

ASKS: Mapping[Factor, str] = MappingProxyType(
    {
        Factor.PURPOSE: "Visi, misi, dan moto pelayanan tertulis, dipasang, dan dipahami petugas.",
        Factor.SYSTEMS: "Standar, prosedur, pembagian tugas, dan cara menangani pengaduan tertulis dan dipakai.",
        Factor.STAFF: "Jumlah, kemampuan, dan sikap petugas sesuai dengan layanannya; ada pelatihan dan penghargaan.",
        Factor.FACILITIES: "Ruang tunggu, toilet, jalan masuk, alat kerja, dan sarana bagi difabel memadai.",
    }
)
"""What is looked at under each factor."""

NAMES = FACTOR_NAMES


@dataclass(frozen=True, slots=True)
class SelfAssessment:
    """One self-assessment: a step of 1 to 4 for each factor. Raises Refusal (`rating_out_of_range`)."""

    made_ms: int
    made_by: str
    steps: Mapping[Factor, int]
    notes: str = ""

    def __post_init__(self) -> None:
        if set(self.steps) != set(Factor) or any(step not in RATINGS for step in self.steps.values()):
            raise Refusal("rating_out_of_range", "penilaian mandiri")

    @property
    def weakest(self) -> tuple[Factor, ...]:
        """The factors with the lowest step; () where all are alike."""
        low = min(self.steps.values())
        return (
            tuple(factor for factor in Factor if self.steps[factor] == low) if len(set(self.steps.values())) > 1 else ()
        )
