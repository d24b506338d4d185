"""Everything the report says by itself, in Chinese and in English: the only reader of ``words.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from pipeline.errors import LexiconError

if TYPE_CHECKING:
    from collections.abc import Mapping

WORDS = Path(__file__).parent / "words.toml"


@dataclass(frozen=True, slots=True)
class Words:
    """Key → (Chinese, English); both name the same ``{values}``."""

    entries: Mapping[str, tuple[str, str]]

    def say(self, key: str, **values: Any) -> Markup:
        """Return the text of ``key`` in both languages, the values escaped; the page shows one of them.

        Raises :class:`KeyError` for a key that no entry has.
        """
        chinese, english = (Markup(text).format(**values) for text in self.entries[key])  # noqa: S704 - our own words
        return both(chinese, english)

    def unit(self, base: str) -> Markup:
        """Return a base unit, or a rate of one ("times per year")."""
        what, _, per = base.partition(" per ")
        units = self.entries.get(f"unit.{what}"), self.entries.get(f"per.{per}", ("", ""))
        if units[0] is None or (per and not units[1][0]):
            return both(base, base)
        return both(units[0][0] + units[1][0], f"{units[0][1]} {units[1][1]}".rstrip())

    def name(self, group: str, key: str) -> Markup:
        """Return the text of ``group.key``; a key that has none stands for itself."""
        return self.say(f"{group}.{key}") if f"{group}.{key}" in self.entries else both(key, key)


def both(chinese: str, english: str) -> Markup:
    """Return a text in both languages, escaped."""
    return Markup('<span class="zh" lang="zh-CN">{}</span><span class="en" lang="en">{}</span>').format(
        chinese, english
    )


@cache
def load_words(path: Path = WORDS) -> Words:
    """Return the words; raises :class:`LexiconError` with every fault of the file."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise LexiconError(path.name, [f"cannot be read as TOML: {error}"]) from error
    faults, entries = [], {}
    for group, rows in data.items():
        if not isinstance(rows, dict):
            faults.append(f"{group}: must be a table of entries")
            continue
        for name, pair in rows.items():
            key = f"{group}.{name}"
            if fault := _fault(pair):
                faults.append(f"{key}: {fault}")
            else:
                entries[key] = (str(pair[0]), str(pair[1]))
    if faults:
        raise LexiconError(path.name, faults)
    return Words(entries)


def _fault(pair: object) -> str:
    if not (isinstance(pair, list) and len(pair) == 2 and all(isinstance(text, str) and text for text in pair)):
        return "must be a pair of texts: Chinese, English"
    if _values(pair[0]) != _values(pair[1]):
        return "both languages must name the same {values}"
    return ""


def _values(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}
