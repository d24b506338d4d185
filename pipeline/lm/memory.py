"""What was worked out last, kept by what it was worked out from: a document is looked at again and again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

K = TypeVar("K")
V = TypeVar("V")

CHARS = 1 << 16  # of texts: what was seen in the last of them is remembered


class Memory(Generic[K, V]):
    """Values by key, at most ``2 * size`` of them and what one call asks for: the oldest are forgotten together.

    With ``weigh`` it is the weights of the keys that come to so much. A value must depend on nothing but its key, so
    that what was asked before changes no answer.
    """

    def __init__(self, size: int, weigh: Callable[[K], int] | None = None) -> None:
        self._size, self._weigh = size, weigh
        self._young: dict[K, V] = {}
        self._old: dict[K, V] = {}
        self._held = 0

    def of(self, keys: Sequence[K], work: Callable[[list[K]], Iterable[V]]) -> list[V]:
        """Return the value of each key; ``work`` is asked for those not known, each once, and only if there are any."""
        young, old = self._young, self._old
        asked = [key for key in dict.fromkeys(keys) if key not in young]
        young |= {key: old[key] for key in asked if key in old}
        new = [key for key in asked if key not in old]
        if new:
            young |= dict(zip(new, work(new), strict=True))  # all or, where the work fails, none
        values = [young[key] for key in keys]
        self._held += sum(map(self._weigh, asked)) if self._weigh else len(asked)
        if self._held > self._size:
            self._young, self._old, self._held = {}, young, 0
        return values


class Looked(Generic[V]):
    """What is seen in texts, by ``look``: in many short ones at once it takes a part of the time."""

    def __init__(self, look: Callable[[Sequence[str]], Iterable[V]]) -> None:
        self._look = look
        self._seen: Memory[str, V] = Memory(CHARS, len)

    def ahead(self, texts: Sequence[str]) -> None:
        """Look at texts that will be asked for."""
        self._seen.of(texts, self._look)

    def at(self, text: str) -> V:
        """Return what is seen in a text."""
        (seen,) = self._seen.of([text], self._look)
        return seen
