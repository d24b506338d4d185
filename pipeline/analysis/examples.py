"""Examples to learn types of goals from: clauses that the cues of one type alone decide, in any text."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from pipeline.analysis.clauses import CLAUSE
from pipeline.analysis.cues import STRONG, Cues, Scores, add, lead
from pipeline.analysis.linear import fit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pipeline.analysis.linear import Linear
    from pipeline.lexicons.goals import Taxonomy

MOST = 2500  # clauses of a type
SHORTEST, LONGEST = 8, 40  # characters of a clause
AHEAD = 1.0  # of the next type, from which a clause is a sure case
WHOLE = 1 / 3  # share of examples that keep their cue: the others teach the words around it
PAIRS = 5000


class Example(NamedTuple):
    """A clause of one type, with its cues and without them."""

    whole: str
    bare: str
    goal_type: str

    @property
    def draw(self) -> float:
        """A number (0..1) that says nothing about the clause, to draw by."""
        return int(hashlib.sha256(self.whole.encode("utf-8", "surrogatepass")).hexdigest()[:8], 16) / 0xFFFFFFFF


def sure_cases(texts: Iterable[str], taxonomy: Taxonomy) -> Iterator[Example]:
    """Yield the clauses of ``texts`` that the cues of one type alone decide."""
    cues = Cues(taxonomy)
    for text in texts:
        for match in CLAUSE.finditer(text):
            clause = match[0].strip()
            found = cues.spans(clause) if SHORTEST <= len(clause) <= LONGEST else []
            scores: Scores = {}
            for _, _, weights in found:
                add(scores, weights)
            best, ahead = lead(scores)
            if best < 0 or ahead < AHEAD or scores[best] < STRONG:
                continue
            bare, at = [], 0
            for start, end, weights in found:
                if weights.get(best, 0) >= STRONG:
                    bare.append(clause[at:start])
                    at = end
            yield Example(clause, " ".join([*bare, clause[at:]]), taxonomy.types[best].id)


def choose(examples: Iterable[Example]) -> list[Example]:
    """Return at most :data:`MOST` different examples of each type: the same ones in whatever order they come."""
    by_type: dict[str, set[Example]] = defaultdict(set)
    for example in examples:
        by_type[example.goal_type].add(example)
    return [one for name in sorted(by_type) for one in sorted(by_type[name], key=lambda e: (e.draw, e))[:MOST]]


def teach(examples: Iterable[Example], taxonomy: Taxonomy, *, least: int = 4) -> Linear:
    """Return the classifier that examples and the cues themselves teach."""
    taught = [(one.whole if one.draw * 97 % 1 < WHOLE else one.bare, one.goal_type) for one in examples]
    taught += [(cue, one.id) for one in taxonomy.types for cue in one.cues]
    return fit(taught, taxonomy.ids, least=least if len(taught) > 1000 else 1, most=PAIRS)
