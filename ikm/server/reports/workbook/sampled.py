"""The workings of the sample: correction, target, whether it was reached, and the margin of error."""

from dataclasses import dataclass

from ikm.domain.sampling import finite_population_factor
from ikm.server.reports.workbook.working import Ground

ADEQUATE, INADEQUATE, UNJUDGED = "memadai", "BELUM MEMADAI", "belum dapat dinilai"


@dataclass(frozen=True, slots=True)
class Enough:
    """Addresses of what is shown of the sample; `factor` is that of the finite population."""

    factor: str
    target: str
    adequate: str
    margin: str


def sample(ground: Ground) -> Enough:
    """The section of the sample, as `ikm.domain.sampling` has it."""
    steps, fixed, found = ground.steps, ground.given, ground.counted
    reached = steps.plan.evaluation.whole.sample
    population = reached.population
    steps.section("4. Sampel")
    people, n = fixed.population, found.responses
    factor = steps.single(
        "Koreksi populasi terhingga",
        f'IF({people}="",1,IF({people}>{n},({people}-{n})/({people}-1),0))',
        finite_population_factor(reached.respondents, population),
        "long",
        "(N - n) / (N - 1); 1 bila populasi tidak diketahui, 0 bila semua menjawab",
    )
    below = f"({fixed.error}*({people}-1)+{fixed.spread})"
    wanted = f"INT((2*{fixed.spread}*{people}+{below})/(2*{below}))"
    target = steps.single(
        "Target sampel",
        f'IF({people}="",IF({fixed.minimum}="","",{fixed.minimum}),{wanted})',
        reached.target,
        note="Krejcie-Morgan, setengah dibulatkan ke atas; tanpa populasi: responden minimal menurut aturan",
    )
    judged = {None: UNJUDGED, True: ADEQUATE, False: INADEQUATE}[reached.adequate]
    adequate = steps.single(
        "Kecukupan sampel",
        f'IF({target}="","{UNJUDGED}",IF({n}>={target},"{ADEQUATE}","{INADEQUATE}"))',
        judged,
        "strong",
    )
    margin = steps.single(
        "Batas galat (poin persen)",
        f'IF({n}=0,"",100*SQRT({fixed.spread}/100000*{factor}/{n}))',
        reached.margin_of_error,
        "two",
        "untuk bagian 50 % pada tingkat kepercayaan 95 %",
    )
    return Enough(factor, target, adequate, margin)
