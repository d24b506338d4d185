"""Wrong characters that no table knows, as the language model finds them; names and quoted typos stay."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from pipeline.model import Edit
from pipeline.profile import LEAST
from pipeline.rules.protection import TITLES, Spans, foreign_name, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipeline.lm.corrector import Correction, Corrector
    from pipeline.rules.protection import Protection

DOUBTFUL = 0.8  # at most: the confidence of a change inside short quotation marks, where a typo may be meant, in a
# name, and among 的, 地 and 得, on which good writers do not agree
PARTICLES = frozenset("的地得")


USUAL = 3.0  # wrong characters per 1,000, at which the acceptance model's probabilities stand as they are
WEIGHT = 0.5  # thousands of characters that this usual density counts for against the document's own
SLOPE, MOST_DOWN, MOST_UP = 0.7, -1.6, 0.4  # how far the log-odds follow the density
SURE = 0.9  # probability from which a correction counts as an error of the document


class Spelling:
    """Turns the corrector's findings into edits."""

    def __init__(self, corrector: Corrector, protection: Protection) -> None:
        self.corrector = corrector
        self.protection = protection

    def propose(self, text: str, decided: Sequence[tuple[int, int]] = (), errors: int | None = None) -> Iterator[Edit]:
        """Yield an edit per correction, sure ones and suggestions; spans of ``decided`` are left as they are.

        ``errors`` is how many wrong characters the document was found to have already: where errors are many, one more
        is likelier than in a text that is right throughout. Without it every line is judged by itself.
        """
        acceptance = self.corrector.acceptance
        taken = Spans([*self.protection.spans(text), *decided])
        found = self.corrector.corrections(text, LEAST)
        shift = 0.0
        if errors is not None:
            sure = sum(len(c.after) for c in found if c.probability >= SURE)
            shift = prior_shift(errors + sure, len(text))
        for c in found:
            probability = shifted(c.probability, shift)
            if probability < acceptance.suggest or not taken.add(c.start, c.end):
                continue
            confidence = acceptance.confidence(probability)
            if PARTICLES.issuperset(c.before + c.after) or quoted(text, c.start, c.end) or self._named(text, c):
                confidence = min(confidence, DOUBTFUL)
            yield Edit(c.start, c.end, c.before, c.after, "typo", "correct.model", confidence)

    def _named(self, text: str, found: Correction) -> bool:
        """Tell whether it changes a foreign name (a run of characters beside ·) or an odd surname before a title."""
        if foreign_name(text, found.start, found.end):
            return True
        odd = self.corrector.tables.rare(found.before[-1])
        return odd and text.startswith(TITLES, found.end)


def prior_shift(errors: int, chars: int) -> float:
    """Return what the number of errors in a document adds to the log-odds of each (Bayes' rule, held within limits)."""
    density = (errors + USUAL * WEIGHT) / (chars / 1000 + WEIGHT)
    return min(MOST_UP, max(MOST_DOWN, SLOPE * math.log(density / USUAL)))


def shifted(probability: float, shift: float) -> float:
    """Return the probability with ``shift`` added to its log-odds."""
    return probability / (probability + (1 - probability) * math.exp(-shift))
