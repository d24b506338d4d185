"""Decoding: candidates compete in a lattice over a doubtful span, with the context on both sides."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pipeline.lm.model import State, spaced
from pipeline.lm.tokens import BEGIN, END

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pipeline.lm.model import LanguageModel

BEAM = 4  # readings kept at each doubtful character
BEHIND = 4.5  # log10: a reading so far behind the best one is given up
LONGEST = 24  # characters decoded at a time


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
    """A doubtful place: how well the next symbol follows what stands there (log10), and the candidates for it."""

    ahead: float
    options: list[Option]


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


def decode(symbols: str, start: int, end: int, doubts: Mapping[int, Doubt], model: LanguageModel) -> list[Reading]:
    """Return the likeliest readings of ``symbols[start:end]``, best first; what stands there is among them.

    The tokens after ``end`` that the model still sees the change from count as well. Readings are compared with a look
    ahead, so that a character that only what follows makes likely is not given up before.
    """
    reach = model.order - 1
    low = max(0, start - reach, symbols.rfind(BEGIN, max(0, start - reach), start))
    stop = symbols.find(END, end, end + reach)
    last = end + reach if stop < 0 else stop + 1
    if end - start == 1:
        return _single(symbols, (low, start, last), doubts[start], model)
    base_score = model.base_score
    beam: list[_Path] = [(0.0, 0.0, model.after(symbols[low:start]), ())]
    for place in range(start, last):
        symbol = symbols[place] if place != stop else "</s>"
        here = doubts.get(place)
        following: list[_Path] = []
        if here is None:
            for _, score, state, changes in beam:
                new = State()
                gained = score + base_score(state, symbol, new)
                following.append((gained, gained, new, changes))
            beam = following
            continue
        for _, score, state, changes in beam:
            new = State()
            gained = score + base_score(state, symbol, new)
            following.append((gained + here.ahead, gained, new, changes))
            for option in here.options:
                new = State()
                gained = score + base_score(state, option.symbol, new) - option.cost
                following.append((gained + option.ahead, gained, new, (*changes, (place, option))))
        beam = _best(following)
    beam.sort(key=_key, reverse=True)
    return [Reading(score, changes) for _, score, _, changes in beam]


def _single(symbols: str, window: tuple[int, int, int], doubt: Doubt, model: LanguageModel) -> list[Reading]:
    """Decode one doubtful character by itself: every reading of its window scored as a whole."""
    low, at, last = window
    head, tail = spaced(symbols[low:at]), spaced(symbols[at + 1 : last])
    total = model.total
    readings = [Reading(total(f"{head} {symbols[at]} {tail}"), ())]
    readings += [
        Reading(total(f"{head} {option.symbol} {tail}") - option.cost, ((at, option),)) for option in doubt.options
    ]
    readings.sort(key=_score, reverse=True)
    return readings


def _score(reading: Reading) -> float:
    return reading.score


_Path = tuple[float, float, State, tuple[tuple[int, Option], ...]]
"""A reading under way: score with the look ahead, score, state of the model, changes."""


def _best(paths: list[_Path]) -> list[_Path]:
    """Keep the best paths, and the one without changes in any case."""
    unchanged = next(path for path in paths if not path[3])
    paths.sort(key=_key, reverse=True)
    bar = paths[0][0] - BEHIND
    kept = [path for path in paths[:BEAM] if path[0] >= bar]
    if unchanged not in kept:
        kept.append(unchanged)
    return kept


def _key(path: _Path) -> float:
    return path[0]
