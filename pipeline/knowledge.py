"""Everything the stages know beside the text: built once per process from the settings, then read only."""

from __future__ import annotations

import hashlib
from copy import copy
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from pipeline import dependencies
from pipeline.analysis.goal_types import TypeModel, model_for, shipped_model
from pipeline.lexicons import packs as site_packs
from pipeline.lexicons import tables
from pipeline.lexicons.goals import load_taxonomy
from pipeline.lm.acceptance import AcceptanceModel
from pipeline.lm.candidates import CandidateTables
from pipeline.lm.context import ContextVectors, SentenceContext
from pipeline.lm.corrector import Corrector
from pipeline.lm.features import Features, WordList
from pipeline.lm.model import SHIPPED, LanguageModel
from pipeline.lm.network import Network, installed
from pipeline.lm.opinion import OpinionModel, SecondOpinion
from pipeline.lm.proposals import WIDE, Proposer
from pipeline.lm.scored import Scorer
from pipeline.lm.trees import TreeModel
from pipeline.profile import LEAST, Profile, observe
from pipeline.rules.byte_loss import ByteLoss
from pipeline.rules.gaps import Gaps
from pipeline.rules.insertions import FEATURES as INSERTION_FEATURES
from pipeline.rules.insertions import SHIPPED as INSERTION_JUDGE
from pipeline.rules.insertions import DroppedIn, Insertions
from pipeline.rules.learned import Agreement, Learned, LearnedTable, decide
from pipeline.rules.masks import FEATURES as MASK_FEATURES
from pipeline.rules.masks import HEARD_FEATURES, Masks, MaskTable
from pipeline.rules.masks import SHIPPED as MASK_JUDGE
from pipeline.rules.masks import WITH_NETWORK as MASKS_WITH_NETWORK
from pipeline.rules.protection import Protection
from pipeline.rules.recurrence import decide_marks, pack_draft
from pipeline.rules.script import ScriptTable
from pipeline.rules.spelling import Spelling
from pipeline.rules.synonyms import ASKED_FEATURES, SynonymOpinion, Synonyms, SynonymTable
from pipeline.rules.synonyms import FEATURES as SYNONYM_FEATURES
from pipeline.rules.synonyms import OPINION as SYNONYM_OPINION
from pipeline.rules.synonyms import SHIPPED as SYNONYM_JUDGE
from pipeline.rules.typos import TypoTable

if TYPE_CHECKING:
    from pipeline.rules.recurrence import MarkEvidence
    from pipeline.settings import Settings

SITES = tables.HERE / "sites"
TOLD_BY = ("units.tsv", "periods.tsv", "comparators.tsv", "plan_words.tsv", "plan_phrases.txt")
"""Lexicons that only the analysis reads: documents need not be cleaned again for them."""


def settled(settings: Settings) -> Settings:
    """Return the settings with it settled whether the network is asked: the same for all who share the work."""
    if settings.neural is not None:
        return settings
    return replace(settings, neural=settings.thorough or installed())


class SiteLessons(NamedTuple):
    """The site marks that the corpus taught, and the draft of a pack (TOML) for a person to keep."""

    packs: tuple[site_packs.SitePack, ...] = ()
    draft: str = ""


