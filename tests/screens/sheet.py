"""`python -m tests.screens.sheet [folder]`: every screen in every size, language and aid, as pictures and as figures.

Writes a picture of each under var/screens, contact sheets and a page that shows them, and measures all of them: words
whole and apart, targets large enough and in reach, contrast of what was drawn. Exits with 1 where anything is wrong.
`--sizes 800x480` limits the sizes, `--no-pictures` writes only the sheets.
"""

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ikm.domain.configuration import Aid
from kiosk.model import Screen
from tests.screens.measure import assert_reachable, assert_readable, labels, lay_out, look_of
from tests.screens.picture import capture, face_contrasts, sheet_of, shrunk, text_contrasts, write_png
from tests.screens.scenes import LANGUAGES, scenes
from tests.support.screen import screen
from tests.support.stage import SIZES, Stage, open_stage

FOLDER = Path("var/screens")
LOOKS = {
    "normal": frozenset[Aid](),
    "large": frozenset({Aid.LARGE}),
    "contrast": frozenset({Aid.CONTRAST}),
    "low": frozenset({Aid.LOW}),
}
TEXT_RATIO, GRAPHIC_RATIO = 7.0, 4.5
TARGET_MM = 20
REFERENCE_PX_PER_MM = (1280**2 + 800**2) ** 0.5 / 254
"""Of a 10-inch screen of 1280x800, on which a target is at least 20 mm wide and high."""
THUMB_PX = 320
COLUMNS = 8


@dataclass
class Figures:
    """What was found on all screens: counts, the worst of each kind with where it was, and what is wrong."""

    screens: int = 0
    labels: int = 0
    targets: int = 0
    worst: dict[str, tuple[float, str]] = field(default_factory=dict)
    defects: list[str] = field(default_factory=list)

    def note(self, kind: str, value: float, where: str) -> None:
        """Keep the least value of a kind."""
        if kind not in self.worst or value < self.worst[kind][0]:
            self.worst[kind] = (value, where)

    def table(self) -> str:
        """For people."""
        lines = [
            f"{'layar':42}{self.screens:>10}",
            f"{'tulisan':42}{self.labels:>10}",
            f"{'sasaran ketukan':42}{self.targets:>10}",
            *(f"{kind:42}{value:>10.2f}   {where}" for kind, (value, where) in sorted(self.worst.items())),
            f"{'cacat':42}{len(self.defects):>10}",
        ]
        return "\n".join([*lines, *self.defects])


def each(stage: Stage, sizes: list[tuple[int, int]]) -> Iterator[tuple[str, str, str, str]]:
    """Lays out one scene after another; gives size, look, language and the scene's name."""
    for size in sizes:
        stage.resize(size)
        for look, aids in LOOKS.items():
            for language in LANGUAGES:
                for name, model in scenes(language=language, aids=aids).items():
                    lay_out(stage, model)
                    yield "x".join(map(str, size)), look, language, name


def measure(stage: Stage, figures: Figures, where: str) -> None:
    """Geometry of what is laid out."""
    figures.screens += 1
    figures.labels += len(labels(stage.app.screen()))
    look = look_of(stage)
    for name, target in stage.app.screen().targets():
        if not target.offered:
            continue
        figures.targets += 1
        # as long as it would be on the reference screen: sizes of all screens are fractions of the same length
        mm = min(target.size) * (800 / look.scale_px) / REFERENCE_PX_PER_MM
        # keys have a rule of their own: see Theme.key_px
        if name.startswith("key-"):
            figures.note("tombol papan ketik terkecil, mm acuan", mm, f"{where} {name}")
            continue
        figures.note("sasaran terkecil, mm acuan", mm, f"{where} {name}")
        if mm < TARGET_MM:
            figures.defects.append(f"{where}: {name} is {mm:.2f} mm on the reference screen")
    for check in (assert_readable, assert_reachable):
        try:
            check(stage)
        except AssertionError as failure:
            figures.defects.append(f"{where}: {str(failure).splitlines()[0]}")


