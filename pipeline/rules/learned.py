"""What the corpus teaches: which substitutions of a profile to believe, and the table of them applied.

``agreement.json`` holds a logistic model over the evidence of a substitution, trained by ``training/train_agreement.py``
on documents that were spun with tables drawn at random.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import orjson

from pipeline.errors import LexiconError
from pipeline.model import Edit
from pipeline.profile import LEAST_SUPPORT, UNIT
from pipeline.rules.protection import Spans, quoted
from pipeline.rules.reasons import times
from pipeline.search import Finder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pipeline.lexicons.tables import Words
    from pipeline.lm.corrector import Corrector
    from pipeline.profile import Evidence, Profile
    from pipeline.rules.protection import Protection

SHIPPED = Path(__file__).parent / "agreement.json"
FEATURES = (
    "mean_odds", "best_odds", "support", "consistency", "wrong", "right", "wrong_is_word", "right_is_word", "length", "ratio",
)  # fmt: skip
WORD_SUPPORT = 3  # the same where the wrong form is a word of its own (考查, 心里)
APPLY, SHOW = 0.7, 0.35  # probability from which a substitution is applied, is written out
LEAST_GAIN = 0.0  # log10 that a place must gain by it, so that 已经记录 stays when 经记 is read as 经纪 elsewhere
COMMON = 20  # occurrences in the dictionary, which holds misspellings too, from which a form is a word (景像 has 3)
WORD_GAIN = 1.0  # the same where the wrong form is a word of its own


class Learned(NamedTuple):
    """A row of ``learned_table.csv``: ``decision`` is apply or suggest, ``consistency`` support per occurrence (0..1)."""

    wrong: str
    right: str
    support: int
    consistency: float
    example: str
    decision: str
    confidence: float


class Agreement:
    """The logistic model over :data:`FEATURES`."""

    def __init__(self, path: Path = SHIPPED) -> None:
        """Read the weights; raises :class:`LexiconError` when the file is damaged or for other features."""
        try:
            stored = orjson.loads(path.read_bytes())
            self.weights = [float(stored["weights"][name]) for name in FEATURES]
            self.intercept = float(stored["intercept"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise LexiconError(path.name, [f"is damaged ({error}); run training/train_agreement.py"]) from error

    def probability(self, values: Sequence[float]) -> float:
        """Return the probability that a substitution with these features is right."""
        total = self.intercept + sum(w * v for w, v in zip(self.weights, values, strict=True))
        return 1 / (1 + math.exp(-total))


def features(wrong: str, right: str, evidence: Evidence, words: Words) -> list[float]:
    """Return the values of :data:`FEATURES`: log-odds in natural units, counts as logarithms."""
    return [
        evidence.odds / UNIT / (evidence.support + 1),
        evidence.best / UNIT,
        math.log(evidence.support),
        min(1.0, evidence.support / max(1, evidence.wrong)),
        math.log(max(1, evidence.wrong)),
        math.log(evidence.right + 1),
        math.log10(words.frequency.get(wrong, 0) + 1),
        math.log10(words.frequency.get(right, 0) + 1),
        len(wrong),
        math.log((evidence.wrong + 1) / (evidence.right + 1)),
    ]


def decide(profile: Profile, words: Words, agreement: Agreement) -> list[Learned]:
    """Return the substitutions worth showing, best supported first.

    A wrong form has one right one, and no right form is wrong elsewhere: of rivals and circles the surer one stays
    and the others are only suggested.
    """
    judged = [
        (agreement.probability(features(*pair, evidence, words)), pair, evidence)
        for pair, evidence in profile.substitutions.items()
        if evidence.support >= LEAST_SUPPORT
    ]
    judged.sort(key=lambda row: (-row[0], row[1]))
    rows: list[Learned] = []
    wrongs: set[str] = set()
    rights: set[str] = set()
    for probability, (wrong, right), evidence in judged:
        if probability < SHOW:
            break
        free = wrong not in wrongs and wrong not in rights and right not in wrongs
        supported = evidence.support >= (WORD_SUPPORT if _is_word(wrong, words) else LEAST_SUPPORT)
        apply = probability >= APPLY and free and supported
        if apply:
            wrongs.add(wrong)
            rights.add(right)
        consistency = round(min(1.0, evidence.support / max(1, evidence.wrong)), 3)
        sure = 0.9 + 0.07 * (probability - APPLY) / (1 - APPLY) if apply else min(0.89, 0.9 * probability / APPLY)
        decision = "apply" if apply else "suggest"
        rows.append(Learned(wrong, right, evidence.support, consistency, evidence.example, decision, round(sure, 2)))
    return sorted(rows, key=lambda row: (-row.support, row.wrong, row.right))


def _is_word(form: str, words: Words) -> bool:
    """Whether the form may be meant as it stands; a single character is learned only where it hardly exists."""
    return len(form) > 1 and words.has(form, COMMON)


class LearnedTable:
    """The applied rows, compiled: they are proposed wherever the language model does not object."""

    def __init__(self, rows: Iterable[Learned], corrector: Corrector, words: Words, protection: Protection) -> None:
        self.rows = [row for row in rows if row.decision == "apply"]
        self._finder = Finder(row.wrong for row in self.rows)
        self._corrector, self._words, self._protection = corrector, words, protection

    def propose(self, text: str, decided: Sequence[tuple[int, int]] = ()) -> Iterator[Edit]:
        """Yield an edit per occurrence of a learned wrong form that gains by its right one; surest first wins."""
        if not self.rows:
            return
        hits = [(self.rows[number], start, end) for number, start, end in self._finder.find(text, overlapping=True)]
        gains = self._corrector.gains(text, [(start, end, row.right) for row, start, end in hits])
        taken = Spans([*self._protection.spans(text), *decided])
        for gain, (row, start, end) in sorted(
            zip(gains, hits, strict=True), key=lambda hit: (-len(hit[1][0].wrong), -hit[0], hit[1][1])
        ):
            bar = WORD_GAIN if _is_word(row.wrong, self._words) else LEAST_GAIN
            if gain > bar and not quoted(text, start, end) and taken.add(start, end):
                why = f"{row.right} is {times(gain)} likelier here; {row.support} lines of these texts ask for it"
                yield Edit(start, end, row.wrong, row.right, "typo", "correct.learned", row.confidence, why)
