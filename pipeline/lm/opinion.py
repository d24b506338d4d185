"""The second opinion: proposals that the n-grams are not sure of, judged again with what the network says of them.

The network reads the sentence as it stands ("seen") and once more with what would be changed hidden ("hidden").
``opinion.json`` holds boosted trees over that and over all that the first judge looked at.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from pipeline.lm.candidates import FIRST_CHAR, LAST_CHAR
from pipeline.lm.features import FEATURES as FIRST_FEATURES
from pipeline.lm.features import GRAIN
from pipeline.lm.network import HIDDEN, UNKNOWN
from pipeline.lm.trees import TreeModel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pipeline.lm.network import Network, Reading
    from pipeline.lm.proposals import Proposal

    Floats = NDArray[np.float32]

SHIPPED = Path(__file__).parent / "opinion.json"
FEATURES = (
    *FIRST_FEATURES,
    *("odds", "seen_gain", "seen_least", "seen_before", "seen_after", "seen_rival", "doubt", "doubt_beside"),
    *("known", "uneasy", "chars", "hidden_gain", "hidden_least", "hidden_after", "hidden_rival"),
)
"""Names of the features, in the order of the columns: those of the first judge, its log-odds, and what the network
says; natural logarithms."""
STRIDE, BESIDE = 96, 48
"""Characters of a longer sentence that are judged together, and those on either side that are read with them."""
HOPELESS = -5.0  # log-odds of the first judge below which nobody is asked
OPEN, SETTLED = -1.5, 1.5
"""Log-odds of the first judge between which the network is asked where it is not asked of all (from −3.5 to 3.5 it
takes three times as long and finds no more)."""
AROUND = (
    20  # characters on either side that it then reads; the whole sentence tells it no more, and takes twice as long
)
SEEN_WEIGHT, WORTH = 0.6, -7.0
"""The network is asked a second time where the log-odds and so much of the first gain come to so much: 92 % of the
right changes of true errors, two fifths of all proposals."""
TRUSTED = 0.2  # share of a sentence's characters, the unlikeliest, left out in how well it is known
UNEASY = -2.0  # natural log: a character less likely than this sits uneasily
NEVER = 1e-6  # probability of what is not worth a second reading


class SecondOpinion:
    """The network with the judge of what it says.

    ``thorough``: it is asked of all that is not hopeless, otherwise only where the first judge is in doubt.
    """

    def __init__(self, network: Network, judge: OpinionModel, *, thorough: bool = False) -> None:
        self.network, self._judge, self.thorough = network, judge, thorough
        self._least, self._most = (HOPELESS, math.inf) if thorough else (OPEN, SETTLED)

    def chances(self, asked: Sequence[Asked], rows: Floats, first: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the probability of each proposal: the second judge's where it was asked, the first one's elsewhere.

        ``rows`` are the first judge's features, ``first`` its probabilities.
        """
        odds = log_odds(first)
        open_ = np.flatnonzero((odds >= self._least) & (odds < self._most))
        result = first.copy()
        questions = [asked[i] if self.thorough else asked[i].cut() for i in open_.tolist()]
        table = self.rows(questions, rows[open_], odds[open_])
        worth = ~np.isnan(table[:, -1])
        result[open_] = NEVER
        if worth.any():
            result[open_[worth]] = self._judge.probability(table[worth])
        return result

    def rows(self, asked: Sequence[Asked], rows: Floats, odds: NDArray[np.float64]) -> Floats:
        """Return a row of :data:`FEATURES` for each; the last ones are not numbers where no second reading is worth it.

        ``asked`` of one passage stand together, so that it is read once.
        """
        network = np.full((len(asked), len(FEATURES) - len(FIRST_FEATURES) - 1), np.nan)
        passage, reading = "", None
        hidden: dict[tuple[int, ...], Floats] = {}
        for number, one in enumerate(asked):
            if reading is None or one.passage != passage:
                passage, hidden = one.passage, {}
                reading = self.network.read(passage, range(len(passage)))
            seen = self._seen(one, reading)
            network[number, : len(seen)] = seen
            if round(odds[number] + SEEN_WEIGHT * seen[0], 2) < WORTH:
                continue
            if one.places not in hidden:
                hidden[one.places] = self.network.read(_without(passage, one.places), one.places).scores
            network[number, len(seen) :] = self._hidden(one, hidden[one.places])
        table = np.column_stack([rows, odds, network])
        result: Floats = (np.round(table * GRAIN) / GRAIN).astype(np.float32)
        return result

    def _seen(self, one: Asked, reading: Reading) -> list[float]:
        """Return what the network says of the sentence as it stands."""
        gains, before, after, rivals = self._compared(one, reading.scores[list(one.places)])
        doubt = reading.doubt.tolist()
        first, last = one.places[0], one.places[-1]
        beside = [doubt[at] for at in (first - 1, last + 1) if 0 <= at < len(doubt)]
        points = [(at, self.network.column(char)) for at, char in enumerate(one.passage) if _is_han(char)]
        own = np.sort([reading.scores[at, column] if column >= 0 else UNKNOWN for at, column in points])
        return [
            sum(gains),
            min(gains),
            max(before),
            min(after),
            min(rivals),
            max(doubt[at] for at in one.places),
            max(beside, default=0.0),
            float(own[int(len(own) * TRUSTED) :].mean()),
            float((own < UNEASY).sum()),
            len(one.passage),
        ]

    def _hidden(self, one: Asked, scores: Floats) -> list[float]:
        """Return what it says where it does not see what stands there."""
        gains, _, after, rivals = self._compared(one, scores)
        return [sum(gains), min(gains), min(after), min(rivals)]

    def _compared(self, one: Asked, scores: Floats) -> tuple[list[float], list[float], list[float], list[float]]:
        """Return for each changed place the gain, the log probabilities before and after, the lead over all others."""
        columns = [(self.network.column(one.passage[at]), self.network.column(char)) for at, char in one.changes()]
        before, after, rivals = [], [], []
        for row, (old, new) in zip(scores, columns, strict=True):
            before.append(float(row[old]) if old >= 0 else UNKNOWN)
            after.append(float(row[new]) if new >= 0 else UNKNOWN)
            others = row.copy()
            others[[column for column in (old, new) if column >= 0]] = -np.inf
            rivals.append(after[-1] - float(others.max()))
        return [new - old for old, new in zip(before, after, strict=True)], before, after, rivals


