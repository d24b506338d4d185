"""The corrector: detection, candidates, decoding and acceptance in one call, over many lines at once."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from pipeline.lm.candidates import FIRST_CHAR, LAST_CHAR
from pipeline.lm.features import BESIDE
from pipeline.lm.memory import Memory
from pipeline.lm.tokens import BEGIN, END, STOPS, tokenise

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from pipeline.lm.acceptance import AcceptanceModel
    from pipeline.lm.candidates import CandidateTables
    from pipeline.lm.features import Features
    from pipeline.lm.opinion import Asked, SecondOpinion
    from pipeline.lm.proposals import Found, Proposal, Proposer

KANA = re.compile("[\u3041-\u3096\u30a1-\u30fa]")  # a line with one is Japanese
SENTENCE = re.compile(f"[^{STOPS}]+[{STOPS}]*|[{STOPS}]+")
SENTENCES = 1 << 12  # remembered with their corrections
WINDOW = 8  # characters on either side in which a change is weighed
STRIDE, READ_BESIDE = 96, 47
"""Characters of a longer sentence that the network reads together, and those on either side that it reads with them:
no more than it reads in one go (:data:`pipeline.lm.network.WINDOW`)."""
CUT = 3  # characters at a cut through a sentence of which it is not asked: beside them it sees nothing


class Correction(NamedTuple):
    """A wrong spelling found: ``text[start:end]`` is ``before`` and should be ``after`` (offsets count code points).

    ``gain`` is how much likelier (log10) the model finds the text with it; ``probability`` that it is right; ``asked``
    whether the network was asked about it.
    """

    start: int
    end: int
    before: str
    after: str
    gain: float
    probability: float
    asked: bool = False


class Judged(NamedTuple):
    """A proposal with its gain (log10), the probability that it is right, and whether the network was asked."""

    proposal: Proposal
    gain: float
    probability: float
    asked: bool


class Piece(NamedTuple):
    """A sentence of a line with its stops, and what stands beside it on the line, as far as it is looked at."""

    before: str
    sentence: str
    after: str


class Corrector:
    """Finds wrong characters by the language model alone; every line is judged by itself.

    Sentences seen lately are remembered: looking again at a text of which little has changed is cheap.
    """

    def __init__(
        self,
        proposer: Proposer,
        features: Features,
        acceptance: AcceptanceModel,
        opinion: SecondOpinion | None = None,
    ) -> None:
        self.acceptance, self._opinion = acceptance, opinion
        self.proposer, self._features = proposer, features
        self._seen: Memory[Piece, tuple[Correction, ...]] = Memory(SENTENCES)

    def corrections(self, text: str, least: float) -> list[Correction]:
        """Return the corrections of ``text`` with a probability of ``least`` or more, by their place."""
        places = list(pieces_of(text))
        return [
            c._replace(start=c.start + start, end=c.end + start)
            for (start, _), found in zip(places, self._seen.of([piece for _, piece in places], self._look), strict=True)
            for c in found
            if c.probability >= least
        ]

    def look_ahead(self, texts: Iterable[str]) -> None:
        """Look at texts that will be asked for: many short ones at once take a fifth of the time."""
        self._seen.of([piece for text in texts for _, piece in pieces_of(text)], self._look)

    @property
    def tables(self) -> CandidateTables:
        """The candidates and bigrams."""
        return self.proposer.tables

    def gains(self, text: str, changes: Sequence[tuple[int, int, str]]) -> list[float]:
        """Return how much likelier (log10) the model finds ``text`` with each (start, end, after) made on its own."""
        windows = []
        for start, end, after in changes:
            low, high = max(0, start - WINDOW), end + WINDOW
            windows += [text[low:high], text[low:start] + after + text[end:high]]
        if not windows:
            return []
        tokens = tokenise("\n".join(windows))
        logs, _ = self.proposer.model.score(tokens.symbols)
        starts = np.cumsum([0] + [len(window) + 1 for window in windows[:-1]])
        owner = np.searchsorted(starts, tokens.offsets, "right") - 1
        ends = np.flatnonzero(tokens.codes == ord(END))
        owner[ends] = owner[ends - 1]  # a border has the offset of what comes after it
        totals = np.bincount(owner, np.where(tokens.codes == ord(BEGIN), 0, logs), len(windows))
        result: list[float] = (totals[1::2] - totals[::2]).tolist()
        return result

    def _look(self, pieces: Sequence[Piece]) -> list[tuple[Correction, ...]]:
        laid = LaidOut(pieces)
        found: list[list[Correction]] = [[] for _ in pieces]
        for c in self._find(laid):
            number = laid.owner(c.start)
            if number >= 0:
                at = laid.starts[number]
                found[number].append(c._replace(start=c.start - at, end=c.end - at))
        return [tuple(row) for row in found]

    def examine(self, laid: LaidOut) -> Examined:
        """Return what is proposed for a text, by n-grams and by the network, as the judges see it."""
        found = self.proposer.look(laid.text)
        rows = self._features.rows(laid.text, found)
        first = self.acceptance.probability(rows)
        if not self._opinion:
            return Examined(found, rows, first, [])
        asked, further = self._opinion.questions(laid, found, first)
        added = self._features.rows(laid.text, found._replace(proposals=further))
        found = found._replace(proposals=found.proposals + further)
        first = np.concatenate([first, self.acceptance.probability(added)])
        return Examined(found, np.concatenate([rows, added]), first, asked)

    def _find(self, laid: LaidOut) -> list[Correction]:
        found, rows, first, asked = self.examine(laid)
        chances = self._opinion.chances(asked, rows, first) if self._opinion else first
        columns = rows[:, 0].tolist(), chances.tolist(), (chances != first).tolist()
        judged = map(Judged, found.proposals, *columns)
        return [c for row in _settled(judged) for c in _corrections(laid.text, found.tokens.offsets, row)]


class Examined(NamedTuple):
    """Proposals as the judges see them: the first one's ``rows`` and probabilities, what the network was ``asked``."""

    found: Found
    rows: NDArray[np.float32]
    first: NDArray[np.float64]
    asked: list[Asked]


