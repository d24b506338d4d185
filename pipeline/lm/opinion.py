"""The second opinion: proposals that the n-grams are not sure of, judged again with what the network says of them.

The network reads a passage as it stands ("seen") and, where that leaves it open, once with what would be changed hidden
("hidden") and once with the change made ("made"): a true correction sits well, and so does all beside it.
``opinion.json`` holds boosted trees over that and over all that the first judge looked at. What it reads it also
proposes changes of; with ``--thorough`` it reads every sentence.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from pipeline.lm.candidates import FIRST_CHAR, LAST_CHAR, LEVELS
from pipeline.lm.decoding import Option
from pipeline.lm.features import FEATURES as FIRST_FEATURES
from pipeline.lm.features import GRAIN
from pipeline.lm.network import DIGITS, HIDDEN, UNKNOWN
from pipeline.lm.proposals import Proposal
from pipeline.lm.trees import TreeModel

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from pipeline.lm.candidates import CandidateTables
    from pipeline.lm.corrector import LaidOut, Passage
    from pipeline.lm.network import Network, Reading
    from pipeline.lm.proposals import Found
    from pipeline.lm.tokens import Tokens

    Floats = NDArray[np.float32]

SHIPPED = Path(__file__).parent / "opinion.json"
SEEN = (
    *("seen_gain", "seen_least", "seen_before", "seen_after", "seen_rival", "doubt", "doubt_beside"),
    *("known", "uneasy", "chars"),
)
READ_AGAIN = (
    *("hidden_gain", "hidden_least", "hidden_after", "hidden_rival", "hidden_ease"),
    *("made_doubt", "made_beside", "made_back", "made_own", "ease", "ease_all"),
)
FEATURES = (*FIRST_FEATURES, *SEEN, *READ_AGAIN)
"""Names of the features, in the order of the columns: those of the first judge, what the network says of the passage as
it stands, and what it says when it reads it again; natural logarithms. (What the first judge makes of them is left out:
it has learnt on sentences that the second one learns on, and knows the answers there.)"""
HOPELESS = -5.0  # log-odds of the first judge below which nobody is asked
OPEN, SETTLED = -3.0, 3.0
"""Log-odds of the first judge between which the network is asked where it is not asked of all. From −2 on instead it
finds one in fifteen fewer, up to 2 its precision is 0.01 lower."""
AROUND = 14
"""Characters on either side that it then reads: 20 tell it no more; with 10 or fewer it believes in more that is
wrong."""
SEEN_WEIGHT, WORTH = 0.6, -4.0
"""The network reads again where the first judge's log-odds and so much of the first gain come to so much: of what it
would accept it misses 2 to 3 %."""
LIKELY = -2.0  # natural log: what it proposes is likelier than what stands there, or no further behind
TRUSTED = 0.2  # share of a passage's characters, the unlikeliest, left out in how well it is known
UNEASY = -2.0  # natural log: a character less likely than this sits uneasily
EASE = 8  # characters on either side that sit better, or not, with the change
NEVER = 1e-6  # probability of what is not worth reading again


class Asked(NamedTuple):
    """A proposal shown to the network, by its ``number``.

    It would put ``after`` in ``places`` of the ``passage``; ``seen`` is what the network says of that when it reads the
    passage as it stands (:data:`SEEN`).
    """

    number: int
    passage: Read
    places: tuple[int, ...]
    after: str
    seen: tuple[float, ...]

    def changes(self) -> list[tuple[int, str]]:
        """Return each changed place with the character that would stand there."""
        return list(zip(self.places, self.after, strict=True))


class SecondOpinion:
    """The network with the judge of what it says.

    ``thorough``: it reads all and is asked of all that is not hopeless; otherwise it reads where the first judge is in
    doubt. What it reads it also proposes changes of.
    """

    def __init__(
        self, network: Network, judge: OpinionModel, tables: CandidateTables, *, thorough: bool = False
    ) -> None:
        self.network, self.tables, self.thorough, self._judge = network, tables, thorough, judge
        self._least, self._most = (HOPELESS, math.inf) if thorough else (OPEN, SETTLED)
        self._columns = np.array([network.column(char) for char in tables.chars])

    def questions(self, laid: LaidOut, found: Found, first: NDArray[np.float64]) -> tuple[list[Asked], list[Proposal]]:
        """Return what the network was asked, with its first answers, and further proposals of its own.

        ``first`` are the first judge's probabilities. The numbers of the further proposals follow those found.
        """
        odds, offsets = log_odds(first), found.tokens.offsets
        open_ = [n for n in laid.inside(found) if self._least <= odds[n] < self._most]
        changes = [(found.proposals[n].options, n) for n in open_]
        spans = sorted((int(offsets[o[0][0]]), int(offsets[o[-1][0]]) + 1, n) for o, n in changes)
        passages = laid.passages() if self.thorough else laid.around([(a, b) for a, b, _ in spans], AROUND)
        firsts = [passage.first for passage in passages]
        shown: list[list[int]] = [[] for _ in passages]
        for start, _, number in spans:
            shown[bisect_right(firsts, start) - 1].append(number)
        # What the first judge is sure of is settled, no matter who else would say so.
        hopeful = [p for p, one in zip(found.proposals, odds.tolist(), strict=True) if one >= self._least]
        known = {(int(offsets[p.start]), p.after) for p in hopeful if len(p.options) == 1}
        asked: list[Asked] = []
        further: list[Proposal] = []
        for one, proposal in self._read(laid.text, passages, found, shown, known):
            asked.append(one._replace(number=len(found.proposals) + len(further)) if one.number < 0 else one)
            if one.number < 0:
                further.append(proposal)
        return asked, further

    def _read(
        self,
        text: str,
        passages: Sequence[Passage],
        found: Found,
        shown: Sequence[Sequence[int]],
        known: set[tuple[int, str]],
    ) -> Iterator[tuple[Asked, Proposal]]:
        """Yield the proposals ``shown`` of each passage, and the network's own with a number of −1.

        Those are not ``known`` (offset, character).
        """
        offsets = found.tokens.offsets
        for passage, numbers in zip(passages, shown, strict=True):
            now = text[passage.start : passage.end]
            reading = self.network.read(now, range(len(now)))
            read = Read.of(self.network, now, reading)
            own = self._further(passage, read, reading, found.tokens)
            proposals = [(number, found.proposals[number]) for number in numbers]
            proposals += [(-1, proposal) for at, proposal in own if (at, proposal.after) not in known]
            for number, proposal in proposals:
                places = tuple(int(offsets[at]) - passage.start for at, _ in proposal.options)
                after = "".join(option.symbol for _, option in proposal.options)
                yield Asked(number, read, places, after, self._seen(read, reading, places, after)), proposal

    def _further(
        self, passage: Passage, read: Read, reading: Reading, tokens: Tokens
    ) -> Iterator[tuple[int, Proposal]]:
        """Yield what the network would put in one place of a passage, of its confusion set, with the place.

        That may be what the n-grams proposed and the first judge would not ask of.
        """
        first, last = passage.first - passage.start, passage.last - passage.start
        points = np.frombuffer(read.text.encode("utf-32-le", "surrogatepass"), "<u4")[first:last].astype(np.int64)
        at = first + np.flatnonzero((points >= FIRST_CHAR) & (points <= LAST_CHAR))
        counts, rows = self.tables.of(points[at - first])
        at, counts = at[counts > 0], counts[counts > 0]
        if not len(at):
            return
        columns = self._columns[self.tables.targets[rows]]
        scores = np.where(columns >= 0, reading.scores[np.repeat(at, counts), columns], -np.inf).round(DIGITS)
        ends = np.cumsum(counts)
        likeliest = np.maximum.reduceat(scores, ends - counts)
        for number in np.flatnonzero(likeliest - read.own[at].round(DIGITS) >= LIKELY).tolist():
            low, high = int(ends[number] - counts[number]), int(ends[number])
            row = int(rows[low + int(scores[low:high].argmax())])
            symbol = self.tables.chars[self.tables.targets[row]]
            place = passage.start + int(at[number])
            token = int(np.searchsorted(tokens.offsets, place, "right")) - 1
            if symbol == read.text[at[number]]:
                continue
            kind, likeness = int(self.tables.kinds[row]), int(self.tables.likeness[row])
            option = Option(symbol, float(self.tables.costs[row] / LEVELS), 0.0, kind, likeness)
            before = chr(int(tokens.codes[token]))
            yield place, Proposal(token, token + 1, before, symbol, ((token, option),), (), 0.0, best=False)

    def chances(self, asked: Sequence[Asked], rows: Floats, first: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the probability of each proposal: the second judge's where it was asked, the first one's elsewhere.

        ``rows`` are the first judge's features, ``first`` its probabilities.
        """
        result = first.copy()
        own = np.array([one.number for one in asked], np.int64)
        table = self.rows(asked, rows[own], log_odds(first[own]))
        worth = ~np.isnan(table[:, -1])
        result[own] = NEVER
        if worth.any():
            result[own[worth]] = self._judge.probability(table[worth])
        return result

    def rows(self, asked: Sequence[Asked], rows: Floats, odds: NDArray[np.float64]) -> Floats:
        """Return a row of :data:`FEATURES` for each; the last ones are not numbers where reading again is not worth it.

        ``asked`` of one passage stand together, so that what is hidden twice is read once.
        """
        again = np.full((len(asked), len(READ_AGAIN)), np.nan)
        seen = np.array([one.seen for one in asked]).reshape(len(asked), len(SEEN))
        passage: Read | None = None
        hidden: dict[tuple[int, ...], Hidden] = {}
        for number in np.flatnonzero(np.round(odds + SEEN_WEIGHT * seen[:, 0], 2) >= WORTH).tolist():
            one = asked[number]
            if passage is not one.passage:
                passage, hidden = one.passage, {}
            if one.places not in hidden:
                reading = self._read_with(one, [HIDDEN] * len(one.places))
                hidden[one.places] = Hidden(reading.scores[list(one.places)], passage.likely(reading))
            again[number] = [*self._hidden(one, hidden[one.places]), *self._made(one, self._read_with(one, one.after))]
        table = np.column_stack([rows, seen, again])
        result: Floats = (np.round(table * GRAIN) / GRAIN).astype(np.float32)
        return result

    def _read_with(self, one: Asked, others: Sequence[str]) -> Reading:
        """Read a passage again with other characters in the places asked of."""
        chars = list(one.passage.text)
        for place, char in zip(one.places, others, strict=True):
            chars[place] = char
        return self.network.read("".join(chars), range(len(chars)))

    def _seen(self, read: Read, reading: Reading, places: tuple[int, ...], after: str) -> tuple[float, ...]:
        """Return :data:`SEEN` of a change in a passage."""
        gains, before, later, rivals = self._compared(read, reading.scores[list(places)], places, after)
        return (
            sum(gains),
            min(gains),
            max(before),
            min(later),
            min(rivals),
            max(reading.doubt[list(places)].tolist()),
            _doubt_beside(reading, places),
            read.known,
            read.uneasy,
            float(len(read.text)),
        )

    def _hidden(self, one: Asked, hidden: Hidden) -> list[float]:
        """Return what the network says where it does not see what stands there, and how well all else sits then."""
        gains, _, after, rivals = self._compared(one.passage, hidden.scores, one.places, one.after)
        return [sum(gains), min(gains), min(after), min(rivals), _ease(one, hidden.likely, EASE)]

    def _made(self, one: Asked, reading: Reading) -> list[float]:
        """Return what it says of the passage with the change made."""
        _, back, own, _ = self._compared(one.passage, reading.scores[list(one.places)], one.places, one.after)
        other = one.passage.likely(reading)
        return [
            max(reading.doubt[list(one.places)].tolist()),
            _doubt_beside(reading, one.places),
            min(new - old for old, new in zip(back, own, strict=True)),
            min(own),
            _ease(one, other, EASE),
            _ease(one, other, len(one.passage.text)),
        ]

    def _compared(
        self, read: Read, scores: Floats, places: tuple[int, ...], after: str
    ) -> tuple[list[float], list[float], list[float], list[float]]:
        """Return for each changed place the gain, the log probabilities before and after, the lead over all others.

        ``scores`` has a row for each place.
        """
        befores, afters, rivals = [], [], []
        for row, place, char in zip(scores, places, after, strict=True):
            old, new = int(read.columns[place]), self.network.column(char)
            befores.append(float(row[old]) if old >= 0 else UNKNOWN)
            afters.append(float(row[new]) if new >= 0 else UNKNOWN)
            others = row.copy()
            others[[column for column in (old, new) if column >= 0]] = -np.inf
            rivals.append(afters[-1] - float(others.max()))
        return [new - old for old, new in zip(befores, afters, strict=True)], befores, afters, rivals


