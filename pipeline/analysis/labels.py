"""What a person would write on the tab of a folder: terms that name a plan, labels of themes; sentences to quote."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from pipeline.lexicons.plan_words import load_plan_words
from pipeline.lexicons.tables import load_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray
    from scipy import sparse

    from pipeline.analysis.vocabulary import Vocabulary

SENTENCE = re.compile(r"[^。！？!?；;\n]+[。！？!?；;]*")
LONGEST_SENTENCE, SHORTEST_SENTENCE = 120, 8
COMMON = 5.0  # decimal logarithm of how rare a word of ordinary weight is in general Chinese: one in 100,000
OVERLAP, WEAK_OVERLAP = 0.45, 0.85  # what is left of a score when a word, or only a weak one, is named already
KNOWN = 1.4  # what the list of domain words adds
SINGLE = 0.5  # a single word says less than a phrase
COVERAGE = 0.3  # of a name's score that hangs on standing where no name before it stands
CONSIDERED = 60  # best terms of a plan among which the different ones are chosen
NAME_SHARE = 0.6  # a phrase must reach this share of the strongest term of its theme to be its label


class Weights(NamedTuple):
    """One number per term: ``idf``, inverse document frequency; ``rarity``, how unlike general Chinese it is."""

    idf: NDArray[np.float64]
    rarity: NDArray[np.float64]


def rarity(terms: Sequence[str]) -> NDArray[np.float64]:
    """Return about 1 for each term: less for words that are common in all Chinese text, more for rare ones.

    Phrases count as of ordinary rarity, the terms of work plans for more.
    """
    words, known = load_words(), load_plan_words()
    return np.array([_rarity(term, words.count(term), words.log_total, known.terms) for term in terms], float)


def _rarity(term: str, count: int, log_total: float, known: frozenset[str]) -> float:
    rare = min(1.2, max(0.5, (log_total - math.log(count)) / math.log(10) / COMMON)) if count else 1.0
    return KNOWN * max(1.0, rare) if term in known else rare


def name_plan(passages: sparse.csr_array, vocabulary: Vocabulary, weights: Weights, number: int) -> list[int]:
    """Return the columns of the ``number`` terms that name a plan best, different from one another.

    ``passages``: passages of the plan × terms, counted without the words inside phrases. A phrase scores by what it
    does in the plan (so that it is no chance find) and by what its words do besides (so that 岗前培训 leads where many
    kinds of 培训 stand): their geometric mean. Together the names are to cover the plan, see :func:`_different`.
    """
    columns, cells = np.unique(passages.indices, return_inverse=True)
    counts = np.bincount(cells, passages.data, len(columns))
    salience = _salience(columns.tolist(), counts.tolist(), vocabulary, weights)
    scores: dict[int, float] = {}
    for column in columns.tolist():
        if vocabulary.names[column]:
            words = vocabulary.words_of[column]
            inner = sorted((salience[word] for word in words), reverse=True)
            whole = salience[column] + sum(inner[:2]) if words else SINGLE * salience[column]
            scores[column] = math.sqrt(salience[column] * whole)
    ranked = sorted(scores, key=lambda column: (-round(scores[column], 9), column))[:CONSIDERED]
    return _different({column: scores[column] for column in ranked}, _places(passages, vocabulary), vocabulary, number)


def _places(passages: sparse.csr_array, vocabulary: Vocabulary) -> dict[int, int]:
    """Return for each term the passages in which it, or a word that says something in it, stands: one bit for each."""
    standing: dict[int, int] = {}
    rows = np.repeat(np.arange(passages.shape[0]), np.diff(passages.indptr)).tolist()
    for row, column in zip(rows, passages.indices.tolist(), strict=True):
        for part in (column, *vocabulary.words_of[column]):
            standing[part] = standing.get(part, 0) | (1 << row)
    found = {}
    for column, rows_of in standing.items():
        found[column] = rows_of
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


def _different(scores: dict[int, float], places: dict[int, int], vocabulary: Vocabulary, number: int) -> list[int]:
    """Return the best terms, each counted down for what the ones before it already say, and where."""
    chosen: list[int] = []
    left = dict(scores)
    covered = 0

    def gain(column: int) -> float:
        fresh = (places[column] & ~covered).bit_count() / places[column].bit_count()
        return round(left[column] * (1 - COVERAGE + COVERAGE * fresh), 9)

    while left and len(chosen) < number:
        best = min(left, key=lambda column: (-gain(column), column))
        del left[best]
        chosen.append(best)
        covered |= places[best]
        name, said, words = vocabulary.terms[best], vocabulary.said_by(best), set(vocabulary.words_of[best])
        for column in list(left):
            other = vocabulary.terms[column]
            if other in name or name in other:
                del left[column]
            elif said & vocabulary.said_by(column):
                left[column] *= OVERLAP
            elif words & set(vocabulary.words_of[column]):
                left[column] *= WEAK_OVERLAP
    return chosen


def label_themes(factors: NDArray[np.float64], vocabulary: Vocabulary, weights: Weights) -> list[str]:
    """Return a label for each theme (row of ``factors``): its strongest phrase, no two themes alike."""
    shares = factors / np.maximum(factors.sum(axis=0, keepdims=True), 1e-12)
    taken: set[str] = set()
    labels = []
    for row, share in zip(factors, shares, strict=True):
        strength = row * np.sqrt(share) * weights.rarity
        for column in np.flatnonzero(row):
            words = vocabulary.words_of[column]
            if words:
                strength[column] += 0.5 * sum(row[word] for word in words[:2])
        order = np.argsort(-np.round(strength, 9), kind="stable")
        names = [vocabulary.terms[column] for column in order[:CONSIDERED] if row[column] > 0]
        free = [name for name in names if name not in taken]
        phrases = [name for name in free if len(name) > 3]
        label = next(iter([*phrases[:1], *free, *names]), "")
        taken.add(label)
        labels.append(label)
    return labels


def sentences_of(text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of the sentences of a text that are neither too short nor too long to be quoted."""
    for match in SENTENCE.finditer(text):
        lead = len(match[0]) - len(match[0].lstrip())
        size = len(match[0].strip())
        if SHORTEST_SENTENCE <= size <= LONGEST_SENTENCE:
            yield match.start() + lead, match.start() + lead + size