def pieces_of(text: str) -> Iterator[tuple[int, Piece]]:
    """Yield the sentences of a text with their starts; Japanese lines are left out."""
    at = 0
    for line in text.split("\n"):
        if not KANA.search(line):
            for match in SENTENCE.finditer(line):
                start, end = match.span()
                yield at + start, Piece(line[max(0, start - BESIDE) : start], match[0], line[end : end + BESIDE])
        at += len(line) + 1


class LaidOut:
    """A text in which every sentence stands between what is beside it; ``starts`` are the offsets of the sentences.

    Where one piece goes on as the next begins, both stand there once.
    """

    def __init__(self, pieces: Sequence[Piece]) -> None:
        parts, size = [], 0
        last = Piece("", "", "")
        self.pieces, self.starts = pieces, list[int]()
        for piece in pieces:
            so_far, to_come = last.before + last.sentence, piece.sentence + piece.after
            if not so_far or piece.before != so_far[-BESIDE:] or last.after != to_come[:BESIDE]:
                border = f"{last.after}\n{piece.before}"
                parts.append(border)
                size += len(border)
            self.starts.append(size)
            parts.append(piece.sentence)
            size += len(piece.sentence)
            last = piece
        self.text = "".join([*parts, last.after])

    def owner(self, offset: int) -> int:
        """Return the number of the sentence that an offset lies in; −1 where it lies in what stands beside one."""
        number = bisect_right(self.starts, offset) - 1
        if number >= 0 and offset >= self.starts[number] + len(self.pieces[number].sentence):
            return -1
        return number

    def inside(self, found: Found) -> Iterator[int]:
        """Yield the numbers of the proposals that lie in sentences and that one passage can hold."""
        offsets = found.tokens.offsets
        for number, proposal in enumerate(found.proposals):
            first, last = (int(offsets[proposal.options[end][0]]) for end in (0, -1))
            if self.owner(first) >= 0 and last - first < READ_BESIDE:  # blanks may lie between
                yield number

    def around(self, spans: Iterable[tuple[int, int]], reach: int) -> list[Passage]:
        """Return passages that reach so far around ``spans``, within a sentence and what stands beside it.

        The spans are by their place; those that begin within the reach of another one share its passage. What is asked
        of is the part of the sentence that is read, without the last characters (:data:`CUT`) before a cut through it,
        and what two passages read once.
        """
        groups: list[tuple[int, int, int]] = []
        for start, end in spans:
            owner = self.owner(start)
            number, begun, done = groups[-1] if groups else (-1, 0, 0)
            if owner == number and start < begun + reach:
                groups[-1] = owner, begun, max(done, end)
            else:
                groups.append((owner, start, end))
        found: list[Passage] = []
        before, far = 0, max(0, reach - CUT)  # the end of the last group; how far beside a span is asked of
        for number, start, end in groups:
            low, high = self._readable(number)
            at = self.starts[number]
            stop = at + len(self.pieces[number].sentence)
            one = Passage(max(low, start - reach), min(high, end + reach), max(at, start - far), min(stop, end + far))
            if found and one.first < found[-1].last:  # each takes its own spans, with as much on their left as may be
                last = found.pop()
                first = min(start, max(before, one.first))
                found.append(last._replace(last=first))
                one = Passage(one.start, max(one.end, last.end), first, max(one.last, last.last))
            found.append(one)
            before = end
        return found

    def passages(self) -> list[Passage]:
        """Return all sentences as passages; a long one is several."""
        found = []
        for number, (piece, at) in enumerate(zip(self.pieces, self.starts, strict=True)):
            low, high = self._readable(number)
            for first in range(low, at + len(piece.sentence), STRIDE):
                start, end = max(low, first - READ_BESIDE), min(high, first + STRIDE + READ_BESIDE)
                found.append(Passage(start, end, max(first, at), min(first + STRIDE, at + len(piece.sentence))))
        return found

    def _readable(self, number: int) -> tuple[int, int]:
        piece, at = self.pieces[number], self.starts[number]
        return at - len(piece.before), at + len(piece.sentence) + len(piece.after)


