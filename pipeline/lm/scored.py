"""A text as the language model reads it, and what it would say of other words in their places."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from pipeline.lm.memory import CHARS, Memory
from pipeline.lm.tokens import BEGIN, END, tokenise

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from pipeline.lm.model import LanguageModel
    from pipeline.lm.tokens import Tokens

    Numbers = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Window = tuple[str, str, str]
    """The tokens before a word, of it and after it, as :attr:`Tokens.symbols`."""

UNIT = 1 << 32  # parts of 1 in an exact sum
WINDOWS = 1 << 12  # remembered with their scores
BESIDE = 3  # tokens on either side that a four-gram sees


class ScoredText:
    """The tokens of a text with the log10 probability of each; numbers of tokens count from 0, borders included."""

    def __init__(self, tokens: Tokens, logs: NDArray[np.float32]) -> None:
        self.tokens, self.symbols = tokens, tokens.symbols
        self.logs = np.append(logs, np.float32(0))
        """One more than there are tokens: a 0 at the end, so that every range of tokens may be reduced."""
        self._sums = exact_sums(logs)
        self._begins = np.flatnonzero(tokens.codes == ord(BEGIN))
        self._ends = np.flatnonzero(tokens.codes == ord(END))

    def numbers(self, start: Sequence[int], end: Sequence[int]) -> tuple[Numbers, Numbers]:
        """Return for spans of the text the numbers of their first token and of the one after their last.

        A border has the offset of the token after it, so the token itself is the last one with its offset.
        """
        offsets = self.tokens.offsets
        first = np.searchsorted(offsets, np.asarray(start, np.int64), "right") - 1
        return first, np.searchsorted(offsets, np.asarray(end, np.int64) - 1, "right")

    def sentences(self, first: Numbers, last: Numbers) -> tuple[Numbers, Numbers]:
        """Return the numbers of the borders of the sentence that holds each range of tokens (half-open)."""
        return self._begins[np.searchsorted(self._begins, first) - 1], self._ends[np.searchsorted(self._ends, last)]

    def windows(self, first: Numbers, last: Numbers) -> tuple[Numbers, Numbers]:
        """Return where the tokens begin and end (half-open) that bear on each range of tokens, or it on them."""
        begin, stop = self.sentences(first, last)
        return np.maximum(begin, first - BESIDE), np.minimum(last + BESIDE, stop + 1)

    def total(self, low: Numbers, high: Numbers) -> Floats:
        """Return the log10 probability of each range of tokens."""
        result: Floats = (self._sums[high] - self._sums[low]) / UNIT
        return result

    def worst(self, low: Numbers, high: Numbers) -> Floats:
        """Return the lowest log10 probability of a token in each range; none may be empty."""
        return _worst(self.logs, low, high)


class Scores(NamedTuple):
    """What the model says of windows, one row each: log10 of the word and of what follows, the worst token of both.

    ``size`` is the number of tokens of both.
    """

    word: Floats
    after: Floats
    worst: Floats
    size: Numbers


def score_windows(model: LanguageModel, windows: Sequence[Window]) -> Scores:
    """Return the scores of windows; the tokens before a word, up to :data:`BESIDE`, are its context."""
    apart = END * (model.order - 1 - BESIDE)  # a model that sees further must not see the window before
    logs = np.append(model.score("".join([apart + "".join(window) for window in windows]))[0], np.float32(0))
    sizes = np.array([tuple(map(len, window)) for window in windows], np.int64).reshape(-1, 3)
    end = np.cumsum(sizes.sum(axis=1) + len(apart))
    tail = end - sizes[:, 2]
    word = tail - sizes[:, 1]
    sums = exact_sums(logs)
    word_log, after_log = (sums[tail] - sums[word]) / UNIT, (sums[end] - sums[tail]) / UNIT
    return Scores(word_log, after_log, _worst(logs, word, end), end - word)


def exact_sums(logs: NDArray[np.float32]) -> Numbers:
    """Return the sums of the first 0, 1, 2 … logarithms, in whole :data:`UNIT` parts.

    The difference of two does not depend on what stands before, as it would with rounded sums.
    """
    return np.append(0, np.cumsum(np.rint(logs * np.float64(UNIT)).astype(np.int64)))


def _worst(logs: NDArray[np.float32], low: Numbers, high: Numbers) -> Floats:
    if not len(low):
        return np.zeros(0)
    return np.minimum.reduceat(logs, np.column_stack([low, high]).ravel())[::2].astype(np.float64)


class Scorer:
    """Reads texts with a model; keeps the last ones and what it was asked: rules look at the same texts in turn."""

    def __init__(self, model: LanguageModel) -> None:
        self.model = model
        self._texts: Memory[str, ScoredText] = Memory(CHARS, len)
        self._windows: Memory[Window, tuple[float, ...]] = Memory(WINDOWS)

    def read(self, text: str) -> ScoredText:
        """Return ``text`` scored."""
        return self._texts.of([text], self._read)[0]

    def _read(self, texts: Sequence[str]) -> Iterator[ScoredText]:
        for text in texts:
            tokens = tokenise(text)
            yield ScoredText(tokens, self.model.score_sentences(tokens.symbols)[0])

    def score(self, windows: Sequence[Window]) -> Scores:
        """Return :func:`score_windows`; what was asked lately is not put to the model again."""
        rows = self._windows.of(windows, self._score_each)
        word, after, worst, size = np.array(rows).reshape(-1, 4).T
        return Scores(word, after, worst, size.astype(np.int64))

    def _score_each(self, windows: Sequence[Window]) -> Iterator[tuple[float, ...]]:
        return zip(*(column.tolist() for column in score_windows(self.model, windows)), strict=True)
