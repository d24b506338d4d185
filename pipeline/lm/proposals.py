"""Proposals: what the decoder would change in a text."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from pipeline.lm import decoding, detection
from pipeline.lm.candidates import LEVELS
from pipeline.lm.decoding import MARGIN, Doubt, Option
from pipeline.lm.detection import USUAL, Bars
from pipeline.lm.tokens import tokenise

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from pipeline.lm.candidates import CandidateTables
    from pipeline.lm.decoding import Reading
    from pipeline.lm.model import LanguageModel
    from pipeline.lm.tokens import Tokens

REACH = 2  # doubtful characters this close are decoded together
NEAR = 2  # changes this close to each other are judged together
FAR = 8.0  # log10: the lead over the next best candidate where there is none


class Width(NamedTuple):
    """How much is proposed: ``bars`` of detection; what a reading may fall short of its cost by (``margin``).

    Of a span at most ``readings`` are proposed, none further than ``close`` behind the best; log10.
    """

    bars: Bars = USUAL
    margin: float = MARGIN
    readings: int = 2
    close: float = 2.0


NARROW = Width()
"""What the n-grams are to judge alone."""
WIDE = Width(Bars(surprise=-3.5, doubt=-3.0, behind=2.5, most=5), margin=4.0, readings=4, close=4.0)
"""What is proposed where there is a network to be asked: nearly five times as much; of wrong sentences of cscd_dev (odd
lines) 67 % can be put right by it, instead of 48 %."""


class Proposal(NamedTuple):
    """A change: the tokens ``start``…``end`` (half-open) would read ``after`` instead of ``before``.

    ``options`` are the candidates that make it, as (token number, option), ``rest`` those of the same reading that lie
    outside; ``lead`` is how far (log10) it is before the best other candidate there; ``best`` tells whether it lies on
    the best way through its span.
    """

    start: int
    end: int
    before: str
    after: str
    options: tuple[tuple[int, Option], ...]
    rest: tuple[tuple[int, Option], ...]
    lead: float
    best: bool


def propose(symbols: str, readings: Sequence[Reading], width: Width = NARROW) -> list[Proposal]:
    """Return the proposals of a decoded span: the changes of the best readings that change anything.

    The language model prefers common characters (把照 to 拍照), so the runner-up is proposed as well where it is close
    behind.
    """
    changed = [reading for reading in readings if reading.changes][: width.readings]
    found: list[Proposal] = []
    for reading in changed:
        if reading.score < changed[0].score - width.close or _hopeless(reading, readings, width.margin):
            continue
        known = {p.options for p in found}
        found += [p for p in _proposals(symbols, reading, readings) if p.options not in known]
    return found


def _proposals(symbols: str, best: Reading, readings: Sequence[Reading]) -> Iterator[Proposal]:
    """Yield the changes of one reading, those close together as one."""
    groups: list[list[tuple[int, Option]]] = []
    for change in best.changes:
        if groups and change[0] - groups[-1][-1][0] <= NEAR:
            groups[-1].append(change)
        else:
            groups.append([change])
    for group in groups:
        start, end = group[0][0], group[-1][0] + 1
        rest = tuple(change for change in best.changes if change not in group)
        after = replaced(symbols, start, end, group)
        lead = min((best.score - r.score for r in readings if _rivals(r, group)), default=FAR)
        yield Proposal(start, end, symbols[start:end], after, tuple(group), rest, lead, best is readings[0])


def _hopeless(best: Reading, readings: Sequence[Reading], margin: float) -> bool:
    """Tell whether a reading gains so little over what stands there that the acceptance model would refuse it."""
    unchanged = next((reading.score for reading in readings if not reading.changes), -FAR)
    cost = sum(option.cost for _, option in best.changes) / len(best.changes)
    return best.score - unchanged < cost - margin


def replaced(symbols: str, start: int, end: int, changes: Sequence[tuple[int, Option]]) -> str:
    """Return ``symbols[start:end]`` with the changes that fall into it made."""
    chars = list(symbols[start:end])
    for place, option in changes:
        if start <= place < end:
            chars[place - start] = option.symbol
    return "".join(chars)


def _rivals(reading: Reading, group: Sequence[tuple[int, Option]]) -> bool:
    """Whether the reading has something else, other than what stands there, in a place of the group."""
    there = dict(reading.changes)
    return any(place in there and there[place].symbol != option.symbol for place, option in group)


class Found(NamedTuple):
    """What a look at a text gives: its tokens and their scores, the doubtful tokens, the proposals."""

    tokens: Tokens
    scores: tuple[NDArray[np.float32], NDArray[np.int8]]
    places: NDArray[np.int64]
    proposals: list[Proposal]


class Proposer:
    """Detection, candidates and decoding over a whole text at once."""

    def __init__(self, model: LanguageModel, tables: CandidateTables, width: Width = NARROW) -> None:
        self.model, self.tables, self.width = model, tables, width

    def look(self, text: str) -> Found:
        """Return what the decoder would change in ``text``, right or wrong."""
        tokens = tokenise(text)
        symbols = tokens.symbols
        scores = self.model.score_sentences(symbols)
        points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
        doubts = detection.detect(points, tokens, scores[0], self.tables, self.width.bars)
        lattice = self._lattice(doubts)
        logs = scores[0].tolist()
        found: list[Proposal] = []
        for span in decoding.spans(doubts.places.tolist(), REACH):
            readings = decoding.decode(symbols, logs, span, lattice, self.model, margin=self.width.margin)
            found += propose(symbols, readings, self.width)
        return Found(tokens, scores, doubts.places, found)

    def _lattice(self, found: detection.Doubts) -> dict[int, Doubt]:
        tables = self.tables
        costs = tables.costs[found.rows] / LEVELS
        columns = (found.targets, costs, found.then, tables.kinds[found.rows], tables.likeness[found.rows])
        options = [
            Option(tables.chars[target], *rest)
            for target, *rest in zip(*(column.tolist() for column in columns), strict=True)
        ]
        first = np.flatnonzero(np.diff(found.owner, prepend=-1))
        cuts = [*first.tolist(), len(options)]
        least = np.minimum.reduceat(costs, first).tolist() if options else []
        rows = zip(found.places.tolist(), found.ahead.tolist(), cuts, cuts[1:], least, strict=False)
        return {place: Doubt(ahead, options[low:high], cost) for place, ahead, low, high, cost in rows}
