"""Labels of themes, how rare terms are, sentences to quote."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from pipeline.lexicons.plan_words import load_plan_words
from pipeline.lexicons.tables import load_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from pipeline.analysis.vocabulary import Vocabulary

SENTENCE = re.compile(r"[^。！？!?；;\n]+[。！？!?；;]*")
LONGEST_SENTENCE, SHORTEST_SENTENCE = 120, 8
COMMON = 5.0  # decimal logarithm of how rare a word of ordinary weight is in general Chinese: one in 100,000
KNOWN = 1.4  # what the list of domain words adds
CONSIDERED = 60  # strongest terms of a theme among which its label is chosen
LEADING = 10  # of them that say how widely a label can be shared
WIDELY = 0.5  # of that share that a phrase must have to go before a word


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


def label_themes(
    factors: NDArray[np.float64], support: NDArray[np.float64], vocabulary: Vocabulary, weights: Weights
) -> list[str]:
    """Return a label for each theme (row of ``factors``), no two alike: strong, and shared by the theme's plans.

    ``support``: themes × terms, the share of the theme's plans that have the term in a passage of the theme. A phrase
    goes before a word only where it is shared nearly as widely: 图书管理员 is no label for what eleven plans say of 图书.
    """
    shares = factors / np.maximum(factors.sum(axis=0, keepdims=True), 1e-12)
    taken: set[str] = set()
    labels = []
    for row, share, shared in zip(factors, shares, support, strict=True):
        strength = row * np.sqrt(share) * weights.rarity
        for column in np.flatnonzero(row):
            words = vocabulary.words_of[column]
            strength[column] += 0.5 * sum(row[word] for word in words[:2]) if words else 0.0
        order = np.argsort(-np.round(strength * shared, 9), kind="stable")
        leading = [int(column) for column in order[:CONSIDERED] if row[column] > 0]
        widest = max((shared[column] for column in leading[:LEADING]), default=0.0)
        free = [column for column in leading if vocabulary.terms[column] not in taken]
        phrases = [c for c in free if vocabulary.words_of[c] and shared[c] >= WIDELY * widest]
        best = next(iter([*phrases[:1], *free, *leading]), None)
        label = "" if best is None else vocabulary.terms[best]
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
