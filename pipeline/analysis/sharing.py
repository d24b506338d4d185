"""Which plans share passages, over all shards: pairs by buckets, then each stretch of later plans with the earlier."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from pipeline.analysis import buckets, copies, passages, runs
from pipeline.analysis.signatures import BANDS, sign

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pipeline.analysis.place import Place, Shard
    from pipeline.analysis.shelf import Row
    from pipeline.engines import Run

WINDOWS = 1 << 20  # whose buckets are looked at in one go
LATER = 1000  # plans that are compared with those before them in one go
BUCKETS, WHOLE, REPEATING, PAIRS, PASSAGES = "buckets", "whole", "repeating", "pairs", "passages"
TEXTS = BANDS  # beside the bands of signatures: one for whole texts


class Signed(NamedTuple):
    """How many windows and how many plans with characters were signed."""

    windows: int
    plans: int


def sign_shard(place: Place, shard: Shard, rows: Sequence[Row]) -> Signed:
    """Write the signatures of the plans of a shard."""
    signatures = sign((shard.first + at, copies.body(row.text, row.title)) for at, row in enumerate(rows))
    for name in (BUCKETS, WHOLE, REPEATING):
        runs.write(place.part(name, f"{shard.number}.npy"), getattr(signatures, name))
    return Signed(signatures.buckets.shape[1], signatures.whole.shape[1])


def find_pairs(place: Place, signed: Sequence[Signed], run: Run) -> None:
    """Write the pairs of plans that meet in each band, and those of equal texts; of few plans all."""
    windows, plans = (sum(column) for column in zip(*signed, strict=True))
    if plans <= buckets.FEW:
        numbers = runs.between(place.parts(WHOLE), 0, runs.VALUES - 1, row=1)
        _write_pairs(place, TEXTS, 0, buckets.all_pairs(numbers))
        return
    cuts = [(band, *cut) for band in range(BANDS) for cut in runs.stretches(windows, WINDOWS)]
    cuts += [(TEXTS, *cut) for cut in runs.stretches(plans, WINDOWS)]
    for _ in run(partial(_meet, place), cuts):
        pass


def _meet(place: Place, cut: tuple[int, int, int]) -> None:
    band, low, last = cut
    if band == TEXTS:
        digests, plans = (runs.between(place.parts(WHOLE), low, last, row=row) for row in range(2))
        pairs = buckets.equal(digests, plans)
    else:
        pairs = buckets.meeting(runs.between(place.parts(BUCKETS), low, last, key=band, row=band))
    _write_pairs(place, band, low, pairs)


def _write_pairs(place: Place, band: int, low: int, pairs: runs.Numbers) -> None:
    runs.write(place.part(f"{PAIRS}{band}", f"{low}.npy"), pairs[None])


def compare_all(place: Place, plans: int, run: Run) -> copies.Groups:
    """Write the passages that plans share, from pairs that are written; return which plans repeat another."""
    representatives, copied = copies.Representatives(plans), [np.zeros(0)]
    cuts = ((first, min(LATER, plans - first)) for first in range(0, plans, LATER))
    for shares, held in run(partial(_compare_later, place), cuts):
        copied.append(shares)
        representatives.add(held)
    return copies.Groups(representatives.duplicate_of(), np.concatenate(copied))


def _compare_later(place: Place, cut: tuple[int, int]) -> tuple[NDArray[np.float64], list[copies.Held]]:
    first, count = cut

    @lru_cache(copies.RECENT)
    def plan_of(number: int) -> copies.Plan:
        return copies.Plan.without_heading(*place.plan(number))

    def length_of(number: int) -> int:
        return len(plan_of(number).text)

    found = copies.compare(_pairs_of(place, first, count), lambda number: plan_of(number).text)
    passages.write(place.part(PASSAGES, first), found, plan_of)
    shares = copies.copied_shares(found, length_of)
    copied = np.array([shares.get(number, 0.0) for number in range(first, first + count)])
    return copied, list(copies.holdings(found, length_of))


def _pairs_of(place: Place, first: int, count: int) -> NDArray[np.int64]:
    """Return the pairs to compare of some later plans."""
    low, last = first << 32, ((first + count) << 32) - 1
    *bands, same = (runs.between(place.parts(f"{PAIRS}{band}"), low, last) for band in range(BANDS + 1))
    repeating = runs.between(place.parts(REPEATING), first, first + count - 1)
    # Two plans may meet in two stretches of one band; that is one bucket still.
    return buckets.choose([np.unique(pairs) for pairs in bands], same, repeating)
