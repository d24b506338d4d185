"""Damage to lines: broken paragraphs, headings run in, question marks for lost no-break spaces."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from tests.damage.layout import LABEL, Line, lines_of

if TYPE_CHECKING:
    from random import Random

    from tests.damage.canvas import Canvas
    from tests.damage.plan import DamagePlan

MARGIN = 20  # characters at either end of a paragraph in which it is not broken
TRIES = 20


def merges(canvas: Canvas, plan: DamagePlan, rng: Random) -> None:
    """Run articles and labelled lines into the sentence before them (``。第八条``, ``。 （五）``)."""
    lines = lines_of(canvas.text)
    for before, here in pairwise(lines):
        if before.end + 1 != here.start or before.heads_plan or not before.text.endswith(("。", "；")):
            continue
        if LABEL.match(here.text) and not here.heads_plan and rng.random() < plan.merges:
            glue = "" if here.text.startswith("第") else " "
            canvas.join(before.end, glue, "linebreak", "merges")


def breaks(canvas: Canvas, plan: DamagePlan, rng: Random) -> None:
    """Break long paragraphs after a comma or in mid-sentence."""
    for line in lines_of(canvas.text):
        if line.long and rng.random() < plan.breaks:
            at = inside(line, rng, after_comma=rng.random() < 0.5)
            if at is not None:
                canvas.insert(at, "\n", "linebreak", "breaks")


def inside(line: Line, rng: Random, *, after_comma: bool = False) -> int | None:
    """Return a place inside a paragraph, after a comma or between two Chinese characters, or None."""
    for _ in range(TRIES):
        at = rng.randrange(MARGIN, len(line.text) - MARGIN)
        left, right = line.text[at - 1], line.text[at]
        if _han(right) and (left == "，" if after_comma else _han(left)):
            return line.start + at
        if after_comma:
            at = line.text.find("，", at) + 1
            if MARGIN < at < len(line.text) - MARGIN and _han(line.text[at]):
                return line.start + at
    return None


def _han(char: str) -> bool:
    return "\u4e00" <= char <= "\u9fff"


def stray_questions(canvas: Canvas, plan: DamagePlan, rng: Random) -> None:
    """Leave ``?`` at the line ends of one passage, after final punctuation and after headings."""
    lines = lines_of(canvas.text)[1:]
    count = round(plan.stray_questions * len(lines))
    if not count:
        return
    first = rng.randrange(max(1, len(lines) - count))
    for line in lines[first : first + count]:
        if not line.text.endswith(("？", "?")):
            canvas.insert(line.end, "?", "mojibake", "stray_questions")
