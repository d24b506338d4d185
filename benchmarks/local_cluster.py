"""A Dask scheduler and workers on this machine, as a user would start them, for the time of a measurement."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.measure import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

ALLOCATOR = {"MALLOC_TRIM_THRESHOLD_": "134217728", "MALLOC_MMAP_THRESHOLD_": "33554432"}
"""As docs/scale.md starts workers: Dask's own setting gives every freed page back at once, which costs a quarter."""
PATIENCE = 120  # seconds until the scheduler must be there
TICK = 0.1


@contextmanager
def local_cluster(workers: int) -> Iterator[str]:
    """Yield the address of a scheduler with so many workers of one thread each; raises :class:`RuntimeError`."""
    with tempfile.TemporaryDirectory() as place, ExitStack() as stack:
        about = Path(place) / "scheduler.json"
        options = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(about)]
        scheduler = stack.enter_context(_running("scheduler", options))
        address = _address(about, scheduler)
        sizes = ["--nworkers", str(workers), "--nthreads", "1"]
        options = [address, *sizes, "--host", "127.0.0.1", "--no-dashboard", "--local-directory", place]
        stack.enter_context(_running("worker", options))
        yield address


@contextmanager
def _running(what: str, options: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", f"distributed.cli.dask_{what}", *options]
    silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, cwd=ROOT, env=os.environ | ALLOCATOR, **silent) as process:
        try:
            yield process
        finally:
            process.terminate()


def _address(about: Path, scheduler: subprocess.Popen[bytes]) -> str:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and scheduler.poll() is None:
        try:
            address: str = json.loads(about.read_bytes())["address"]
        except (OSError, ValueError):
            time.sleep(TICK)
        else:
            return address
    raise RuntimeError("the Dask scheduler did not start; is the extra qinggao[cluster] installed?")
