"""A function over tasks, in this process or in a pool; results in the tasks' order."""

from __future__ import annotations

import gc
from collections import deque
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

A = TypeVar("A")
B = TypeVar("B")
WINDOW = 4  # tasks waiting per worker: bounds memory


class Run(Protocol):
    """Maps a function over tasks; the results come in the tasks' order (law 3)."""

    def __call__(self, call: Callable[[A], B], tasks: Iterable[A], /) -> Iterable[B]:
        """Return the results."""


@contextmanager
def workers(jobs: int) -> Iterator[Run]:
    """Yield what runs a function over tasks: here, or in a pool of ``jobs`` processes."""
    if jobs <= 1:
        yield map
        return
    with ProcessPoolExecutor(jobs) as pool:
        yield partial(_in_pool, pool, WINDOW * jobs)


def _in_pool(pool: ProcessPoolExecutor, window: int, call: Callable[[Any], B], tasks: Iterable[Any]) -> Iterator[B]:
    waiting: deque[Future[B]] = deque()
    for task in tasks:
        waiting.append(pool.submit(call, task))
        if len(waiting) >= window:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


@contextmanager
def rare_collection() -> Iterator[None]:
    """Let Python's cycle collector run rarely: walking the many small edits, none in a cycle, costs a third."""
    usual = gc.get_threshold()
    gc.set_threshold(500_000, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)
