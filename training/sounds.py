"""How characters sound: their syllables, from pypinyin's table of readings."""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import TYPE_CHECKING

from pypinyin.pinyin_dict import pinyin_dict
from rapidfuzz.distance import Levenshtein

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_READINGS = 3  # of a character; the table has the common ones first
_TONES = {"\u0304": 1, "\u0301": 2, "\u030c": 3, "\u0300": 4}
_INITIALS = {"zh": "z", "ch": "c", "sh": "s", "n": "l", "r": "l", "f": "h"}
_FINALS = {"ing": "in", "eng": "en", "ang": "an", "iang": "ian", "uang": "uan"}


@cache
def readings(char: str) -> tuple[tuple[str, int], ...]:
    """Return (syllable without tone, tone 0–4) of each common reading of ``char``; empty for what has none."""
    found = pinyin_dict.get(ord(char), "")
    return tuple(dict.fromkeys(_split(reading) for reading in found.split(",")[:MOST_READINGS] if reading))


def _split(reading: str) -> tuple[str, int]:
    letters: list[str] = []
    tone = 0
    for letter in unicodedata.normalize("NFD", reading):
        if letter in _TONES:
            tone = _TONES[letter]
        elif letter == "\u0308":
            letters[-1] = "v"
        elif letter.isalpha():
            letters.append(letter)
    return "".join(letters), tone


@cache
def blurred(syllable: str) -> str:
    """Return the syllable as one who does not tell zh from z, n from l or ing from in would write it."""
    for length in (2, 1):
        initial, final = syllable[:length], syllable[length:]
        if initial in _INITIALS or length == 1:
            break
    return _INITIALS.get(initial, initial) + _FINALS.get(final, final)


def slips(syllable: str, known: Iterable[str]) -> set[str]:
    """Return the syllables of ``known`` that are one letter away: inserted, dropped or changed, as on a keyboard."""
    return {other for other in known if Levenshtein.distance(syllable, other) == 1}
