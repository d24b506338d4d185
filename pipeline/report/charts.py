"""The geometry of the pictures: bars, levels of heat, dots on a scale, arcs. Numbers only; templates draw them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

LEVELS = 9  # shades of heat besides none
DOT = 2.0  # per cent of the width that a dot takes
STACK = 56.0  # pixels that a pile of dots may be high
DECADES = 1.5  # log10: values further apart are drawn on a logarithmic scale


def shares(values: Sequence[float], most: float) -> list[float]:
    """Return each value as per cent of ``most``, two digits; 0 where ``most`` is 0."""
    return [round(100 * value / most, 2) if most > 0 else 0.0 for value in values]


def level(value: float, most: float) -> int:
    """Return the shade of a value between 0 and ``most``: 0 for nothing, else 1…9."""
    if not (value > 0 and most > 0):
        return 0
    return max(1, min(LEVELS, math.ceil(LEVELS * value / most)))


class Dots(NamedTuple):
    """Values on a scale: where each lies in per cent, how far above the axis, and the marks as (per cent, value).

    Values that lie together are piled up; ``rises`` and ``height``, that of the highest pile, are pixels.
    """

    places: list[float]
    rises: list[float]
    height: float
    marks: list[tuple[float, float]]
    logarithmic: bool


def dots(values: Sequence[float]) -> Dots:
    """Return the places of ``values`` (positive, at least one), on a logarithmic scale where they lie far apart."""
    low, high = min(values), max(values)
    logarithmic = math.log10(high / low) > DECADES
    if logarithmic:
        first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
        powers = range(first, last + 1, math.ceil((last - first) / 5))
        marks = [10.0**power for power in powers]
        places = [(math.log10(value) - first) / (last - first) for value in values]
        grid = [(math.log10(mark) - first) / (last - first) for mark in marks]
    else:
        step = _round_step(high)
        top = step * math.ceil(high / step)
        marks = [step * at for at in range(round(top / step) + 1)]
        places, grid = [value / top for value in values], [mark / top for mark in marks]
    spots, rises, height = _piles([_inside(place) for place in places])
    return Dots(
        spots,
        rises,
        height,
        [(_inside(at), mark) for at, mark in zip(grid, marks, strict=True)],
        logarithmic,
    )


def _piles(places: list[float]) -> tuple[list[float], list[float], float]:
    """Return places, rises and the height of the highest pile: dots nearer than their width share a place."""
    spots: list[float] = []
    piles: list[list[int]] = []
    for index in sorted(range(len(places)), key=places.__getitem__):
        if not piles or places[index] - spots[-1] >= DOT:
            spots.append(places[index])
            piles.append([])
        piles[-1].append(index)
    most = max(map(len, piles), default=1)
    step = min(9.0, STACK / most)
    found, rises = list(places), [0.0] * len(places)
    for spot, pile in zip(spots, piles, strict=True):
        for rank, index in enumerate(pile):
            found[index], rises[index] = spot, round(step * rank, 2)
    return found, rises, round(step * (most - 1), 2)


def _inside(share: float) -> float:
    """Per cent of the width, a margin left for what is drawn around the point."""
    return round(3 + 94 * share, 2)


def _round_step(high: float) -> float:
    """Return 1, 2, 2.5 or 5 times a power of ten: the step of about four marks up to ``high``."""
    power: float = 10.0 ** math.floor(math.log10(high / 4))
    return next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= high / 4)


class Arc(NamedTuple):
    """A line between two nodes of a list: an SVG path in pixels, and how strong it is (1…9)."""

    path: str
    strength: int


def arcs(pairs: Sequence[tuple[int, int, float]], width: float, row: float) -> list[Arc]:
    """Return the arcs left of a list whose nodes stand ``row`` pixels apart; pairs are (node, node, 0…1).

    Arcs start at the right edge, ``width``, and reach as far to the left as their nodes are apart.
    """
    longest = max((abs(a - b) for a, b, _ in pairs), default=1)
    drawn = []
    for a, b, weight in pairs:
        top, bottom = sorted((a * row + row / 2, b * row + row / 2))
        reach = width - (0.25 + 0.75 * abs(a - b) / longest) * (width - 4) * 4 / 3  # a cubic bulges ¾ of its handles
        path = f"M{width:g} {top:g}C{reach:.1f} {top:g} {reach:.1f} {bottom:g} {width:g} {bottom:g}"
        drawn.append(Arc(path, max(1, level(weight, 1.0))))
    return drawn
