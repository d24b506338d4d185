"""Detection: one cheap pass marks the doubtful characters and what may stand for them; only those are decoded."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from pipeline.lm.candidates import FIRST_CHAR, LAST_CHAR, LEVELS
from pipeline.lm.tokens import END

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.lm.candidates import CandidateTables
    from pipeline.lm.tokens import Tokens

SURPRISE = -5.2  # log10 probability of a character and the two after it, below which it is looked at
# A character is doubtful when this sum is at least DOUBT. The weights are a logistic regression for "the acceptance
# model would give a change of it 0.3 or more", on damaged and clean text and the odd lines of cscd_dev; at this bar
# 98 % of such places are kept, with 7 % of the characters of clean text.
SURPRISE_WEIGHT, GAIN_WEIGHT, OWN_WEIGHT, INTERCEPT = -0.714, 2.274, 1.333, 4.42
DOUBT = -2.0
BEHIND = 2.5  # log10: candidates so far behind the best one are left out
MOST = 4  # candidates for a character


class Doubts(NamedTuple):
    """The doubtful characters and their candidates, in arrays.

    ``places`` are token numbers, ``ahead`` the log10 probabilities of what follows each after it; for each candidate
    ``owner`` is its index into places, ``targets`` its vocabulary number, ``rows`` its row of the candidate tables,
    ``then`` the log10 probability of what follows after it.
    """

    places: NDArray[np.int64]
    ahead: NDArray[np.float64]
    owner: NDArray[np.int64]
    targets: NDArray[np.int64]
    rows: NDArray[np.int64]
    then: NDArray[np.float64]


def surprises(codes: NDArray[np.uint32], logs: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the log10 probability of each token and the two after it, as far as its sentence goes."""
    end = codes == ord(END)
    total = logs.copy()
    total[:-1] += np.where(end[:-1], 0, logs[1:])
    total[:-2] += np.where(end[:-2] | end[1:-1], 0, logs[2:])
    return total


def detect(points: NDArray[np.uint32], tokens: Tokens, logs: NDArray[np.float32], tables: CandidateTables) -> Doubts:
    """Return the doubtful characters among ``points`` (code points of the text) with their best candidates.

    ``logs`` are the tokens' log10 probabilities. Penalties are whole steps of 1 / LEVELS of log10.
    """
    real = np.append(points, 0)[tokens.offsets]
    surprise = surprises(tokens.codes, logs)
    chinese = (real >= FIRST_CHAR) & (real <= LAST_CHAR) & (tokens.codes > ord(" "))
    places = np.flatnonzero(chinese & (surprise < SURPRISE))
    counts, rows = tables.of(real[places].astype(np.int64))
    places, counts = places[counts > 0], counts[counts > 0]
    if not len(places):
        none = np.zeros(0, np.int64)
        return Doubts(none, np.zeros(0), none, none, none, np.zeros(0))
    size, table = len(tables.bigrams), tables.bigrams.ravel()
    numbers = tables.places(tokens.codes)
    left, here, right = numbers[places - 1] * size, numbers[places], numbers[places + 1]
    targets = tables.targets[rows].astype(np.int64)
    then = table.take(targets * size + np.repeat(right, counts))
    penalty = table.take(np.repeat(left, counts) + targets).astype(np.int16) + then + tables.costs[rows]
    best = np.minimum.reduceat(penalty, np.cumsum(counts) - counts)
    ahead = table.take(here * size + right)
    own = table.take(left + here).astype(np.int16) + ahead
    doubt = GAIN_WEIGHT * (own - best) - OWN_WEIGHT * own
    kept = doubt / LEVELS + SURPRISE_WEIGHT * surprise[places] + INTERCEPT >= DOUBT
    near = np.flatnonzero(penalty <= np.repeat(np.where(kept, best + round(BEHIND * LEVELS), -1), counts))
    owner = np.repeat(np.cumsum(kept) - 1, counts)[near]
    order = np.lexsort((penalty[near], owner))
    owner, near = owner[order], near[order]
    chosen = np.arange(len(owner)) - np.searchsorted(owner, owner) < MOST
    owner, near = owner[chosen], near[chosen]
    return Doubts(places[kept], ahead[kept] / -LEVELS, owner, targets[near], rows[near], then[near] / -LEVELS)
