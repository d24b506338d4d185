"""A shard whose worker died, once more: one document after the other in a process that may die."""

from __future__ import annotations

import faulthandler
import os
import signal
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple, TypeVar

from pipeline.engines.pool import workers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

A = TypeVar("A")
B = TypeVar("B")

TRIES = 3  # with a document whose process was killed from outside
KILLED = {-signal.SIGTERM, -9, None}
TIMED_OUT = 1  # what faulthandler exits with
MEGABYTE = 1_000_000


class _Nowhere:
    """A file that takes the traceback of a process that ran out of time."""

    file: IO[str] | None = None

    @classmethod
    def open(cls) -> IO[str]:
        if cls.file is None:
            cls.file = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - open as long as the process
        return cls.file


def allowance(limit: float | None, size: int) -> float | None:
    """Return how many seconds a document of ``size`` bytes may take: ``limit`` for every megabyte begun."""
    return None if limit is None else limit * (1 + size // MEGABYTE)


@contextmanager
def limited(seconds: float | None) -> Iterator[None]:
    """End this process when what is done within takes longer; the time of a C function counts too.

    Only a watcher outside of Python can end a regular expression or an extension that never comes back.
    """
    if seconds is None:
        yield
        return
    faulthandler.dump_traceback_later(seconds, exit=True, file=_Nowhere.open())
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()


def one_by_one(step: Callable[[A, int], B], task: A, size: int, limit: float | None) -> Iterator[B | str]:
    """Yield ``step(task, number)`` for each number below ``size``, or the reason why its process died.

    Each dead process is followed by another one. What ``step`` raises is raised.
    """
    with workers(1, apart=True) as run:

        def told(number: int, code: int | None) -> B | str:
            # Whoever kills processes may have meant another one: the document is only to blame when it happens again.
            for _ in range(TRIES - 1):
                if code in KILLED:
                    (outcome,) = run(call, [number], rescue=_Death)
                    if not isinstance(outcome, _Death):
                        result: B = outcome
                        return result
                    code = outcome.code
            return _reason(code, limit)

        call: Callable[[int], Any] = partial(step, task)
        yield from run(call, range(size), rescue=told)


class _Death(NamedTuple):
    """A process died: with what, and its exit code."""

    number: int
    code: int | None


def _reason(code: int | None, limit: float | None) -> str:
    if code == TIMED_OUT and limit is not None:
        return (
            f"took longer than {limit:g} seconds for each megabyte; give more with --time-limit, "
            "or take the document out and report it"
        )
    name = f"signal {signal.Signals(-code).name}" if code and code < 0 else f"exit code {code}"
    return f"ends the process that cleans it ({name}); take the document out and report it"
