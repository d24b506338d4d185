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

# A character is doubtful when the weighted sum of what the model says of it is at least Bars.doubt. The weights are a
# logistic regression for "the acceptance model would give a change of it 0.3 or more", on damaged and clean text and
# the odd lines of cscd_dev; at this bar 97 % of such places are kept, with 3 % of the characters of clean text.
OWN, FIRST, SECOND, SUM = -0.628, -0.562, 0.512, -0.678  # of the character, the two after it, and all three together
GAIN, BIGRAMS, INTERCEPT = 2.193, 1.94, 4.526  # of the best candidate by bigrams; of the bigrams as they stand


class Bars(NamedTuple):
    """What is looked at; all in log10.

    ``surprise``: the probability of a character and the two after it, below which it is looked at; ``doubt``: the
    weighted sum from which it is doubtful; ``behind``: candidates so far behind the best one are left out, as are all
    but the ``most`` best ones.
    """

    surprise: float
    doubt: float
    behind: float
    most: int


USUAL = Bars(surprise=-5.2, doubt=-1.7, behind=1.6, most=3)


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


def _following(codes: NDArray[np.uint32], logs: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the log10 probabilities of the first and second token after each, 0 beyond its sentence."""
    end = codes == ord(END)
    first, second = np.zeros_like(logs), np.zeros_like(logs)
    first[:-1] = np.where(end[:-1], 0, logs[1:])
    second[:-2] = np.where(end[:-2] | end[1:-1], 0, logs[2:])
    return first, second


def surprises(codes: NDArray[np.uint32], logs: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the log10 probability of each token and the two after it, as far as its sentence goes."""
    first, second = _following(codes, logs)
    total: NDArray[np.float32] = logs + first + second
    return total


def _weighted(codes: NDArray[np.uint32], logs: NDArray[np.float32]) -> NDArray[np.float32]:
    first, second = _following(codes, logs)
    total: NDArray[np.float32] = (OWN + SUM) * logs + (FIRST + SUM) * first + (SECOND + SUM) * second + INTERCEPT
    return total


def detect(
    points: NDArray[np.uint32],
    tokens: Tokens,
    logs: NDArray[np.float32],
    tables: CandidateTables,
    bars: Bars = USUAL,
) -> Doubts:
    """Return the doubtful characters among ``points`` (code points of the text) with their best candidates.

    ``logs`` are the tokens' log10 probabilities. Penalties are whole steps of 1 / LEVELS of log10.
    """
    real = np.append(points, 0)[tokens.offsets]
    surprise = surprises(tokens.codes, logs)
    chinese = (real >= FIRST_CHAR) & (real <= LAST_CHAR) & (tokens.codes > ord(" "))
    places = np.flatnonzero(chinese & (surprise < bars.surprise))
    counts, rows = tables.of(real[places].astype(np.int64))
    places, counts = places[counts > 0], counts[counts > 0]
    if not len(places):
        none = np.zeros(0, np.int64)
        return Doubts(none, np.zeros(0), none, none, none, np.zeros(0))
    size, table, turned = len(tables.bigrams), tables.bigrams.ravel(), tables.turned.ravel()
    numbers = tables.places(tokens.codes)
    left, here, right = numbers[places - 1] * size, numbers[places], numbers[places + 1]
    targets = tables.targets[rows].astype(np.int64)
    then = turned.take(np.repeat(right * size, counts) + targets)
    penalty = table.take(np.repeat(left, counts) + targets).astype(np.int16) + then + tables.costs[rows]
    best = np.minimum.reduceat(penalty, np.cumsum(counts) - counts)
    ahead = table.take(here * size + right)
    own = table.take(left + here).astype(np.int16) + ahead
    doubt = (GAIN * (own - best) - BIGRAMS * own) / LEVELS + _weighted(tokens.codes, logs)[places]
    kept = doubt >= bars.doubt
    near = np.flatnonzero(penalty <= np.repeat(np.where(kept, best + round(bars.behind * LEVELS), -1), counts))
    owner = np.repeat(np.cumsum(kept) - 1, counts)[near]
    order = np.lexsort((penalty[near], owner))
    owner, near = owner[order], near[order]
    chosen = np.arange(len(owner)) - np.searchsorted(owner, owner) < bars.most
    owner, near = owner[chosen], near[chosen]
    return Doubts(places[kept], ahead[kept] / -LEVELS, owner, targets[near], rows[near], then[near] / -LEVELS)
