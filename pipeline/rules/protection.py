"""What no correction may touch: protected words, and what is quoted as it is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.rules.punctuation import is_han
from pipeline.search import CharacterClass, Finder

if TYPE_CHECKING:
    from collections.abc import Iterable

QUOTES = {"“": "”", "‘": "’", "「": "」", '"': '"'}
DOTS = frozenset("·•・")
LONGEST_NAME = 6  # characters on either side
VERSE = frozenset({5, 7})
LONGEST_VERSE = 64
SENTENCE_MARKS = "。！？；\n"
LONGEST_QUOTE = 5  # characters: longer quotations are text, not words under discussion


class Protection:
    """The occurrences of protected words, and of protected single characters."""

    def __init__(self, words: Iterable[str]) -> None:
        kept = sorted(set(words))
        self._words = Finder(word for word in kept if len(word) > 1)
        self._chars = CharacterClass(word for word in kept if len(word) == 1)
        self._last: tuple[str, list[tuple[int, int]]] = ("", [])

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Return (start, end) of all occurrences in ``text``, code points; rules ask for one text in turn."""
        if text != self._last[0]:
            found = [(start, end) for _, start, end in self._words.find(text, overlapping=True)]
            self._last = text, sorted([*found, *((at, at + 1) for at in self._chars.places(text).tolist())])
        return self._last[1]


def quoted(text: str, start: int, end: int) -> bool:
    """Tell whether ``text[start:end]`` lies in quotation marks that hold little else: then it may be quoted as such."""
    for at in range(start - 1, max(-1, start - LONGEST_QUOTE - 1), -1):
        if text[at] == "\n":
            return False
        if text[at] in QUOTES:
            closing = text.find(QUOTES[text[at]], end, at + LONGEST_QUOTE + 2)
            return closing >= 0 and "\n" not in text[end:closing]
    return False


def foreign_name(text: str, start: int, end: int) -> bool:
    """Tell whether ``text[start:end]`` lies in a run of Chinese characters, not longer than a name, that a · borders."""
    low, high = start, end
    while low > 0 and start - low < LONGEST_NAME and is_han(text[low - 1]):
        low -= 1
    while high < len(text) and high - end < LONGEST_NAME and is_han(text[high]):
        high += 1
    return text[high : high + 1] in DOTS or (low > 0 and text[low - 1] in DOTS)


def verse(text: str, at: int) -> bool:
    """Tell whether the sentence around ``at`` is verse: two clauses or more, all of five or all of seven characters."""
    low = max(0, at - LONGEST_VERSE - 1)
    start = max(text.rfind(mark, low, at) for mark in SENTENCE_MARKS) + 1
    if at > LONGEST_VERSE and not start:
        return False
    ends = [end for mark in SENTENCE_MARKS if (end := text.find(mark, at, at + LONGEST_VERSE)) >= 0]
    clauses = text[start : min(ends, default=at + LONGEST_VERSE)].strip("“”‘’《》 \u3000").split("，")
    sizes = {len(clause) for clause in clauses}
    return len(clauses) > 1 and len(sizes) == 1 and sizes <= VERSE


class Spans:
    """A set of spans that do not overlap."""

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        self._taken = {at for start, end in spans for at in range(start, end)}

    def free(self, start: int, end: int) -> bool:
        """Tell whether the span overlaps none that is there."""
        return self._taken.isdisjoint(range(start, end))

    def add(self, start: int, end: int) -> bool:
        """Enter the span unless it overlaps one that is there; tell whether it was entered."""
        free = self.free(start, end)
        if free:
            self._taken.update(range(start, end))
        return free
