"""The only reader of site packs: what sites stamp on text, as data (one TOML file a site)."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from pipeline.errors import LexiconError
from pipeline.search import Finder

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

PATTERNS = ("intros", "footers", "inline")
LISTS = ("aliases", "domains", "slogans", "signatures", *PATTERNS)


@dataclass(frozen=True, slots=True)
class SitePack:
    """What one site stamps: names, addresses, slogans, broken-up signatures, and patterns of lines or passages."""

    name: str
    aliases: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    slogans: tuple[str, ...] = ()
    signatures: tuple[str, ...] = ()
    intros: tuple[str, ...] = ()
    footers: tuple[str, ...] = ()
    inline: tuple[str, ...] = ()

    @property
    def entries(self) -> tuple[str, ...]:
        """The name and everything in the lists."""
        return (self.name, *(entry for part in LISTS for entry in getattr(self, part)))


@dataclass(frozen=True)
class SitePacks:
    """All packs, compiled for the rules; ``SitePacks()`` knows no site."""

    packs: tuple[SitePack, ...] = field(default=())

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names and aliases, longest first."""
        return tuple(sorted({n for pack in self.packs for n in (pack.name, *pack.aliases)}, key=lambda n: (-len(n), n)))

    @cached_property
    def slogans(self) -> tuple[str, ...]:
        """Slogans, longest first."""
        return tuple(sorted({s for pack in self.packs for s in pack.slogans}, key=lambda s: (-len(s), s)))

    @cached_property
    def signatures(self) -> tuple[str, ...]:
        """Strings that are broken up by punctuation."""
        return tuple(sorted({s for pack in self.packs for s in pack.signatures}))

    @cached_property
    def _finder(self) -> Finder:
        domains = {form for pack in self.packs for d in pack.domains for form in (d, d.upper(), d.capitalize())}
        return Finder(sorted({*self.names, *self.slogans, *domains}))

    def places(self, text: str) -> list[int]:
        """Return where names, slogans and addresses of known sites stand in ``text`` (start offsets, ascending)."""
        return self._finder.starts(text)

    @cached_property
    def mark(self) -> re.Pattern[str] | None:
        """Matches a chain of names, slogans and addresses of known sites with what joins them."""
        domains = [
            rf"(?:https?://)?(?:www\.)?{re.escape(d)}(?:/[!-~]{{0,200}})?" for pack in self.packs for d in pack.domains
        ]
        words = [re.escape(word) for word in (*self.names, *self.slogans)]
        if not words:
            return None
        one = "|".join([*domains, *words])
        return re.compile(rf"(?:{one})(?:[ \t\u3000,，:：|-]{{0,3}}(?:{one})){{0,6}}", re.IGNORECASE)

    @cached_property
    def patterns(self) -> dict[str, list[re.Pattern[str]]]:
        """The compiled patterns of ``intros``, ``footers`` and ``inline``."""
        return {kind: [re.compile(p) for pack in self.packs for p in getattr(pack, kind)] for kind in PATTERNS}


def load_packs(folders: Iterable[Path]) -> SitePacks:
    """Return the packs of all TOML files in ``folders``; raises :class:`LexiconError` with every fault of a file."""
    packs = []
    for folder in folders:
        paths = sorted(folder.glob("*.toml"))
        if not paths:
            raise LexiconError(folder.name, ["holds no site pack (*.toml)"])
        packs += [_load(path) for path in paths]
    return SitePacks(tuple(packs))


def _load(path: Path) -> SitePack:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise LexiconError(path.name, [f"cannot be read as TOML: {error}"]) from error
    faults = [f"unknown field {key!r}; known: name, {', '.join(LISTS)}" for key in data if key not in {"name", *LISTS}]
    name = data.get("name")
    if not isinstance(name, str) or len(name) < 2:
        faults.append("name must be a text of two characters or more")
    for key in LISTS:
        values = data.get(key, [])
        if not isinstance(values, list) or not all(isinstance(v, str) and len(v) > 1 for v in values):
            faults.append(f"{key} must be a list of texts of two characters or more")
        elif key in PATTERNS:
            faults += [fault for value in values if (fault := _pattern_fault(key, value))]
    if faults:
        raise LexiconError(path.name, faults)
    return SitePack(str(name), **{key: tuple(data.get(key, ())) for key in LISTS})


def _pattern_fault(key: str, value: str) -> str:
    try:
        empty = re.compile(value).match("") is not None
    except re.error as error:
        return f"{key}: {value!r} is no pattern: {error}"
    return f"{key}: {value!r} matches empty text" if empty else ""
