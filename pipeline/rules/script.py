"""Traditional and variant characters become simplified, names aside."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import opencc

from pipeline.model import Edit
from pipeline.rules.punctuation import KANA
from pipeline.search import CharacterClass, Finder, line_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.lexicons.tables import Words

TRADITIONAL_SHARE = 0.08
"""A line with this share of convertible characters is traditional text, not simplified text with a few forms."""
COMMON = 2_000
"""A single simplified character this frequent as a word of its own (为, 从, 与) needs no second character as proof."""
IN_NAMES = frozenset("昇濛於樸崑啟樑億暐樺傑頔璗錤馼輖鎣湧峯愷禕紹瀚喆甯堃煒燁曄鑫祐維銘綺婭儀偉傳賢龍鳳榮華國軍")
"""Characters that people's names keep: alone they are converted only inside a word."""
ASPECT = re.compile("著(?![作名称述者书录])(?<![名显原编专巨论译土卓昭合执拙]著)")
"""著 that stands for 着 in traditional text (带著, 统一著装); opencc leaves it, since 著 is also a word (著作, 名著)."""


def _in_gb2312(char: str) -> bool:
    try:
        char.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


@dataclass(frozen=True)
class ScriptTable:
    """What converts: opencc's t2s and the variant table; ``protected`` words stay as they are."""

    variants: dict[str, str]
    protected: frozenset[str]
    words: Words

    @cached_property
    def opencc(self) -> opencc.OpenCC:
        """The traditional-to-simplified converter."""
        return opencc.OpenCC("t2s")

    @cached_property
    def single(self) -> dict[str, str]:
        """Character → simplified character, where the character itself is no simplified standard form.

        Both sides are judged by GB 2312: opencc also maps characters that are right in simplified text (坏, 覆),
        and some to extension characters that no reader's font has (錤).
        """
        table = dict(self.variants)
        for code in (*range(0x3400, 0x4DC0), *range(0x4E00, 0xA000), *range(0xF900, 0xFB00)):
            char = chr(code)
            new = self.opencc.convert(char)
            if new != char and len(new) == 1 and _in_gb2312(new) and not _in_gb2312(char):
                table[char] = new
        return table

    @cached_property
    def variant_codes(self) -> dict[int, str]:
        """The variant table by code point, as :meth:`str.translate` takes it."""
        return {ord(char): new for char, new in self.variants.items()}

    @cached_property
    def convertible(self) -> CharacterClass:
        """Every convertible character."""
        return CharacterClass(self.single)

    @cached_property
    def keeper(self) -> Finder:
        """Finds the protected words."""
        return Finder(sorted(self.protected))


def propose_script(text: str, table: ScriptTable) -> Iterator[Edit]:
    """Yield one edit per traditional or variant character that has a simplified form.

    In simplified text a single such character is converted where the result makes a word with its neighbours
    (開門 → 开门) or is a very common word itself (為 → 为); elsewhere it is likelier a name (胡昇). A line of
    traditional text is converted as a whole, by phrases. Lines with kana are Japanese and stay.
    """
    places = table.convertible.places(text).tolist()
    if not places:
        return
    kept = {at for _, start, end in table.keeper.find(text) for at in range(start, end)}
    lines = [line for line in _lines(text, places) if not KANA.search(line.text)]
    whole = [line.text for line in lines if len(line.spots) >= max(3, TRADITIONAL_SHARE * len(line.text))]
    simplified = dict(zip(whole, _simplified(whole, table), strict=True))
    for offset, line, spots in lines:
        after = simplified.get(line, "")
        changes = _differences(line, after) if len(after) == len(line) else _spots(line, spots, table)
        for at, new in changes:
            if offset + at not in kept:
                yield Edit(offset + at, offset + at + 1, line[at], new, "script", "normalise.script", 0.98)


class _Line(NamedTuple):
    offset: int
    text: str
    spots: list[int]  # where convertible characters stand in it


def _lines(text: str, places: list[int]) -> Iterator[_Line]:
    """Yield the lines that hold any of ``places``."""
    first = 0
    while first < len(places):
        offset, line_end = line_at(text, places[first])
        last = bisect_right(places, line_end, first)
        yield _Line(offset, text[offset:line_end], [at - offset for at in places[first:last]])
        first = last


def _simplified(lines: list[str], table: ScriptTable) -> list[str]:
    """Return lines of traditional text as simplified; all are converted at once, and no phrase goes over a line."""
    if not lines:
        return []
    text = ASPECT.sub("着", table.opencc.convert("\n".join(lines)))
    return text.translate(table.variant_codes).split("\n")


def _differences(line: str, after: str) -> Iterator[tuple[int, str]]:
    return ((at, new) for at, (old, new) in enumerate(zip(line, after, strict=True)) if old != new)


def _spots(line: str, spots: list[int], table: ScriptTable) -> Iterator[tuple[int, str]]:
    simple = "".join(table.single.get(char, char) for char in line)
    for at in spots:
        if (line[at] not in IN_NAMES and table.words.has(simple[at], COMMON)) or _in_word(
            simple, line, at, table.words
        ):
            yield at, simple[at]


def _in_word(simple: str, line: str, at: int, words: Words) -> bool:
    """Whether a dictionary word of the converted line covers ``at`` and is none as it stands."""
    for start in range(max(0, at - 3), at + 1):
        for end in range(max(at + 1, start + 2), min(len(simple), at + 4) + 1):
            if words.has(simple[start:end], 3) and not words.has(line[start:end]):
                return True
    return False
