"""Everything the stages know beside the text: built once per process from the settings, then read only."""

from __future__ import annotations

import hashlib
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.lexicons import packs as site_packs
from pipeline.lexicons import tables
from pipeline.lm.acceptance import AcceptanceModel
from pipeline.lm.candidates import CandidateTables
from pipeline.lm.context import ContextVectors
from pipeline.lm.corrector import Corrector
from pipeline.lm.features import Features, WordList
from pipeline.lm.model import SHIPPED, LanguageModel
from pipeline.lm.proposals import Proposer
from pipeline.profile import LEAST, Profile, observe
from pipeline.rules.learned import Agreement, Learned, LearnedTable, decide
from pipeline.rules.protection import Protection
from pipeline.rules.script import ScriptTable
from pipeline.rules.spelling import Spelling
from pipeline.rules.typos import TypoTable

if TYPE_CHECKING:
    from pipeline.settings import Settings

MODEL_FILES = [SHIPPED.with_name(name) for name in ("candidates.npz", "context.npz", "acceptance.json")]
SITES = tables.HERE / "sites"


@dataclass(frozen=True)
class Knowledge:
    """Lexicons compiled for the rules; each is built when a stage first asks for it."""

    settings: Settings
    learned: tuple[Learned, ...] = ()

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
    def proposer(self) -> Proposer:
        """The language model with the candidates."""
        return Proposer(LanguageModel(self.settings.lm or SHIPPED), CandidateTables())

    @cached_property
    def features(self) -> Features:
        """What the acceptance model looks at."""
        words = WordList(self.words.count, self.words.names.__contains__, self.words.fluency)
        return Features(self.proposer.model, self.proposer.tables, words, ContextVectors())

    @cached_property
    def corrector(self) -> Corrector:
        """The language model with candidates and acceptance."""
        return Corrector(self.proposer, self.features, AcceptanceModel())

    @cached_property
    def protection(self) -> Protection:
        """The words that no correction may touch."""
        return Protection(self.names)

    @cached_property
    def spelling(self) -> Spelling:
        """The corrector as a rule."""
        return Spelling(self.corrector, self.protection, self.words)

    @cached_property
    def lessons(self) -> LearnedTable:
        """The substitutions that the corpus taught, as a rule."""
        return LearnedTable(self.learned, self.corrector, self.words, self.protection)

    @cached_property
    def agreement(self) -> Agreement:
        """What judges the substitutions that a corpus teaches."""
        return Agreement()

    def observe(self, text: str) -> Profile:
        """Return what a text that is ready for correction teaches."""
        return observe(text, self.corrector.corrections(text, LEAST), self.words, self.proposer.tables.rare)

    def learn(self, profile: Profile) -> tuple[Learned, ...]:
        """Return the substitutions of a profile that are worth showing, with the decision on each."""
        return tuple(decide(profile, self.words, self.agreement))

    def taught(self, learned: tuple[Learned, ...]) -> Knowledge:
        """Return this knowledge with what the corpus taught; all else is shared."""
        pupil = copy(self)
        for stale in ("lessons", "fingerprints", "fingerprint"):
            pupil.__dict__.pop(stale, None)
        object.__setattr__(pupil, "learned", learned)
        return pupil

    @cached_property
    def packs(self) -> site_packs.SitePacks:
        """Site packs: the shipped ones and the user's folder; none with packs off."""
        folders = [SITES] if self.settings.packs else []
        if self.settings.packs and self.settings.sites:
            folders.append(self.settings.sites)
        return site_packs.load_packs(folders)

    def check(self) -> None:
        """Load everything now, so that a faulty lexicon is reported before any document is touched."""
        _ = self.typos, self.packs, self.script, self.spelling, self.agreement

    @cached_property
    def fingerprints(self) -> dict[str, str]:
        """Return name → SHA-256 of what the result depends on: code, settings and every lexicon file."""
        package = tables.HERE.parent
        own = [package / part for part in ("rules", "stages", "model", "lm")]
        shipped = [*tables.HERE.glob("*.tsv"), *tables.HERE.glob("*.txt")]
        mine = [path for path in (self.settings.protect, self.settings.typos) if path]
        folders = [SITES, *([self.settings.sites] if self.settings.sites else [])]
        return {
            "version": version("qinggao"),
            "code": _digest(path for folder in own for path in folder.glob("*.py")),
            "lexicons": _digest([*shipped, *mine]),
            "model": _digest([self.settings.lm or SHIPPED, *MODEL_FILES]),
            "learned": hashlib.sha256(repr(self.lessons.rows).encode()).hexdigest(),
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
