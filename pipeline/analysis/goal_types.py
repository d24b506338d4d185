"""What a goal is about: cues of the taxonomy, and a linear model where they leave it open."""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pipeline.analysis.cues import STRONG, Cues, Scores, add, lead
from pipeline.analysis.examples import choose, sure_cases, teach
from pipeline.analysis.linear import load_linear
from pipeline.lexicons.goals import load_taxonomy

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping, Sequence

    from pipeline.analysis.clauses import Clause, Reading
    from pipeline.analysis.linear import Linear
    from pipeline.lexicons.goals import Taxonomy

SHIPPED = Path(__file__).with_name("goal_types.json")
SENTENCE, HEADING, OUTER = 0.3, 0.5, 0.2  # what stands around a clause counts less than its own words
LABEL = 1.6  # 培训目标：… is about training, whatever follows
CHAINED = 1.2  # 办理贴现3笔，金额460万元: of a figure without a cue, what the figure before it is about
SURE = 0.3  # lead over the second type from which a clause's own cues decide
OPEN = 0.5  # lead below which the linear model has a say
LINEAR = 0.4  # of the model's probability, where no cue of the clause decides
GUESSES = 0.1  # probability from which a type is among them
STEEP, RULED, GUESSED = 2.0, 0.8, -0.6  # lead → confidence, with a cue in the clause and without


class Verdict(NamedTuple):
    """The type of a goal with a confidence (0..1)."""

    goal_type: str
    confidence: float


class TypeModel:
    """Types goals by a taxonomy; where no cue of a clause decides, what stands around it and a linear model do."""

    def __init__(self, taxonomy: Taxonomy, linear: Linear) -> None:
        """Compile the cues; ``linear`` must be of the same types."""
        self.taxonomy = taxonomy
        self._linear = linear
        self._cues = Cues(taxonomy)

    def judge(
        self, reading: Reading, chosen: Sequence[int], firm: Container[int], without: Mapping[int, str]
    ) -> dict[int, Verdict]:
        """Return clause → type of the clauses ``chosen``: of the ``firm`` ones, and of those with a cue of their own.

        ``without`` holds the words of a clause without its figures, in which 新增2名人员 is 新增人员.
        """
        around = _Surroundings(self._cues, reading)
        verdicts: dict[int, Verdict] = {}
        chained = (-1, -1)  # sentence and type of the last figure
        for number in chosen:
            clause = reading.clauses[number]
            figured = number in without
            scores = dict(around.of(without[number]) if figured else around.clauses.get(number, {}))
            strong = max(scores.values(), default=0.0) >= STRONG
            if not strong and number not in firm:
                continue
            if not strong and figured and chained[0] == clause.sentence:
                add(scores, {chained[1]: CHAINED})
            add(scores, around.of(reading.label(number)), LABEL)
            if lead(scores)[1] < (SURE if strong else STRONG):
                more = around.scores(clause)
                add(scores, {one: weight for one, weight in more.items() if not strong or one in scores})
                if not strong and lead(scores)[1] < OPEN:
                    add(scores, self._guess(reading.text[clause.start : clause.end], certain=figured), LINEAR)
            best, ahead = lead(scores)
            if best < 0:
                continue
            sure = 1 / (1 + math.exp(-STEEP * ahead - (RULED if strong else GUESSED)))
            verdicts[number] = Verdict(self.taxonomy.types[best].id, round(sure, 2))
            if figured:
                chained = (clause.sentence, best)
        return verdicts

    def _guess(self, words: str, *, certain: bool) -> Scores:
        """Return the linear model's probability of the types that it finds likeliest; one at least if ``certain``."""
        powers = [math.exp(score) for score in self._linear.scores(words)]
        total = sum(powers)
        least = min(GUESSES * total, max(powers)) if certain else GUESSES * total
        return {number: power / total for number, power in enumerate(powers) if power >= least}


class _Surroundings:
    """The cues of a text by clause, by sentence and by heading."""

    def __init__(self, cues: Cues, reading: Reading) -> None:
        self._cues, self._reading = cues, reading
        self._known: dict[str, Scores] = {"": {}}
        self.clauses: dict[int, Scores] = {}
        self._sentences: dict[int, Scores] = {}
        for offset, weights in cues.find(reading.text):
            number = reading.at(offset)
            if number >= 0:
                add(self.clauses.setdefault(number, {}), weights)
                add(self._sentences.setdefault(reading.clauses[number].sentence, {}), weights)

    def scores(self, clause: Clause) -> Scores:
        """Return what the sentence and the headings around a clause speak for."""
        scores: Scores = {}
        add(scores, self._sentences.get(clause.sentence, {}), SENTENCE)
        for weight, heading in zip((HEADING, OUTER), self._reading.headings[clause.line], strict=False):
            add(scores, self.of(heading), weight)
        return scores

    def of(self, words: str) -> Scores:
        """Return what the cues in ``words`` speak for."""
        known = self._known.get(words)
        if known is None:
            known = self._known[words] = {}
            for _, weights in self._cues.find(words):
                add(known, weights)
        return known


@cache
def shipped_model() -> TypeModel:
    """Return the model of the shipped taxonomy."""
    return TypeModel(load_taxonomy(), load_linear(SHIPPED))


def model_for(taxonomy: Taxonomy, texts: Iterable[str] = ()) -> TypeModel:
    """Return a model for a taxonomy: the shipped one where its types are the same, else one that learns from ``texts``.

    It learns from the clauses of ``texts`` that the cues alone decide, and from the cues; the order of ``texts`` and
    what is said twice make no difference.
    """
    shipped = load_linear(SHIPPED)
    if shipped.classes == taxonomy.ids:
        return TypeModel(taxonomy, shipped)
    return TypeModel(taxonomy, teach(choose(sure_cases(texts, taxonomy)), taxonomy))
