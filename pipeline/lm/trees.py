"""Boosted regression trees that judge proposals; read from JSON, no pickle.

Scripts in ``training`` train them with scikit-learn and write the files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import orjson

from pipeline.errors import LexiconError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

BAR = 0.9  # the confidence of what is just accepted


class TreeModel:
    """The sum of regression trees over named features, squashed to a probability.

    ``threshold`` is the probability from which a proposal is applied by default; ``suggest`` that from which it is
    shown at all.
    """

    def __init__(self, path: Path, features: Sequence[str], script: str) -> None:
        """Read ``path``, made by ``script``; raises :class:`LexiconError` when it is damaged or of other features."""
        try:
            self.stored: dict[str, Any] = orjson.loads(path.read_bytes())
            stored = self.stored
            names, trees = stored["features"], stored["trees"]
            self.threshold, self.suggest = float(stored["threshold"]), float(stored["suggest"])
            self._baseline = float(stored["baseline"])
            sizes = np.array([len(tree["value"]) for tree in trees])
            self._roots = np.cumsum(sizes) - sizes
            self._feature, self._split = _joined(trees, "feature", np.int32), _joined(trees, "split", np.float64)
            shift = np.repeat(self._roots, sizes)
            left, right = _joined(trees, "left", np.int64) + shift, _joined(trees, "right", np.int64) + shift
            self._children = np.column_stack([right, left]).ravel()
            self._value = _joined(trees, "value", np.float64)
            self._depth = int(stored["depth"])
        except OSError as error:
            raise LexiconError(path.name, [f"cannot be read: {error.strerror}; install qinggao again"]) from error
        except (ValueError, KeyError, TypeError) as error:
            raise LexiconError(path.name, [f"is damaged ({error}); run {script}"]) from error
        if names != list(features):
            raise LexiconError(path.name, [f"was trained on other features; run {script}"])

    def probability(self, rows: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return for each row of features the probability that the proposal is right."""
        width = rows.shape[1]
        values = rows.astype(np.float64).ravel()
        node = np.tile(self._roots, (len(rows), 1))
        first = (np.arange(len(rows)) * width)[:, None]
        for _ in range(self._depth):
            below = values.take(first + self._feature.take(node)) <= self._split.take(node)
            node = self._children.take(2 * node + below)
        total = self._baseline + self._value.take(node).sum(axis=1)
        result: NDArray[np.float64] = 1 / (1 + np.exp(-total))
        return result

    def confidence(self, probability: float) -> float:
        """Return the confidence of an edit: :data:`BAR` at the threshold, linear on either side, two decimals kept.

        An edit below the threshold never rounds up to the bar.
        """
        if probability < self.threshold:
            return min(BAR - 0.01, round(BAR * probability / self.threshold, 2))
        return round(BAR + (0.97 - BAR) * (probability - self.threshold) / (1 - self.threshold), 2)


def _joined(trees: list[dict[str, list[float]]], name: str, kind: type) -> NDArray[Any]:
    return np.concatenate([np.array(tree[name], kind) for tree in trees])
