"""Cuts the fonts of the pages and printed sheets down to the Latin script.

The full fonts are Noto Sans and Noto Serif of Debian's package fonts-noto-core (SIL Open Font License 1.1, OFL.txt).
Unpack it without installing it, then: python assets/fonts/make.py FOLDER_OF_THE_TTF_FILES. That needs fonttools and
brotli, which the project itself does not.
"""

import sys
from pathlib import Path

from fontTools import subset

HERE = Path(__file__).parent
WEB = {
    "NotoSans-Regular": "sans",
    "NotoSans-Bold": "sans-bold",
    "NotoSans-Italic": "sans-italic",
    "NotoSerif-Bold": "serif-bold",
}
"""Served to browsers, as WOFF2."""
PRINT = {"NotoSans-Regular": "sans", "NotoSans-Bold": "sans-bold"}
"""Embedded in PDFs, as TrueType."""
RANGES = (
    (0x20, 0x7E), (0xA0, 0x17F), (0x218, 0x21B), (0x2C6, 0x2DD), (0x300, 0x30C), (0x2010, 0x2026), (0x2030, 0x203A),
    (0x20AC, 0x20AC), (0x2113, 0x2122), (0x2190, 0x2193), (0x2212, 0x2212), (0x2248, 0x2265), (0x25A0, 0x25CF),
)  # fmt: skip
"""Latin with its accents, punctuation, arrows, and the signs of arithmetic."""
FEATURES = ["ccmp", "kern", "liga", "lnum", "locl", "mark", "mkmk", "tnum"]


def cut(source: Path, target: Path, flavor: str | None) -> None:
    """Write the part of that font that is needed."""
    options = subset.Options(flavor=flavor, layout_features=FEATURES, hinting=False, notdef_outline=True)
    font = subset.load_font(source, options)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=[code for first, last in RANGES for code in range(first, last + 1)])
    cutter.subset(font)
    subset.save_font(font, target, options)


def main(folder: Path) -> None:
    """Write every font beside this file."""
    for source, name in WEB.items():
        cut(folder / f"{source}.ttf", HERE / f"{name}.woff2", "woff2")
    for source, name in PRINT.items():
        cut(folder / f"{source}.ttf", HERE / f"{name}.ttf", None)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
