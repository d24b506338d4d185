"""Alignment of two texts: the passages that one has from the other, whatever was spun in them.

Seeds are shingles that both hold; seeds in a row are a run, runs that follow each other with small gaps a chain. A
chain is a passage when it is long and alike enough; what lies in its gaps is compared by rapidfuzz.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from rapidfuzz.distance import LCSseq

from pipeline.analysis.shingles import SHINGLE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.analysis.shingles import Hashes, Offsets, Shingled

LEAST = 60  # characters of a passage; what is shorter is a turn of phrase that many plans share
SHORT = 20  # characters of a passage that is most of the shorter text
MOST = 0.8
GAP = 40  # characters without a common shingle that a passage may hold in a row
DRIFT = 16  # how much longer a gap may be in one text than in the other
ALIKE = 0.7  # similarity of a passage at least: spun copies have 0.85 and more, reports after one pattern up to 0.65
_PLACES = np.uint64(28)  # bits for a place in a text; 36 bits of a shingle's hash are left
_PLACE = np.uint64((1 << 28) - 1)


class Passage(NamedTuple):
    """Two stretches of text that are nearly the same: offsets in the texts, half-open; similarity 0…1.

    The similarity is twice the longest common subsequence over the sum of the lengths; punctuation does not count.
    """

    a_start: int
    a_end: int
    b_start: int
    b_end: int
    similarity: float


@dataclass(slots=True)
class _Chain:
    """A passage that grows: where it lies in both texts, and how many characters are in common."""

    i: int
    j: int
    i_end: int
    j_end: int
    common: int

    def takes(self, i: int, j: int) -> bool:
        """Whether a run that starts at (i, j) may follow."""
        in_a, in_b = i - self.i_end, j - self.j_end
        return -SHINGLE < in_a <= GAP and -SHINGLE < in_b <= GAP and abs(in_a - in_b) <= DRIFT


def align(a: Shingled, b: Shingled) -> list[Passage]:
    """Return the passages that two texts share, in order of the first; the same the other way round, swapped."""
    if a.chars == b.chars:
        return [Passage(0, len(a.text), 0, len(b.text), 1.0)] if a.chars else []
    if b.text < a.text:  # Greedy chains depend on the direction; so there is only one.
        turned = [Passage(p.b_start, p.b_end, p.a_start, p.a_end, p.similarity) for p in align(b, a)]
        return sorted(turned)
    i, j = _seeds(_numbered(a.hashes), _numbered(b.hashes))
    shorter = min(len(a.chars), len(b.chars))
    chains = [_grown(chain, a.chars, b.chars) for chain in _chains(a.chars, b.chars, i, j)]
    return sorted({_passage(a, b, chain) for chain in chains if _is_copy(chain, shorter)})


def repeats(text: Shingled) -> list[Passage]:
    """Return the passages that a text holds twice: each with its next occurrence, which begins after it has ended."""
    i, j = _seeds(_numbered(text.hashes), _numbered(text.hashes, skip=1))
    grown = (_grown(chain, text.chars, text.chars) for chain in _chains(text.chars, text.chars, i, j))
    chains = [piece for chain in grown for piece in _apart(chain)]
    return sorted({_passage(text, text, chain) for chain in chains if _is_copy(chain, 0)})


def _numbered(hashes: Hashes, skip: int = 0) -> tuple[Hashes, Offsets]:
    """Return the shingles as sorted keys that tell how often each occurred before, and their places.

    The first ``skip`` occurrences are left out, the others count from 0.
    """
    # The low bits hold first the place, then the number of the occurrence: one sort of plain numbers does both.
    entries = np.sort((hashes << _PLACES) | np.arange(len(hashes), dtype=np.uint64))
    places = (entries & _PLACE).astype(np.int64)
    entries >>= _PLACES
    opens = np.flatnonzero(np.diff(entries, prepend=~entries[:1]))
    rank = np.arange(len(entries)) - np.repeat(opens, np.diff(opens, append=len(entries)))
    chosen = rank >= skip
    return (entries[chosen] << _PLACES) | (rank[chosen] - skip).astype(np.uint64), places[chosen]


def _seeds(one: tuple[Hashes, Offsets], two: tuple[Hashes, Offsets]) -> tuple[Offsets, Offsets]:
    """Return the places of the shingles in common, sorted by the first: n-th occurrence with n-th occurrence."""
    (keys, i), (others, j) = one, two
    if not len(others):
        return i[:0], j
    at = np.minimum(np.searchsorted(others, keys), len(others) - 1)
    common = others[at] == keys
    i, j = i[common], j[at[common]]
    order = np.argsort(i)
    return i[order], j[order]


def _chains(a: str, b: str, i: Offsets, j: Offsets) -> Iterator[_Chain]:
    """Yield the chains of runs."""
    breaks = (np.diff(i, prepend=-2) != 1) | (np.diff(j, prepend=-2) != 1)
    first = np.flatnonzero(breaks)
    lengths = np.diff(first, append=len(i)) + SHINGLE - 1
    open_chains: list[_Chain] = []
    for at_a, at_b, length in zip(i[first].tolist(), j[first].tolist(), lengths.tolist(), strict=True):
        alive = [chain for chain in open_chains if at_a - chain.i_end <= GAP]
        yield from (chain for chain in open_chains if at_a - chain.i_end > GAP)
        open_chains = alive
        fitting = [chain for chain in open_chains if chain.takes(at_a, at_b)]
        if not fitting:
            open_chains.append(_Chain(at_a, at_b, at_a + length, at_b + length, length))
            continue
        _extend(min(fitting, key=lambda c: abs((at_a - c.i_end) - (at_b - c.j_end))), a, b, (at_a, at_b, length))
    yield from open_chains


def _extend(chain: _Chain, a: str, b: str, run: tuple[int, int, int]) -> None:
    """Add a run to a chain, and what is alike in the gap before it."""
    i, j, length = run
    overlap = max(0, chain.i_end - i, chain.j_end - j)
    if overlap >= length:
        return
    chain.common += length - overlap + LCSseq.similarity(a[chain.i_end : i], b[chain.j_end : j])
    chain.i_end, chain.j_end = i + length, j + length


def _grown(chain: _Chain, a: str, b: str) -> _Chain:
    """Return a chain with what is equal beside its ends: there a shingle may stand elsewhere too, and be no seed."""
    i, j, i_end, j_end, common = chain.i, chain.j, chain.i_end, chain.j_end, chain.common
    while i and j and a[i - 1] == b[j - 1]:
        i, j, common = i - 1, j - 1, common + 1
    while i_end < len(a) and j_end < len(b) and a[i_end] == b[j_end]:
        i_end, j_end, common = i_end + 1, j_end + 1, common + 1
    return _Chain(i, j, i_end, j_end, common)


def _apart(chain: _Chain) -> Iterator[_Chain]:
    """Yield a chain of a text with itself in pieces that do not overlap their copies (a paragraph three times)."""
    if chain.i_end <= chain.j:
        yield chain
        return
    period = chain.j - chain.i
    step = period * -(-LEAST // period)
    share = chain.common / max(chain.i_end - chain.i, chain.j_end - chain.j)
    for start in range(chain.i, chain.i_end - step + 1, step):
        end = min(start + step, chain.i_end)
        if end + step <= chain.j_end:
            yield _Chain(start, start + step, end, end + step, round(share * step))


def _is_copy(chain: _Chain, shorter: int) -> bool:
    length = min(chain.i_end - chain.i, chain.j_end - chain.j)
    long_enough = length >= LEAST or (length >= SHORT and length >= MOST * shorter > 0)
    return long_enough and _similarity(chain) >= ALIKE


def _similarity(chain: _Chain) -> float:
    return 2 * chain.common / (chain.i_end - chain.i + chain.j_end - chain.j)


def _passage(a: Shingled, b: Shingled, chain: _Chain) -> Passage:
    return Passage(*a.span(chain.i, chain.i_end), *b.span(chain.j, chain.j_end), _similarity(chain))