class Passage(NamedTuple):
    """What the network reads at a time: the text from ``start`` to ``end``; it is asked of ``first`` to ``last``."""

    start: int
    end: int
    first: int
    last: int


def _settled(judged: Iterable[Judged]) -> list[Judged]:
    """Return of the proposals for a place the likeliest one, by their places."""
    taken: set[int] = set()
    kept = []
    for row in sorted(judged, key=lambda row: (-row.probability, row.proposal.start, -row.proposal.lead)):
        places = range(row.proposal.start, row.proposal.end)
        if taken.isdisjoint(places):
            taken.update(places)
            kept.append(row)
    return sorted(kept, key=lambda row: row.proposal.start)


def _corrections(text: str, offsets: NDArray[np.int64], judged: Judged) -> list[Correction]:
    """Return a proposal as a change of the text, cut where what stands between its characters is not Chinese."""
    proposal, gain, probability, asked = judged
    changes = {int(offsets[place]): option.symbol for place, option in proposal.options}
    runs: list[list[int]] = []
    for at in range(min(changes), max(changes) + 1):
        if not _is_han(text[at]):
            continue
        if runs and runs[-1][-1] == at - 1:
            runs[-1].append(at)
        else:
            runs.append([at])
    found = []
    for run in runs:
        start, end = run[0], run[-1] + 1
        after = "".join(changes.get(at, text[at]) for at in run)
        if after != text[start:end]:
            found.append(Correction(start, end, text[start:end], after, gain, probability, asked))
    return found


def _is_han(char: str) -> bool:
    return FIRST_CHAR <= ord(char) <= LAST_CHAR
