"""Processes of this machine. One that dies takes only its own task with it."""

from __future__ import annotations

import multiprocessing
import sys
from collections import deque
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from pebble import ProcessExpired, ProcessPool

from pipeline.engines.base import TRIES, here
from pipeline.errors import WorkerError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pebble import ProcessFuture

    from pipeline.engines.base import Run

A = TypeVar("A")
B = TypeVar("B")

WINDOW = 4  # tasks waiting per worker: bounds memory
CONTEXT = multiprocessing.get_context("fork" if sys.platform == "linux" else None)
"""Forked workers share the model and the tables that the first process has loaded; elsewhere each loads its own."""


@contextmanager
def workers(jobs: int, *, apart: bool = False) -> Iterator[Run]:
    """Yield what runs a function over tasks: in a pool of ``jobs`` processes, or here for one job.

    ``apart``: in a process of its own even then, so that a task which crashes it does no harm.
    """
    if jobs <= 1 and not apart:
        yield here
        return
    pool = ProcessPool(max(jobs, 1), context=CONTEXT)
    try:
        yield partial(_in_pool, pool, WINDOW * jobs)
    except BaseException:
        pool.stop()
        raise
    else:
        pool.close()
    finally:
        pool.join()


def _in_pool(
    pool: ProcessPool,
    window: int,
    call: Callable[[A], B],
    tasks: Iterable[A],
    *,
    rescue: Callable[[A], B] | None = None,
) -> Iterator[B]:
    waiting: deque[tuple[A, ProcessFuture[B]]] = deque()
    again = partial(_again, pool, call)
    for task in tasks:
        waiting.append((task, pool.schedule(call, (task,))))
        if len(waiting) >= window:
            yield _result(*waiting.popleft(), rescue or again)
    while waiting:
        yield _result(*waiting.popleft(), rescue or again)


def _result(task: A, future: ProcessFuture[B], rescue: Callable[[A], B]) -> B:
    try:
        result: B = future.result()
    except ProcessExpired:
        return rescue(task)
    return result


def _again(pool: ProcessPool, call: Callable[[A], B], task: A) -> B:
    for _ in range(TRIES - 1):
        future: ProcessFuture[Any] = pool.schedule(call, (task,))
        try:
            result: B = future.result()
        except ProcessExpired as error:
            code = error.exitcode
        else:
            return result
    raise WorkerError(
        f"a worker process died {TRIES} times at the same work (exit code {code}); is there memory enough? "
        "Run the same command again with fewer --jobs: what is finished is kept"
    )
