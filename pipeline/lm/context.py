"""Which words stand in one sentence with which: vectors of characters and two-character words, for the wider context.

n-grams see three characters to either side. ``context.npz`` holds, for characters and common two-character words, a
vector of what else stands in their sentences (positive pointwise mutual information, reduced by singular value
decomposition: Levy and Goldberg 2014), made by ``training/make_context.py``.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pipeline.lm.candidates import CandidateTables
    from pipeline.lm.scored import ScoredText

    Numbers = NDArray[np.int64]
    Vector = NDArray[np.float32]

SHIPPED = Path(__file__).parent / "context.npz"
REACH = 60  # tokens on either side that count
BLOCK = 1 << 12  # rows looked at together: bounds the memory that the vectors around them take
GAP = 2  # tokens beside the change that do not: n-grams see them


class ContextVectors:
    """How well a reading goes with the words around it. Tokens are numbers of the candidate tables' vocabulary."""

    def __init__(self, path: Path = SHIPPED) -> None:
        with np.load(path) as stored:
            self._pairs: Numbers = stored["pairs"].astype(np.int64)
            self._units: NDArray[np.int8] = stored["units"]
            self._contexts: NDArray[np.int8] = stored["contexts"]
        self._size = len(self._units) - len(self._pairs)

    def words(self, numbers: Numbers) -> Numbers:
        """Return for each token the number of the word that it and the next one form, −1 where they form none."""
        pairs = numbers[:-1] * self._size + numbers[1:]
        rows = np.minimum(np.searchsorted(self._pairs, pairs), len(self._pairs) - 1)
        return np.where(self._pairs[rows] == pairs, rows, -1)

    def around(self, words: Numbers, low: Numbers, high: Numbers) -> tuple[Vector, Numbers]:
        """Return the sum of the context vectors of ``words`` in each range, and how many known words it holds.

        Row n of the result belongs to the ranges ``low[n]:high[n]``, of which each row may have several columns.
        """
        blocks = range(0, len(low), BLOCK)
        found = [self._sums(words, low[at : at + BLOCK], high[at : at + BLOCK]) for at in blocks]
        return np.concatenate([total for total, _ in found]), np.concatenate([count for _, count in found])

    def _sums(self, words: Numbers, low: Numbers, high: Numbers) -> tuple[Vector, Numbers]:
        # Ranges overlap: the vectors of all that some range covers are added up once.
        begin = int(low.min())
        words = words[begin : max(begin, int(high.max()))]
        low = np.minimum(low - begin, len(words))
        high = np.clip(high - begin, low, len(words))
        edges = np.bincount(low.ravel(), minlength=len(words) + 1) - np.bincount(high.ravel(), minlength=len(words) + 1)
        covered = np.flatnonzero(np.cumsum(edges))
        found = words[covered]
        known = found >= 0
        until = np.append(0, np.cumsum(known))
        total = np.zeros((int(until[-1]) + 1, self._contexts.shape[1]), np.int32)
        np.cumsum(self._contexts[found[known]], axis=0, out=total[1:])
        first, last = until[np.searchsorted(covered, low)], until[np.searchsorted(covered, high)]
        return (total[last] - total[first]).sum(axis=1, dtype=np.int32).astype(np.float32), (last - first).sum(axis=1)

    def nearest(self, tokens: tuple[Numbers, Numbers, Numbers], owner: Numbers, around: Vector) -> Vector:
        """Return for each row of ``around``, sums of context vectors, how near what stands in a place is to it.

        ``tokens`` are those left of each place, in it and right of it; the greatest cosine counts of the words they
        form, of the token in it where they form none. ``owner`` says which row each place belongs to, in rising order;
        a row may have several.
        """
        pairs = self.words(np.column_stack(tokens).ravel())
        pairs = np.append(pairs, -1).reshape(-1, 3)[:, :2].ravel()
        whose, single = np.repeat(owner, 2), np.bincount(owner, (pairs.reshape(-1, 2) >= 0).any(axis=1)) == 0
        alone = single[owner]
        known = pairs >= 0
        units = np.concatenate([pairs[known] + self._size, tokens[1][alone]])
        rows = np.concatenate([whose[known], owner[alone]])
        vectors = self._units[units].astype(np.float32)
        dots = np.einsum("ij,ij->i", vectors, around[rows])
        lengths = np.sqrt((vectors * vectors).sum(axis=1) * (around * around).sum(axis=1)[rows]) + 1e-6
        result = np.full(len(around), -1, np.float32)
        np.maximum.at(result, rows, (dots / lengths).astype(np.float32))
        return result

    def cosines(self, first: Numbers, last: Numbers, around: Vector) -> Vector:
        """Return how near (cosine) the words of tokens ``first`` and ``last`` are to each row of ``around``.

        Where the two form no known word, ``last`` counts by itself.
        """
        pairs = np.array([self.words(np.array(both))[0] for both in zip(first, last, strict=True)])
        vectors = self._units[np.where(pairs >= 0, pairs + self._size, last)].astype(np.float64)
        around = around.astype(np.float64)  # whole numbers: products are exact, in whatever order they are added
        lengths = np.sqrt((around * around).sum(axis=1))[:, None] * np.sqrt((vectors * vectors).sum(axis=1)) + 1e-6
        result: Vector = (around @ vectors.T / lengths).astype(np.float32)
        return result


class SentenceContext:
    """How well words go with the other words of the sentence in which they stand, or would stand."""

    def __init__(self, vectors: ContextVectors, tables: CandidateTables) -> None:
        self._vectors, self._tables = vectors, tables

    def around(self, scored: ScoredText, first: Numbers, last: Numbers) -> Vector:
        """Return the sum of the vectors of what stands around each range of tokens, in its sentence."""
        begin, stop = scored.sentences(first, last)
        words = self._vectors.words(self._tables.places(scored.tokens.codes))
        low = np.column_stack([np.maximum(begin, first - REACH), last])
        return self._vectors.around(words, low, np.column_stack([first - 1, np.minimum(stop, last + REACH)]))[0]

    def fit(self, words: Sequence[str], around: Vector) -> Vector:
        """Return for each word how near (cosine, 0 where nothing stands around) it is to its row of ``around``.

        Of a longer word, the last two characters count.
        """
        first, last = self._ends(words)
        near = self._vectors.nearest((first, last, np.zeros_like(last)), np.arange(len(words)), around)
        return np.where(around.any(axis=1), near, 0).astype(np.float32)

    def fits(self, words: Sequence[str], around: Vector) -> Vector:
        """Return :meth:`fit` of every word to every row of ``around``: a row each, words as columns."""
        first, last = self._ends(words)
        return self._vectors.cosines(first, last, around)

    def _ends(self, words: Sequence[str]) -> tuple[Numbers, Numbers]:
        ends = [(ord(word[-2]) if len(word) > 1 else 0, ord(word[-1])) for word in words]
        first, last = self._tables.places(np.array(ends, np.uint32).reshape(-1, 2)).T
        return first, last
