"""The pairs of plans that may share a text: those that meet in buckets, never all.

Whatever is in a bucket, it gives about as many pairs as it has plans; of the pairs of a plan only the strongest are
kept. So a hundred thousand copies of one plan, or a passage that all plans have, cost time in proportion.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pipeline.analysis.runs import Numbers
    from pipeline.analysis.signatures import Signatures

CROWD = 8  # plans in a bucket up to which every pair is a candidate; in a larger one each pairs with the first
FEW = 100  # plans of a corpus in which every pair is a candidate: less than two seconds, and nothing is missed
HITS = 2  # buckets that two plans must share: a single one is often a phrase that many plans have
PARTNERS = 12  # earlier plans that a plan is compared with at most: those with which it shares most buckets
_HALF, _LOW = np.uint64(32), np.uint64(0xFFFFFFFF)


def candidates(signatures: Signatures, few: int = FEW) -> NDArray[np.int64]:
    """Return the pairs of plans that may share a text: see :func:`choose`; of at most ``few`` plans all pairs."""
    digests, plans = signatures.whole
    if len(plans) <= few:
        return choose([], all_pairs(plans), signatures.repeating[0])
    return choose(list(map(meeting, signatures.buckets)), equal(digests, plans), signatures.repeating[0])


def choose(met: Sequence[Numbers], same: Numbers, repeating: Numbers) -> NDArray[np.int64]:
    """Return the pairs to compare, ``(pairs, 2)``: a ≤ b, sorted by the later plan, each once.

    ``met``: the pairs that meet in each band; ``same``: those of equal texts, all kept. (a, a) is a plan that may repeat
    itself. Of what plans do, only the pairs with the same later plan have a say.
    """
    pairs, hits = np.unique(np.concatenate([same[:0], *met]), return_counts=True)
    strongest = _strongest(pairs[hits >= HITS], hits[hits >= HITS])
    chosen = np.unique(np.concatenate([strongest, same, (repeating << _HALF) | repeating]))
    return np.column_stack([chosen & _LOW, chosen >> _HALF]).astype(np.int64)


def all_pairs(plans: Numbers) -> Numbers:
    """Return all pairs of different plans as ``later << 32 | earlier``, sorted."""
    plans = np.sort(plans)
    later, earlier = np.tril_indices(len(plans), -1)
    return (plans[later] << _HALF) | plans[earlier]


def meeting(entries: Numbers) -> Numbers:
    """Return the pairs of plans in a bucket, ``later << 32 | earlier``, sorted, each once.

    ``entries`` are ``bucket << 32 | plan``, all of a bucket among them, in any order.
    """
    entries = np.unique(entries)  # a passage that stands many times in a plan makes no crowd
    return _pairs(entries >> _HALF, entries & _LOW)


def equal(digests: Numbers, plans: Numbers) -> Numbers:
    """Return the pairs of plans with the same digest as :func:`meeting` does."""
    order = np.lexsort((plans, digests))
    return _pairs(digests[order], plans[order])


def _pairs(keys: Numbers, plans: Numbers) -> Numbers:
    """Return the pairs of plans with the same key; keys are sorted, and so are the plans of each."""
    opens = np.diff(keys, prepend=keys[:1] + np.uint64(1)) != 0
    bucket = np.flatnonzero(opens)
    sizes = np.diff(bucket, append=len(keys))
    size, first = np.repeat(sizes, sizes), np.repeat(bucket, sizes)
    crowded = np.flatnonzero((size > CROWD) & ~opens)
    found = [(plans[crowded] << _HALF) | plans[first[crowded]]]
    for step in range(1, CROWD):
        near = np.flatnonzero((first[:-step] == first[step:]) & (size[step:] <= CROWD))
        found.append((plans[near + step] << _HALF) | plans[near])
    pairs = np.unique(np.concatenate(found))
    other: Numbers = pairs[pairs >> _HALF != pairs & _LOW]
    return other


def _strongest(pairs: Numbers, hits: NDArray[np.int64]) -> Numbers:
    """Return the pairs that are among the ``PARTNERS`` of their later plan with most hits, earlier plans first."""
    later = pairs >> _HALF
    order = np.lexsort((pairs, -hits, later))
    sorted_later = later[order]
    first = np.searchsorted(sorted_later, sorted_later)
    return pairs[order[np.arange(len(order)) - first < PARTNERS]]
