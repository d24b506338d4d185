"""The one way in which work is handed out."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

A = TypeVar("A")
B = TypeVar("B")

Rescue = Callable[[A, int | None], B]
TRIES = 3  # of a task whose worker dies, where nothing rescues it


class Run(Protocol):
    """Maps a function over tasks; the results come in the tasks' order (law 3), as tasks are taken.

    A worker that dies loses its task: ``rescue`` is then given the task and the worker's exit code (None where nobody
    knows it), and says in this process what the result is; without one the task is tried again, and
    :class:`pipeline.errors.WorkerError` raised when that does not help. What a function raises is raised here.
    """

    def __call__(
        self, call: Callable[[A], B], tasks: Iterable[A], /, *, rescue: Rescue[A, B] | None = None
    ) -> Iterator[B]:
        """Return the results."""


class Engine(NamedTuple):
    """Which engine to use: ``jobs`` processes of this machine, or the workers of a Dask scheduler."""

    jobs: int = 1
    scheduler: str = ""


def here(call: Callable[[A], B], tasks: Iterable[A], /, *, rescue: Rescue[A, B] | None = None) -> Iterator[B]:
    """Run in this process, where nothing can be rescued."""
    del rescue
    return map(call, tasks)
