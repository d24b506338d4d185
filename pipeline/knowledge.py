"""Everything the stages know beside the text: built once per process from the settings, then read only."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.lexicons import packs as site_packs
from pipeline.lexicons import tables
from pipeline.rules.script import ScriptTable
from pipeline.rules.typos import TypoTable

if TYPE_CHECKING:
    from pipeline.settings import Settings

SITES = tables.HERE / "sites"


@dataclass(frozen=True)
class Knowledge:
    """Lexicons compiled for the rules; each is built when a stage first asks for it."""

    settings: Settings

    @cached_property
    def words(self) -> tables.Words:
        """The word list with frequencies."""
        return tables.load_words()

    @cached_property
    def protected(self) -> frozenset[str]:
        """Words of the user's own list, which no stage may correct."""
        return tables.load_word_list(self.settings.protect) if self.settings.protect else frozenset()

    @cached_property
    def names(self) -> frozenset[str]:
        """Names shipped with the package, and the user's protected words."""
        return tables.load_names() | self.protected

    @cached_property
    def script(self) -> ScriptTable:
        """Traditional and variant characters."""
        return ScriptTable(tables.load_variants(), self.names, self.words)

    @cached_property
    def typos(self) -> TypoTable:
        """The curated typo table and the user's own; empty with the lexicon off."""
        rows = {}
        if self.settings.lexicon:
            rows = {typo.wrong: typo for typo in tables.load_typos()}
            if self.settings.typos:
                rows |= {typo.wrong: typo for typo in tables.load_typos(self.settings.typos)}
        return TypoTable(list(rows.values()), self.names, self.words)

    @cached_property
    def packs(self) -> site_packs.SitePacks:
        """Site packs: the shipped ones and the user's folder; none with packs off."""
        folders = [SITES] if self.settings.packs else []
        if self.settings.packs and self.settings.sites:
            folders.append(self.settings.sites)
        return site_packs.load_packs(folders)

    def check(self) -> None:
        """Load everything now, so that a faulty lexicon is reported before any document is touched."""
        _ = self.typos, self.packs, self.script

    @cached_property
    def fingerprints(self) -> dict[str, str]:
        """Return name → SHA-256 of what the result depends on: code, settings and every lexicon file."""
        package = tables.HERE.parent
        own = [package / part for part in ("rules", "stages", "model")]
        shipped = [*tables.HERE.glob("*.tsv"), *tables.HERE.glob("*.txt")]
        mine = [path for path in (self.settings.protect, self.settings.typos) if path]
        folders = [SITES, *([self.settings.sites] if self.settings.sites else [])]
        return {
            "version": version("qinggao"),
            "code": _digest(path for folder in own for path in folder.glob("*.py")),
            "lexicons": _digest([*shipped, *mine]),
            "packs": _digest(path for folder in folders for path in folder.glob("*.toml")),
            "settings": hashlib.sha256(
                repr(
                    [
                        self.settings.min_confidence,
                        self.settings.lexicon,
                        self.settings.packs,
                        self.settings.text_column,
                    ]
                ).encode()
            ).hexdigest(),
        }

    @cached_property
    def fingerprint(self) -> str:
        """One digest of :attr:`fingerprints`: results made under another one are made anew."""
        return hashlib.sha256(repr(sorted(self.fingerprints.items())).encode()).hexdigest()


def _digest(paths: object) -> str:
    total = hashlib.sha256()
    for path in sorted(map(Path, paths)):  # type: ignore[call-overload]
        total.update(path.name.encode())
        total.update(path.read_bytes())
    return total.hexdigest()
