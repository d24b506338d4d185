"""Kill runs at random moments, run the same command again, compare: ``python -m tests.soak --trials 50``.

Exit code 1 when a folder differs from that of an undisturbed run; it is kept, and the table says where.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections import Counter
from contextlib import contextmanager, nullcontext
from itertools import count, cycle
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, NamedTuple

import psutil

from tests.soak.command import GLANCE, Command
from tests.soak.corpora import write_corpus
from tests.test_runner import tables, tree

if TYPE_CHECKING:
    from collections.abc import Iterator

SAME_CORPUS = 5  # trials with one corpus
DOCUMENTS = (4, 10)
KINDS = ("worker", "main", "group")
WORKERS = 2


class Cluster(NamedTuple):
    """Dask workers of this machine."""

    scheduler: str

    def workers(self) -> list[int]:
        """Return the processes that work."""
        return [child.pid for nanny in psutil.Process().children() for child in nanny.children()]


class Kill(NamedTuple):
    """Which process is killed, and when, as a part of the time that an undisturbed run takes."""

    kind: str
    moment: float

    def __str__(self) -> str:
        return f"{self.kind} at {self.moment:.0%}"


class Trial(NamedTuple):
    """What came of a trial."""

    kills: list[Kill]
    begun: str
    layout: str
    seconds: float
    outcome: str


class Corpus:
    """A random corpus, and what undisturbed runs make of it."""

    def __init__(self, place: Path, rng: Random, layout: str, options: list[str]) -> None:
        self.layout, self._place, self._rng = layout, place, rng
        self._raw = write_corpus(place / "raw", rng.randrange(1_000_000), rng.randint(*DOCUMENTS))
        self._options = ["--layout", layout, "--jobs", str(WORKERS), "--no-neural", *options]
        changed = rng.choice(sorted(self._raw.iterdir()))
        text = changed.read_bytes()
        changed.write_bytes(text[len(text) // 2 :])
        (self._raw / "gone.txt").write_bytes(text)
        self._earlier = self._undisturbed("earlier")
        changed.write_bytes(text)
        (self._raw / "gone.txt").unlink()
        (self._raw / "empty.txt").touch()
        began = time.monotonic()
        self._wanted = self._undisturbed("wanted")
        self._duration = time.monotonic() - began

    def _undisturbed(self, name: str) -> Path:
        command = self._command(self._place / name)
        if command.wait() not in {0, 1}:
            raise RuntimeError(command.said.read_text(encoding="utf-8"))
        return self._place / name

    def _command(self, out: Path) -> Command:
        return Command(self._place / f"{out.name}.said", "clean", self._raw, "--out", out, *self._options)

    def trial(self, out: Path, cluster: Cluster | None) -> Trial:
        """Kill a run once or twice, let the same command end undisturbed, and say what differs."""
        began, begun = time.monotonic(), self._rng.choice(["anew", "changed"])
        if begun == "changed":
            shutil.copytree(self._earlier, out)
        kills = [Kill(self._rng.choice(KINDS), self._rng.random()) for _ in range(self._rng.choice([1, 1, 2]))]
        for kill in kills:
            self._disturb(self._command(out), kill, cluster)
        last = self._command(out)
        code = last.wait()
        last.wait_for_all()
        seconds = time.monotonic() - began
        return Trial(kills, begun, self.layout, seconds, self._difference(out, code, last))

    def _disturb(self, command: Command, kill: Kill, cluster: Cluster | None) -> None:
        moment = time.monotonic() + kill.moment * self._duration
        workers = cluster.workers if cluster else command.workers
        while command.running() and (time.monotonic() < moment or (kill.kind == "worker" and not workers())):
            time.sleep(GLANCE)
        match kill.kind:
            case "worker":
                command.kill_one_of(workers(), self._rng)
            case "main":
                command.kill()
            case _:
                command.kill_group()
        command.wait()

    def _difference(self, out: Path, code: int, command: Command) -> str:
        """Return how ``out`` differs from what an undisturbed run wrote; nothing if it does not."""
        if code != 1:  # one input is empty
            return f"exit code {code}: {command.said.read_text(encoding='utf-8')}"
        mine, wanted = tree(out), tree(self._wanted)
        differing = sorted(name for name in mine | wanted if mine.get(name) != wanted.get(name))
        if not differing and self.layout == "files":
            (mine_, wanted_) = tables(out), tables(self._wanted)
            differing = [f"the table {name} of the database" for name in wanted_ if mine_[name] != wanted_[name]]
        left = [path.name for path in out.rglob("*.part")]
        return ", ".join([*differing, *left])


def trials(options: argparse.Namespace, place: Path, cluster: Cluster | None) -> Iterator[Trial]:
    """Yield trials until there are enough of them, or the time is over."""
    rng, end = Random(options.seed), time.monotonic() + 60 * options.minutes
    layouts = cycle([options.layout] if options.layout else ["files", "parts"])
    engine = ["--engine", "dask", "--scheduler", cluster.scheduler] if cluster else []
    for number in count():
        if number == options.trials or time.monotonic() > end:
            return
        if number % SAME_CORPUS == 0:
            corpus = Corpus(place / f"corpus-{number:04}", rng, next(layouts), engine)
        out = place / f"out-{number:04}"
        trial = corpus.trial(out, cluster)
        if not trial.outcome:
            shutil.rmtree(out)
        yield trial


@contextmanager
def dask() -> Iterator[Cluster]:
    """Yield a scheduler with workers on this machine."""
    from distributed import LocalCluster  # noqa: PLC0415 - an optional extra

    with LocalCluster(n_workers=WORKERS, threads_per_worker=1, dashboard_address=None) as cluster:
        yield Cluster(cluster.scheduler_address)


def main() -> int:
    """Read the options, run the trials, print them; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--minutes", type=float, default=float("inf"), help="No trial is begun later.")
    parser.add_argument("--engine", choices=["pool", "dask"], default="pool")
    parser.add_argument("--layout", choices=["files", "parts"], help="By turns where not given.")
    options = parser.parse_args()
    place = Path(tempfile.mkdtemp(prefix="soak-"))
    tally: Counter[str] = Counter()
    failed = 0
    with dask() if options.engine == "dask" else nullcontext() as cluster:
        for number, trial in enumerate(trials(options, place, cluster)):
            killed = ", ".join(map(str, trial.kills))
            tally.update(kill.kind for kill in trial.kills)
            failed += bool(trial.outcome)
            row = f"{number:4}  {trial.layout:5}  {trial.begun:7}  {killed:30}  {trial.seconds:5.1f} s"
            print(f"{row}  {trial.outcome or 'same'}", flush=True)
    total = number + 1
    kills = ", ".join(f"{kind} {tally[kind]}" for kind in KINDS)
    print(f"{total} trials, {total - failed} the same as undisturbed; kills: {kills}")
    if failed:
        print(f"the folders that differ lie in {place}")
    else:
        shutil.rmtree(place)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
