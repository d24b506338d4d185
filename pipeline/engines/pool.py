"""Processes of this machine. One that dies takes only its own task with it."""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections import deque
from concurrent.futures import wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from threading import Thread
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from pebble import CONSTS, ProcessExpired, ProcessPool

from pipeline.engines.base import TRIES, here
from pipeline.engines.collection import shared
from pipeline.errors import WorkerError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from multiprocessing.process import BaseProcess

    from pebble import ProcessFuture

    from pipeline.engines.base import Rescue, Run

A = TypeVar("A")
B = TypeVar("B")

WINDOW = 4  # tasks waiting per worker: bounds memory
PULSE = 1.0  # seconds between two looks whether the pool still lives
CONTEXT = multiprocessing.get_context("fork" if sys.platform == "linux" else None)
"""Forked workers share the model and the tables that the first process has loaded; elsewhere each loads its own."""
CONSTS.channel_lock_timeout = 5  # seconds that a worker killed while it fetched its task may hold up the others


def end_with_parent() -> None:
    """End this process when the one that started it is gone, so that nothing works on after a run was killed."""
    Thread(target=_outlive, args=(multiprocessing.parent_process(),), daemon=True).start()


def _outlive(parent: BaseProcess | None) -> None:
    if parent is not None:
        parent.join()
        os._exit(1)


@contextmanager
def workers(jobs: int, *, apart: bool = False) -> Iterator[Run]:
    """Yield what runs a function over tasks: in a pool of ``jobs`` processes, or here for one job.

    ``apart``: in a process of its own even then, so that a task which crashes it does no harm.
    """
    if jobs <= 1 and not apart:
        yield here
        return
    with shared():
        pool = _Pool(max(jobs, 1))
        try:
            yield partial(_in_pool, pool)
        except BaseException:
            pool.stop()
            raise
        else:
            pool.close()


class _Job(NamedTuple, Generic[A, B]):
    """A task that was handed out, to ``pool``."""

    task: A
    future: ProcessFuture[B]
    pool: ProcessPool

    def result(self) -> B:
        """Return the result; raises :class:`BrokenProcessPool` or :class:`ProcessExpired` where the task was lost."""
        while not wait([self.future], PULSE).done:
            if not self.pool.active:  # what was in its queue when it broke is never told
                raise BrokenProcessPool
        result: B = self.future.result()
        return result


class _Pool:
    """A pool of workers that is made anew when it breaks: when an idle worker is killed, or all are."""

    def __init__(self, jobs: int) -> None:
        self.jobs = jobs
        self._pool = self._new()

    def _new(self) -> ProcessPool:
        return ProcessPool(self.jobs, context=CONTEXT, initializer=end_with_parent)

    def submit(self, call: Callable[[A], B], task: A) -> _Job[A, B]:
        try:
            return _Job(task, self._pool.schedule(call, (task,)), self._pool)
        except RuntimeError:  # it is broken
            self.stop()
            self._pool = self._new()
            return _Job(task, self._pool.schedule(call, (task,)), self._pool)

    def stop(self) -> None:
        self._pool.stop()
        self._pool.join()

    def close(self) -> None:
        self._pool.close()
        self._pool.join()


def _in_pool(
    pool: _Pool,
    call: Callable[[A], B],
    tasks: Iterable[A],
    *,
    rescue: Rescue[A, B] | None = None,
) -> Iterator[B]:
    waiting: deque[_Job[A, B]] = deque()
    rescue = rescue or partial(_again, pool, call)
    for task in tasks:
        waiting.append(pool.submit(call, task))
        if len(waiting) >= WINDOW * pool.jobs:
            yield _result(waiting.popleft(), rescue)
    while waiting:
        yield _result(waiting.popleft(), rescue)


def _result(job: _Job[A, B], rescue: Rescue[A, B]) -> B:
    try:
        return job.result()
    except ProcessExpired as error:
        code = error.exitcode
    except BrokenProcessPool:
        code = None
    return rescue(job.task, code)


def _again(pool: _Pool, call: Callable[[A], B], task: A, code: int | None) -> B:
    for _ in range(TRIES - 1):
        try:
            return pool.submit(call, task).result()
        except ProcessExpired as error:
            code = error.exitcode
        except BrokenProcessPool:
            continue
    raise WorkerError(
        f"a worker process died {TRIES} times at the same work (exit code {code}); is there memory enough? "
        "Run the same command again with fewer --jobs: what is finished is kept"
    )