@dataclass(frozen=True)
class Knowledge:
    """Lexicons compiled for the rules; each is built when a stage first asks for it."""

    settings: Settings
    learned: tuple[Learned, ...] = ()
    sites: SiteLessons = field(default_factory=SiteLessons)

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
    def goal_types(self) -> TypeModel:
        """What tells the types of goals: by the shipped taxonomy or the user's own."""
        return model_for(load_taxonomy(self.settings.goal_types)) if self.settings.goal_types else shipped_model()

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
    def scorer(self) -> Scorer:
        """The language model as a reader of whole texts."""
        return Scorer(self.proposer.model)

    @cached_property
    def sentences(self) -> SentenceContext:
        """The word vectors as a judge of what goes with a sentence."""
        return SentenceContext(self.features.context, self.proposer.tables)

    @cached_property
    def features(self) -> Features:
        """What the acceptance model looks at."""
        words = WordList(self.words.count, self.words.names.__contains__, self.words.fluency)
        return Features(self.proposer.model, self.proposer.tables, words, ContextVectors())

    @cached_property
    def corrector(self) -> Corrector:
        """The language model with candidates and acceptance."""
        proposer = self.proposer
        if self.opinion:
            proposer = Proposer(proposer.model, proposer.tables, WIDE)
        return Corrector(proposer, self.features, AcceptanceModel(), self.opinion)

    @cached_property
    def network(self) -> Network | None:
        """The network that reads both ways; none where it is not wanted or its extra is not installed.

        Raises :class:`pipeline.errors.ModelError` where it must be asked (``neural``, ``thorough``) but cannot be had.
        """
        must = self.settings.neural or self.settings.thorough
        return Network() if must or (self.settings.neural is None and installed()) else None

    @cached_property
    def opinion(self) -> SecondOpinion | None:
        """The network where the corrector doubts: it judges again, and proposes."""
        if self.network is None:
            return None
        return SecondOpinion(self.network, OpinionModel(), self.proposer.tables, thorough=self.settings.thorough)

    @cached_property
    def losses(self) -> ByteLoss:
        """Characters lost with GBK bytes, as a rule."""
        return ByteLoss(self.corrector)

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
    def synonym_table(self) -> SynonymTable:
        """The spinner's pairs with their evidence; empty with the lexicon off."""
        pairs = tables.load_synonyms() if self.settings.lexicon else []
        return SynonymTable(pairs, self.scorer, self.sentences, self.words)

    @cached_property
    def synonyms(self) -> Synonyms:
        """The spinner's pairs as a rule."""
        judge = TreeModel(SYNONYM_JUDGE, SYNONYM_FEATURES, "training/train_synonyms.py")
        opinion = None
        if self.network:
            second = TreeModel(SYNONYM_OPINION, ASKED_FEATURES, "training/train_synonyms.py --network")
            opinion = SynonymOpinion(self.network, second)
        return Synonyms(self.synonym_table, judge, self.protection, opinion)

    @cached_property
    def insertions(self) -> Insertions:
        """What finds characters dropped into words."""
        return Insertions(self.scorer, self.proposer.tables, self.words)

    @cached_property
    def dropped_in(self) -> DroppedIn:
        """Characters dropped into words, as a rule."""
        judge = TreeModel(INSERTION_JUDGE, INSERTION_FEATURES, "training/train_insertions.py")
        return DroppedIn(self.insertions, judge, self.protection)

    @cached_property
    def gaps(self) -> Gaps:
        """Words that a filter drops, as a rule; none with the lexicon off."""
        words = tables.load_word_list(tables.HERE / "dropped.txt") if self.settings.lexicon else ()
        return Gaps(words, self.scorer, self.proposer.tables)

    @cached_property
    def mask_table(self) -> MaskTable:
        """The words that may be masked, with their evidence; empty with the lexicon off."""
        words = tables.load_masked() if self.settings.lexicon else {}
        return MaskTable(words, self.scorer, self.sentences, self.network)

    @cached_property
    def masks(self) -> Masks:
        """The masked words as a rule."""
        if self.network:
            judge = TreeModel(MASKS_WITH_NETWORK, HEARD_FEATURES, "training/train_masks.py --network")
        else:
            judge = TreeModel(MASK_JUDGE, MASK_FEATURES, "training/train_masks.py")
        return Masks(self.mask_table, judge)

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

    def learn_sites(self, evidence: MarkEvidence) -> SiteLessons:
        """Return the site marks that are sure by the evidence."""
        return SiteLessons(decide_marks(evidence), pack_draft(evidence))

    def taught(self, *, learned: tuple[Learned, ...] | None = None, sites: SiteLessons | None = None) -> Knowledge:
        """Return this knowledge with what the corpus taught, where given; all else is shared."""
        self.check()  # what is built now is shared by all pupils
        pupil = copy(self)
        for stale in ("lessons", "packs", "fingerprints", "passes", "fingerprint"):
            pupil.__dict__.pop(stale, None)
        object.__setattr__(pupil, "learned", self.learned if learned is None else learned)
        object.__setattr__(pupil, "sites", self.sites if sites is None else sites)
        return pupil

    @cached_property
    def packs(self) -> site_packs.SitePacks:
        """The listed site packs and those that the corpus taught."""
        if not self.sites.packs:
            return self.listed_packs
        return site_packs.SitePacks((*self.listed_packs.packs, *self.sites.packs))

    @cached_property
    def listed_packs(self) -> site_packs.SitePacks:
        """Site packs: the shipped ones and the user's folder; none with packs off."""
        folders = [SITES] if self.settings.packs else []
        if self.settings.packs and self.settings.sites:
            folders.append(self.settings.sites)
        return site_packs.load_packs(folders)

    def check(self) -> None:
        """Load everything now, so that a faulty lexicon is reported before any document is touched."""
        _ = self.typos, self.packs, self.script, self.spelling, self.agreement
        _ = self.losses, self.dropped_in, self.synonyms, self.masks, self.gaps, self.goal_types

    @cached_property
    def given(self) -> dict[str, str]:
        """What tells the states of code, lexicons, models and settings, by name."""
        return dependencies.fingerprints(self.settings)

    @cached_property
    def fingerprints(self) -> dict[str, str]:
        """What tells the state of everything that the result depends on, by name: digests, versions, values."""
        rules = [row for row in self.learned if row.decision == "apply"]
        taught = {"learned": rules, "learned_packs": self.sites.packs}
        return self.given | {name: hashlib.sha256(repr(value).encode()).hexdigest() for name, value in taught.items()}

    @cached_property
    def passes(self) -> dict[str, str]:
        """The digest of what each pass of the text stages depends on: a pass is run anew where it is another one."""
        return dependencies.pass_digests(self.fingerprints)

    @cached_property
    def analysis(self) -> str:
        """The SHA-256 of what the analysis of a clean text depends on: its code, lexicons and model."""
        folder = tables.HERE.parent / "analysis"
        lexicons = [tables.HERE / name for name in TOLD_BY] + list(tables.HERE.glob("*.toml"))
        own = [self.settings.goal_types] if self.settings.goal_types else []
        return dependencies.digest_files([*folder.glob("*.py"), *folder.glob("*.json"), *lexicons, *own])

    @cached_property
    def fingerprint(self) -> str:
        """One digest of :attr:`fingerprints`: what was made under the same one need not be made anew."""
        return hashlib.sha256(repr(sorted(self.fingerprints.items())).encode()).hexdigest()
