"""Themes as factors: non-negative matrix factorisation, the number of factors chosen by stability.

Greene, O'Callaghan and Cunningham, How Many Topics? Stability Analysis for Topic Models (ECML PKDD 2014): factors that
are there are found again in a part of the texts. For each number of factors, the ten strongest terms of every factor
are compared with those found in samples of the texts.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import linear_sum_assignment
from sklearn.decomposition import NMF, non_negative_factorization
from sklearn.exceptions import ConvergenceWarning
from threadpoolctl import threadpool_limits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from scipy import sparse

NUMBERS = (2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 28, 32, 40)
FEW = 4  # factors: two or three agree whatever the texts
ROWS_PER_FACTOR = 4  # fewer texts than this for each factor teach nothing
RESAMPLES, SHARE = 6, 0.8
DEPTH = 10  # terms of a factor that are compared
ALIKE = 0.5  # of the leading terms that two factors may share
TOLERANCE = 0.1  # agreement that more factors may cost: a finer picture is worth that much
SEED = 20240601
ITERATIONS = 150
STEPS = 60


def fit(rows: sparse.csr_array, number: int) -> NDArray[np.float64]:
    """Return factors × columns, non-negative; the same on every machine and for every number of threads."""
    model = _model(number)
    with warnings.catch_warnings(), np.errstate(invalid="ignore"), threadpool_limits(1):
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(rows)
    factors: NDArray[np.float64] = model.components_
    return factors


def merged(factors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the factors, those whose leading terms are mostly the same as one."""
    kept: list[NDArray[np.float64]] = []
    for row in factors:
        (leading,) = _leading(row[None])
        for at, other in enumerate(kept):
            if len(leading & _leading(other[None])[0]) > ALIKE * DEPTH:
                kept[at] = other + row
                break
        else:
            kept.append(row)
    return np.array(kept).reshape(-1, factors.shape[1])


def project(rows: sparse.csr_array, factors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return rows × factors: the share of each factor in each row; a row sums to 1, or to 0 where it has none."""
    if not rows.shape[0] or not len(factors):
        return np.zeros((rows.shape[0], len(factors)))
    with warnings.catch_warnings(), np.errstate(invalid="ignore"), threadpool_limits(1):
        warnings.simplefilter("ignore", ConvergenceWarning)
        # Always as many steps: to stop when all rows have converged would let each row depend on its neighbours.
        weights, _, _ = non_negative_factorization(
            rows, H=factors, n_components=len(factors), update_H=False, tol=0, max_iter=STEPS
        )
    return normalised(weights)


def normalised(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the rows divided by their sums; a row of zeros stays."""
    # Column by column: numpy's own sum of a row depends on how the rows lie in memory, and thus on their neighbours.
    totals = sum(weights.T, start=np.zeros(len(weights)))[:, None]
    shares: NDArray[np.float64] = np.divide(weights, totals, out=np.zeros_like(weights), where=totals > 0)
    return shares


def choose_number(rows: sparse.csr_array, plans: int) -> int:
    """Return the number of factors: the largest whose agreement comes close to the best, at most one for each plan."""
    numbers = [n for n in NUMBERS if n * ROWS_PER_FACTOR <= rows.shape[0] and n <= min(rows.shape[1], plans)]
    if not numbers:
        return int(rows.shape[0] > 0)
    numbers = [n for n in numbers if n >= FEW] or numbers
    agreements = [stability(rows, number) for number in numbers]
    close = max(agreements) - TOLERANCE
    return max(number for number, agreement in zip(numbers, agreements, strict=True) if agreement >= close)


def stability(rows: sparse.csr_array, number: int) -> float:
    """Return how well factors of samples agree with those of all rows: 0 to 1."""
    draw = np.random.default_rng(SEED)
    whole = _leading(fit(rows, number))
    size = max(number, round(SHARE * rows.shape[0]))
    scores = []
    for _ in range(RESAMPLES):
        sample = np.sort(draw.permutation(rows.shape[0])[:size])
        scores.append(agreement(whole, _leading(fit(rows[sample], number))))
    return float(np.mean(scores))


def agreement(one: Sequence[frozenset[int]], two: Sequence[frozenset[int]]) -> float:
    """Return the mean Jaccard similarity of two lists of term sets, matched one to one as well as can be."""
    table = np.array([[len(a & b) / max(1, len(a | b)) for b in two] for a in one])
    return float(table[linear_sum_assignment(-table)].mean())


def _leading(factors: NDArray[np.float64]) -> list[frozenset[int]]:
    order = np.argsort(-factors, axis=1, kind="stable")[:, :DEPTH]
    return [frozenset(row[factor[row] > 0].tolist()) for row, factor in zip(order, factors, strict=True)]


def _model(number: int) -> NMF:
    return NMF(number, init="nndsvda", random_state=SEED, max_iter=ITERATIONS, tol=1e-3)
