"""Damage to single characters: width, variants, invisible characters, bad bytes."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

import opencc

from tests.damage.layout import lines_of

if TYPE_CHECKING:
    from random import Random

    from tests.damage.canvas import Canvas
    from tests.damage.plan import DamagePlan

HALF_WIDTH = dict(zip("，。：；？！（）“”", ',.:;?!()""', strict=True))
MARKS = re.compile("[" + "".join(HALF_WIDTH) + "]")
# A decimal or a date keeps its form: turning only its figures would be a damage that no tool does.
RUN = re.compile(r"(?<![A-Za-z0-9.,:/@%+_-])(?:[0-9]+|[A-Za-z]+)(?![A-Za-z0-9.,:/@%+_-])")
WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
VARIANTS = {"门": "門", "满": "満", "升": "昇", "事": "亊", "准": "凖", "宝": "寶"}
MORE_VARIANTS = 6  # characters that opencc adds to a document's variants
HAN = re.compile("[\u4e00-\u9fff]")
BETWEEN_HAN = re.compile("(?<=[\u4e00-\u9fff])(?=[\u4e00-\u9fff])")
INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff"
NO_BREAK = "\u00a0"
BAD_BYTES = "\udcff\udc80"


def half_width(canvas: Canvas, plan: DamagePlan, rng: Random) -> None:
    """Turn ``，`` into ``,`` and so on; between two figures or letters it would read as part of a number."""
    text = canvas.text
    for match in MARKS.finditer(text):
        at = match.start()
        if rng.random() >= plan.half_width or (_ascii_word(text[at - 1 : at]) and _ascii_word(text[at + 1 : at + 2])):
            continue
        canvas.replace(at, at + 1, HALF_WIDTH[match[0]], "punctuation", "half_width")


def _ascii_word(char: str) -> bool:
    return char.isascii() and char.isalnum()


def full_width(canvas: Canvas, plan: DamagePlan, rng: Random) -> None:
    """Turn ``2024`` into full-width figures in places."""
    for match in RUN.finditer(canvas.text):
        if rng.random() < plan.full_width:
            canvas.replace(*match.span(), match[0].translate(WIDE), "width", "full_width")


@cache
def _traditional(char: str) -> str | None:
    """Return the traditional form if it is none in simplified text and leads back to ``char`` alone."""
    new: str = opencc_table("s2t").convert(char)
    if new == char or len(new) != 1 or opencc_table("t2s").convert(new) != char:
        return None
    try:
        new.encode("gb2312")
    except UnicodeEncodeError:
        return new
    return None


@cache
def opencc_table(name: str) -> opencc.OpenCC:
    """Return a converter; making one takes 30 ms."""
    return opencc.OpenCC(name)


def variants(canvas: Canvas, plan: DamagePlan, rng: Random) -> None:
    """Put traditional and variant forms of a few characters into simplified text."""
    if not plan.variants or plan.traditional:
        return
    present = sorted(set(HAN.findall(canvas.text)) - VARIANTS.keys())
    rng.shuffle(present)
    table = dict(VARIANTS)
    for char in present:
        new = _traditional(char)
        if new and len(table) < len(VARIANTS) + MORE_VARIANTS:
            table[char] = new
    for match in re.finditer("[" + "".join(table) + "]", canvas.text):
        if rng.random() < plan.variants:
            canvas.replace(*match.span(), table[match[0]], "script", "variants")


def invisible(canvas: Canvas, plan: DamagePlan, rng: Random) -> None:
    """Insert zero-width characters between Chinese characters."""
    for at in places(canvas.text, plan.invisible, rng):
        canvas.insert(at, rng.choice(INVISIBLE), "mojibake", "invisible")


def no_break(canvas: Canvas, plan: DamagePlan, rng: Random) -> None:
    """Turn spaces into no-break spaces, and indent lines by two of them."""
    for match in re.finditer(" ", canvas.text):
        if rng.random() < plan.no_break:
            canvas.replace(*match.span(), NO_BREAK, "mojibake", "no_break")
    for line in lines_of(canvas.text):
        if line.long and rng.random() < plan.no_break:
            canvas.insert(line.start, NO_BREAK * 2, "mojibake", "no_break")


def bad_bytes(canvas: Canvas, plan: DamagePlan, rng: Random) -> None:
    """Insert single bytes that the encoding does not know, as they stand in source text."""
    found = places(canvas.text, 1.0, rng) if plan.bad_bytes else []
    left = plan.bad_bytes
    for at in found:
        if not left:
            return
        left -= canvas.insert(at, rng.choice(BAD_BYTES), "mojibake", "bad_bytes")


def places(text: str, rate: float, rng: Random) -> list[int]:
    """Return ``rate`` of the text's length in random places between two Chinese characters."""
    if not rate:
        return []
    between = [match.start() for match in BETWEEN_HAN.finditer(text)]
    return rng.sample(between, min(len(between), max(1, round(rate * len(text)))))
