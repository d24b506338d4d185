"""Finding many strings, or many characters, in one pass over a text; offsets count code points."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

import ahocorasick_rs
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

BAD_BYTE = re.compile("[\ud800-\udfff]")
LINE_BREAK = re.compile("\n")


class Finder:
    """Finds any of ``strings``; a match is (index of the string, start, end).

    With ``longest`` matches do not overlap, and of those that start together the longest one counts.
    """

    def __init__(self, strings: Iterable[str], *, longest: bool = False) -> None:
        self.strings, self._longest = list(strings), longest
        kind = ahocorasick_rs.MatchKind.LeftmostLongest if longest else ahocorasick_rs.MatchKind.Standard
        self._automaton = ahocorasick_rs.AhoCorasick(self.strings, matchkind=kind)

    def __reduce__(self) -> tuple[Callable[..., Finder], tuple[list[str]]]:
        """Let another process build the automaton anew: it cannot be sent."""
        return partial(Finder, longest=self._longest), (self.strings,)

    def find(self, text: str, *, overlapping: bool = False) -> list[tuple[int, int, int]]:
        """Return the matches, by their end; without ``overlapping`` the first that ends wins."""
        try:
            return self._automaton.find_matches_as_indexes(text, overlapping=overlapping)
        except UnicodeEncodeError:  # the automaton takes whole characters only; offsets stay
            return self._automaton.find_matches_as_indexes(BAD_BYTE.sub("\ufffd", text), overlapping=overlapping)

    def starts(self, text: str) -> list[int]:
        """Return where the matches start."""
        return [start for _, start, _ in self.find(text)]


class CharacterClass:
    """A set of characters of the basic plane, as a lookup table."""

    def __init__(self, characters: Iterable[str]) -> None:
        self._table = np.zeros(0x110000, bool)
        self._table[[ord(char) for char in characters]] = True

    def places(self, text: str) -> NDArray[np.int64]:
        """Return the offsets of the characters of ``text`` that belong to the class."""
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
        return np.flatnonzero(self._table[codes])


def line_at(text: str, at: int, reach: int | None = None) -> tuple[int, int]:
    """Return start and end (its line break left out) of the line that holds offset ``at``.

    With ``reach``, of the part of it that lies no further than so many characters from ``at``: whoever looks at every
    place of a very long line needs that.
    """
    low, high = (0, len(text)) if reach is None else (max(0, at - reach), min(len(text), at + reach))
    end = text.find("\n", at, high)
    return max(low, text.rfind("\n", low, at) + 1), end if end >= 0 else high


def line_numbers(text: str, places: Sequence[int]) -> list[int]:
    """Return the number of the line (from 0) on which each offset lies."""
    breaks = [match.start() for match in LINE_BREAK.finditer(text)]
    numbers: list[int] = np.searchsorted(np.array(breaks, np.int64), np.array(places, np.int64)).tolist()
    return numbers
