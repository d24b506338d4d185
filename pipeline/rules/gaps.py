"""Dropped words: places where the language model sees a gap (限度地 for 最大限度地). Only ever suggested."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pipeline.lm.joined import Joined
from pipeline.lm.memory import Looked
from pipeline.model import Edit
from pipeline.rules.reasons import times

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from pipeline.lm.candidates import CandidateTables
    from pipeline.lm.scored import ScoredText, Scorer

SURPRISE = -2.5  # log10 of the character after a possible gap, below which it is looked at
HOPE = -2.5  # log10 that a word must gain by bigrams to be asked for
GAIN = 0.3  # log10: so much likelier the text must be with the word, the word's own rarity included
SUGGESTED = 0.5  # the confidence of every suggestion
SHOWN = 3  # candidates for one gap
FIRST_HAN, LAST_HAN = 0x4E00, 0x9FFF


class Gaps:
    """Proposes words where a filter may have dropped one."""

    def __init__(self, words: Iterable[str], scorer: Scorer, tables: CandidateTables) -> None:
        self._words = sorted(words)
        self._scorer, self._tables = scorer, tables
        first, last = (tables.places(np.array([ord(w[n]) for w in self._words], np.uint32)) for n in (0, -1))
        total = scorer.model.total
        inner = [total(" ".join(word)) - total(word[0]) for word in self._words]
        every = np.arange(len(tables.chars))
        # How well each word follows each symbol, its own characters included, and each symbol the word.
        self._before = tables.bigram(every[:, None], first[None, :]) + np.array(inner, np.float32)
        self._after = tables.bigram(last[None, :], every[:, None])

        self.looked = Looked(self._look)

    def propose(self, text: str) -> Iterator[Edit]:
        """Yield insertions (kind ``missing``) that are never sure: up to :data:`SHOWN` words for a gap, best first."""
        best: dict[int, list[tuple[float, str]]] = {}
        for offset, number, gain in self.looked.at(text):
            best.setdefault(offset, []).append((gain, self._words[number]))
        for offset, words in sorted(best.items()):
            for gain, word in sorted(words, key=lambda row: (-row[0], row[1]))[:SHOWN]:
                why = f"with {word} the text is {times(gain)} likelier"
                yield Edit(offset, offset, "", word, "missing", "despin.gap", SUGGESTED, why)

    def _look(self, texts: Sequence[str]) -> Iterator[list[tuple[int, int, float]]]:
        """Yield for each text (offset, number of a word, gain) where the word may be missing."""
        joined = Joined(texts)
        scored = self._scorer.read(joined.text)
        if not self._words or not len(scored.tokens.codes):
            yield from ([] for _ in texts)
            return
        places, which = self._hopeful(scored)
        gains = self._gains(scored, places, which)
        kept = gains > GAIN
        yield from joined.rows(scored.tokens.offsets[places[kept]], which[kept], gains[kept])

    def _hopeful(self, scored: ScoredText) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return tokens before which a word may be missing, and the word's number for each."""
        codes = scored.tokens.codes
        han = (codes >= FIRST_HAN) & (codes <= LAST_HAN)
        at = np.flatnonzero(han & (scored.logs[:-1] < SURPRISE))
        numbers = self._tables.places(codes)
        left, right = numbers[at - 1], numbers[at]
        before, after = self._before[left], self._after[right]
        bar = (HOPE + self._tables.bigram(left, right))[:, None]
        rows, which = np.nonzero(before + after > bar)
        return at[rows], which

    def _gains(self, scored: ScoredText, places: NDArray[np.int64], which: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return how much likelier (log10) the text is with each word before its token."""
        symbols = scored.symbols
        low, high = scored.windows(places, places)
        bounds = zip(low.tolist(), places.tolist(), high.tolist(), which.tolist(), strict=True)
        windows = [(symbols[a:b], self._words[n], symbols[b:c]) for a, b, c, n in bounds]
        scores = self._scorer.score(windows)
        return scores.word + scores.after - scored.total(places, high)
