"""Characters that look alike, computed from rendered glyphs: writes ``pipeline/lexicons/shapes.tsv``.

usage: make_shapes.py FONT.ttc [FONT.ttc …] [--out FILE]

Noto Serif CJK SC and Noto Sans CJK SC were used (SIL Open Font License; Debian package fonts-noto-cjk). Characters of
GB 2312, the only ones that may be proposed, are compared with every character U+3400–U+9FFF, in three ways:

- whole: the glyphs, a little blurred so that a stroke near its place counts (士 土, 己 已); traditional and variant
  forms stand for their simplified one (劾 resembles 効, which is 效);
- part: one half of a glyph, stretched to the full square, against whole glyphs (债 责, 便 更, 芍 勺);
- sibling: the same half of two glyphs (渴 褐, 测 侧).

What is kept: the most similar ones of each way with their cosine in percent. The result holds no part of the fonts.
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from pipeline.knowledge import Knowledge
from pipeline.settings import Settings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Box = tuple[float, float, float, float]
    Rows = NDArray[np.float32]

BIG, SIZE = 64, 24  # pixels: as drawn, as compared
BLUR = 1.0  # pixels of the compared size
HALVES = {  # of the square: left, top, right, bottom; where a part ends differs from glyph to glyph
    "right": tuple((cut, 0.0, 1.0, 1.0) for cut in (0.40, 0.28, 0.32, 0.36, 0.44)),
    "left": tuple((0.0, 0.0, cut, 1.0) for cut in (0.52, 0.44, 0.62)),
    "bottom": tuple((0.0, cut, 1.0, 1.0) for cut in (0.40, 0.30, 0.35)),
    "top": tuple((0.0, 0.0, 1.0, cut) for cut in (0.52, 0.58, 0.65)),
}
WHOLE, PART, SIBLING = (0.64, 14), (0.66, 12), (0.86, 8)  # least cosine, most characters
EVERYTHING = (0.0, 0.0, 1.0, 1.0)
BLOCK = 1000
OUT = Path(__file__).parent.parent / "pipeline" / "lexicons" / "shapes.tsv"
HEADER = """\
# Look-alikes from rendered glyphs: character, then similar characters of GB 2312, each followed by its similarity
# (cosine in percent, two digits). Made by training/make_shapes.py; see SOURCES.md.
"""


def in_gb2312(char: str) -> bool:
    """Whether the character may be proposed."""
    try:
        char.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def draw(chars: list[str], font: str) -> list[Image.Image]:
    """Return the glyphs as pictures; index 2 of the Noto collections is the simplified form."""
    face = ImageFont.truetype(font, BIG, index=2)
    pictures = []
    for char in chars:
        picture = Image.new("L", (BIG, BIG))
        ImageDraw.Draw(picture).text((BIG // 2, BIG // 2), char, fill=255, font=face, anchor="mm")
        pictures.append(picture)
    return pictures


def rows(pictures: list[Image.Image], box: Box, *, stretch: bool) -> Rows:
    """Return one vector of length 1 per picture: what lies in ``box``, mean taken away; ``stretch`` to its ink."""
    found = np.zeros((len(pictures), SIZE * SIZE), np.float32)
    for i, picture in enumerate(pictures):
        part = picture.crop(tuple(round(BIG * side) for side in box))
        ink = part.getbbox() if stretch else (0, 0, *part.size)
        if ink:
            small = part.crop(ink).resize((SIZE, SIZE), Image.Resampling.BOX).filter(ImageFilter.GaussianBlur(BLUR))
            found[i] = np.asarray(small, np.float32).ravel()
    found -= found.mean(axis=0)
    length = np.linalg.norm(found, axis=1, keepdims=True)
    return found / np.maximum(length, 1e-6)


def closest(one: Rows, others: Rows, least: float, most: int) -> list[list[tuple[int, float]]]:
    """Return, for each row of ``one``, the (row of ``others``, cosine) of the most similar ones."""
    found = []
    for start in range(0, len(one), BLOCK):
        block = one[start : start + BLOCK] @ others.T
        nearest = np.argpartition(-block, 2 * most, axis=1)[:, : 2 * most]
        for scores, near in zip(block.tolist(), nearest.tolist(), strict=True):
            best = sorted(near, key=scores.__getitem__, reverse=True)
            found.append([(j, float(scores[j])) for j in best if scores[j] >= least])
    return found


class Table:
    """Look-alikes as they are found: source → target → similarity; each way of comparing has its own room."""

    def __init__(self, chars: list[str], stands_for: list[str]) -> None:
        self.chars, self.stands_for = chars, stands_for
        self.rows: list[dict[str, float]] = [{} for _ in chars]

    def enter(self, source: int, target: str, score: float, room: Counter[int], most: int) -> None:
        """Enter a pair unless it is the same character or ``most`` of its way are there."""
        if target in {self.chars[source], self.stands_for[source]} or room[source] >= most:
            return
        row = self.rows[source]
        room[source] += target not in row
        row[target] = max(row.get(target, 0.0), score)

    def write(self, path: Path) -> None:
        """Write all rows, the most similar character first."""
        with path.open("w", encoding="utf-8", newline="\n") as out:
            out.write(HEADER)
            for char, found in zip(self.chars, self.rows, strict=True):
                if found:
                    ranked = sorted(found.items(), key=lambda row: (-row[1], row[0]))
                    out.write(f"{char}\t{''.join(f'{c}{min(99, int(100 * s)):02}' for c, s in ranked)}\n")


def main() -> None:
    """Draw, compare and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("fonts", nargs="+")
    parser.add_argument("--out", type=Path, default=OUT)
    given = parser.parse_args()
    chars = [chr(code) for code in range(0x3400, 0xA000)]
    simple = Knowledge(Settings()).script.single
    stands_for = [char if in_gb2312(char) else simple.get(char, "") for char in chars]
    drawn = [draw(chars, font) for font in given.fonts]
    table = Table(chars, stands_for)
    compare_whole(table, drawn)
    compare_halves(table, drawn)
    table.write(given.out)


