"""Candidates for a doubtful character, and a first look at how they go with their neighbours; all in arrays.

The tables are made by ``training/make_tables.py`` from pypinyin's readings, rendered glyphs and the language model.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pipeline.lm.tokens import BEGIN, END

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Numbers = NDArray[np.int64]

KINDS = ("variant", "sound", "syllable", "near", "shape", "slip")
"""How a candidate resembles the character: the closest kind only."""
COSTS = (0.6, 1.6, 1.9, 2.6, 2.8, 2.9)
"""What a candidate must gain before it is likelier than what stands there, by its kind; log10."""
LIKENESS_BONUS = 1.2  # of a look-alike's cost, taken away as its similarity goes from LEAST_LIKE to 1
LEAST_LIKE = 0.64
SPECIAL = ("#", "0", "A", "，", BEGIN, END)
"""What stands in the vocabulary beside characters; ``#`` also stands for characters outside it."""
VOCABULARY = 4096
RARE = -6.0  # log10 probability
LEVELS = 24  # steps per unit of log10 in the stored bigrams
FIRST_CHAR, LAST_CHAR = 0x3400, 0x9FFF
"""The characters that have candidates; of them the model knows U+4E00–U+9FFF."""
OTHER = SPECIAL.index("#")
TABLES = Path(__file__).parent / "candidates.npz"


class CandidateTables:
    """Confusion sets of all characters U+3400–U+9FFF and the bigram scores of :data:`VOCABULARY` symbols."""

    def __init__(self, path: Path = TABLES) -> None:
        with np.load(path) as stored:
            self.chars = "".join(SPECIAL) + str(stored["chars"])
            self.starts: Numbers = stored["starts"].astype(np.int64)
            self.targets: NDArray[np.uint16] = stored["targets"]
            self.kinds: NDArray[np.uint8] = stored["kinds"]
            self.likeness: NDArray[np.uint8] = stored["likeness"]
            self.costs: NDArray[np.uint8] = _costs(self.kinds, self.likeness)
            self.unigram: Floats = stored["unigram"]
            self.bigrams = _dense(stored["unigram"], stored["backoff"], stored["steps"], stored["scores"])
        self.turned = np.ascontiguousarray(self.bigrams.T)
        """The same by the second symbol: many first ones before one second are looked up faster there."""
        self.codes = np.frombuffer(self.chars.encode("utf-32-le"), np.uint32)
        self._place = np.full(0x10000, OTHER, np.uint16)
        self._place[self.codes] = np.arange(len(self.codes))

    def places(self, codes: NDArray[np.uint32]) -> Numbers:
        """Return the vocabulary number of each token's code point."""
        return self._place[codes].astype(np.int64)

    def number(self, symbol: str) -> int:
        """Return the vocabulary number of one symbol."""
        return int(self._place[ord(symbol)])

    def rare(self, char: str) -> bool:
        """Whether the model hardly knows the character, or not at all."""
        place = int(self._place[ord(char)]) if ord(char) < len(self._place) else OTHER
        return place == OTHER or bool(self.unigram[place] < RARE)

    def bigram(self, left: Numbers, right: Numbers) -> Floats:
        """Return log10 p(right | left) for arrays of vocabulary numbers, rounded to 1/24."""
        scores: Floats = self.bigrams[left, right].astype(np.float32) / np.float32(-LEVELS)
        return scores

    def of(self, codes: Numbers) -> tuple[Numbers, Numbers]:
        """Return (number of candidates of each of ``codes``, rows of the table of all of them in order)."""
        low = self.starts[codes - FIRST_CHAR]
        counts = self.starts[codes - FIRST_CHAR + 1] - low
        first = np.cumsum(counts) - counts
        return counts, np.arange(int(counts.sum())) + np.repeat(low - first, counts)


def _costs(kinds: NDArray[np.uint8], likeness: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return what each candidate must gain, in steps of 1 / :data:`LEVELS`."""
    alike = np.maximum(0, likeness / 100 - LEAST_LIKE) / (1 - LEAST_LIKE)
    costs = np.array(COSTS)[kinds] - LIKENESS_BONUS * alike
    steps: NDArray[np.uint8] = np.round(costs * LEVELS).astype(np.uint8)
    return steps


def _dense(unigram: Floats, backoff: Floats, steps: NDArray[np.uint32], scores: NDArray[np.uint8]) -> NDArray[np.uint8]:
    left = np.round(-backoff * LEVELS).astype(np.int16)
    right = np.round(-unigram * LEVELS).astype(np.int16)
    table = np.empty((len(left), len(right)), np.uint8)
    np.clip(left[:, None] + right[None, :], 0, 255, out=table, casting="unsafe")
    table.ravel()[np.cumsum(steps, dtype=np.int64)] = scores
    return table
