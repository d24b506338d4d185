"""What many documents teach: candidate substitutions with their evidence; profiles of shards add up.

A spinner replaces a word the same way every time, and the right word is missing where it should be common. One pass
over all documents collects what the language model would change (:func:`observe`); the evidence is counted in whole
numbers, so that merging gives the same in any order.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from pipeline.lm.features import LONGEST_WORD, word_over
from pipeline.search import Finder, line_at, line_numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pipeline.lexicons.tables import Words
    from pipeline.lm.corrector import Correction

LEAST_SUPPORT = 2  # lines: what stands once teaches nothing
LEAST = 0.05  # probability from which a correction counts as a hint
EXAMPLE = 10  # characters of context on either side
UNIT = 1000  # log-odds are kept as whole thousandths


class Evidence(NamedTuple):
    """How often the model would make a substitution, and how often both forms stand in the documents where it would.

    All counts are of lines: two places in one sentence are no two witnesses. ``support``: where the model would make
    it; ``odds``: sum of the highest log-odds on each of them, in thousandths; ``best``: the highest; ``wrong``,
    ``right``: where the forms stand; ``documents``; ``example``: one place in context.
    """

    support: int
    odds: int
    best: int
    wrong: int
    right: int
    documents: int
    example: str

    def merged(self, other: Evidence) -> Evidence:
        """Return the evidence of both sets of documents."""
        return Evidence(
            self.support + other.support,
            self.odds + other.odds,
            max(self.best, other.best),
            self.wrong + other.wrong,
            self.right + other.right,
            self.documents + other.documents,
            min(self.example, other.example),
        )


@dataclass(slots=True)
class Profile:
    """Evidence for each substitution (wrong, right)."""

    substitutions: dict[tuple[str, str], Evidence] = field(default_factory=dict)

    def add(self, other: Profile) -> None:
        """Make this the profile of both sets of documents; the order of additions does not matter."""
        for pair, evidence in other.substitutions.items():
            known = self.substitutions.get(pair)
            self.substitutions[pair] = evidence if known is None else known.merged(evidence)

    def rows(self) -> Iterator[list[Any]]:
        """Yield it as JSON values: wrong, right, then the :class:`Evidence`; sorted."""
        return ([*pair, *evidence] for pair, evidence in sorted(self.substitutions.items()))

    @classmethod
    def of_rows(cls, rows: Iterable[list[Any]]) -> Self:
        """Return the profile of rows as :meth:`rows` gives them; those of one substitution add up."""
        profile = cls()
        for wrong, right, *values in rows:
            profile.add(cls({(wrong, right): Evidence(*values)}))
        return profile

    def telling(self) -> Self:
        """Return it without the substitutions that stand on one line of all documents: those teach nothing."""
        return type(self)({pair: seen for pair, seen in self.substitutions.items() if seen.support >= LEAST_SUPPORT})


def observe(text: str, corrections: Iterable[Correction], words: Words, rare: Callable[[str], bool]) -> Profile:
    """Return the profile of one document from the corrections that the model would make in ``text``."""
    witnesses: dict[tuple[str, str], dict[int, tuple[float, int]]] = {}
    corrections = list(corrections)
    for found, line in zip(corrections, line_numbers(text, [c.start for c in corrections]), strict=True):
        for pair in word_forms(text, found, words, rare):
            seen = witnesses.setdefault(pair, {})
            seen[line] = max(seen.get(line, (0.0, 0)), (found.probability, -found.start))
    lines = _lines_with({form for pair in witnesses for form in pair}, text)
    profile = Profile()
    for (wrong, right), seen in witnesses.items():
        odds = [_odds(probability) for probability, _ in seen.values()]
        at = -max(seen.values())[1]
        start, end = line_at(text, at, len(wrong) + EXAMPLE)
        example = text[max(start, at - EXAMPLE) : end]
        profile.substitutions[wrong, right] = Evidence(
            len(seen), sum(odds), max(odds), lines[wrong], lines[right], 1, example
        )
    return profile


def _lines_with(forms: Iterable[str], text: str) -> Counter[str]:
    """Return on how many lines each form stands."""
    finder = Finder(sorted(forms))
    found = finder.find(text, overlapping=True)
    lines = line_numbers(text, [start for _, start, _ in found])
    pairs = {(number, line) for (number, _, _), line in zip(found, lines, strict=True)}
    return Counter(finder.strings[number] for number, _ in pairs)


def _odds(probability: float) -> int:
    bounded = min(max(probability, 0.001), 0.999)
    return round(UNIT * math.log(bounded / (1 - bounded)))


def word_forms(text: str, found: Correction, words: Words, rare: Callable[[str], bool]) -> list[tuple[str, str]]:
    """Return the substitutions that a correction is an instance of, as (wrong, right) words.

    For each character that changes the commonest word that holds it, as it would read with the whole correction made.
    A character that hardly exists stands for its right one wherever it stands: it is a substitution by itself.
    """
    low, high = line_at(text, found.start, found.end - found.start + LONGEST_WORD)
    low = max(low, found.start - LONGEST_WORD)
    before, lead = text[low:high], found.start - low
    after = before[:lead] + found.after + before[lead + len(found.before) :]
    forms = []
    for i, (old, new) in enumerate(zip(found.before, found.after, strict=True), lead):
        if old == new:
            continue
        if rare(old):
            forms.append((old, new))
        start, end, _ = word_over(after, i, i + 1, words.count)
        if end - start > 1:
            forms.append((before[start:end], after[start:end]))
    return list(dict.fromkeys(forms))