def vectors(drawn: list[list[Image.Image]], numbers: list[int], box: Box, *, stretch: bool) -> Rows:
    """Return one vector per glyph, over all fonts."""
    parts = [rows([pictures[i] for i in numbers], box, stretch=stretch) for pictures in drawn]
    return np.concatenate(parts, axis=1) / np.sqrt(np.float32(len(parts)))


def compare_whole(table: Table, drawn: list[list[Image.Image]]) -> None:
    """Compare glyphs as they are."""
    least, most = WHOLE
    targets = [i for i, char in enumerate(table.stands_for) if char]
    whole, room = vectors(drawn, list(range(len(table.chars))), EVERYTHING, stretch=False), Counter[int]()
    for source, near in enumerate(closest(whole, whole[targets], least, most)):
        for j, score in near:
            table.enter(source, table.stands_for[targets[j]], score, room, most)


def compare_halves(table: Table, drawn: list[list[Image.Image]]) -> None:
    """Compare halves with whole glyphs and with the same halves of others."""
    chars, every = table.chars, list(range(len(table.chars)))
    proper = [i for i, char in enumerate(table.stands_for) if char == chars[i]]
    stretched = vectors(drawn, every, EVERYTHING, stretch=True)
    parts, siblings = Counter[int](), Counter[int]()
    for boxes in HALVES.values():
        for box in boxes:
            halves = vectors(drawn, proper, box, stretch=True)
            for at, near in enumerate(closest(halves, stretched, *PART)):
                for j, score in near:
                    table.enter(j, chars[proper[at]], score * 0.95, parts, PART[1])
                    if table.stands_for[j] == chars[j]:
                        table.enter(proper[at], chars[j], score * 0.95, parts, PART[1])
        halves = vectors(drawn, every, boxes[0], stretch=False)
        for source, near in enumerate(closest(halves, halves[proper], *SIBLING)):
            for j, score in near:
                table.enter(source, chars[proper[j]], score * 0.9, siblings, SIBLING[1])


if __name__ == "__main__":
    main()
