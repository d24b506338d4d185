"""Acceptance: boosted trees that tell a true correction from a false one; read from JSON, no pickle.

``training/train_acceptance.py`` trains them with scikit-learn and writes the file.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson

from pipeline.errors import LexiconError
from pipeline.lm.features import FEATURES

if TYPE_CHECKING:
    from numpy.typing import NDArray

SHIPPED = Path(__file__).parent / "acceptance.json"
BAR = 0.9  # the confidence of what is just accepted


class AcceptanceModel:
    """The sum of regression trees over :data:`FEATURES`, squashed to a probability.

    ``threshold`` is the probability from which a proposal is applied by default; ``suggest`` that from which it is
    shown at all.
    """

    def __init__(self, path: Path = SHIPPED) -> None:
        """Read ``path``; raises :class:`LexiconError` when it is damaged or was made for other features."""
        try:
            stored = orjson.loads(path.read_bytes())
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
            raise LexiconError(path.name, [f"is damaged ({error}); run training/train_acceptance.py"]) from error
        if names != list(FEATURES):
            raise LexiconError(path.name, ["was trained on other features; run training/train_acceptance.py"])

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
