"""Wrong characters as they come about: by an input method, by ear, by eye, and by a spinner's table.

Every kind keeps the length of the text. Readings come from pypinyin, look-alikes from ``shapes.tsv``, words from jieba.
"""

from __future__ import annotations

import logging
import random
from collections import Counter, defaultdict
from functools import cache

import jieba

from pipeline.lexicons.tables import load_shapes, load_words
from pipeline.lm.candidates import CandidateTables
from training.sounds import blurred, readings

jieba.setLogLevel(logging.WARNING)
UNKNOWN = -7.5  # log10 probability that stands for a character the model does not know
ALIKE = 72  # percent of similarity from which a look-alike is drawn
HOW = {"word": 0.30, "sound": 0.36, "near": 0.09, "shape": 0.19, "double": 0.06}
"""A homophone word, a character of the same sound, of nearly the same, one that looks like it, two in one word."""
COMMON = 20  # occurrences in the dictionary from which a word may be offered for another


def is_chinese(text: str) -> bool:
    """Whether all of it is Chinese characters."""
    return all("\u4e00" <= char <= "\u9fff" for char in text)


@cache
def _pools() -> tuple[
    dict[str, list[str]], dict[str, list[str]], dict[str, list[str]], dict[tuple[str, ...], list[tuple[str, int]]]
]:
    """Return syllable → characters, blurred syllable → syllables, right → look-alikes, syllables → (word, count)."""
    tables, words = CandidateTables(), load_words()
    sounds, blurs = defaultdict(list), defaultdict(list)
    for char in tables.chars[6:]:
        for syllable, _ in readings(char):
            sounds[syllable].append(char)
    for syllable in sounds:
        blurs[blurred(syllable)].append(syllable)
    alike = defaultdict(list)
    for wrong, rights in load_shapes().items():
        for right, percent in rights.items():
            if percent >= ALIKE:
                alike[right].append(wrong)
    homophones = defaultdict(list)
    for word, count in words.frequency.items():
        if 2 <= len(word) <= 3 and count >= COMMON and is_chinese(word) and all(map(readings, word)):
            homophones[tuple(readings(char)[0][0] for char in word)].append((word, count))
    return sounds, blurs, alike, homophones


class Damage:
    """Draws damage from a seed."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        tables = CandidateTables()
        self._log = dict(zip(tables.chars, tables.unigram.tolist(), strict=True))

    def line(self, text: str, count: int) -> str:
        """Return the text with up to ``count`` of its words damaged."""
        places, at = [], 0
        for word in jieba.cut(text, HMM=False):
            if is_chinese(word) and (len(word) > 1 or self.rng.random() < 0.5):
                places.append((at, word))
            at += len(word)
        chars = list(text)
        for at, word in self.rng.sample(places, min(count, len(places))):
            chars[at : at + len(word)] = self.word(word)
        return "".join(chars)

    def spin(self, text: str, share: float) -> tuple[str, dict[str, str]]:
        """Return the text with ``share`` of its words replaced, each the same way everywhere, and the table used."""
        words = list(jieba.cut(text, HMM=False))
        known = load_words()
        found = Counter(word for word in words if 2 <= len(word) <= 4 and is_chinese(word) and known.has(word, 50))
        table = {word: self.word(word) for word in sorted(found) if self.rng.random() < share}
        table = {right: wrong for right, wrong in table.items() if right != wrong}
        return "".join(table.get(word, word) for word in words), table

    def word(self, word: str) -> str:
        """Return the word with one character wrong, sometimes two, or another word of the same sound."""
        (how,) = self.rng.choices(list(HOW), list(HOW.values()))
        if how == "word" and (other := self._homophone(word)):
            return other
        at = self.rng.randrange(len(word))
        chars = list(word)
        chars[at] = self._char(word[at], how if how in {"near", "shape"} else "sound")
        if how == "double" and len(word) > 1:
            beside = (at + 1) % len(word)
            chars[beside] = self._char(word[beside], "sound")
        return "".join(chars)

    def _homophone(self, word: str) -> str:
        if len(word) < 2 or not all(map(readings, word)):
            return ""
        offered = [row for row in _pools()[3].get(tuple(readings(c)[0][0] for c in word), ()) if row[0] != word]
        return self.rng.choices([w for w, _ in offered], [count**0.7 for _, count in offered])[0] if offered else ""

    def _char(self, char: str, how: str) -> str:
        sounds, blurs, alike, _ = _pools()
        spoken = readings(char)
        if how == "shape":
            pool, power = alike.get(char, []), self.rng.choice((0.3, 0.0))
        elif not spoken:
            return char
        elif how == "near":
            syllables = [s for s in blurs[blurred(spoken[0][0])] if s != spoken[0][0]]
            pool, power = [c for s in syllables for c in sounds[s]], 0.5
        else:
            pool, power = sounds[spoken[0][0]], self.rng.choice((0.7, 0.3, 0.0))
        pool = [c for c in pool if c != char]
        weights = [10 ** (power * self._log.get(c, UNKNOWN)) for c in pool]
        return self.rng.choices(pool, weights)[0] if pool else char
