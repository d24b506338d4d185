"""Wrong characters that no table knows, as the language model finds them; names and quoted typos stay."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

from pipeline.lm.features import PEOPLE
from pipeline.model import Edit
from pipeline.profile import LEAST, word_forms
from pipeline.rules.protection import Spans, foreign_name, quoted, verse
from pipeline.rules.reasons import times
from pipeline.search import Finder, line_numbers

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipeline.lexicons.tables import Words
    from pipeline.lm.corrector import Correction, Corrector
    from pipeline.rules.protection import Protection

DOUBTFUL = 0.8  # at most: the confidence of a change inside short quotation marks, where a typo may be meant, in a
# name, and among 的, 地 and 得, on which good writers do not agree
PARTICLES = frozenset("的地得")
USUAL = 3.0  # wrong characters per 1,000, at which the acceptance model's probabilities stand as they are
EXPECTED = 2.2  # the same, of a text of which little is seen
WEIGHT = 0.35  # thousands of characters that what is expected counts for
SLOPE, MOST_DOWN, MOST_UP = 0.85, -2.2, 0.8  # how far the log-odds follow the density
MINDED = 0.5  # probability from which the model minds a word
HARDLY = 0.5  # log10: a gain that says little
SURE = 0.9  # probability from which a correction counts as an error of the document


class Spelling:
    """Turns the corrector's findings into edits."""

    def __init__(self, corrector: Corrector, protection: Protection, words: Words) -> None:
        self.corrector = corrector
        self.protection = protection
        self.words = words

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
            shift = prior_shift(max(0, errors + sure - 1), len(text))  # one does not vouch for itself
        usual = self._usual(text, found, whole=errors is not None)
        for c in found:
            probability = shifted(c.probability, shift)
            if probability < acceptance.suggest or not taken.add(c.start, c.end):
                continue
            confidence = acceptance.confidence(probability)
            habit = PARTICLES.issuperset(c.before + c.after)
            if habit or (c in usual and shift <= 0) or self._apart(text, c):
                confidence = min(confidence, DOUBTFUL)
            heard = ", the network heard" if c.asked else ""
            why = f"{_fits(c)}; right in {probability:.0%} of such cases{heard}"
            yield Edit(c.start, c.end, c.before, c.after, "typo", "correct.model", confidence, why)

    def _usual(self, text: str, found: Sequence[Correction], *, whole: bool) -> set[Correction]:
        """Return the corrections of words that stand again where the model minds them less: terms of the text.

        They are looked for in the ``whole`` text or only on the line.
        """
        doubted = [c for c in found if c.probability >= self.corrector.acceptance.suggest]
        forms = [self._forms(text, c) for c in doubted]
        finder = Finder(sorted({wrong for wrongs in forms for wrong in wrongs}))
        matches = finder.find(text, overlapping=True)
        rows = [0] * len(matches) if whole else line_numbers(text, [start for _, start, _ in matches])
        stands = Counter((finder.strings[number], row) for (number, _, _), row in zip(matches, rows, strict=True))
        rows = [0] * len(doubted) if whole else line_numbers(text, [c.start for c in doubted])
        places = list(zip(doubted, forms, rows, strict=True))
        minded = Counter((wrong, row) for c, wrongs, row in places for wrong in wrongs if c.probability >= MINDED)
        return {
            c
            for c, wrongs, row in places
            if any(stands[wrong, row] > 1 and 2 * minded[wrong, row] <= stands[wrong, row] for wrong in wrongs)
        }

    def _forms(self, text: str, found: Correction) -> set[str]:
        """Return the words as they are written that a correction would change: the commonest, and those of two."""
        forms = {wrong for wrong, _ in word_forms(text, found, self.words, _never)}
        start, end = found.start, found.end
        beside = (
            (start - 1, text[start - 1 : start] + found.after[0]),
            (end - 1, found.after[-1] + text[end : end + 1]),
        )
        return forms | {text[at : at + 2] for at, after in beside if at >= 0 and self.words.has(after)}

    def _apart(self, text: str, found: Correction) -> bool:
        """Tell whether it changes what follows rules of its own.

        That is a quoted word, a foreign name, an odd surname, verse, a doubled character (椅椅, as children say it).
        """
        start, end = found.start, found.end
        if found.before in {text[start - 1 : start], text[end : end + 1]}:
            return True
        odd = self.corrector.tables.rare(found.before[-1]) and text.startswith(PEOPLE, end)
        return odd or quoted(text, start, end) or foreign_name(text, start, end) or verse(text, start)


def _fits(found: Correction) -> str:
    """Return what speaks for a correction; little does by the n-grams where the network has the say."""
    if found.asked and found.gain < HARDLY:
        return f"{found.after} fits the sentence, as the network reads it"
    return f"{found.after} is {times(found.gain)} likelier here"


def _never(_: str) -> bool:
    return False


def prior_shift(errors: int, chars: int) -> float:
    """Return what the number of errors in a document adds to the log-odds of each (Bayes' rule, held within limits)."""
    density = (errors + EXPECTED * WEIGHT) / (chars / 1000 + WEIGHT)
    return min(MOST_UP, max(MOST_DOWN, SLOPE * math.log(density / USUAL)))


def shifted(probability: float, shift: float) -> float:
    """Return the probability with ``shift`` added to its log-odds."""
    return probability / (probability + (1 - probability) * math.exp(-shift))
