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
    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]
    Vector = NDArray[np.float32]

SHIPPED = Path(__file__).parent / "context.npz"
REACH = 60  # tokens on either side that count
GAP = 2  # tokens beside the change that do not: n-grams see them
NOTHING = (0.0, 0.0, 0.0, 0)


class ContextVectors:
    """How well a reading goes with the words around it. Tokens are numbers of the candidate tables' vocabulary."""

    def __init__(self, path: Path = SHIPPED) -> None:
        with np.load(path) as stored:
            self._pairs: Numbers = stored["pairs"].astype(np.int64)
            self._units: NDArray[np.int8] = stored["units"]
            self._contexts: NDArray[np.int8] = stored["contexts"]
        self._size = len(self._units) - len(self._pairs)
        self._index = {pair: row for row, pair in enumerate(self._pairs.tolist(), self._size)}

    def words(self, numbers: Numbers) -> Numbers:
        """Return for each token the number of the word that it and the next one form, −1 where they form none."""
        pairs = numbers[:-1] * self._size + numbers[1:]
        rows = np.minimum(np.searchsorted(self._pairs, pairs), len(self._pairs) - 1)
        return np.where(self._pairs[rows] == pairs, rows, -1)

    def compare(self, around: Numbers, old: list[int], new: list[int], changed: list[int]) -> tuple[float, ...]:
        """Return how near ``old`` and ``new`` are to the words ``around`` (cosines), the difference, how many words.

        ``changed`` are the places in ``old`` and ``new`` at which they differ; both have a token more on either side.
        """
        if not len(around):
            return NOTHING
        rows = self._contexts[around].astype(np.float32)
        total = rows.sum(axis=0)
        before, after = self._nearest(old, changed, total), self._nearest(new, changed, total)
        return before, after, after - before, min(len(around), 20)

    def _nearest(self, tokens: list[int], changed: list[int], total: Vector) -> float:
        """Return the greatest cosine of a known word over a changed token; of the tokens where there is none."""
        units = [
            unit
            for at in changed
            for first in (at - 1, at)
            if (unit := self._index.get(tokens[first] * self._size + tokens[first + 1])) is not None
        ]
        vectors = self._units[units or [tokens[at] for at in changed]].astype(np.float32)
        lengths = np.sqrt((vectors * vectors).sum(axis=1) * (total @ total)) + 1e-6
        return float((vectors @ total / lengths).max())