class Read(NamedTuple):
    """A passage that the network has read as it stands.

    ``columns`` are its characters' columns in the scores, ``own`` their natural logs; ``known`` is the mean of them
    without the unlikeliest, ``uneasy`` the number of unlikely ones.
    """

    text: str
    columns: NDArray[np.int64]
    own: Floats
    known: float
    uneasy: float

    @classmethod
    def of(cls, network: Network, text: str, reading: Reading) -> Read:
        """Return what is kept of a reading."""
        columns = np.array([network.column(char) for char in text], np.int64)
        own = _likely(columns, reading)
        chinese = np.sort(own[[_is_han(char) for char in text]])
        known = float(chinese[int(len(chinese) * TRUSTED) :].mean()) if len(chinese) else 0.0
        return cls(text, columns, own, known, float((chinese < UNEASY).sum()))

    def likely(self, reading: Reading) -> Floats:
        """Return how likely its characters are by another reading."""
        return _likely(self.columns, reading)


def _likely(columns: NDArray[np.int64], reading: Reading) -> Floats:
    scores = reading.scores[np.arange(len(columns)), columns]
    return np.where(columns >= 0, scores, np.float32(UNKNOWN))


def _ease(one: Asked, other: Floats, reach: int) -> float:
    """Return how much likelier what stands around a change is by ``other`` scores."""
    better = other - one.passage.own
    better[list(one.places)] = 0
    return float(better[max(0, one.places[0] - reach) : one.places[-1] + reach + 1].sum())


def _doubt_beside(reading: Reading, places: tuple[int, ...]) -> float:
    beside = [at for at in (places[0] - 1, places[-1] + 1) if 0 <= at < len(reading.doubt)]
    return max(reading.doubt[beside].tolist(), default=0.0)


class Hidden(NamedTuple):
    """What is kept of a reading with something hidden: the ``scores`` there, and how ``likely`` each character is."""

    scores: Floats
    likely: Floats


class OpinionModel(TreeModel):
    """Trees over :data:`FEATURES`."""

    def __init__(self, path: Path = SHIPPED) -> None:
        """Read ``path``; raises :class:`pipeline.errors.LexiconError` when it is damaged or made for other features."""
        super().__init__(path, FEATURES, "training/train_opinion.py")


def log_odds(probability: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return natural log-odds."""
    sure = np.clip(probability, 1e-9, 1 - 1e-9)
    result: NDArray[np.float64] = np.log(sure / (1 - sure))
    return result


def _is_han(char: str) -> bool:
    return FIRST_CHAR <= ord(char) <= LAST_CHAR
