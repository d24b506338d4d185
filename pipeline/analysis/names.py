"""The names of a plan: what a person would write on five tabs, out of its headings and its terms.

A heading names its whole block by what it is about (:mod:`pipeline.analysis.topics`), a term the passages in which it
stands. Names are chosen one by one, each counted down for what is said already and where; a heading that finds no tab of
its own rides along on that of its neighbour (A与B).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from pipeline.analysis.candidates import SLICES, Candidate, adjoin, mask, pair
from pipeline.analysis.headed import headed
from pipeline.analysis.headings import headings
from pipeline.analysis.terms import tokeniser

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from scipy import sparse

    from pipeline.analysis.headings import Heading
    from pipeline.analysis.labels import Weights
    from pipeline.analysis.vocabulary import Vocabulary

OVERLAP, WEAK_OVERLAP = 0.45, 0.85  # what is left of a score when a word, or only a weak one, is named already
SINGLE = 0.5  # a single word says less than a phrase
COVERAGE = 0.5  # of a name's score that hangs on standing where no name before it stands
CONSIDERED = 20  # best terms of a plan among which the different ones are chosen
MOST_HEADINGS = 200  # that are looked at
BESIDE_HEADINGS = 0.4  # what a term loses in a plan whose headings all say what they are about
RIDING = 5  # names that may ride along
RIDES = 0.35  # of the score of the last tab that a name must reach to ride along
INSIDE = 0.7  # of the slices of a name that must lie in a part for it to be the part's


class Reading(NamedTuple):
    """A plan as it is read: its passages, set apart by one line break; passages × terms, without the words in phrases."""

    text: str
    passages: Sequence[str]
    counted: sparse.csr_array


def name_plan(reading: Reading, vocabulary: Vocabulary, weights: Weights, number: int) -> tuple[str, ...]:
    """Return at most ``number`` names of a plan, best first: terms, topics of headings, or two of these (A与B)."""
    text = reading.text
    line = text.partition("\n")[0]
    title = frozenset(tokeniser().words(line))
    outline = _largest(headings(text))
    terms = list(_terms(reading, vocabulary, weights))
    heads = list(headed(text, outline, terms, number))
    under = 0
    for one in heads:
        under |= one.places
    damp = 1 - BESIDE_HEADINGS * under.bit_count() / SLICES
    found = [_Open(one, one.score, one.said - title) for one in heads]
    found += [_Open(one, damp * one.score, one.said - title) for one in terms]
    news = [one for one in found if one.said and one.name.text not in line]
    found = news if len(news) > number else found
    found.sort(key=lambda one: (-round(one.score, 9), one.name.text))
    parts = [mask(one.start, one.end, len(text)) for one in outline if one.depth == 1]
    return tuple(_joined(_chosen(found, parts, number), number))


def _largest(outline: Sequence[Heading]) -> list[Heading]:
    """Return the headings with the largest blocks, in order: a very long text has many more than five tabs can tell."""
    ranked = sorted(outline, key=lambda one: (one.start - one.end, one.start))
    return sorted(ranked[:MOST_HEADINGS])


# --- candidates ---


def _terms(reading: Reading, vocabulary: Vocabulary, weights: Weights) -> Iterator[Candidate]:
    """Yield the strongest terms of a plan, the strongest of all with the score 1.

    A phrase scores by what it does in the plan (so that it is no chance find) and by what its words do besides (so that
    岗前培训 leads where many kinds of 培训 stand): their geometric mean.
    """
    text, counted = reading.text, reading.counted
    columns, cells = np.unique(counted.indices, return_inverse=True)
    counts = np.bincount(cells, counted.data, len(columns))
    salience = _salience(columns.tolist(), counts.tolist(), vocabulary, weights)
    scores: dict[int, float] = {}
    for column in columns.tolist():
        if vocabulary.names[column]:
            words = vocabulary.words_of[column]
            inner = sorted((salience[word] for word in words), reverse=True)
            whole = salience[column] + sum(inner[:2]) if words else SINGLE * salience[column]
            scores[column] = math.sqrt(salience[column] * whole)
    ranked = sorted(scores, key=lambda column: (-round(scores[column], 9), column))[:CONSIDERED]
    places = _places(counted, vocabulary, _masks(reading.passages, len(text)))
    for column in ranked:
        name = vocabulary.terms[column]
        parts = frozenset(vocabulary.terms[word] for word in (column, *vocabulary.words_of[column]))
        said = frozenset(vocabulary.terms[word] for word in vocabulary.said_by(column))
        yield Candidate(name, parts, said, scores[column] / scores[ranked[0]], places[column], text.find(name))


def _masks(passages: Sequence[str], size: int) -> list[int]:
    """Return the slices of each passage."""
    masks = []
    start = 0
    for passage in passages:
        masks.append(mask(start, start + len(passage), size))
        start += len(passage) + 1
    return masks


def _places(counted: sparse.csr_array, vocabulary: Vocabulary, masks: Sequence[int]) -> dict[int, int]:
    """Return for each term the slices of the passages in which it, or a word that says something in it, stands."""
    standing: dict[int, int] = {}
    rows = np.repeat(np.arange(counted.shape[0]), np.diff(counted.indptr)).tolist()
    for row, column in zip(rows, counted.indices.tolist(), strict=True):
        for part in (column, *vocabulary.words_of[column]):
            standing[part] = standing.get(part, 0) | masks[row]
    found = {}
    for column, slices in standing.items():
        found[column] = slices
        for word in vocabulary.said_by(column):
            found[column] |= standing[word]
    return found


def _salience(
    columns: Iterable[int], counts: Iterable[float], vocabulary: Vocabulary, weights: Weights
) -> dict[int, float]:
    """Return the weight in the plan of each term and each word of a term."""
    totals: dict[int, float] = {}
    for column, count in zip(columns, counts, strict=True):
        for part in (column, *vocabulary.words_of[column]):
            totals[part] = totals.get(part, 0.0) + count
    return {c: math.sqrt(n) * math.sqrt(weights.idf[c]) * weights.rarity[c] for c, n in totals.items()}


# --- choice ---


@dataclass(slots=True)
class _Open:
    """A candidate that is not chosen yet: its score, what it says beyond the title, how many chosen ones it has met."""

    name: Candidate
    score: float
    said: frozenset[str]
    met: int = 0

    def meet(self, chosen: Sequence[_Open]) -> None:
        """Count down for what the chosen ones say; to nothing when it adds nothing."""
        text, words = self.name.text, self.name.words
        for other in chosen[self.met :]:
            if text in other.name.text or other.name.text in text or self.said <= other.said:
                self.score = 0.0
            elif self.said & other.said:
                self.score *= OVERLAP
            elif words & other.name.words:
                self.score *= WEAK_OVERLAP
        self.met = len(chosen)


def _chosen(found: Sequence[_Open], parts: Sequence[int], number: int) -> list[Candidate]:
    """Return the best names, tabs and riders, each counted down for what those before it say, and where.

    ``found``: strongest first. A part of the plan (an outermost heading's block) that has as many tabs as its size asks
    for counts less.
    """
    quotas = [max(1.0, number * part.bit_count() / SLICES) for part in parts]
    taken = [0] * len(parts)
    chosen: list[_Open] = []
    worth: list[float] = []
    bounds = [one.score for one in found]  # scores only fall
    covered = headed_ = 0
    while len(chosen) < number + RIDING:
        best, most = None, 0.0
        for one, bound in zip(found, bounds, strict=True):
            if bound <= most:
                break
            if one.score > most:
                one.meet(chosen)
            if one.score <= most:
                continue
            places = one.name.places
            fresh = (places & ~(headed_ if one.name.heads else covered)).bit_count() / places.bit_count()
            full = max(((taken[at] + 1) / quotas[at] for at in _within(places, parts)), default=1.0) if parts else 1.0
            gain = round(one.score * (1 - COVERAGE + COVERAGE * fresh) / max(1.0, full), 9)
            if gain > most:
                best, most = one, gain
        if best is None or (len(chosen) >= number and most < RIDES * worth[number - 1]):
            break
        chosen.append(best)
        worth.append(most)
        covered |= best.name.places
        headed_ |= best.name.places if best.name.heads else 0
        for at in _within(best.name.places, parts):
            taken[at] += 1
    return [one.name for one in chosen]


def _within(places: int, parts: Sequence[int]) -> list[int]:
    """Return the parts in which a name lies."""
    return [at for at, part in enumerate(parts) if (places & part).bit_count() >= INSIDE * places.bit_count()]


def _joined(chosen: Sequence[Candidate], number: int) -> list[str]:
    """Return the first ``number`` names; each further one joins its nearest neighbour."""
    tabs = list(chosen[:number])
    for name in chosen[number:]:
        for tab in sorted(tabs, key=lambda tab: (abs(tab.at - name.at), tab.text)):
            both = pair(tab, name) if _near(tab, name) else None
            if both:
                tabs[tabs.index(tab)] = both
                break
    return [tab.text for tab in tabs]


def _near(one: Candidate, two: Candidate) -> bool:
    """Whether two headings stand side by side; terms that share passages make no pair that a person would write."""
    return one.heads and two.heads and adjoin(one, two)
