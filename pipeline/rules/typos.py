"""The curated table applied: leftmost-longest, guarded, never across a word that is right."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pipeline.model import Edit
from pipeline.rules.protection import QUOTES
from pipeline.rules.punctuation import is_han
from pipeline.search import Finder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.lexicons.tables import Typo, Words

CONFIDENCE = 0.98
WINDOW = 6  # characters on either side in which two readings are compared
STRADDLE = 200  # occurrences in the dictionary from which a word over a border is taken seriously
BESIDE = 200  # characters of the same line in which wrong and right form are set side by side


class _Hit(NamedTuple):
    start: int
    end: int
    typo: Typo


class TypoTable:
    """The table compiled: finds wrong forms and protected words in one pass over the text."""

    def __init__(self, typos: list[Typo], protected: frozenset[str], words: Words) -> None:
        self.typos = typos
        self.words = words
        # Protected words stand in the same automaton: an occurrence of one is no place for a correction.
        self.protected = sorted(word for word in protected if len(word) > 1)
        self.single = frozenset(word for word in protected if len(word) == 1)
        self.finder = Finder([typo.wrong for typo in typos] + self.protected)

    def propose(self, text: str) -> Iterator[Edit]:
        """Yield one edit per wrong form that its context does not excuse."""
        kept: list[tuple[int, int]] = []
        hits: list[_Hit] = []
        for pattern, start, end in self.finder.find(text, overlapping=True):
            if pattern >= len(self.typos):
                kept.append((start, end))
            else:
                hits.append(_Hit(start, end, self.typos[pattern]))
        spun = _Spun(text)
        hits = [hit for hit in hits if self._fits(text, hit) and (not _quoted(text, hit) or spun.has(hit))]
        hits.sort(key=lambda hit: (hit.start, -hit.end))
        blocked = _Blocks(kept)
        for hit in self._choose(text, hits):
            if blocked.cover(hit.start, hit.end) or self.single.intersection(hit.typo.wrong):
                continue
            yield Edit(hit.start, hit.end, hit.typo.wrong, hit.typo.right, "typo", "correct.table", CONFIDENCE)

    def _fits(self, text: str, hit: _Hit) -> bool:
        typo = hit.typo
        if typo.only and not any(_around(text, hit, context) for context in typo.only):
            return False
        return not (typo.unless and any(_around(text, hit, context) for context in typo.unless))

    def _choose(self, text: str, hits: list[_Hit]) -> Iterator[_Hit]:
        """Settle overlaps (客户经理仑流: 仑流, not 理仑) and drop hits that cut a right word."""
        at = 0
        for index, hit in enumerate(hits):
            if hit.start < at:
                continue
            after = index + 1
            while after < len(hits) and hits[after].start < hit.end:
                after += 1
            rivals = hits[index:after]
            if len(rivals) > 1:
                # Longest wins where one holds the other; else the likelier reading of the whole phrase.
                rivals = [r for r in rivals if not (r.start >= hit.start and r.end <= hit.end and r != hit)]
            best = hit if len(rivals) == 1 else self._likelier(text, rivals)
            if self._cuts_word(text, best) and self._gain(text, best) <= 0:
                continue
            at = best.end
            yield best

    def _likelier(self, text: str, rivals: list[_Hit]) -> _Hit:
        low = max(0, min(r.start for r in rivals) - WINDOW)
        high = max(r.end for r in rivals) + WINDOW
        return max(
            rivals,
            key=lambda r: self.words.fluency(_han_only(text[low : r.start] + r.typo.right + text[r.end : high])),
        )

    def _cuts_word(self, text: str, hit: _Hit) -> bool:
        """Whether a known word lies over a border of the match, as 问题 does in 问题高度."""
        start, end = hit.start, hit.end
        has = self.words.has
        for outside in (1, 2):
            for inside in (1, 2, 3):
                if inside >= end - start and outside + inside > 2:
                    continue
                if start >= outside and has(text[start - outside : start + inside], STRADDLE):
                    return True
                if has(text[end - inside : end + outside], STRADDLE):
                    return True
        return False

    def _gain(self, text: str, hit: _Hit) -> float:
        before = _tail(text[max(0, hit.start - WINDOW) : hit.start])
        after = _head(text[hit.end : hit.end + WINDOW])
        return self.words.fluency(before + hit.typo.right + after) - self.words.fluency(before + hit.typo.wrong + after)


class _Spun:
    """Tells whether a quoted wrong form is spun, not quoted: the text uses it elsewhere, not beside the right one."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.elsewhere: dict[str, bool] = {}

    def has(self, hit: _Hit) -> bool:
        wrong, count = hit.typo.wrong, self.text.count
        if wrong not in self.elsewhere:
            self.elsewhere[wrong] = count(wrong) > sum(count(o + wrong + c) for o, c in QUOTES.items())
        around = self.text[max(0, hit.start - BESIDE) : hit.end + BESIDE]
        start = around.rfind("\n", 0, hit.start - max(0, hit.start - BESIDE)) + 1
        return self.elsewhere[wrong] and hit.typo.right not in around[start:].partition("\n")[0]


class _Blocks:
    def __init__(self, spans: list[tuple[int, int]]) -> None:
        self.spans = spans
        self.at = 0

    def cover(self, start: int, end: int) -> bool:
        while self.at < len(self.spans) and self.spans[self.at][1] <= start:
            self.at += 1
        return any(low < end and start < high for low, high in self.spans[self.at : self.at + 4])


def _around(text: str, hit: _Hit, context: tuple[str, str]) -> bool:
    before, after = context
    return (not before or text.endswith(before, 0, hit.start)) and (not after or text.startswith(after, hit.end))


def _quoted(text: str, hit: _Hit) -> bool:
    """Tell whether the wrong form is all that a pair of quotation marks holds: then it is quoted as such."""
    opening = text[hit.start - 1 : hit.start]
    return opening in QUOTES and text.startswith(QUOTES[opening], hit.end)


def _tail(part: str) -> str:
    start = len(part)
    while start and is_han(part[start - 1]):
        start -= 1
    return part[start:]


def _head(part: str) -> str:
    end = 0
    while end < len(part) and is_han(part[end]):
        end += 1
    return part[:end]


def _han_only(part: str) -> str:
    return "".join(filter(is_han, part))
