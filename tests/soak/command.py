"""A command that runs in a process group of its own, to be watched and killed."""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from pathlib import Path
    from random import Random

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.soak.warm"])
GLANCE = 0.002  # seconds between two looks at a process
PATIENCE = 300.0  # seconds after which a process hangs


class Command:
    """``qinggao`` with ``words``, started; what it says goes into the file ``said``."""

    def __init__(self, said: Path, *words: object, largest_file: int | None = None) -> None:
        """``largest_file`` is in bytes; a disk that is full at the end of each file."""
        self.said = said
        self._process = CONTEXT.Process(target=_run, args=(str(said), [str(word) for word in words], largest_file))
        self._process.start()

    @property
    def pid(self) -> int:
        """The main process."""
        return self._process.pid or 0

    def running(self) -> bool:
        """Whether the main process is at work."""
        return self._process.exitcode is None

    def workers(self) -> list[int]:
        """Return the processes that work for it, in the order of their start."""
        try:
            return [child.pid for child in psutil.Process(self.pid).children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def reach(self, files: int, out: Path) -> None:
        """Wait until there are so many files in ``out``, or the command has ended."""
        while self.running() and files_in(out) < files:
            time.sleep(GLANCE)

    def kill(self, with_signal: int = signal.SIGKILL) -> None:
        """Send a signal to the main process alone."""
        _send(os.kill, self.pid, with_signal)

    def kill_group(self, with_signal: int = signal.SIGKILL) -> None:
        """Send a signal to all processes at once, as a terminal does."""
        _send(os.killpg, self.pid, with_signal)

    @staticmethod
    def kill_one_of(processes: list[int], rng: Random) -> None:
        """Kill one of the processes that work for it, if there is any."""
        if processes:
            _send(os.kill, rng.choice(processes), signal.SIGKILL)

    def wait(self) -> int:
        """Wait for the main process; return its exit code."""
        self._process.join(PATIENCE)
        if self._process.exitcode is None:
            self.kill_group()
            raise TimeoutError(f"{self.said}: the command hangs")
        return self._process.exitcode

    def wait_for_all(self) -> None:
        """Wait until no process of the command is left."""
        end = time.monotonic() + PATIENCE
        while any(process.status() != psutil.STATUS_ZOMBIE for process in self._group()):
            if time.monotonic() > end:
                self.kill_group()
                raise TimeoutError(f"{self.said}: processes of the command are left")
            time.sleep(GLANCE)

    def _group(self) -> list[psutil.Process]:
        group = []
        for process in psutil.process_iter():
            with suppress(ProcessLookupError, psutil.NoSuchProcess):
                if os.getpgid(process.pid) == self.pid:
                    group.append(process)
        return group


def files_in(folder: Path) -> int:
    """Return how many files there are now, however fast they come and go."""
    return sum(len(files) for _, _, files in os.walk(folder))


def _send(how: object, target: int, with_signal: int) -> None:
    with suppress(ProcessLookupError):
        how(target, with_signal)  # type: ignore[operator]


def _run(said: str, words: list[str], largest_file: int | None) -> None:
    os.setsid()
    if largest_file is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, resource.RLIM_INFINITY))
    file = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(file, 1)
    os.dup2(file, 2)
    sys.argv = ["qinggao", *words]
    from pipeline.cli.main import main  # noqa: PLC0415 - has been loaded long ago

    main()
