"""GBK byte loss, inverted by arithmetic.

A byte-level replace of the full-width space A1A1 also hits the pair that two neighbours share: of X = (h, A1)
followed by a mark (A1, t) it leaves the one character (h, t). 基础。 (B4A1 A1A3) becomes 基矗 (B4A3).
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from pipeline.model import Edit
from pipeline.search import Finder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.lexicons.tables import Words

# Row A1 of GBK holds the punctuation; these marks stand in running text.
MARKS = "、。·—～…‘’“”〈〉《》【】"
CLAUSE_ENDS = frozenset("。、")
WINDOW = 6  # characters of context on either side
CHINESE_RUN = re.compile("[\u4e00-\u9fff]+\\Z")
CHINESE_START = re.compile("[\u4e00-\u9fff]*")
# How many natural-log units the repaired reading must gain. Sentence marks are what the accident usually hit;
# brackets and quotation marks come in pairs and need more proof.
MARGIN = dict.fromkeys(MARKS, 14.0) | {"。": 6.5, "、": 11.0}
MARGIN_AT_END = 4.0  # for 。 where the line ends without a mark: there a sentence is known to have lost its end
LONGEST = 4  # characters: words that the restored character may end
LEAST = 20  # occurrences in the dictionary that make a word known


class Loss(NamedTuple):
    """What a damaged character may have been: a character and the mark after it."""

    character: str
    mark: str


@cache
def losses() -> dict[str, Loss]:
    """Return damaged character → its two-character origin, for every pair of GBK bytes."""
    table = {}
    for mark in MARKS:
        trail = mark.encode("gbk")[1]
        for high in range(0x81, 0xFF):
            try:
                origin = bytes((high, 0xA1)).decode("gbk")
                damaged = bytes((high, trail)).decode("gbk")
            except UnicodeDecodeError:
                continue
            if "\u4e00" <= origin <= "\u9fff" and "\u4e00" <= damaged <= "\u9fff":
                table[damaged] = Loss(origin, mark)
    return table


@cache
def finder(words: Words) -> Finder:
    """Return what finds the remains of known words: a word whose last character has become a damaged one."""
    origins: dict[str, list[str]] = {}
    for damaged, loss in losses().items():
        origins.setdefault(loss.character, []).append(damaged)
    known = (
        word for word in words.frequency if 1 < len(word) <= LONGEST and word[-1] in origins and words.has(word, LEAST)
    )
    remains = (word[:-1] + damaged for word in known for damaged in origins[word[-1]])
    return Finder(sorted(remain for remain in remains if not words.has(remain)))


def propose_byte_loss(text: str, words: Words) -> Iterator[Edit]:
    """Yield ``基矗`` → ``基础。`` where the two-character reading makes a word and the one-character reading does not.

    Both readings are scored as segmented text with what stands around them; the repair must be likelier by
    :data:`MARGIN`, so that rare but right characters (矗立, 眩晕, 李英, 首尝败绩) stay.
    """
    table = losses()
    for at in sorted({end - 1 for _, _, end in finder(words).find(text, overlapping=True)}):
        damaged = text[at]
        loss = table[damaged]
        if _in_word(text, at, words):
            continue
        left = CHINESE_RUN.search(text, max(0, at - WINDOW), at)
        right = CHINESE_START.match(text, at + 1, at + 1 + WINDOW)
        before, after = left[0] if left else "", right[0] if right else ""
        repaired = words.fluency(before + loss.character) + words.fluency(after)
        gain = repaired - words.fluency(before + damaged + after)
        ends = loss.mark == "。" and text[at + 1 : at + 2] in {"", "\n", "”", '"'}
        if gain >= (MARGIN_AT_END if ends else MARGIN[loss.mark]) and not _marked_already(text, at, loss.mark):
            new = loss.character + loss.mark
            yield Edit(at, at + 1, damaged, new, "swallow", "restore.byte-loss", 0.95)


def _in_word(text: str, at: int, words: Words) -> bool:
    for start in range(max(0, at - LONGEST + 1), at + 1):
        for end in range(max(at + 1, start + 2), min(len(text), at + LONGEST) + 1):
            if words.has(text[start:end]):
                return True
    return False


def _marked_already(text: str, at: int, mark: str) -> bool:
    """Tell whether a clause mark follows already: it leaves no room for another."""
    after = text[at + 1 : at + 2]
    return mark in CLAUSE_ENDS and bool(after) and after in "，。；：！？、,.;:!?"
