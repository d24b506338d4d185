"""The n-gram model: a KenLM file, memory-mapped, read through the wheel ``ufal-kenlm``."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import kenlm
import numpy as np

from pipeline.errors import LexiconError
from pipeline.lm.memory import Memory
from pipeline.lm.tokens import BEGIN, END

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Logs = NDArray[np.float32]
    Orders = NDArray[np.int8]

SHIPPED = Path(__file__).parent / "zh-char4.klm"
MAGIC = (b"mmap lm http://kheafield.com/code ", b"\\data\\")
"""How KenLM's binary files and ARPA files begin."""
SCORE = np.dtype([("log", np.float32), ("order", np.int8), ("unknown", np.bool_)])
"""What KenLM tells of a token."""
WORDS = {BEGIN: "<s>", END: "</s>"}
SENTENCES = 1 << 12  # remembered with their scores
BLOCK = 1 << 16  # tokens scored at a time: bounds the memory that they take as words

State = kenlm.State
_NO_LOGS, _NO_ORDERS = np.zeros(0, np.float32), np.zeros(0, np.int8)


class LanguageModel:
    """Log probabilities (base 10) of characters in context; :mod:`pipeline.lm.tokens` says what a token is.

    ``order`` is the length of the longest n-grams; ``base_score(state, word, following)`` returns the log10
    probability of ``word`` after ``state`` and makes ``following`` the state after it.
    """

    def __init__(self, path: Path = SHIPPED) -> None:
        """Open ``path``, a binary file (mapped, not read) or an ARPA file (read into memory).

        Raises :class:`LexiconError` when it cannot be read, is no KenLM model, lacks its end, or is not one of Chinese
        characters. Bytes changed within a binary file are not noticed (the format has no checksum), nor is it when
        the list of words at its very end is cut, which is not used.
        """
        self.path = path
        _check_head(path)
        try:
            self._model = kenlm.Model(os.fsencode(path), _quiet())
        except (OSError, RuntimeError, ValueError, MemoryError) as error:
            raise _unusable(path, f"cannot be loaded ({_reason(error, path)}); copy or build it anew") from error
        self.order: int = self._model.order
        if "的" not in self._model:
            raise _unusable(path, "is no model of Chinese characters; see qinggao lm prepare --help")
        self.base_score = self._model.BaseScore
        self._sentences: Memory[str, tuple[Logs, Orders]] = Memory(SENTENCES)

    def score(self, symbols: str) -> tuple[Logs, Orders]:
        """Return, for each symbol, its log10 probability after those before it, and the order of the longest match.

        ``symbols`` holds whole sentences with their borders; what a border's begin scores means nothing.
        """
        logs, orders = [_NO_LOGS], [_NO_ORDERS]
        for first, start, end in _blocks(symbols, self.order - 1):
            told = self._model.full_scores(spaced(symbols[first:end]), bos=False, eos=False)
            scores = np.fromiter(told, SCORE)[start - first :]
            logs.append(scores["log"])
            orders.append(scores["order"])
        return np.concatenate(logs), np.concatenate(orders)

    def score_sentences(self, symbols: str) -> tuple[Logs, Orders]:
        """Return :meth:`score` of whole sentences; those asked for lately are not put to the model again."""
        sentences = [sentence + END for sentence in symbols.split(END)[:-1]]
        found = self._sentences.of(sentences, self._score_each)
        logs, orders = zip(*found, strict=True) if found else ([_NO_LOGS], [_NO_ORDERS])
        return np.concatenate(logs), np.concatenate(orders)

    def _score_each(self, sentences: list[str]) -> Iterator[tuple[Logs, Orders]]:
        logs, orders = self.score("".join(sentences))
        end = 0
        for sentence in sentences:
            start, end = end, end + len(sentence)
            yield logs[start:end].copy(), orders[start:end].copy()  # no view: it would keep all sentences

    def total(self, words: str) -> float:
        """Return the log10 probability of words with a space between, as :func:`spaced` gives them, in no context."""
        score: float = self._model.score(words, bos=False, eos=False)
        return score

    def begin(self) -> kenlm.State:
        """Return the state at a sentence's begin."""
        state = kenlm.State()
        self._model.BeginSentenceWrite(state)
        return state

    def after(self, symbols: str) -> kenlm.State:
        """Return the state after ``symbols``, of which the last ``order - 1`` count, from the last begin on."""
        context = symbols[1 - self.order :]
        begin = context.rfind(BEGIN)
        state = kenlm.State()
        if begin < 0:
            self._model.NullContextWrite(state)
        else:
            self._model.BeginSentenceWrite(state)
        for symbol in context[begin + 1 :]:
            following = kenlm.State()
            self.base_score(state, WORDS.get(symbol, symbol), following)
            state = following
        return state


def spaced(symbols: str) -> str:
    """Return symbols as KenLM's words, with a space between."""
    return " ".join(symbols).replace(BEGIN, WORDS[BEGIN]).replace(END, WORDS[END])


def _check_head(path: Path) -> None:
    try:
        with path.open("rb") as stream:
            head = stream.read(64)
    except OSError as error:
        raise _unusable(path, f"cannot be read: {error.strerror}; give the path of a KenLM model with --lm") from error
    if not head.lstrip().startswith(MAGIC):
        raise _unusable(path, "is no KenLM model; docs/language-model.md shows how to build one")


def _unusable(path: Path, fault: str) -> LexiconError:
    return LexiconError(path.name or path, [fault])


def _quiet() -> kenlm.Config:
    """Keep KenLM from drawing a progress bar on standard error while it reads an ARPA file."""
    config = kenlm.Config()
    config.show_progress = False
    config.arpa_complain = kenlm.ARPALoadComplain.NONE
    return config


def _reason(error: Exception, path: Path) -> str:
    """Return what KenLM says is wrong, without the places in its source and the folders of the file."""
    text = str(error) or type(error).__name__
    text = re.sub(r"[^\s(]+:\d+ in .* threw \w+(?: because `.*?')?\. ", "", text)
    said = re.fullmatch(r"Cannot read model .*? \((.*)\)", text, re.DOTALL)
    return (said[1] if said else text).replace(str(path.absolute()), path.name)


def _blocks(symbols: str, reach: int) -> Iterator[tuple[int, int, int]]:
    """Yield (first, start, end) of blocks to score, no longer than :data:`BLOCK`.

    They are cut at a sentence's begin where there is one; elsewhere ``symbols[first:start]``, up to ``reach`` of them,
    goes before the block as its context.
    """
    start = 0
    while start < len(symbols):
        end = min(start + BLOCK, len(symbols))
        if end < len(symbols):
            border = symbols.rfind(BEGIN, start + 1, end + 1)
            end = border if border > 0 else end
        first = start if symbols[start] == BEGIN else max(0, start - reach)
        yield first, start, end
        start = end
