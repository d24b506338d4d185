"""Comparators: the words around a figure that say how it bounds what it measures (不低于, 以上, 同比增长)."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from pipeline.lexicons.goals import load_goal_words
from pipeline.lexicons.measures import load_comparators

LINKS = "了到至为在有出约达±  \u3000"  # may stand between a comparator and its figure: 达到了95%, 控制在5%
NAMING = "为是共达约在到至有均都的可应要：: "  # the same for a measure: 满意度均为95%
CHANGES = frozenset("+-")
BOUNDS = frozenset({">=", ">", "<=", "<", "~"})


class Comparison(NamedTuple):
    """The comparators of a figure: how many characters ``before`` and ``after`` it they take up, and the words there."""

    before: int = 0
    after: int = 0
    first: str = ""
    second: str = ""
    relations: frozenset[str] = frozenset()

    @property
    def words(self) -> str:
        """The words before and after the figure."""
        return self.first + self.second

    def with_more(self, more: str) -> str:
        """Return the words with 多, 余 or 几, which stand inside the figure."""
        return self.first + more + self.second

    @property
    def bounds(self) -> bool:
        """Whether the value is a bound, or about right."""
        return not self.relations.isdisjoint(BOUNDS)

    @property
    def changes(self) -> bool:
        """Whether the value is what something changes by or to."""
        return not self.relations.isdisjoint(CHANGES)


@cache
def _following() -> dict[str, set[str]]:
    """Return each comparator that stands after a figure with its relations."""
    found: dict[str, set[str]] = {}
    for one in load_comparators():
        if one.place == "after":
            found.setdefault(one.word, set()).add(one.relation)
    return found


@cache
def _tables() -> tuple[dict[str, str], re.Pattern[str], frozenset[str]]:
    before = {one.word: one.relation for one in load_comparators() if one.place == "before"}
    after = "|".join(re.escape(one.word) for one in load_comparators() if one.place == "after")
    return before, re.compile(rf"[ \u3000]*({after})"), frozenset(load_goal_words().measured)


@cache
def _longest() -> tuple[int, int]:
    before, _, measured = _tables()
    return max(map(len, before)), max(map(len, measured))


def compare(left: str, right: str) -> Comparison:
    """Return the comparators at the end of what stands before a figure and at the start of what stands after it."""
    before, after, _ = _tables()
    relations: set[str] = set()
    start = at = len(left)
    while at:
        word = _last_word(left[:at], before)
        if word:
            start = at = at - len(word)
            relations.add(before[word])
        elif left[at - 1] in LINKS:
            at -= 1
        else:
            break
    following = after.match(right)
    if following:
        relations |= _following()[following[1]]
    first, second = left[start:].strip(" \u3000±"), following[1] if following else ""
    return Comparison(len(left) - start, following.end() if following else 0, first, second, frozenset(relations))


def _last_word(left: str, words: dict[str, str]) -> str:
    tail = left[-_longest()[0] :]
    return next((tail[at:] for at in range(len(tail)) if tail[at:] in words), "")


def is_measure(words: str) -> bool:
    """Whether words end in the name of a measure (…率, …额, 培训时间为)."""
    measured = _tables()[2]
    stem = words[-16:].rstrip(NAMING)
    return any(stem[-size:] in measured for size in range(1, min(_longest()[1], len(stem)) + 1))
