"""What a spinner and its filters do to words: synonyms, masks, characters dropped into words; and blanks that are none."""

from __future__ import annotations

import csv
import re
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

import jieba

from pipeline.lexicons.tables import load_words
from tests.damage.layout import PERSON
from tests.damage.words import LEXICONS, spinner_map

if TYPE_CHECKING:
    from random import Random

    from tests.damage.canvas import Canvas
    from tests.damage.plan import DamagePlan

    Pairs = tuple[tuple[str, str], ...]

TABLE = LEXICONS / "synonyms.tsv"
UNSEEN = Path(__file__).with_name("synonyms_unseen.tsv")

MASKED = ("公司", "分析", "银行", "部门", "企业", "集团", "单位", "医院", "行业")
MASKS = ("xxx", "××", "***", "□□", "某某")
BLANK = re.compile(r"[xX×✕*＊□○某_＿]{2,}")
"""What in a clean text stands for a year, a figure, a name, or is to be filled in: nobody can restore it."""
BESIDE_BLANK = re.compile(r"[0-9A-Za-z×✕*＊□○某_＿%]")
UNKNOWN = (
    (re.compile(r"(?:19|20)[0-9]{2}(?=年)"), "20xx"),
    (re.compile(r"[0-9]+(?:\.[0-9]+)?(?=%)"), "xx"),
    (PERSON, "xx"),
)

DROPPED = "力军南北山书水花木石田火马风光明月春秋门车米衣"
VERY_COMMON = 1000  # occurrences in jieba's dictionary of a word that a character is dropped into


def _pairs(path: Path, kind: str = "") -> Pairs:
    """Return (spun, original) of a table, or of one class of it."""
    lines = [line for line in path.read_text(encoding="utf-8-sig").splitlines() if not line.startswith("#")]
    rows = csv.DictReader(lines, dialect="excel-tab", quoting=csv.QUOTE_NONE)
    return tuple((row["spun"], row["original"]) for row in rows if not kind or row["class"] == kind)


@cache
def synonym_rows(kind: str = "") -> Pairs:
    """Return (spun, original) of the project's table, or of one class of it."""
    return _pairs(TABLE, kind)


@cache
def unseen_rows() -> Pairs:
    """Return (spun, original) of the pairs that the project's table does not hold."""
    known = set(synonym_rows()) if TABLE.exists() else set()
    return tuple(pair for pair in _pairs(UNSEEN) if pair not in known)


def synonyms(canvas: Canvas, plan: DamagePlan, rng: Random) -> None:
    """Replace words by the document's synonyms, the same word every time, whatever the word borders.

    Unlike a wrong word, a synonym may also stand in the clean text, where it is right; a swap may run both ways.
    """
    if not plan.synonyms and not plan.synonyms_unseen:
        return
    text = canvas.text
    known = spinner_map(text, _rows_for(plan), plan.synonyms, rng, mixed=True)
    others = tuple(pair for pair in unseen_rows() if pair[1] not in known)
    unseen = spinner_map(text, others, plan.synonyms_unseen, rng, mixed=True)
    table = {**known, **unseen}
    if not table:
        return
    for match in _any_of(table).finditer(text):
        cause = "synonyms" if match[0] in known else "synonyms_unseen"
        canvas.replace(*match.span(), table[match[0]], "synonym", cause)


def _rows_for(plan: DamagePlan) -> Pairs:
    if plan.synonym_table is not None:
        return plan.synonym_table
    return synonym_rows(plan.synonym_class) if plan.synonyms else ()


def _any_of(words: dict[str, str]) -> re.Pattern[str]:
    longest_first = sorted(words, key=lambda word: (-len(word), word))
    return re.compile("|".join(map(re.escape, longest_first)))


def masks(canvas: Canvas, plan: DamagePlan, rng: Random) -> None:
    """Blank out a few words wherever they stand, each by one mask; never beside a blank, where two would run together."""
    text = canvas.text
    present = [word for word in MASKED if word in text] if plan.masks else []
    rng.shuffle(present)
    table = {word: rng.choice(MASKS) for word in present[: plan.masks]}
    if not table:
        return
    for match in _any_of(table).finditer(text):
        start, end = match.span()
        if not BESIDE_BLANK.search(text[max(0, start - 1) : start] + text[end : end + 1]):
            canvas.replace(start, end, table[match[0]], "mask", "masks")


def blanks(text: str, plan: DamagePlan, rng: Random) -> str:
    """Return the clean text with years, percentages and names made unknown: that is how it is to stay."""
    if not plan.blanks:
        return text
    for pattern, blank in UNKNOWN:
        text = pattern.sub(partial(_blanked, blank=blank, share=plan.blanks, rng=rng), text)
    return text


def _blanked(match: re.Match[str], blank: str, share: float, rng: Random) -> str:
    return blank if rng.random() < share else match[0]


def insertions(canvas: Canvas, plan: DamagePlan, rng: Random) -> None:
    """Drop an ordinary character into common words of two characters (世界 → 世力界)."""
    if not plan.insertions:
        return
    text, words = canvas.text, load_words()
    left = max(1, round(plan.insertions * len(text)))
    places = [start for word, start, end in jieba.tokenize(text, HMM=False) if _very_common(word)]
    rng.shuffle(places)
    for start in places:
        first, second, new = text[start], text[start + 1], rng.choice(DROPPED)
        if any(words.has(form) for form in (first + new, new + second, first + new + second)):
            continue
        if any(canvas.wounded(at) for at in (start, start + 1)):
            continue
        left -= canvas.insert(start + 1, new, "noise", "insertions")
        if not left:
            return


def _very_common(word: str) -> bool:
    return len(word) == 2 and all("\u4e00" <= char <= "\u9fff" for char in word) and load_words().has(word, VERY_COMMON)
