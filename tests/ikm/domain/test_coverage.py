"""The published study of the interval: its bounds hold, and its figures are what the program gives today."""

import re

import pytest

from tests.bench.coverage import DOCUMENT, MIXES, SIZES, measure, written

NEAR = {mix.name for mix in MIXES if mix.at_ceiling}


def published() -> dict[tuple[str, int, bool], str]:
    """What the document says: (mix, size, finite) -> per cent covered, as written."""
    found: dict[tuple[str, int, bool], str] = {}
    for line in DOCUMENT.read_text().splitlines():
        name, *cells = (cell.strip() for cell in line.strip("|").split("|"))
        if name in {mix.name for mix in MIXES}:
            finite = (name, SIZES[0], False) in found
            for size, cell in zip(SIZES, cells, strict=True):
                found[name, size, finite] = re.match(r"[\d,]+", cell)[0]
    return found


def test_every_cell_of_the_study_is_published():
    assert published().keys() == {
        (mix.name, size, finite) for mix in MIXES for size in SIZES for finite in (False, True)
    }


def test_the_interval_holds_what_it_promises():
    for (name, size, finite), text in published().items():
        covered = float(text.replace(",", "."))
        if name in NEAR:
            assert covered >= 93, (name, size, finite)
        else:
            assert 93 <= covered <= 97, (name, size, finite)


@pytest.mark.long
@pytest.mark.parametrize(
    ("name", "size", "finite"),
    [
        ("Sekadau 2019, jawaban terbit", 30, False),
        ("sangat baik", 50, False),
        ("95 % orang memberi 4 semua", 50, False),
        ("terbelah: sangat puas atau kecewa", 30, True),
    ],
)
def test_the_program_still_gives_the_published_figures(name, size, finite):
    assert written(measure(name, size, finite=finite).covered) == published()[name, size, finite]
