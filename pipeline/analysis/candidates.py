"""A possible name of a plan: its words, what it is worth, where in the plan it stands."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from pipeline.lexicons.plan_words import load_plan_words

if TYPE_CHECKING:
    from collections.abc import Iterable

SLICES = 128  # of the text, in which it is noted where a name stands
LONGEST_NAME = 10
TOGETHER = 1.02  # two names on one tab are worth so much more than the better one


class Candidate(NamedTuple):
    """A possible name: ``said`` are its words that say something, ``places`` the slices where it stands, as bits.

    Of a heading's topic (``heads``): the share of the plan that its block takes up, and how much its words tell.
    """

    text: str
    words: frozenset[str]
    said: frozenset[str]
    score: float
    places: int
    at: int
    share: float = 0.0
    telling: float = 0.0
    heads: bool = False
    joined: bool = False


def mask(start: int, end: int, size: int) -> int:
    """Return the slices of ``text[start:end]`` of a text of ``size`` characters, as bits; at least one."""
    first = start * SLICES // max(1, size)
    last = max(first + 1, end * SLICES // max(1, size))
    return (1 << last) - (1 << first)


def said(words: Iterable[str]) -> frozenset[str]:
    """Return the words that say something by themselves."""
    return frozenset(word for word in words if len(word) > 1) - _dull()


@cache
def _dull() -> frozenset[str]:
    known = load_plan_words()
    return known.weak | known.actions | known.stop


def pair(one: Candidate, two: Candidate) -> Candidate | None:
    """Return two names as one (A与B, in the order of the plan), if they are two things and fit on a tab."""
    if one.joined or two.joined or one.text in two.text or two.text in one.text:
        return None
    if two.at < one.at:
        one, two = two, one
    name = f"{one.text}与{two.text}"
    if len(name) > LONGEST_NAME:
        return None
    score = TOGETHER * max(one.score, two.score)
    words, telling, places = one.words | two.words, one.said | two.said, one.places | two.places
    return Candidate(name, words, telling, score, places, one.at, heads=one.heads, joined=True)


def adjoin(one: Candidate, two: Candidate) -> bool:
    """Whether two names stand side by side."""
    return bool((one.places << 2 | one.places >> 2) & two.places)
