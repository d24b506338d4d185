"""Text as the language model saw it in training: one token per Chinese character, classes for everything else."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

HAN, DIGIT, LATIN, COMMA, OTHER, STOP, BLANK = range(7)
CLASS_SYMBOLS = "\0" + "0A，#"  # by class; a Chinese character stands for itself
COMMAS = "，,、；;：:"
STOPS = "。．.！!？?…\n"
BLANKS = "".join(chr(code) for code in range(0x3001) if chr(code).isspace() and chr(code) not in STOPS)
BEGIN, END = "\x02", "\x03"
"""One-character symbols of a sentence's begin and end: ``<s>`` and ``</s>`` of the model."""
FIRST_HAN, LAST_HAN = 0x4E00, 0x9FFF


def _classes() -> NDArray[np.uint8]:
    table = np.full(0x110000, OTHER, np.uint8)
    table[FIRST_HAN : LAST_HAN + 1] = HAN
    for chars, kind in ((COMMAS, COMMA), (STOPS, STOP), (BLANKS, BLANK)):
        table[[ord(char) for char in chars]] = kind
    for first, last in (("0", "9"), ("０", "９")):
        table[ord(first) : ord(last) + 1] = DIGIT
    for first, last in (("a", "z"), ("A", "Z"), ("ａ", "ｚ"), ("Ａ", "Ｚ")):
        table[ord(first) : ord(last) + 1] = LATIN
    return table


_CLASSES = _classes()
_CODES = np.array([ord(symbol) for symbol in CLASS_SYMBOLS], np.uint32)


class Tokens(NamedTuple):
    """A tokenised text.

    ``codes`` holds the code point of each token's symbol, sentences set between :data:`BEGIN` and :data:`END`;
    ``offsets`` the offset in the text where each token starts; a border has the offset of the next sentence's first
    token, the last one the length of the text. Offsets never decrease.
    """

    codes: NDArray[np.uint32]
    offsets: NDArray[np.int64]

    @property
    def symbols(self) -> str:
        """One character per token, borders included."""
        return self.codes.astype("<u4").tobytes().decode("utf-32-le")

    def sentences(self) -> Iterator[str]:
        """Yield the symbols of each sentence without its borders."""
        for part in self.symbols.split(BEGIN)[1:]:
            yield part[:-1]


def tokenise(text: str) -> Tokens:
    """Return the tokens of ``text``.

    Characters U+4E00–U+9FFF are tokens; ``0`` stands for a run of digits, ``A`` for one of Latin letters, ``，`` for
    commas and their kin, ``#`` for any other character but blanks (all that :meth:`str.isspace` calls so). A stop ends
    a sentence and is no token; a sentence without tokens is none.
    """
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")
    classes = _CLASSES[points]
    repeats = np.zeros(len(points), bool)
    repeats[1:] = (classes[1:] == classes[:-1]) & ((classes[1:] == DIGIT) | (classes[1:] == LATIN))
    offsets = np.flatnonzero((classes < STOP) & ~repeats)
    kinds = classes[offsets]
    codes = np.where(kinds == HAN, points[offsets], _CODES[kinds])
    if not len(offsets):
        return Tokens(codes, offsets)
    inner = np.unique(np.searchsorted(offsets, np.flatnonzero(classes == STOP)))
    inner = inner[(inner > 0) & (inner < len(offsets))]
    places = np.concatenate([[0], np.repeat(inner, 2), [len(offsets)]])
    at = np.concatenate([offsets, [len(points)]])[places]
    borders = np.concatenate([[ord(BEGIN)], np.tile([ord(END), ord(BEGIN)], len(inner)), [ord(END)]])
    return Tokens(np.insert(codes, places, borders), np.insert(offsets, places, at))
