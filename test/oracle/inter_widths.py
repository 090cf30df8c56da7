"""Advance widths of the bundled Inter, read from its font files: what figures measure their text by.

Run in an environment with fonttools and brotli, from the root of the repository:

    python test/oracle/inter_widths.py

    npx prettier --write shared/figure/inter-widths.ts

Writes shared/figure/inter-widths.ts: for the weights 400 and 700 the advances of characters in
thousandths of the type size, kerning left out (with it text is never wider by more than a hair).
Characters that the font lacks are not listed.
"""

from pathlib import Path

from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

FILES = Path("node_modules/@fontsource-variable/inter/files")
SUBSETS = ["latin", "greek", "latin-ext"]
EXTRA = "αβγδηθλμπσφψω∇‖·×±−≤≥≈→←↑↓…–—“”‘’°∞√∂Δ½¼²³⁰¹⁴⁵⁶⁷⁸⁹₀₁₂"
CHARACTERS = "".join(chr(code) for code in range(0x20, 0x7F)) + "".join(
    chr(code) for code in range(0xA1, 0x180)
)


def widths(weight):
    found = {}
    for subset in SUBSETS:
        font = TTFont(FILES / f"inter-{subset}-wght-normal.woff2")
        instance = instantiateVariableFont(font, {"wght": weight})
        units = instance["head"].unitsPerEm
        names = instance.getBestCmap()
        for character in CHARACTERS + EXTRA:
            name = names.get(ord(character))
            if name is not None and character not in found:
                found[character] = round(1000 * instance["hmtx"][name][0] / units)
    return found


def runs(found):
    """Advances of neighbouring characters together, each run with the code of its first."""
    together = []
    for code in sorted(map(ord, found)):
        if together and together[-1][0] + len(together[-1][1]) == code:
            together[-1][1].append(found[chr(code)])
        else:
            together.append((code, [found[chr(code)]]))
    return together


def main():
    tables = {weight: runs(widths(weight)) for weight in (400, 700)}
    lines = [
        "/**",
        " * Advance widths of Inter in thousandths of the type size, by runs of characters: the code of the",
        " * first and the advances from there on. Written by test/oracle/inter_widths.py.",
        " */",
        "",
        "export type Runs = readonly (readonly [first: number, advances: readonly number[]])[];",
        "",
    ]
    for weight, name in ((400, "REGULAR"), (700, "BOLD")):
        body = ", ".join(f"[{code}, {advances}]" for code, advances in tables[weight])
        lines.append(f"export const {name}: Runs = [{body}];")
    path = Path("shared/figure/inter-widths.ts")
    path.write_text("\n".join(lines) + "\n")
    print(path, {weight: sum(len(a) for _, a in table) for weight, table in tables.items()})


main()
