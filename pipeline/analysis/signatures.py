"""Signatures of passages, and the plans that may share one: MinHash over windows, locality-sensitive hashing.

A plan that quotes a page of another has little in common with it as a whole, so that not plans are signed but windows:
from every sentence on so many characters. MinHash (Broder 1997) comes from rensa, which takes whole arrays of hashed
shingles (7 µs a window, datasketch 150). The buckets are sorted arrays: an index of hash tables takes ten times the
memory, and two of these signatures merge by lying side by side.
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

    from pipeline.analysis.shingles import Hashes, Offsets

WINDOW = 48  # characters that a window has at least, up to the end of its sentence
LONGEST = 128  # characters that a window has at most; inside longer sentences windows start by content
SHORTEST = 20  # a window at the end of a plan with fewer characters is left out
BANDS, ROWS = 16, 3  # windows with a third of their shingles in common meet in one band in 45 of 100 cases, 60 %: 98
SEED = 1
AT_ONCE = 200  # windows: rensa hands 256 and more to threads of its own, and a process forked after that would hang
CROWD = 8  # plans in a bucket up to which every pair is a candidate; in a larger one each pairs with the first
FEW = 100  # plans of a corpus in which every pair is a candidate: less than two seconds, and nothing is missed
HITS = 2  # buckets that two plans must share: a single one is often a phrase that many plans have
PARTNERS = 12  # earlier plans that a plan is compared with at most: those with which it shares most buckets
REPEATED = 10  # shingles that a plan must hold again to be searched for a passage that it repeats
BATCH = 500_000  # characters signed at once
_STOPS = np.array([ord(char) for char in "\n。！？；!?;"], np.uint32)


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """The signatures of some plans.

    ``keys`` are the buckets of each window, ``(BANDS, windows)``, ``plan`` is the window's plan. ``whole`` are digests
    of the plans that have characters, ``whole_plan`` these plans; ``repeating`` are those that may repeat themselves.
    """

    keys: NDArray[np.uint32]
    plan: NDArray[np.uint32]
    whole: Hashes
    whole_plan: NDArray[np.uint32]
    repeating: NDArray[np.uint32]


@dataclass(frozen=True, slots=True, eq=False)
class Signatures:
    """The signatures of any number of plans, in any order; ``merged`` is associative and commutative."""

    blocks: tuple[Block, ...] = ()

    def merged(self, other: Signatures) -> Signatures:
        """Return the signatures of both sets of plans, which must have no plan in common."""
        return Signatures(self.blocks + other.blocks)


def sign(plans: Iterable[tuple[int, str]]) -> Signatures:
    """Return the signatures of plans given as (number in corpus order, text); the numbers are below 2³²."""
    return Signatures(tuple(_sign_batch(batch) for batch in _batches(plans)))


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


def _sign_batch(plans: Sequence[tuple[int, str]]) -> Block:
    texts = [text for _, text in plans]
    numbers = np.array([number for number, _ in plans], np.uint32)
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
    whole, filled = _digests(chars, borders)
    repeating = _repeating(hashes[inside], shingle_plan[inside], len(plans))
    keys = _keys(hashes, starts[windows], lengths)
    return Block(keys, numbers[plan[windows]], whole, numbers[filled], numbers[repeating])


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


def _keys(hashes: Hashes, starts: Offsets, lengths: Offsets) -> NDArray[np.uint32]:
    """Return the bucket keys ``(BANDS, windows)`` of windows given by their shingles."""
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
    return np.ascontiguousarray((keys >> np.uint64(32)).astype(np.uint32).T)


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


def candidates(signatures: Signatures, few: int = FEW) -> NDArray[np.int64]:
    """Return the pairs of plans that may share a text, ``(pairs, 2)``: a ≤ b, sorted, each once.

    (a, a) is a plan that may repeat itself. Of more than ``few`` plans at most ``PARTNERS`` pairs per later plan, and
    its equals: ten thousand copies of one text give as many pairs, not fifty million.
    """
    if not signatures.blocks:
        return np.zeros((0, 2), np.int64)
    repeating = np.concatenate([block.repeating for block in signatures.blocks]).astype(np.uint64)
    plans = np.concatenate([block.whole_plan for block in signatures.blocks]).astype(np.uint64)
    pairs = _all_pairs(np.sort(plans)) if len(plans) <= few else _likely_pairs(signatures)
    return _split(np.union1d(pairs, (repeating << np.uint64(32)) | repeating))


def _all_pairs(plans: Hashes) -> Hashes:
    first, second = np.triu_indices(len(plans), 1)
    return (plans[first] << np.uint64(32)) | plans[second]


def _likely_pairs(signatures: Signatures) -> Hashes:
    """Return the pairs of plans that share buckets, or their whole text."""
    plan = np.concatenate([block.plan for block in signatures.blocks])
    found = []
    for band in range(BANDS):
        keys = np.concatenate([block.keys[band] for block in signatures.blocks])
        entries = np.sort((keys.astype(np.uint64) << np.uint64(32)) | plan)
        found.append(_pairs(entries >> np.uint64(32), entries & np.uint64(0xFFFFFFFF)))
    pairs, hits = np.unique(np.concatenate(found), return_counts=True)
    pairs, hits = pairs[hits >= HITS], hits[hits >= HITS]
    whole = np.concatenate([block.whole for block in signatures.blocks])
    whole_plan = np.concatenate([block.whole_plan for block in signatures.blocks])
    order = np.lexsort((whole_plan, whole))
    same = _pairs(whole[order], whole_plan[order].astype(np.uint64))
    return np.union1d(_strongest(pairs, hits), same)


def _pairs(keys: Hashes, plans: Hashes) -> Hashes:
    """Return the pairs of plans in the same bucket as ``a << 32 | b``, each once; buckets sorted, in them the plans."""
    opens = np.diff(keys, prepend=keys[:1] + np.uint64(1)) != 0
    bucket = np.flatnonzero(opens)
    size = np.repeat(np.diff(bucket, append=len(keys)), np.diff(bucket, append=len(keys)))
    first = np.repeat(bucket, np.diff(bucket, append=len(keys)))
    crowded = np.flatnonzero((size > CROWD) & ~opens)
    found = [(plans[first[crowded]] << np.uint64(32)) | plans[crowded]]
    for step in range(1, CROWD):
        near = np.flatnonzero((first[:-step] == first[step:]) & (size[step:] <= CROWD))
        found.append((plans[near] << np.uint64(32)) | plans[near + step])
    pairs = np.unique(np.concatenate(found))
    other: Hashes = pairs[pairs >> np.uint64(32) != pairs & np.uint64(0xFFFFFFFF)]
    return other


def _strongest(pairs: Hashes, hits: Offsets) -> Hashes:
    """Return the pairs that are among the ``PARTNERS`` of their later plan with most hits, earlier plans first."""
    later = pairs & np.uint64(0xFFFFFFFF)
    order = np.lexsort((pairs, -hits, later))
    sorted_later = later[order]
    first = np.searchsorted(sorted_later, sorted_later)
    return pairs[order[np.arange(len(order)) - first < PARTNERS]]


def _split(pairs: Hashes) -> NDArray[np.int64]:
    return np.column_stack([pairs >> np.uint64(32), pairs & np.uint64(0xFFFFFFFF)]).astype(np.int64)
