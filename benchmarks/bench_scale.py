"""Big corpora and bad days in one table: speed, growth, a cluster, kills, hostile input, reruns. Exit 1 on a miss.

usage: bench_scale.py [--plans 10000 100000] [--dask-plans 50000] [--rounds 2] [--trials 50] [--fuzz-seconds 1200]
                      [--form rows|compilations] [--only NAME…] [--json]

Every figure is that of a command that a user types, start-up included, over spun plans (:mod:`benchmarks.spun_corpus`)
with two workers; memory is that of all its processes at the peak. The corpora are kept in the system's temporary
folder for the next time, all else is removed at the end.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pyarrow.parquet as pq

from benchmarks.local_cluster import local_cluster
from benchmarks.measure import ROOT, Measured, qinggao
from benchmarks.spun_corpus import FORMS, corpus
from pipeline.export.folder import parquet_files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

JOBS = 2
MB = 1e6


class Way(NamedTuple):
    """How plans are cleaned."""

    name: str
    options: tuple[str, ...] = ()


CLEANED = Way("without analysis", ("--no-analysis",))
ANALYSED = Way("with analysis")


class Line(NamedTuple):
    """One line of the table; ``reached`` is None where a part is not there, ``most``: the bounds are upper ones."""

    measure: str
    reached: float | None
    unit: str = ""
    must: float | None = None
    aim: float | None = None
    most: bool = False

    @property
    def missed(self) -> bool:
        """Whether the figure is not what it must be."""
        if self.must is None or self.reached is None:
            return False
        return not (self.reached <= self.must if self.most else self.reached >= self.must)

    def shown(self) -> str:
        """Return the line for a person."""
        word = "at most " if self.most else ""
        must, aim = ("" if bound is None else f"{word}{_figure(bound)}" for bound in (self.must, self.aim))
        reached = "not here" if self.reached is None else f"{_figure(self.reached)} {self.unit}"
        return f"{self.measure:<64} {must:>14} {aim:>14} {reached:>20} {'MISSED' if self.missed else ''}".rstrip()


def _figure(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 or value == round(value) else f"{value:.3g}"


class Bench:
    """The measurements, each made once."""

    def __init__(self, given: argparse.Namespace, place: Path) -> None:
        """Keep results of runs in ``place``."""
        self._given, self._place = given, place
        self._cleaned: Callable[[int, Way], Measured] = cache(self._clean)

    def speed(self) -> Iterator[Line]:
        """Yield the speed of cleaning, by the characters that were read."""
        plans = self._given.plans[-1]
        seconds, chars = self._cleaned(plans, CLEANED).seconds, self._chars(plans)
        size = f"{chars / MB:.1f} million characters"
        yield Line(f"whole way without analysis, {size}", chars / seconds, "characters/s", 5e4, 2e5)

    def growth(self) -> Iterator[Line]:
        """Yield how time and memory grow without analysis."""
        return self._growth(CLEANED)

    def growth_analysed(self) -> Iterator[Line]:
        """Yield how time and memory grow with it."""
        return self._growth(ANALYSED)

    def _growth(self, way: Way) -> Iterator[Line]:
        few, many = self._given.plans[0], self._given.plans[-1]
        low, high = self._cleaned(few, way), self._cleaned(many, way)
        for plans, found in ((few, low), (many, high)):
            yield Line(f"  {plans:,} plans, {way.name}: time", found.seconds, "s")
            yield Line(f"  {plans:,} plans, {way.name}: memory at the peak", found.peak / MB, "MB")
        grown, times = f"from {few:,} to {many:,} plans, {way.name}", many / few
        yield Line(f"time {grown}", high.seconds / low.seconds, "×", 1.1 * times, times, most=True)
        yield Line(f"memory {grown}", high.peak / low.peak, "×", 1.2, 1.05, most=True)

    def dask(self) -> Iterator[Line]:
        """Yield the speed of two local Dask workers over that of the pool, turn about."""
        plans, pool, dask = self._given.dask_plans, 0.0, 0.0
        for number in range(self._given.rounds):
            pool += self._clean(plans, CLEANED._replace(name=f"pool {number}")).seconds
            with local_cluster(JOBS) as address:
                engine = ("--engine", "dask", "--scheduler", address)
                dask += self._clean(plans, Way(f"Dask {number}", CLEANED.options + engine)).seconds
        yield Line(f"  pool, {plans:,} plans", pool / self._given.rounds, "s")
        yield Line("  Dask, the same", dask / self._given.rounds, "s")
        yield Line(f"Dask with {JOBS} local workers against the pool: speed", pool / dask, "×", 0.8, 1)

    def trials(self) -> Iterator[Line]:
        """Yield how many runs that were killed ended as an undisturbed one."""
        wanted = self._given.trials
        passed = _passes("tests.soak", "--trials", str(wanted))
        same = None if passed is None else wanted * passed
        yield Line(f"kill and resume: identical, of {wanted} trials (0: not all)", same, "", wanted, 500)

    def fuzz(self) -> Iterator[Line]:
        """Yield whether fuzzing found anything."""
        seconds = self._given.fuzz_seconds
        passed = _passes("tests.fuzz.guided", "--seconds", str(seconds))
        faults = None if passed is None else float(not passed)
        yield Line(f"fuzzing, {seconds:,} s: crashes, hangs, broken laws (1: some)", faults, "", 0, 0, most=True)

    def rerun(self) -> Iterator[Line]:
        """Yield how long a command takes that finds nothing to do."""
        plans = self._given.plans[0]
        self._cleaned(plans, CLEANED)
        seconds = self._clean(plans, CLEANED).seconds
        yield Line(f"rerun with nothing changed, {plans:,} plans", seconds, "s", 5, 1, most=True)

    def _clean(self, plans: int, way: Way) -> Measured:
        source = corpus(plans, self._given.form)
        print(f"cleaning {plans:,} plans, {way.name}", file=sys.stderr)
        options = ("--layout", self._given.layout, "--jobs", JOBS, *way.options)
        return qinggao("clean", source, "--out", self._folder(plans, way), "--no-neural", *options)

    def _folder(self, plans: int, way: Way) -> Path:
        return self._place / f"{plans} plans {way.name}"

    def _chars(self, plans: int) -> int:
        parts = parquet_files(self._folder(plans, CLEANED), "inputs")
        return sum(sum(pq.read_table(part, columns=["source_chars"])["source_chars"].to_pylist()) for part in parts)


def _passes(module: str, *options: str) -> bool | None:
    """Return whether a program of the tests ends well, its table on standard error; None where it is not there."""
    try:
        there = find_spec(module) is not None
    except ModuleNotFoundError:
        there = False
    if not there:
        return None
    command = [sys.executable, "-m", module, *options]
    return subprocess.run(command, cwd=ROOT, stdout=sys.stderr, check=False).returncode == 0


LINES: dict[str, Callable[[Bench], Iterator[Line]]] = {
    "speed": Bench.speed,
    "growth": Bench.growth,
    "growth-analysed": Bench.growth_analysed,
    "dask": Bench.dask,
    "trials": Bench.trials,
    "fuzz": Bench.fuzz,
    "rerun": Bench.rerun,
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--plans", type=int, nargs="+", default=[10_000, 100_000], help="two sizes, the smaller first")
    parser.add_argument("--dask-plans", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=2, help="of Dask and the pool, turn about")
    parser.add_argument("--trials", type=int, default=50)
    parser.add_argument("--fuzz-seconds", type=int, default=1200)
    parser.add_argument("--form", choices=FORMS, default=FORMS[0])
    parser.add_argument("--layout", choices=("parts", "files"), default="parts")
    parser.add_argument("--only", nargs="+", choices=LINES, default=list(LINES), metavar="NAME", help=", ".join(LINES))
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    given = parser.parse_args()
    lines: list[Line] = []
    if not given.json:
        print(f"{'measure':<64} {'must':>14} {'aim':>14} {'reached':>20}")
    with tempfile.TemporaryDirectory(prefix="qinggao-scale-") as place:
        bench = Bench(given, Path(place))
        for name in given.only:
            for line in LINES[name](bench):
                lines.append(line)
                if not given.json:
                    print(line.shown(), flush=True)
    if given.json:
        print(json.dumps([line._asdict() | {"missed": line.missed} for line in lines], indent=1))
    sys.exit(any(line.missed for line in lines))


if __name__ == "__main__":
    main()
