"""Vectors of what stands in one sentence with what: writes ``pipeline/lm/context.npz``.

usage: make_context.py CORPUS.zst [CORPUS.zst …]

Counts, over sentences, how often a character or common two-character word (jieba's) stands within :data:`WINDOW` tokens
of a two-character word but not beside it; takes positive pointwise mutual information with smoothed contexts and a
discount for rare pairs (Levy, Goldberg and Dagan 2015), and reduces it by a randomised singular value decomposition.
Needs 8 GB of memory and about ten minutes.
"""

from __future__ import annotations

import argparse
import random
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from sklearn.utils.extmath import randomized_svd

from pipeline.lexicons.tables import load_words
from pipeline.lm.candidates import SPECIAL, CandidateTables
from pipeline.lm.context import SHIPPED
from pipeline.lm.tokens import END, tokenise
from training.corpus import read_lines

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]

TOKENS = 30_000_000  # of each corpus, at most
PAIRS, LEAST = 24_000, 60  # two-character words kept, their occurrences
WINDOW = 18
RANK = 64
SMOOTH = 0.75
BLOCK = 2_000_000  # characters tokenised at a time
SEED = 3


def read_numbers(path: Path, tables: CandidateTables) -> list[NDArray[np.uint16]]:
    """Return a corpus as vocabulary numbers, every second line drawn, up to :data:`TOKENS`."""
    rng, parts, waiting, size, total = random.Random(SEED), [], [], 0, 0
    for line in read_lines(path):
        if rng.random() < 0.5:
            waiting.append(line)
            size += len(line)
        if size >= BLOCK:
            parts.append(tables.places(tokenise("\n".join(waiting)).codes).astype(np.uint16))
            total, size, waiting = total + len(parts[-1]), 0, []
            if total >= TOKENS:
                break
    return [*parts, tables.places(tokenise("\n".join(waiting)).codes).astype(np.uint16)]


def common_pairs(parts: list[NDArray[np.uint16]], tables: CandidateTables) -> Numbers:
    """Return the commonest two-character words as left · size + right, sorted."""
    size, words = len(tables.chars), load_words()
    counts = np.zeros(size * size, np.int32)
    for part in parts:
        counts += np.bincount(part[:-1].astype(np.int64) * size + part[1:], minlength=size * size).astype(np.int32)
    order = np.argsort(-counts)
    kept = []
    for pair in order[counts[order] >= LEAST].tolist():
        left, right = divmod(pair, size)
        if min(left, right) >= len(SPECIAL) and words.has(tables.chars[left] + tables.chars[right]):
            kept.append(pair)
        if len(kept) == PAIRS:
            break
    return np.array(sorted(kept))


def count_together(parts: list[NDArray[np.uint16]], pairs: Numbers, tables: CandidateTables) -> NDArray[np.int32]:
    """Return how often each character and word (rows) stands in a sentence with each word (columns)."""
    size, width = len(tables.chars), len(pairs)
    number = np.full(size * size, -1, np.int32)
    number[pairs] = np.arange(width)
    end = int(tables.places(np.array([ord(END)], np.uint32))[0])
    counts = np.zeros((size + width) * width, np.int32)
    for part in parts:
        sentence = np.cumsum(part == end)
        words = number[part[:-1].astype(np.int64) * size + part[1:]]
        places = np.flatnonzero(words >= 0)
        for distance in (*range(2, WINDOW + 1), *range(-WINDOW - 1, -2)):
            targets = places - distance
            inside = (targets >= 0) & (targets < len(words))
            targets, here = targets[inside], places[inside]
            same = sentence[targets] == sentence[here]
            targets, columns = targets[same], words[here[same]].astype(np.int64)
            chars = part[targets].astype(np.int64)
            real = chars >= len(SPECIAL)
            np.add.at(counts, chars[real] * width + columns[real], 1)
            others = words[targets].astype(np.int64)
            real = others >= 0
            np.add.at(counts, (size + others[real]) * width + columns[real], 1)
    return counts.reshape(size + width, width)


def association(counts: NDArray[np.int32]) -> NDArray[np.float32]:
    """Return positive pointwise mutual information."""
    table = counts.astype(np.float32)
    rows = table.sum(axis=1, dtype=np.float64)
    columns = table.sum(axis=0, dtype=np.float64) ** SMOOTH
    columns /= columns.sum()
    table *= table / (table + 1)  # what was seen once or twice says little
    for start in range(0, len(table), BLOCK // 1000):
        part = table[start : start + BLOCK // 1000]
        expected = np.outer(rows[start : start + BLOCK // 1000], columns).astype(np.float32) + 1e-9
        part /= expected
        np.log(part, out=part, where=part > 0)
        np.maximum(part, 0, out=part)
    return table


def quantised(table: NDArray[np.float64]) -> NDArray[np.int8]:
    """Return the table scaled to −127…127."""
    return np.round(table * (127 / np.abs(table).max())).astype(np.int8)


def main() -> None:
    """Read, count, reduce, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, default=SHIPPED)
    given = parser.parse_args()
    tables = CandidateTables()
    parts = [part for path in given.corpora for part in read_numbers(path, tables)]
    pairs = common_pairs(parts, tables)
    left, values, right = randomized_svd(association(count_together(parts, pairs, tables)), RANK, random_state=SEED)
    root = np.sqrt(values)
    np.savez_compressed(
        given.out, pairs=pairs.astype(np.int32), units=quantised(left * root), contexts=quantised(right.T * root)
    )
    print(f"{sum(map(len, parts)):,} tokens, {len(pairs):,} words, {given.out.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
