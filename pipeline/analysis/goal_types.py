"""What a goal is about: cues of the taxonomy, and a linear model where they leave it open."""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from pipeline.lexicons.goals import load_taxonomy
from pipeline.search import Finder

if TYPE_CHECKING:
    from collections.abc import Container, Mapping, Sequence

    from pipeline.analysis.clauses import Reading

    from pipeline.lexicons.goals import Taxonomy

Scores = dict[int, float]
"""Number of a type in the taxonomy → how much speaks for it."""

STRONG, LONGER, WEAK = 1.0, 0.25, 0.35  # a cue of two characters, each character more, a weak cue
SENTENCE, HEADING, OUTER = 0.3, 0.5, 0.2  # what stands around a clause counts less than its own words
LABEL = 1.6  # 培训目标：… is about training, whatever follows
CHAINED = 0.8
SURE = 0.3  # lead over the second type from which the cues alone decide


class Verdict(NamedTuple):
    """The type of a goal with a confidence (0..1)."""

    goal_type: str
    confidence: float


class Cues:
    """The cues of a taxonomy, found in one pass."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        """Compile the cues; a cue under several types speaks for each of them."""
        weights: dict[str, Scores] = {}
        for number, one in enumerate(taxonomy.types):
            for cue in one.cues:
                weights.setdefault(cue, {})[number] = STRONG + LONGER * (len(cue) - 2)
            for cue in one.weak:
                weights.setdefault(cue, {})[number] = WEAK
        self._finder = Finder(sorted(weights), longest=True)
        self._weights = [weights[cue] for cue in self._finder.strings]

    def find(self, text: str) -> list[tuple[int, Scores]]:
        """Return (offset, what it speaks for) of each cue in ``text``, in order."""
        return [(start, self._weights[number]) for number, start, _ in self._finder.find(text)]


def add(total: Scores, more: Mapping[int, float], times: float = 1.0) -> None:
    """Add scores to a total in place."""
    for number, weight in more.items():
        total[number] = total.get(number, 0.0) + times * weight


def lead(scores: Scores) -> tuple[int, float]:
    """Return the type with the highest score (of equals the first) and how far it leads; -1 where nothing speaks."""
    ranked = sorted(((-weight, number) for number, weight in scores.items()))
    if not ranked:
        return -1, 0.0
    second = -ranked[1][0] if len(ranked) > 1 else 0.0
    return ranked[0][1], -ranked[0][0] - second


class TypeModel:
    """Types goals by a taxonomy: ``TypeModel(load_taxonomy())``."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        """Compile the cues."""
        self.taxonomy = taxonomy
        self._cues = Cues(taxonomy)

    def judge(
        self, reading: Reading, chosen: Sequence[int], firm: Container[int], without: Mapping[int, str]
    ) -> dict[int, Verdict]:
        """Return clause → type of the clauses ``chosen``: of the ``firm`` ones, and of those with a cue of their own.

        ``without`` holds the words of a clause without its figures, in which 新增2名人员 is 新增人员.
        """
        own, sentences = self._own(reading)
        verdicts: dict[int, Verdict] = {}
        chained = (-1, -1)  # sentence and type of the last figure: 办理贴现3笔，金额460万元
        for number in chosen:
            clause = reading.clauses[number]
            scores = dict(own.get(number, {}))
            if number in without:
                add(scores, self._of(without[number]))
            strong = max(scores.values(), default=0.0) >= STRONG
            if not strong and number not in firm:
                continue
            if not strong and number in without and chained[0] == clause.sentence:
                add(scores, {chained[1]: CHAINED})
            add(scores, self._of(reading.label(number)), LABEL)
            if lead(scores)[1] < (SURE if strong else STRONG):
                around: Scores = {}
                add(around, sentences.get(clause.sentence, {}), SENTENCE)
                for weight, heading in zip((HEADING, OUTER), reading.headings[clause.line], strict=False):
                    add(around, self._of(heading), weight)
                add(scores, {one: weight for one, weight in around.items() if not strong or one in scores})
            best, ahead = lead(scores)
            if best >= 0:
                verdicts[number] = Verdict(self.taxonomy.types[best].id, round(1 / (1 + math.exp(-1 - ahead)), 2))
                if number in without:
                    chained = (clause.sentence, best)
        return verdicts

    def _own(self, reading: Reading) -> tuple[dict[int, Scores], dict[int, Scores]]:
        """Return what the cues speak for, by clause and by sentence."""
        own: dict[int, Scores] = {}
        sentences: dict[int, Scores] = {}
        for offset, weights in self._cues.find(reading.text):
            number = reading.at(offset)
            if number >= 0:
                add(own.setdefault(number, {}), weights)
                add(sentences.setdefault(reading.clauses[number].sentence, {}), weights)
        return own, sentences

    def _of(self, words: str) -> Scores:
        scores: Scores = {}
        for _, weights in self._cues.find(words):
            add(scores, weights)
        return scores


@cache
def shipped_model() -> TypeModel:
    """Return the model of the shipped taxonomy."""
    return TypeModel(load_taxonomy())
