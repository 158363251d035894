"""The workings over complete responses: how the ratings of one respondent go together, and what that says."""

from collections.abc import Callable

from ikm.server.reports.workbook.moments import spreads
from ikm.server.reports.workbook.working import Ground

Square = Callable[[int, int], str]
"""The address of a figure of two questions, by their places."""


def whole_answers(ground: Ground) -> Square:
    """The section of complete responses; the address of each two questions' covariance, times n (n - 1)."""
    steps, found = ground.steps, ground.counted
    plan, tally = steps.plan, steps.plan.evaluation.whole.tally
    codes = [column.question for column in plan.columns]
    flags = plan.beside(plan.flag)
    steps.break_page()
    steps.section("5. Jawaban lengkap: bagaimana nilai-nilai seorang responden bergerak bersama")
    steps.questions()
    sums = steps.each(
        "Jumlah nilai",
        lambda place: f"SUMIFS({plan.data(place)},{flags},1)",
        [tally.sums.get(code, 0) for code in codes],
    )
    steps.row += 1
    products = steps.matrix(
        "Jumlah hasil kali",
        lambda a, b: f"SUMPRODUCT({flags},{plan.data(a)},{plan.data(b)})",
        [[tally.product(a, b) for b in codes] for a in codes],
        "whole",
    )
    steps.row += 1
    return steps.matrix(
        "Kovarians × n (n - 1)",
        lambda a, b: f"{found.complete}*{products(a, b)}-{sums(a)}*{sums(b)}",
        spreads(tally, codes),
        "whole",
    )


def reliability(ground: Ground, spread: Square) -> str:
    """The section of reliability: alpha, whose address comes back, and the item-total correlations."""
    steps, found = ground.steps, ground.counted
    figures = steps.plan.evaluation.whole
    codes = [column.question for column in steps.plan.columns]
    many, last = len(codes), len(codes) - 1
    square = spreads(figures.tally, codes)
    steps.section("6. Keandalan kuesioner")
    steps.questions()
    with_total = steps.each(
        "Kovarians dengan jumlah", lambda a: f"SUM({spread(0, a)}:{spread(last, a)})", [sum(row) for row in square]
    )
    total = steps.single("Ragam jumlah × n (n - 1)", f"SUM({spread(0, 0)}:{spread(last, last)})", sum(map(sum, square)))
    own = steps.single(
        "Jumlah ragam × n (n - 1)",
        "+".join(spread(a, a) for a in range(many)),
        sum(square[a][a] for a in range(many)),
    )
    possible = many > 1
    alpha = steps.single(
        "Alpha Cronbach",
        f'IF(OR({found.complete}<2,{total}=0),"",{many}/{many - 1}*(1-{own}/{total}))' if possible else '""',
        figures.reliability.alpha,
        "long",
        "k / (k - 1) × (1 - jumlah ragam / ragam jumlah)",
    )

    def item(a: int) -> str:
        rest = f"({total}-2*{with_total(a)}+{spread(a, a)})"
        apart = f"{spread(a, a)}*{rest}"
        return f'IF(OR({found.complete}<2,{apart}=0),"",({with_total(a)}-{spread(a, a)})/SQRT({apart}))'

    steps.each(
        "Korelasi dengan jumlah yang lain",
        item if possible else lambda _: '""',
        [figures.reliability.item_total[code] for code in codes],
        "long",
    )
    return alpha
