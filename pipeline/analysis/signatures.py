"""Signatures of passages, and the plans that may share one: MinHash over windows, locality-sensitive hashing.

A plan that quotes a page of another has little in common with it as a whole, so that not plans are signed but windows:
from every sentence on so many characters. MinHash (Broder 1997) comes from rensa, which takes whole arrays of hashed
shingles (7 µs a window, datasketch 150). The buckets are sorted arrays: an index of hash tables takes ten times the
memory, and a stretch of sorted numbers is found on disk as well as in memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np
from rensa import RMinHash

from pipeline.analysis.shingles import SHINGLE, codes_of, counting, hash_shingles

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from pipeline.analysis.runs import Numbers
    from pipeline.analysis.shingles import Hashes, Offsets

WINDOW = 48  # characters that a window has at least, up to the end of its sentence
LONGEST = 128  # characters that a window has at most; inside longer sentences windows start by content
SHORTEST = 20  # a window at the end of a plan with fewer characters is left out
BANDS, ROWS = 16, 3  # windows with a third of their shingles in common meet in one band in 45 of 100 cases, 60 %: 98
SEED = 1
AT_ONCE = 200  # windows: rensa hands 256 and more to threads of its own, and a process forked after that would hang
REPEATED = 10  # shingles that a plan must hold again to be searched for a passage that it repeats
BATCH = 500_000  # characters signed at once
_STOPS = np.array([ord(char) for char in "\n。！？；!?;"], np.uint32)


@dataclass(frozen=True, slots=True, eq=False)
class Signatures:
    """The signatures of any number of plans; ``merged`` is associative and commutative.

    ``buckets``, ``(BANDS, windows)``: in each band the windows as ``bucket << 32 | plan``, sorted. ``whole``, two rows:
    digests of the plans that have characters, sorted, and these plans. ``repeating``, one row: the plans that may
    repeat themselves, sorted.
    """

    buckets: Numbers
    whole: Numbers
    repeating: Numbers

    def merged(self, other: Signatures) -> Signatures:
        """Return the signatures of both sets of plans, which must have no plan in common."""
        return _together([self, other])


def sign(plans: Iterable[tuple[int, str]]) -> Signatures:
    """Return the signatures of plans given as (number in corpus order, text); the numbers are below 2³²."""
    return _together([_sign_batch(batch) for batch in _batches(plans)])


def _together(parts: Sequence[Signatures]) -> Signatures:
    if len(parts) == 1:
        return parts[0]
    nothing = Signatures(*(np.zeros((rows, 0), np.uint64) for rows in (BANDS, 2, 1)))
    buckets, whole, repeating = (
        np.concatenate([getattr(part, name) for part in (nothing, *parts)], axis=1) for name in Signatures.__slots__
    )
    return Signatures(np.sort(buckets), whole[:, np.lexsort(whole[::-1])], np.sort(repeating))


def _batches(plans: Iterable[tuple[int, str]]) -> Iterator[list[tuple[int, str]]]:
    batch: list[tuple[int, str]] = []
    size = 0
    for plan in plans:
        batch.append(plan)
        size += len(plan[1])
        if size >= BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _sign_batch(plans: Sequence[tuple[int, str]]) -> Signatures:
    texts = [text for _, text in plans]
    numbers = np.array([number for number, _ in plans], np.uint64)
    codes = codes_of("\n".join(texts))
    kept = counting(codes)
    ends = np.array(list(accumulate(len(text) + 1 for text in texts)))
    # From here on all places count in the characters that are kept.
    borders = np.searchsorted(kept, ends)
    chars = codes[kept]
    hashes = hash_shingles(chars)
    shingle_plan = np.searchsorted(borders, np.arange(len(hashes)), "right")
    inside = np.arange(len(hashes)) + SHINGLE <= borders[shingle_plan]  # not those that reach into the next plan
    sentences = np.searchsorted(kept, np.flatnonzero(np.isin(codes, _STOPS)))
    starts = _starts(sentences, np.flatnonzero((hashes % np.uint64(LONGEST // 2) == 0) & inside), len(kept))
    plan = np.searchsorted(borders, starts, "right")
    windows, lengths = _windows(starts, hashes, borders, plan)
    buckets = np.sort((_keys(hashes, starts[windows], lengths) << np.uint64(32)) | numbers[plan[windows]])
    whole, filled = _digests(chars, borders)
    repeating = _repeating(hashes[inside], shingle_plan[inside], len(plans))
    whole = np.stack([whole, numbers[filled]])
    return Signatures(buckets, whole[:, np.lexsort(whole[::-1])], np.sort(numbers[repeating])[None])


def _starts(after_stops: Offsets, inner: Offsets, count: int) -> Offsets:
    """Return where windows start: at sentences, and in long ones at the places that their content marks."""
    sentences = np.unique(np.concatenate([[0], after_stops]))
    sentences = sentences[sentences < count]
    length = np.diff(sentences, append=count)
    inner = inner[length[np.searchsorted(sentences, inner, "right") - 1] > LONGEST]
    return np.union1d(sentences, inner)


def _windows(starts: Offsets, hashes: Hashes, borders: Offsets, plan: Offsets) -> tuple[Offsets, Offsets]:
    """Return which starts have a window, and how many shingles these have.

    Of short sentences every second has one, chosen by its content: the windows before reach over the others.
    """
    if not len(starts):
        return starts, starts
    after = np.searchsorted(starts, starts + WINDOW)
    ends = np.append(starts, borders[-1])[after]
    ends = np.minimum(np.minimum(ends, starts + LONGEST), borders[plan])
    first = np.diff(plan, prepend=-1) > 0
    lengths = ends - starts - SHINGLE + 1
    chosen = np.flatnonzero((lengths > 0) & (first | (ends - starts >= SHORTEST)))
    short = np.diff(starts, append=borders[-1])[chosen] < WINDOW // 2
    chosen = chosen[~short | first[chosen] | (hashes[starts[chosen]] % np.uint64(2) == 0)]
    return chosen, lengths[chosen]


def _keys(hashes: Hashes, starts: Offsets, lengths: Offsets) -> Numbers:
    """Return the bucket keys ``(BANDS, windows)``, of 32 bits, of windows given by their shingles."""
    parts = [
        _min_hashes(hashes, starts[at : at + AT_ONCE], lengths[at : at + AT_ONCE])
        for at in range(0, len(starts), AT_ONCE)
    ]
    digests = np.concatenate(parts or [np.zeros((0, BANDS * ROWS), np.uint32)]).astype(np.uint64)
    digests = digests.reshape(len(starts), BANDS, ROWS)
    keys = np.zeros((len(starts), BANDS), np.uint64)
    for row in range(ROWS):
        keys = (keys ^ digests[:, :, row]) * np.uint64(0x9E3779B97F4A7C15)
        keys ^= keys >> np.uint64(29)
    return np.ascontiguousarray((keys >> np.uint64(32)).T)


def _min_hashes(hashes: Hashes, starts: Offsets, lengths: Offsets) -> NDArray[np.uint32]:
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    places = np.arange(offsets[-1]) + np.repeat(starts - offsets[:-1], lengths)
    matrix = RMinHash.digest_matrix_from_flat_token_hashes(
        hashes[places], offsets.astype(np.uint64), num_perm=BANDS * ROWS, seed=SEED
    )
    return np.array(matrix.to_rows(), np.uint32)


def _digests(chars: NDArray[np.uint32], borders: Offsets) -> tuple[Hashes, Offsets]:
    """Return a digest of each text that has characters, and which texts these are."""
    filled = np.flatnonzero(np.diff(borders, prepend=0))
    digests = [
        int.from_bytes(blake2b(chars[borders[i - 1] if i else 0 : borders[i]].tobytes(), digest_size=8).digest())
        for i in filled
    ]
    return np.array(digests, np.uint64), filled


def _repeating(hashes: Hashes, plan: Offsets, count: int) -> Offsets:
    """Return which plans hold at least ``REPEATED`` shingles that stand earlier in them."""
    bits = np.uint64(max(1, count).bit_length())
    entries = np.sort((hashes << bits) | plan.astype(np.uint64))  # the plan takes the place of the first bits
    again = entries[1:][entries[1:] == entries[:-1]] & ((np.uint64(1) << bits) - np.uint64(1))
    return np.flatnonzero(np.bincount(again.astype(np.int64), minlength=count) >= REPEATED)
