"""A shard whose worker died, once more: one document after the other in a process that may die."""

from __future__ import annotations

import faulthandler
import os
import signal
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeVar

from pipeline.engines.pool import CONTEXT, end_with_parent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.connection import Connection

A = TypeVar("A")
B = TypeVar("B")

TRIES = 3  # with a document whose process was killed from outside
KILLED = {-signal.SIGTERM, -9}
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

    Each dead process is followed by another one that goes on after the fatal number. What ``step`` raises is raised.
    """
    begin = deaths = 0
    while begin < size:
        at = begin
        here, there = CONTEXT.Pipe(duplex=False)
        process = CONTEXT.Process(target=_steps, args=(here, there, step, task, range(begin, size)), daemon=True)
        process.start()
        there.close()
        try:
            for outcome in _received(here):
                if isinstance(outcome, _Raised):
                    raise outcome.error
                yield outcome
                begin += 1
        finally:
            here.close()
            if begin < size and process.is_alive():
                process.kill()
            process.join()
        deaths = deaths + 1 if begin == at else 1
        # Whoever kills processes may have meant another one: the document is only to blame when it happens again.
        if begin < size and (process.exitcode not in KILLED or deaths == TRIES):
            yield _reason(process.exitcode, limit)
            begin, deaths = begin + 1, 0


class _Raised:
    def __init__(self, error: Exception) -> None:
        self.error = error


def _steps(unused: Connection, out: Connection, step: Callable[[A, int], Any], task: A, numbers: range) -> None:
    unused.close()  # its copy here would keep a pipe alive that nobody reads any more
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that reads it ends this one
    end_with_parent()
    for number in numbers:
        try:
            out.send(step(task, number))
        except Exception as error:  # noqa: BLE001 - whatever it is, the other side raises it
            out.send(_Raised(error))
            return


def _received(connection: Connection) -> Iterator[Any]:
    while True:
        try:
            yield connection.recv()
        except EOFError:
            return


def _reason(code: int | None, limit: float | None) -> str:
    if code == TIMED_OUT and limit is not None:
        return (
            f"took longer than {limit:g} seconds for each megabyte; give more with --time-limit, "
            "or take the document out and report it"
        )
    name = f"signal {signal.Signals(-code).name}" if code and code < 0 else f"exit code {code}"
    return f"ends the process that cleans it ({name}); take the document out and report it"
