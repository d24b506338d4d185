"""Decoding: candidates compete in a lattice over a doubtful span, with the context on both sides."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pipeline.lm.model import State
from pipeline.lm.tokens import BEGIN, END

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pipeline.lm.model import LanguageModel

BEAM = 4  # readings kept at each doubtful character
BEHIND = 3.0  # log10: a reading so far behind the best one is given up
LONGEST = 24  # characters decoded at a time
MARGIN = 2.3
"""Of what the acceptance model gives 0.3 or more, 99 % gain twice their cost less this (log10)."""


class Option(NamedTuple):
    """A candidate at a place; log10 throughout.

    ``cost`` is what it must gain, ``ahead`` how well the next symbol follows it; ``kind`` and ``likeness`` (percent)
    say how it resembles what stands there.
    """

    symbol: str
    cost: float
    ahead: float
    kind: int
    likeness: int


class Doubt(NamedTuple):
    """A doubtful place: how well the next symbol follows what stands there (log10), candidates, their least cost."""

    ahead: float
    options: list[Option]
    least: float


class Reading(NamedTuple):
    """A way through the lattice: its score (log10, costs taken away) and its changes as (token number, option)."""

    score: float
    changes: tuple[tuple[int, Option], ...]


def spans(places: Sequence[int], reach: int) -> Iterator[tuple[int, int]]:
    """Yield the ranges of tokens to decode together: doubtful places of which each lies within reach of the next."""
    start = previous = -1
    for place in places:
        if start < 0 or place - previous > reach or place - start >= LONGEST:
            if start >= 0:
                yield start, previous + 1
            start = place
        previous = place
    if start >= 0:
        yield start, previous + 1


def decode(
    symbols: str,
    logs: Sequence[float],
    span: tuple[int, int],
    doubts: Mapping[int, Doubt],
    model: LanguageModel,
    *,
    margin: float = MARGIN,
) -> list[Reading]:
    """Return the likeliest readings of a span of ``symbols``, best first; what stands there is among them.

    ``logs`` are the log10 probabilities of the tokens as they stand. The tokens after ``end`` that the model still sees
    the change from count as well. Readings are compared with a look ahead, so that a character that only what follows
    makes likely is not given up before; a reading that can no longer come within ``margin`` of its cost is.
    """
    (start, end), reach = span, model.order - 1
    low = max(0, start - reach, symbols.rfind(BEGIN, max(0, start - reach), start))
    stop = symbols.find(END, end, end + reach)
    last = end + reach if stop < 0 else stop + 1
    unchanged = sum(logs[start:last])
    # All that follows can at best be certain: a score below the bar stays below it.
    bar = unchanged - margin + min([doubts[at].least for at in range(start, end) if at in doubts])
    base_score = model.base_score
    stay, stayed = model.after(symbols[low:start]), 0.0
    beam: list[_Path] = []
    for place in range(start, last):
        symbol = symbols[place] if place != stop else "</s>"
        here = doubts.get(place) if place < end else None
        following: list[_Path] = []
        for _, score, state, changes in beam:
            new = State()
            gained = score + base_score(state, symbol, new)
            if gained >= bar:
                following.append((gained + here.ahead if here else gained, gained, new, changes))
        if here is not None:
            for _, score, state, changes in (*beam, (0.0, stayed, stay, ())):
                for option in here.options:
                    new = State()
                    gained = score + base_score(state, option.symbol, new) - option.cost
                    if gained >= bar:
                        following.append((gained + option.ahead, gained, new, (*changes, (place, option))))
            following = _best(following, stayed + logs[place] + here.ahead)
        beam = following
        if place < end - 1:
            new = State()
            stayed += base_score(stay, symbol, new)
            stay = new
        elif not beam:
            break
    readings = [Reading(score, changes) for _, score, _, changes in beam]
    readings.append(Reading(unchanged, ()))
    readings.sort(key=_score, reverse=True)
    return readings


def _score(reading: Reading) -> float:
    return reading.score


_Path = tuple[float, float, State, tuple[tuple[int, Option], ...]]
"""A reading under way: score with the look ahead, score, state of the model, changes."""


def _best(paths: list[_Path], unchanged: float) -> list[_Path]:
    """Return the best paths, none too far behind the best or behind what stands there."""
    paths.sort(key=_key, reverse=True)
    bar = max(unchanged, paths[0][0] if paths else unchanged) - BEHIND
    return [path for path in paths[:BEAM] if path[0] >= bar]


def _key(path: _Path) -> float:
    return path[0]
