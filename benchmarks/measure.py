"""The commands that a user types, measured from outside: seconds from start to end, memory of all their processes."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
COMMAND = (sys.executable, "-c", "from pipeline.cli.main import main; main()")
TICK = 0.5  # seconds between looks at the memory


class Measured(NamedTuple):
    """What a command took: ``seconds``, ``peak`` in bytes; and what it said."""

    seconds: float
    peak: int
    said: str


def qinggao(*options: object) -> Measured:
    """Run a command of qinggao; raises :class:`RuntimeError` where it fails."""
    began = time.monotonic()
    command = [*COMMAND, *map(str, options)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    peak, done = 0, threading.Event()

    def watch() -> None:
        nonlocal peak
        while not done.wait(TICK):
            peak = max(peak, memory(process.pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    said, _ = process.communicate()
    seconds = time.monotonic() - began
    done.set()
    watcher.join()
    if process.returncode:
        raise RuntimeError(f"qinggao {' '.join(map(str, options))} failed: {said}")
    return Measured(seconds, peak, said)


def memory(root: int) -> int:
    """Return the memory (bytes) of a process and its descendants; pages that processes share are divided among them."""
    return sum(map(_proportional, _family(root)))


def _family(root: int) -> Iterator[int]:
    children: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(path.parent.name))
    waiting = [root]
    while waiting:
        process = waiting.pop()
        waiting += children.get(process, [])
        yield process


def _proportional(process: int) -> int:
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="utf-8").splitlines()
    except OSError:  # it has ended
        return 0
    return 1024 * sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