class Asked(NamedTuple):
    """A proposal as the network is asked of it: the ``passage`` that it reads, changed ``places`` in it, ``after``."""

    passage: str
    places: tuple[int, ...]
    after: str

    def changes(self) -> list[tuple[int, str]]:
        """Return each changed place with the character that would stand there."""
        return list(zip(self.places, self.after, strict=True))

    def cut(self) -> Asked:
        """Return the same with no more of the passage than stands around it."""
        low, high = max(0, self.places[0] - AROUND), self.places[-1] + 1 + AROUND
        return Asked(self.passage[low:high], tuple(place - low for place in self.places), self.after)


class OpinionModel(TreeModel):
    """Trees over :data:`FEATURES`."""

    def __init__(self, path: Path = SHIPPED) -> None:
        """Read ``path``; raises :class:`pipeline.errors.LexiconError` when it is damaged or made for other features."""
        super().__init__(path, FEATURES, "training/train_opinion.py")


def asked_of(proposal: Proposal, offsets: NDArray[np.int64], text: str, start: int, end: int) -> Asked:
    """Return how to ask of a proposal where ``text[start:end]`` may be read; ``offsets`` are those of its tokens.

    Its changes lie no more than :data:`BESIDE` characters apart.
    """
    at = [int(offsets[place]) for place, _ in proposal.options]
    stride = start + (at[0] - start) // STRIDE * STRIDE
    low, high = max(start, stride - BESIDE), min(end, stride + STRIDE + BESIDE)
    return Asked(text[low:high], tuple(place - low for place in at), "".join(o.symbol for _, o in proposal.options))


def log_odds(probability: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return natural log-odds."""
    sure = np.clip(probability, 1e-9, 1 - 1e-9)
    result: NDArray[np.float64] = np.log(sure / (1 - sure))
    return result


def _without(text: str, places: Sequence[int]) -> str:
    """Return ``text`` with what stands in ``places`` hidden."""
    chars = list(text)
    for place in places:
        chars[place] = HIDDEN
    return "".join(chars)


def _is_han(char: str) -> bool:
    return FIRST_CHAR <= ord(char) <= LAST_CHAR
