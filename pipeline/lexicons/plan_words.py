"""The only reader of the vocabulary of work plans: domain words, weak words, stop words, known phrases."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from pipeline.errors import LexiconError
from pipeline.lexicons.tables import HERE, is_han, read_table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

COLUMNS = ["word", "class", "field"]
CLASSES = ("term", "weak", "action", "stop")
"""A word that names a theme by itself; one that only does so inside a phrase; the same, but no phrase starts with it
(落实安全责任制); one that is no part of any term."""

NOUN_TAGS = frozenset({"n", "vn", "an", "nz", "j", "b", "s"})
"""jieba's tags of words that can stand in a term: nouns, nominal verbs and adjectives, distinguishers."""
COMMON_NAME = 500
"""jieba tags some common nouns as names of people (道德, 高度): so frequent a two-character "name" is a noun."""


@dataclass(frozen=True, slots=True, eq=False)
class PlanWords:
    """The vocabulary of work plans.

    ``terms``, ``weak``, ``actions``, ``stop``: see :data:`CLASSES`. ``phrases``: known phrase → its words.
    ``nouns``, ``verbs``: what jieba's dictionary tags so, apart from the classes. ``qualities``,
    ``fillers``: stop words that can stand before (健康教育) and after (评价方式, 家校配合) a topic of one word.
    """

    terms: frozenset[str]
    weak: frozenset[str]
    actions: frozenset[str]
    stop: frozenset[str]
    phrases: Mapping[str, tuple[str, ...]]
    nouns: frozenset[str]
    verbs: frozenset[str]
    qualities: frozenset[str]
    fillers: frozenset[str]


@cache
def load_plan_words() -> PlanWords:
    """Return the vocabulary (read once per process, 0.5 s); raises :class:`LexiconError` with every faulty line."""
    classes = read_classes()
    listed = {word for words in classes.values() for word in words}
    nouns, verbs = _tagged()
    rows, _ = read_table(HERE / "plan_words.tsv", COLUMNS)
    stop = [row for _, row in rows if row["class"] == "stop"]
    return PlanWords(
        terms=classes["term"],
        weak=classes["weak"],
        actions=classes["action"],
        stop=classes["stop"],
        phrases=read_phrases(),
        nouns=nouns - listed,
        verbs=verbs - listed,
        qualities=frozenset(row["word"] for row in stop if row["field"] == "adjective"),
        fillers=frozenset(row["word"] for row in stop if row["field"] in {"filler", "verb"}),
    )


def read_classes(path: Path = HERE / "plan_words.tsv") -> dict[str, frozenset[str]]:
    """Return class → words of a table with the columns word, class, field; raises :class:`LexiconError`."""
    rows, faults = read_table(path, COLUMNS)
    found: dict[str, set[str]] = {name: set() for name in CLASSES}
    seen: dict[str, int] = {}
    for number, row in rows:
        word = row["word"]
        if not is_han(word) or len(word) < 2:
            faults.append(f"line {number}: {word!r} must be two or more Chinese characters")
        if word in seen:
            faults.append(f"line {number}: {word!r} stands already in line {seen[word]}")
        if row["class"] not in CLASSES:
            faults.append(f"line {number}: the class is {row['class']!r}; it must be {', '.join(CLASSES)}")
            continue
        seen[word] = number
        found[row["class"]].add(word)
    if faults:
        raise LexiconError(path.name, faults)
    return {name: frozenset(words) for name, words in found.items()}


def read_phrases(path: Path = HERE / "plan_phrases.txt") -> dict[str, tuple[str, ...]]:
    """Return phrase → its words, from lines of words set apart by blanks; raises :class:`LexiconError`."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise LexiconError(path.name, [f"cannot be read as UTF-8: {error}"]) from error
    faults: list[str] = []
    phrases: dict[str, tuple[str, ...]] = {}
    for number, line in enumerate(lines, 1):
        if not line or line.startswith("#"):
            continue
        words = tuple(line.split(" "))
        phrase = "".join(words)
        if len(words) < 2 or not all(word and is_han(word) for word in words):
            faults.append(f"line {number}: {line!r} must be two or more Chinese words set apart by one blank each")
        if phrase in phrases:
            faults.append(f"line {number}: {phrase!r} stands already further up")
        phrases[phrase] = words
    if faults:
        raise LexiconError(path.name, faults)
    return phrases


def _tagged() -> tuple[frozenset[str], frozenset[str]]:
    """Return the nouns and the verbs of jieba's dictionary, two characters or more."""
    import jieba  # noqa: PLC0415 - takes 0.1 s, which many commands do not need

    nouns: set[str] = set()
    verbs: set[str] = set()
    with jieba.dt.get_dict_file() as stream:
        cells = stream.read().decode("utf-8").split()
    for word, count, tag in zip(cells[::3], cells[1::3], cells[2::3], strict=True):
        if len(word) < 2:
            continue
        if tag in NOUN_TAGS or (tag == "nr" and len(word) == 2 and int(count) >= COMMON_NAME):
            nouns.add(word)
        elif tag == "v":
            verbs.add(word)
    return frozenset(nouns), frozenset(verbs)
