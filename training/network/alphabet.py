"""Text as the network sees it: one number per code point.

Needs numpy only: the training machine has neither the pipeline nor its dictionaries.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]

SPECIALS = "\0\n#0A "
MASK, BREAK, OTHER, DIGIT, LATIN, BLANK = range(len(SPECIALS))
"""A hidden character; a line break or border; anything not named here; a digit; a Latin letter; a blank."""
MARKS = {
    "，": ",", "。": "．", "、": "", "；": ";", "：": ":", "！": "!", "？": "?", "（": "(", "）": ")",
    "《": "", "》": "", "“": '"「『', "”": "」』", "‘": "'", "’": "", "—": "-–─", "…": "", "％": "%", "·": "•",
}  # fmt: skip
"""Punctuation with a number of its own, and what is read as the same."""
FIRST_HAN, LAST_HAN = 0x4E00, 0x9FFF


class Alphabet:
    """Numbers of code points: specials, marks, ``known`` characters, then all other characters U+4E00–U+9FFF.

    The first ``size`` numbers can be foretold; the rest are only read, by their sound and shape. ``chars`` holds one
    character per number, ``table`` one number per code point.
    """

    def __init__(self, known: str) -> None:
        self.known = known
        self.fixed = len(SPECIALS) + len(MARKS)
        self.size = self.fixed + len(known)
        rest = sorted({chr(code) for code in range(FIRST_HAN, LAST_HAN + 1)} - set(known))
        self.chars = SPECIALS + "".join(MARKS) + known + "".join(rest)
        table = np.full(0x110000, OTHER, np.uint16)
        for first, last, number in (("0", "9", DIGIT), ("０", "９", DIGIT), ("a", "z", LATIN), ("A", "Z", LATIN)):
            table[ord(first) : ord(last) + 1] = number
        table[[code for code in range(0x3001) if chr(code).isspace()]] = BLANK
        for number, char in enumerate(self.chars):
            if number >= len(SPECIALS) or number in {BREAK, MASK}:
                table[ord(char)] = number
        for number, others in enumerate(MARKS.values(), len(SPECIALS)):
            table[[ord(other) for other in others]] = number
        self.table = table

    def numbers(self, text: str) -> Numbers:
        """Return one number per code point of ``text``; U+0000 stands for a hidden character."""
        return self.table[np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")].astype(np.int64)