def measure_picture(stage: Stage, picture, figures: Figures, where: str) -> None:
    """Contrast of what was drawn."""
    # asleep, the screen is as dark as can be, and its one line is meant to be hardly there
    if stage.app._current is Screen.SLEEP:
        return
    for words, meant, drawn in text_contrasts(stage, picture):
        figures.note("kontras tulisan, warna", meant, f"{where} {words[:40]!r}")
        figures.note("kontras tulisan, piksel", drawn, f"{where} {words[:40]!r}")
        if meant < TEXT_RATIO:
            figures.defects.append(f"{where}: {words[:60]!r} has {meant:.2f}:1")
        if drawn < TEXT_RATIO:
            figures.defects.append(f"{where}: {words[:60]!r} was drawn with {drawn:.2f}:1")
    for rating, features, head in face_contrasts(stage, picture):
        figures.note("kontras raut wajah pada kepalanya", features, f"{where} {rating}")
        figures.note("kontras kepala pada kartunya (hanya dicatat)", head, f"{where} {rating}")
        if features < GRAPHIC_RATIO:
            figures.defects.append(f"{where}: the face of {rating} has {features:.2f}:1")


def make(stage: Stage, folder: Path, sizes: list[tuple[int, int]], *, pictures: bool) -> Figures:
    """All pictures and sheets in that folder, and the figures."""
    figures, group, thumbs = Figures(), "", []
    folder.mkdir(parents=True, exist_ok=True)
    sheets: list[str] = []

    def close() -> None:
        if thumbs:
            write_png(sheet_of(thumbs, COLUMNS), folder / f"sheet-{group}.png")
            sheets.append(group)
            thumbs.clear()

    for size, look, language, name in each(stage, sizes):
        if group != f"{size}-{look}-{language}":
            close()
            group = f"{size}-{look}-{language}"
        where = f"{size} {look} {language} {name}"
        measure(stage, figures, where)
        picture = capture(stage)
        measure_picture(stage, picture, figures, where)
        thumbs.append(shrunk(picture, THUMB_PX))
        if pictures:
            place = folder / size / look / language
            place.mkdir(parents=True, exist_ok=True)
            write_png(picture, place / f"{name}.png")
    close()
    (folder / "index.html").write_text(page(sheets, figures))
    (folder / "figures.txt").write_text(figures.table() + "\n")
    return figures


def page(sheets: list[str], figures: Figures) -> str:
    """A page with the figures and all sheets."""
    pictures = "".join(f'<h2>{name}</h2><img src="sheet-{name}.png" loading="lazy">' for name in sheets)
    style = "body{font-family:sans-serif;background:#ddd}img{max-width:100%}"
    table = figures.table().replace("&", "&amp;").replace("<", "&lt;")
    return (
        f'<!doctype html><meta charset="utf-8"><title>Layar kios</title><style>{style}</style>'
        f"<h1>Layar kios</h1><pre>{table}</pre>{pictures}\n"
    )


def main(arguments: list[str]) -> int:
    """Make everything; the exit code."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER)
    parser.add_argument("--sizes", nargs="*", default=["x".join(map(str, size)) for size in SIZES])
    parser.add_argument("--no-pictures", action="store_true")
    chosen = parser.parse_args(arguments)
    sizes = [size for size in SIZES if "x".join(map(str, size)) in chosen.sizes]
    with screen() as display, tempfile.TemporaryDirectory() as device:
        import os

        os.environ["DISPLAY"] = display
        figures = make(open_stage(Path(device)), chosen.folder, sizes, pictures=not chosen.no_pictures)
    print(figures.table())
    kinds = Counter(defect.split(": ", 1)[0].split(" ", 3)[3] for defect in figures.defects)
    if kinds:
        print("cacat per layar:", dict(kinds))
    return 1 if figures.defects or not figures.screens else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
