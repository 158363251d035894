"""The workings of the sample: correction, target, whether it was reached, and the margin of error."""

from dataclasses import dataclass

from ikm.domain.sampling import finite_population_factor
from ikm.server.reports.workbook.steps import whole_row
from ikm.server.reports.workbook.working import Ground

ADEQUATE, INADEQUATE, UNJUDGED = "memadai", "BELUM MEMADAI", "belum dapat dinilai"


@dataclass(frozen=True, slots=True)
class Enough:
    """Addresses of what is shown of the sample; `answers` is how many answered the question that fewest did."""

    population: str
    answers: str
    target: str
    adequate: str
    margin: str


def sample(ground: Ground) -> Enough:
    """The section of the sample, as `ikm.domain.sampling` has it."""
    steps, fixed, found = ground.steps, ground.given, ground.counted
    reached = steps.plan.evaluation.whole.sample
    given, n = fixed.population, found.responses
    steps.section("4. Sampel")
    people = steps.single(
        "Populasi yang dipakai",
        f'IF(ISNUMBER({given}),IF({given}>=MAX(1,{n}),{given},""),"")',
        reached.population,
        note="kosong bila tidak diketahui; populasi tidak mungkin lebih sedikit daripada respondennya",
    )
    answers = steps.single(
        "Jawaban pertanyaan tersepi",
        f"MIN({whole_row(found.n, len(steps.plan.columns))})",
        reached.answers,
        note="pertanyaan yang paling sedikit dijawab menentukan cukup tidaknya sampel",
    )
    factor = steps.single(
        "Koreksi populasi terhingga",
        population_factor(people, n),
        finite_population_factor(reached.respondents, reached.population),
        "long",
        "(N - n) / (N - 1) dengan n = responden; 1 bila populasi tidak diketahui, 0 bila semua menjawab",
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
        f'IF({target}="","{UNJUDGED}",IF({answers}>={target},"{ADEQUATE}","{INADEQUATE}"))',
        judged,
        "strong",
        "jawaban pertanyaan tersepi dibandingkan dengan target",
    )
    margin = steps.single(
        "Batas galat (poin persen)",
        f'IF({n}=0,"",100*SQRT({fixed.spread}/100000*{factor}/{n}))',
        reached.margin_of_error,
        "two",
        "untuk bagian 50 % pada tingkat kepercayaan 95 %",
    )
    return Enough(people, answers, target, adequate, margin)


def population_factor(people: str, asked: str) -> str:
    """A formula for by how much a variance shrinks when so many of the population were asked."""
    return f'IF({people}="",1,IF({people}>1,({people}-{asked})/({people}-1),1-{asked}))'
