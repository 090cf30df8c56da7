"""Cuts the faces that figures are drawn in out of the whole Inter.

Run in an environment with fonttools and brotli, with the `web` folder of the npm package
`inter-ui` 4.1.1, from the root of the repository:

    python assets/fonts/make.py path/to/inter-ui/web

Static faces, because Chromium puts variable ones into PDF files as Type 3, which publishers refuse.
"""

import sys
from pathlib import Path

from fontTools.subset import Options, Subsetter, load_font, save_font

RANGES = [
    (0x20, 0x7E),  # Basic Latin
    (0xA0, 0x17F),  # Latin-1, Latin Extended-A
    (0x370, 0x3FF),  # Greek
    (0x2010, 0x2044),  # punctuation
    (0x2070, 0x209C),  # superscripts and subscripts
    (0x2190, 0x2199),  # arrows
    (0x2200, 0x22FF),  # mathematics
]
CHARACTERS = [code for first, last in RANGES for code in range(first, last + 1)]


def main(source):
    for face in ("Regular", "Bold"):
        options = Options(flavor="woff2", hinting=False, layout_features=["kern", "mark", "ccmp"])
        font = load_font(source / f"Inter-{face}.woff2", options)
        subsetter = Subsetter(options)
        subsetter.populate(unicodes=CHARACTERS)
        subsetter.subset(font)
        path = Path("assets/fonts") / f"inter-{face.lower()}.woff2"
        save_font(font, path, options)
        print(path, path.stat().st_size)


main(Path(sys.argv[1]))
