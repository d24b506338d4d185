"""Who does the work does not change what comes of it; a worker that dies takes only its task with it."""

from __future__ import annotations

import faulthandler
import gc
import os
import signal
from typing import TYPE_CHECKING

import pytest

from pipeline.batch.isolation import allowance, limited, one_by_one
from pipeline.engines.pool import workers
from pipeline.errors import LexiconError, WorkerError

if TYPE_CHECKING:
    from pathlib import Path


def double(number: int) -> int:
    return 2 * number


def fatal_three(number: int) -> int:
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def refuse(number: int) -> int:
    raise LexiconError("typos.tsv", [f"line {number}"])


def fatal_once(task: tuple[Path, int]) -> int:
    mark, number = task
    if number == 3 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number


@pytest.mark.parametrize(("jobs", "apart"), [(1, False), (1, True), (3, False)])
def test_results_come_in_order(jobs: int, apart: bool):  # noqa: FBT001 - a case of the table
    with workers(jobs, apart=apart) as run:
        assert list(run(double, range(50))) == list(range(0, 100, 2))


def test_the_collector_leaves_what_workers_share_alone_as_long_as_they_work():
    with workers(2) as run:
        shared = gc.get_freeze_count()
        assert shared > 0
        with workers(1, apart=True):
            pass
        assert gc.get_freeze_count() == shared, "whoever is inside ends nothing"
        assert list(run(double, [1])) == [2]
    assert gc.get_freeze_count() == 0


def test_a_task_that_kills_its_worker_is_rescued_and_the_others_are_done():
    with workers(2) as run:
        assert list(run(fatal_three, range(8), rescue=lambda number, _code: -number)) == [0, 1, 2, -3, 4, 5, 6, 7]


def test_a_worker_that_is_killed_once_costs_nothing(tmp_path: Path):
    with workers(2) as run:
        assert list(run(fatal_once, [(tmp_path / "died", number) for number in range(6)])) == list(range(6))


def test_a_task_that_always_kills_its_worker_is_told():
    with pytest.raises(WorkerError, match=r"died 3 times.*what is finished is kept"), workers(2) as run:
        list(run(fatal_three, range(8)))


def test_what_a_task_raises_comes_whole():
    with pytest.raises(LexiconError, match=r"line 5") as caught, workers(2) as run:
        list(run(refuse, [5]))
    assert caught.value.faults == ["line 5"]


def steps(task: str, number: int) -> str:
    if number == 2 and "crash" in task:
        faulthandler.disable()  # pytest's, which would tell of it
        os.kill(os.getpid(), signal.SIGSEGV)
    if number == 4 and "hang" in task:
        with limited(0.2):
            while True:
                pass
    if number == 1 and "raise" in task:
        raise LexiconError("typos.tsv", ["line 1"])
    return f"{task} {number}"


def test_only_the_steps_to_blame_are_lost():
    found = list(one_by_one(steps, "crash hang", 6, 0.2))
    assert [found[number] for number in (0, 1, 3, 5)] == [f"crash hang {number}" for number in (0, 1, 3, 5)]
    assert "SIGSEGV" in found[2]
    assert "longer than 0.2 seconds" in found[4]


def test_what_a_step_raises_is_raised():
    with pytest.raises(LexiconError, match="line 1"):
        list(one_by_one(steps, "raise", 6, None))


def test_the_time_grows_with_the_document():
    assert [allowance(60, size) for size in (0, 999_999, 1_000_000, 52_000_000)] == [60, 60, 120, 53 * 60]
    assert allowance(None, 10) is None
