"""Cues: the words of a taxonomy in a text, and how much they speak for each type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.search import Finder

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.lexicons.goals import Taxonomy

Scores = dict[int, float]
"""Number of a type in the taxonomy → how much speaks for it."""

STRONG, LONGER, WEAK = 1.0, 0.25, 0.35  # a cue of two characters, each character more, a weak cue


class Cues:
    """The cues of a taxonomy, found in one pass."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        """Compile the cues; a cue under several types speaks for each of them."""
        weights: dict[str, Scores] = {}
        for number, one in enumerate(taxonomy.types):
            for cue in one.cues:
                weights.setdefault(cue, {})[number] = STRONG + LONGER * (len(cue) - 2)
            for cue in one.weak:
                weights.setdefault(cue, {})[number] = WEAK
        self._finder = Finder(sorted(weights), longest=True)
        self._weights = [weights[cue] for cue in self._finder.strings]

    def find(self, text: str) -> list[tuple[int, Scores]]:
        """Return (offset, what it speaks for) of each cue in ``text``, in order."""
        return [(start, self._weights[number]) for number, start, _ in self._finder.find(text)]

    def spans(self, text: str) -> list[tuple[int, int, Scores]]:
        """Return (start, end, what it speaks for) of each cue in ``text``, in order."""
        return [(start, end, self._weights[number]) for number, start, end in self._finder.find(text)]


def add(total: Scores, more: Mapping[int, float], times: float = 1.0) -> None:
    """Add scores to a total in place."""
    get = total.get
    for number, weight in more.items():
        total[number] = get(number, 0.0) + times * weight


def lead(scores: Scores) -> tuple[int, float]:
    """Return the type with the highest score (of equals the first) and how far it leads; -1 where nothing speaks."""
    best, top, second = -1, 0.0, 0.0
    for number, weight in scores.items():
        if weight > top or (weight == top and number < best):
            best, top, second = number, weight, top
        elif weight > second:
            second = weight
    return best, top - second
