"""A linear classifier over pairs of characters: trained once, stored as JSON, the same on every machine."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson

from pipeline.errors import LexiconError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from numpy.typing import NDArray

HAN_RUN = re.compile("[\u4e00-\u9fffA-Za-z]+")
GRAIN = 100  # weights are stored as whole hundredths


def pairs(text: str) -> list[str]:
    """Return the different pairs of neighbouring characters of a text, in order of appearance."""
    found: dict[str, None] = {}
    for run in HAN_RUN.findall(text):
        for at in range(len(run) - 1):
            found[run[at : at + 2]] = None
    return list(found)


class Linear:
    """Scores of classes by the pairs of characters in a text; the weights are whole numbers (hundredths)."""

    def __init__(self, classes: tuple[str, ...], weights: dict[str, list[int]], intercept: list[int]) -> None:
        """Take a row of weights a pair, one weight a class."""
        self.classes, self.weights, self.intercept = classes, weights, intercept
        self._rows = {pair: number for number, pair in enumerate(weights)}
        self._matrix: NDArray[np.int64] = np.array(list(weights.values()), np.int64).reshape(-1, len(classes))
        self._intercept: NDArray[np.int64] = np.array(intercept, np.int64)

    def scores(self, text: str) -> list[float]:
        """Return a score a class (log-odds against the mean class)."""
        rows = [row for pair in pairs(text) if (row := self._rows.get(pair)) is not None]
        total = (self._matrix[rows].sum(axis=0) + self._intercept).tolist()
        mean = sum(total) / len(total)
        return [(value - mean) / GRAIN for value in total]

    def dump(self) -> bytes:
        """Return the model as JSON."""
        stored = {"classes": self.classes, "intercept": self.intercept, "weights": self.weights}
        return orjson.dumps(stored, option=orjson.OPT_APPEND_NEWLINE)


def load_linear(path: Path) -> Linear:
    """Return a stored model; raises :class:`LexiconError` where the file is damaged."""
    try:
        stored: dict[str, Any] = orjson.loads(path.read_bytes())
        return Linear(tuple(stored["classes"]), dict(stored["weights"]), list(stored["intercept"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise LexiconError(path.name, [f"is damaged ({error}); run training/train_goal_types.py"]) from error


def fit(examples: Iterable[tuple[str, str]], classes: tuple[str, ...], *, least: int = 1, most: int = 8000) -> Linear:
    """Return the classifier that (text, class) pairs teach: logistic regression, the same for every order of them.

    Pairs of characters in fewer than ``least`` examples are left out, and all but the ``most`` heaviest.
    """
    # It takes a second to import and is needed for taxonomies of the user only.
    from sklearn.feature_extraction.text import CountVectorizer  # noqa: PLC0415
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415

    rows = sorted(set(examples))
    present = {name for _, name in rows}
    if len(present) < 2:
        return Linear(classes, {}, [0] * len(classes))
    counter = CountVectorizer(analyzer=pairs, binary=True, min_df=least)
    counts = counter.fit_transform([text for text, _ in rows])
    model = LogisticRegression(C=1.0, max_iter=300, class_weight="balanced", tol=1e-5)
    model.fit(counts, [name for _, name in rows])
    coefficients = model.coef_ if len(present) > 2 else np.vstack([-model.coef_[0], model.coef_[0]])
    bias = model.intercept_ if len(present) > 2 else np.array([-model.intercept_[0], model.intercept_[0]])
    place = {name: number for number, name in enumerate(model.classes_)}
    low = float(coefficients.min())
    table = {
        pair: [
            round(GRAIN * float(coefficients[place[name], column])) if name in place else round(GRAIN * low)
            for name in classes
        ]
        for pair, column in counter.vocabulary_.items()
    }
    kept = sorted(table, key=lambda pair: (-max(map(abs, table[pair])), pair))[:most]
    weights = {pair: table[pair] for pair in sorted(kept) if any(table[pair])}
    return Linear(
        classes, weights, [round(GRAIN * float(bias[place[name]])) if name in place else 0 for name in classes]
    )
