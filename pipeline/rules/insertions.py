"""Ordinary characters dropped into a word (世力界 for 世界): removed where the language model is sure.

``insertions.json`` holds boosted trees over what the model and the dictionary say, trained by
``training/train_insertions.py`` on clean passages with characters dropped into some words.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pipeline.lm.joined import Joined
from pipeline.lm.memory import Looked
from pipeline.model import Edit
from pipeline.rules.protection import Spans, foreign_name, quoted, verse
from pipeline.rules.reasons import times

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from pipeline.lexicons.tables import Words
    from pipeline.lm.candidates import CandidateTables
    from pipeline.lm.scored import Scorer
    from pipeline.lm.trees import TreeModel
    from pipeline.rules.protection import Protection

SHIPPED = Path(__file__).parent / "insertions.json"
FEATURES = (
    *("gain", "own", "next", "second", "joined_worst", "joined_mean", "unigram"),
    *("word", "left_word", "right_word", "fluency", "left_bigram", "right_bigram", "joined_bigram", "doubled"),
)
"""Names of the features, in the order of the columns; log10 where they are probabilities."""
SURPRISE = -6.0  # log10 of a character and the one after it, below which they are looked at
JOINED = -2.6  # log10 of the bigram over the gap, below which they are not
LEAST_GAIN = 3.0  # log10
COMMON = 50  # occurrences in the dictionary of the word that the character parts
GRAIN = 64
FIRST_HAN, LAST_HAN = 0x4E00, 0x9FFF


class Insertions:
    """Finds dropped-in characters and what there is to say of them."""

    def __init__(self, scorer: Scorer, tables: CandidateTables, words: Words) -> None:
        self._scorer, self._tables, self._words = scorer, tables, words

    def candidates(self, text: str) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float32]]:
        """Return offsets of characters that may be dropped in, the gain (log10) without each, rows of :data:`FEATURES`."""
        nothing = np.zeros(0, np.int64), np.zeros(0), np.zeros((0, len(FEATURES)), np.float32)
        scored = self._scorer.read(text)
        symbols, codes, logs = scored.symbols, scored.tokens.codes, scored.logs
        if len(codes) < 3:
            return nothing
        han = (codes >= FIRST_HAN) & (codes <= LAST_HAN)
        inner = np.flatnonzero(han[:-2] & han[1:-1] & han[2:]) + 1
        inner = inner[logs[inner] + logs[inner + 1] < SURPRISE]
        numbers = self._tables.places(codes)
        inner = inner[self._tables.bigram(numbers[inner - 1], numbers[inner + 1]) > JOINED]
        inner = inner[[self._words.has(symbols[at - 1] + symbols[at + 1], COMMON) for at in inner.tolist()]]
        if not len(inner):
            return nothing
        low, high = scored.windows(inner, inner + 1)
        bounds = list(zip(low.tolist(), inner.tolist(), high.tolist(), strict=True))
        without = self._scorer.score([(symbols[a:b], "", symbols[b + 1 : c]) for a, b, c in bounds])
        gain = without.after - scored.total(inner, high)
        left, here, right = numbers[inner - 1], numbers[inner], numbers[inner + 1]
        bigram = self._tables.bigram
        columns = [
            *(gain, logs[inner], logs[inner + 1], logs[inner + 2], without.worst, without.after / without.size),
            self._tables.unigram[here],
            np.array([self._dictionary(symbols[a:b], symbols[b], symbols[b + 1 : c]) for a, b, c in bounds]),
            *(bigram(left, here), bigram(here, right), bigram(left, right)),
            (codes[inner] == codes[inner - 1]) | (codes[inner] == codes[inner + 1]),
        ]
        rows = (np.round(np.column_stack(columns) * GRAIN) / GRAIN).astype(np.float32)
        kept = gain > LEAST_GAIN
        return scored.tokens.offsets[inner[kept]], gain[kept], rows[kept]

    def _dictionary(self, left: str, here: str, right: str) -> tuple[float, ...]:
        """Return how common the parted word is, those on either side of the gap, and how much better the text parses."""
        count, fluency = self._words.count, self._words.fluency
        beside = (left[-1] + right[0], left[-1] + here, here + right[0])
        return *(math.log10(count(word) + 1) for word in beside), fluency(left + right) - fluency(left + here + right)


class DroppedIn:
    """Proposes to remove dropped-in characters."""

    def __init__(self, finder: Insertions, judge: TreeModel, protection: Protection) -> None:
        self._finder, self._judge, self._protection = finder, judge, protection
        self.looked = Looked(self._look)

    def _look(self, texts: Sequence[str]) -> Iterator[list[tuple[int, float, float]]]:
        """Return for each text the offset of every character, the gain (log10) without it, how likely it is dropped in."""
        joined = Joined(texts)
        offsets, gains, rows = self._finder.candidates(joined.text)
        return joined.rows(offsets, gains, self._judge.probability(rows))

    def propose(self, text: str, decided: Sequence[tuple[int, int]] = ()) -> Iterator[Edit]:
        """Yield a deletion (kind ``noise``) per character that is worth showing."""
        found = self.looked.at(text)
        if not found:
            return
        taken = Spans([*self._protection.spans(text), *decided])
        for at, gain, probability in found:
            apart = quoted(text, at, at + 1) or foreign_name(text, at, at + 1) or verse(text, at)
            if probability < self._judge.suggest or apart or not taken.add(at - 1, at + 2):
                continue
            confidence = self._judge.confidence(probability)
            why = f"without it {text[at - 1]}{text[at + 1]} is one word and the text {times(gain)} likelier"
            yield Edit(at, at + 1, text[at], "", "noise", "despin.dropped-in", confidence, why)
