"""Ways of documents through the stages, one alone or many side by side.

A way (a generator) stops where it is about to ask a model about its text. Asked about many short texts at once, a
model takes a small part of the time; what it tells of a text does not hang on the others. So documents that go together
are led to where each of them stops, their texts are read, and they go on.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from typing import NamedTuple, TypeVar

from pipeline.lm.memory import CHARS

T = TypeVar("T")


class Reading(NamedTuple):
    """A document is about to ask what ``reader`` finds in ``text``: it is quicker when the reader has seen it."""

    reader: Callable[[list[str]], None]
    text: str


Way = Generator[Reading, None, T]
"""It returns what comes of the document; it may be led on whether or not its text was read."""


def alone(way: Way[T]) -> T:
    """Lead a way to its end; raises what it raises."""
    while True:
        try:
            next(way)
        except StopIteration as end:
            result: T = end.value
            return result


def together(ways: Sequence[Way[T]], faults: tuple[type[Exception], ...]) -> list[T]:
    """Lead ways to their ends, side by side, and return what comes of each, in order.

    A way that raises ends the others. Where a reader fails with one of ``faults``, each way meets it by itself.
    """
    ends: dict[int, T] = {}
    while len(ends) < len(ways):
        texts: dict[Callable[[list[str]], None], list[str]] = {}
        for number, way in enumerate(ways):
            if number in ends:
                continue
            try:
                reading = next(way)
            except StopIteration as end:
                ends[number] = end.value
            else:
                texts.setdefault(reading.reader, []).append(reading.text)
        for reader, wanted in texts.items():
            for portion in _portions(wanted):
                try:
                    reader(portion)
                except faults:
                    continue
    return [ends[number] for number in range(len(ways))]


def _portions(texts: Sequence[str]) -> Iterator[list[str]]:
    """Yield what is read at once: no more than is remembered; a text that is alone is left to its way."""
    portion, chars = list[str](), 0
    for text in texts:
        if chars + len(text) > CHARS:
            if len(portion) > 1:
                yield portion
            portion, chars = [], 0
        portion.append(text)
        chars += len(text)
    if len(portion) > 1:
        yield portion
