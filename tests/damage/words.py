"""Damage to words: the spinner's substitutions, and characters lost from GBK bytes."""

from __future__ import annotations

import csv
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pipeline.lexicons
from pipeline.lexicons.tables import load_words

if TYPE_CHECKING:
    from random import Random

    from tests.damage.canvas import Canvas
    from tests.damage.plan import DamagePlan

LEXICONS = Path(pipeline.lexicons.__file__).parent
TYPOS = LEXICONS / "typos.tsv"
OVERSHOOT = 1.1  # a word so frequent that it would pass the rate by more is left alone
COMMON = 20  # occurrences in jieba's dictionary
LONGEST = 4  # characters of a word that byte loss may end


@cache
def spinner_rows() -> tuple[tuple[str, str], ...]:
    """Return (wrong, right) of the curated table's unconditional spinner rows."""
    with TYPOS.open(encoding="utf-8-sig", newline="") as stream:
        lines = (line for line in stream if not line.startswith("#"))
        rows = csv.DictReader(lines, dialect="excel-tab", quoting=csv.QUOTE_NONE)
        return tuple(
            (row["wrong"], row["right"])
            for row in rows
            if row["class"] == "spinner" and not row["only"] and not row["unless"]
        )


def spinner_map(
    text: str, rows: tuple[tuple[str, str], ...], rate: float, rng: Random, *, mixed: bool = False
) -> dict[str, str]:
    """Choose right → wrong for one document so that about ``rate`` of its characters become wrong.

    A word gets one wrong form, as a spinner has it; forms that the clean text uses are left out, for there
    they are right, unless ``mixed``.
    """
    wanted = rate * len(text)
    chosen: dict[str, str] = {}
    candidates = [(wrong, right) for wrong, right in rows if right in text and (mixed or wrong not in text)]
    rng.shuffle(candidates)
    total = 0
    for wrong, right in candidates:
        cost = text.count(right) * differing(wrong, right)
        if right not in chosen and total + cost <= wanted * OVERSHOOT:
            chosen[right] = wrong
            total += cost
        if total >= wanted:
            break
    return chosen


def differing(wrong: str, right: str) -> int:
    """Return the number of wrong characters in a substitution."""
    return sum(a != b for a, b in zip(wrong, right, strict=False)) + abs(len(wrong) - len(right))


def typos(canvas: Canvas, plan: DamagePlan, rng: Random) -> None:
    """Replace words by the document's spinner map, the same word every time, whatever the word borders."""
    if not plan.typos:
        return
    rows = spinner_rows() if plan.spinner is None else plan.spinner
    table = spinner_map(canvas.text, rows, plan.typos, rng)
    if not table:
        return
    longest_first = sorted(table, key=lambda right: (-len(right), right))
    for match in re.finditer("|".join(map(re.escape, longest_first)), canvas.text):
        canvas.replace(*match.span(), table[match[0]], "typo", "typos")


@cache
def losses() -> dict[str, str]:
    """Return character and mark → what is left when their GBK bytes lose A1A1 (``础。`` → ``矗``)."""
    table = {}
    for mark in "。、":
        trail = mark.encode("gbk")[1:]
        for high in range(0x81, 0xFF):
            try:
                origin = bytes((high, 0xA1)).decode("gbk")
                left = (bytes((high,)) + trail).decode("gbk")
            except UnicodeDecodeError:
                continue
            if "\u4e00" <= origin <= "\u9fff" and "\u4e00" <= left <= "\u9fff":
                table[origin + mark] = left
    return table


@cache
def _loss_pattern() -> re.Pattern[str]:
    return re.compile("|".join(losses()))


def byte_loss(canvas: Canvas, plan: DamagePlan, rng: Random) -> None:
    """Cut A1A1 out of a word's last character and the mark after it."""
    text = canvas.text
    for match in _loss_pattern().finditer(text):
        if rng.random() >= plan.byte_loss or canvas.wounded(match.end()):
            continue  # a line that also lost its end would leave nothing to tell where it was
        if _ends_common_word(text, match.start()):
            canvas.replace(*match.span(), losses()[match[0]], "swallow", "byte_loss")


def _ends_common_word(text: str, at: int) -> bool:
    words = load_words()
    return any(words.has(text[at - k : at + 1], COMMON) for k in range(1, min(LONGEST, at + 1)))
