"""Fitted trees as the plain numbers that :class:`pipeline.lm.trees.TreeModel` reads."""

from __future__ import annotations

import argparse
import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

FOLDS = 5


def export(
    model: HistGradientBoostingClassifier, features: Sequence[str], threshold: float, suggest: float
) -> dict[str, Any]:
    """Return the fitted trees as plain numbers; a leaf's children are itself."""
    trees, depth = [], 0
    for (tree,) in model._predictors:  # noqa: SLF001 - scikit-learn has no public access to the nodes
        nodes = tree.nodes
        leaf, own = nodes["is_leaf"].astype(bool), np.arange(len(nodes))
        depth = max(depth, int(nodes["depth"].max()))
        trees.append(
            {
                "feature": np.where(leaf, 0, nodes["feature_idx"]).tolist(),
                "split": np.where(leaf, 0.0, nodes["num_threshold"]).tolist(),
                "left": np.where(leaf, own, nodes["left"]).tolist(),
                "right": np.where(leaf, own, nodes["right"]).tolist(),
                "value": [round(float(v), 4) if last else 0 for v, last in zip(nodes["value"], leaf, strict=True)],
            }
        )
    baseline = round(float(model._baseline_prediction.ravel()[0]), 6)  # noqa: SLF001
    return {
        "features": list(features),
        "threshold": threshold,
        "suggest": suggest,
        "baseline": baseline,
        "depth": depth,
        "trees": trees,
    }


class Bar(NamedTuple):
    """The operating point: held-out passages reach ``precision``; ``suggested`` of the threshold is enough to be shown.

    Where a ``threshold`` is given, the trees' baseline is moved so that it is the one.
    """

    precision: float
    suggested: float
    threshold: float | None = None


def log_odds(probability: float) -> float:
    """Return natural log-odds."""
    return math.log(probability / (1 - probability))


def arguments(doc: str | None, documents: int, out: Path, with_network: Path | None = None) -> argparse.Namespace:
    """Return what a training script is called with: ``corpora``, ``documents``, ``out`` and ``network``.

    With ``--network``, where there is such a flag, ``out`` is ``with_network`` unless another is given.
    """
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", nargs="+", type=Path)
    parser.add_argument("--documents", type=int, default=documents)
    parser.add_argument("--out", type=Path)
    parser.set_defaults(network=False)
    if with_network:
        parser.add_argument("--network", action="store_true", help="train what judges with the network")
    given = parser.parse_args()
    given.out = given.out or (with_network if given.network else out)
    return given


class Examples:
    """Rows of features with the answer to each, of one passage after the other."""

    def __init__(self) -> None:
        self._parts: list[tuple[NDArray[np.float32], NDArray[np.bool_], NDArray[np.float64]]] = []

    def add(self, rows: NDArray[np.float32], good: Sequence[bool], weight: float = 1.0) -> None:
        """Add the examples of a passage; each weighs ``weight``."""
        self._parts.append((rows, np.array(good, bool), np.full(len(rows), weight)))

    def train(self, out: Path, features: Sequence[str], settings: dict[str, Any], bar: Bar) -> None:
        """Fit the trees and write them to ``out`` with the operating point that ``bar`` asks for."""
        rows, good, weight = (np.concatenate(columns) for columns in zip(*self._parts, strict=True))
        fold = np.concatenate([np.full(len(part[0]), n % FOLDS) for n, part in enumerate(self._parts)])
        model = HistGradientBoostingClassifier(**settings).fit(rows, good, weight)
        point = operating_point(held_out_probability(rows, good, fold, settings, weight), good, bar.precision)
        threshold = point if bar.threshold is None else bar.threshold
        stored = export(model, features, threshold, round(threshold * bar.suggested, 2))
        stored["baseline"] = round(stored["baseline"] + log_odds(threshold) - log_odds(point), 6)
        out.write_text(json.dumps(stored, separators=(",", ":")), encoding="utf-8")
        print(f"{len(good):,} examples, {good.mean():.1%} right; threshold {threshold}")


def held_out_probability(
    rows: NDArray[np.float32],
    good: NDArray[np.bool_],
    fold: NDArray[np.int64],
    settings: dict[str, Any],
    weight: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """Return the probability of each row by a model that saw none of its fold; all rows weigh the same by default."""
    held_out = np.zeros(len(good))
    for number in range(FOLDS):
        seen = fold != number
        weighing = None if weight is None else weight[seen]
        model = HistGradientBoostingClassifier(**settings).fit(rows[seen], good[seen], weighing)
        held_out[~seen] = model.predict_proba(rows[~seen])[:, 1]
    return held_out


def operating_point(held_out: NDArray[np.float64], good: NDArray[np.bool_], precision: float) -> float:
    """Return the lowest threshold at which held-out rows are right so often."""
    order = np.argsort(-held_out)
    reached = np.cumsum(good[order]) / np.arange(1, len(order) + 1)
    for bar in (0.5, 0.7, 0.8, 0.9, 0.95):
        taken = held_out >= bar
        print(f"held out, from {bar}: {good[taken].mean():.3f} right, {good[taken].sum() / good.sum():.3f} found")
    return round(float(held_out[order[np.flatnonzero(reached >= precision)[-1]]]), 3)
