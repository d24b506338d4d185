"""The workers of a Dask scheduler: the same tasks, sent over the network."""

from __future__ import annotations

from collections import deque
from concurrent.futures import CancelledError
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from pipeline.errors import UsageError, WorkerError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from distributed import Client, Future

    from pipeline.engines.base import Rescue, Run

A = TypeVar("A")
B = TypeVar("B")

WINDOW = 8  # tasks waiting per worker: bounds the scheduler's memory, and hides the way there and back
PATIENCE = 30  # seconds for the scheduler to answer and to have a worker


@contextmanager
def cluster(address: str) -> Iterator[Run]:
    """Yield what runs a function over tasks on the workers of the Dask scheduler at ``address``.

    Workers need the same version of qinggao and see the same folders. Raises :class:`UsageError` where Dask is not
    installed or the scheduler does not answer.
    """
    try:
        from distributed import Client  # noqa: PLC0415 - an optional extra
    except ImportError as error:
        raise UsageError("the engine dask is not installed; install it with: pip install 'qinggao[cluster]'") from error
    try:
        client = Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        raise UsageError(
            f"{address}: no Dask scheduler answers ({error}); start one with: dask scheduler, "
            f"then workers with: dask worker {address}"
        ) from error
    with client:
        try:
            client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError as error:
            raise UsageError(
                f"{address}: the Dask scheduler has no worker; start some with: dask worker {address}"
            ) from error
        yield partial(_on_cluster, client)


def _on_cluster(
    client: Client, call: Callable[[A], B], tasks: Iterable[A], *, rescue: Rescue[A, B] | None = None
) -> Iterator[B]:
    waiting: deque[tuple[A, Future[B]]] = deque()
    for task in tasks:
        waiting.append((task, _submit(client, call, task)))
        if len(waiting) >= WINDOW * max(len(client.nthreads()), 1):
            yield _result(*waiting.popleft(), rescue)
    while waiting:
        yield _result(*waiting.popleft(), rescue)


def _submit(client: Client, call: Callable[[A], B], task: A) -> Future[B]:
    # Not pure: two runs may hand out equal tasks, whose results are files that lie elsewhere.
    future: Future[B] = client.submit(call, task, pure=False, retries=0)
    return future


def _result(task: A, future: Future[B], rescue: Rescue[A, B] | None) -> B:
    from distributed import KilledWorker  # noqa: PLC0415 - an optional extra

    try:
        result: B = future.result()
    except KilledWorker as error:
        if rescue is None:
            raise WorkerError(
                f"several Dask workers died at the same work ({error}); have they memory enough? "
                "Run the same command again: what is finished is kept"
            ) from error
        return rescue(task, None)
    except CancelledError as error:
        raise WorkerError(
            "the Dask scheduler was lost; start it again, then run the same command again: what is finished is kept"
        ) from error
    return result
