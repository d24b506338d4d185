"""A text as the language model reads it, and what it would say of other words in their places."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from pipeline.lm.tokens import BEGIN, END, tokenise

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pipeline.lm.model import LanguageModel
    from pipeline.lm.tokens import Tokens

    Numbers = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Window = tuple[str, str, str]
    """The tokens before a word, of it and after it, as :attr:`Tokens.symbols`."""

BESIDE = 3  # tokens on either side that a four-gram sees


class ScoredText:
    """The tokens of a text with the log10 probability of each; numbers of tokens count from 0, borders included."""

    def __init__(self, tokens: Tokens, logs: NDArray[np.float32]) -> None:
        self.tokens, self.symbols = tokens, tokens.symbols
        self.logs = np.append(logs, np.float32(0))
        """One more than there are tokens: a 0 at the end, so that every range of tokens may be reduced."""
        self._sums = np.append(0, np.cumsum(logs, dtype=np.float64))
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
        result: Floats = self._sums[high] - self._sums[low]
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
    logs = np.append(model.score("".join(map("".join, windows)))[0], np.float32(0))
    sizes = np.array([tuple(map(len, window)) for window in windows], np.int64).reshape(-1, 3)
    end = np.cumsum(sizes.sum(axis=1))
    tail = end - sizes[:, 2]
    word = tail - sizes[:, 1]
    sums = np.append(0, np.cumsum(logs, dtype=np.float64))
    return Scores(sums[tail] - sums[word], sums[end] - sums[tail], _worst(logs, word, end), end - word)


def _worst(logs: NDArray[np.float32], low: Numbers, high: Numbers) -> Floats:
    if not len(low):
        return np.zeros(0)
    return np.minimum.reduceat(logs, np.column_stack([low, high]).ravel())[::2].astype(np.float64)


class Scorer:
    """Reads texts with a model; keeps the sentences of the last one, for rules and stages look at one text in turn."""

    def __init__(self, model: LanguageModel) -> None:
        self.model = model
        self._text, self._scored = "", ScoredText(tokenise(""), np.zeros(0, np.float32))
        self._sentences: dict[str, NDArray[np.float32]] = {}

    def read(self, text: str) -> ScoredText:
        """Return ``text`` scored."""
        if text != self._text or not len(self._scored.tokens.codes):
            tokens = tokenise(text)
            self._scored, self._text = ScoredText(tokens, self._score(tokens.symbols)), text
        return self._scored

    def _score(self, symbols: str) -> NDArray[np.float32]:
        """Return the score of each symbol; only sentences that the last text did not have are put to the model."""
        if not symbols:
            return np.zeros(0, np.float32)
        sentences = [sentence + END for sentence in symbols.split(END)[:-1]]
        new = list(dict.fromkeys(sentence for sentence in sentences if sentence not in self._sentences))
        logs = self.model.score("".join(new))[0]
        cuts = np.cumsum([len(sentence) for sentence in new])[:-1]
        fresh = dict(zip(new, np.split(logs, cuts), strict=True)) if new else {}
        known = self._sentences | fresh
        self._sentences = {sentence: known[sentence] for sentence in sentences}
        return np.concatenate([self._sentences[sentence] for sentence in sentences])
