"""Single characters: line breaks, invisible characters, full-width letters and figures."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pipeline.model import Edit
from pipeline.search import CharacterClass

if TYPE_CHECKING:
    from collections.abc import Iterator

LINE_BREAK = re.compile("[\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029](?:(?<=\r)\n)?")

# What has no picture of its own; a no-break space and its kin are kept as an
# ordinary space, except where they indent a line.
INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb]+"
)
_SPACE = "[\u00a0\u2000-\u200a\u202f\u205f]"
ODD_SPACE = re.compile(rf"{_SPACE}(?:(?:(?<=[\r\n].)|(?<![\s\S].)){_SPACE}*)?")

# The stops and hyphens of a full-width address or number go with its letters and figures.
FULL_WIDTH = re.compile(
    "[０-９Ａ-Ｚａ-ｚ％｡｢｣､･](?:(?<=[｡｢｣､･])[｡｢｣､･]*|(?<![｡｢｣､･])[０-９Ａ-Ｚａ-ｚ％]*(?:[．－／][０-９Ａ-Ｚａ-ｚ]+)*)"
)
_NARROW = {code: code - 0xFEE0 for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))}
_NARROW |= {ord("％"): "%", ord("｡"): "。", ord("｢"): "「", ord("｣"): "」", ord("､"): "、", ord("･"): "·"}
_NARROW |= {ord("．"): ".", ord("－"): "-", ord("／"): "/"}

_PATTERNS = (LINE_BREAK, INVISIBLE, ODD_SPACE, FULL_WIDTH)
_ODD = CharacterClass(
    char for code in (*range(0x3000), *range(0xFE00, 0x10000)) if any(p.match(char := chr(code)) for p in _PATTERNS)
)
"""Whatever one of the patterns matches: most texts, once normalised, hold none of it."""


def propose_characters(text: str) -> Iterator[Edit]:
    """Yield edits that give LF line breaks, no invisible characters, and half-width letters and figures.

    Emoji keep their joiners: an invisible character beside a character beyond the basic plane stays.
    """
    if not len(_ODD.places(text)):
        return
    for match in LINE_BREAK.finditer(text):
        yield Edit(*match.span(), match[0], "\n", "linebreak", "normalise.newline", 1.0)
    for match in INVISIBLE.finditer(text):
        if not _beside_emoji(text, *match.span()):
            yield Edit(*match.span(), match[0], "", "mojibake", "normalise.invisible", 1.0)
    for match in ODD_SPACE.finditer(text):
        indent = match.start() == 0 or text[match.start() - 1] in "\r\n"
        yield Edit(*match.span(), match[0], "" if indent else " ", "mojibake", "normalise.space", 1.0)
    for match in FULL_WIDTH.finditer(text):
        yield Edit(*match.span(), match[0], match[0].translate(_NARROW), "width", "normalise.width", 1.0)


def _beside_emoji(text: str, start: int, end: int) -> bool:
    around = text[max(0, start - 1) : start] + text[end : end + 1]
    return any(char > "\uffff" or "\u2600" <= char <= "\u27bf" for char in around)
