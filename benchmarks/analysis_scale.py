"""A big corpus analysed by the command that a user types: seconds, and memory of all its processes at the peak.

usage: analysis_scale.py [--plans 100000] [--kind mixed|bulk] [--jobs 2]

``bulk``: every plan is made of paragraphs of the samples in a new order, so that each repeats many others: the worst
case for copies. ``mixed``: of every ten documents one is such a one; the plans of the others are made of clauses of
clean text in random order, which no two share, with sentences of the samples between them, so that there are goals and
figures to find.
The corpus is written as ``clean`` leaves it; cleaning is not measured here.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from benchmarks import bench_copies, bench_correct
from pipeline.engines import rare_collection
from pipeline.export import folder
from pipeline.knowledge import Knowledge
from pipeline.model import Document, Evidence
from pipeline.publication import Summary, Teaching, deliver, publish
from pipeline.settings import Settings
from pipeline.stages import split
from tests.damage.bulk import compile_document, take_apart
from tests.damage.marks import numeral
from tests.damage.samples import RECIPES, clean_file

if TYPE_CHECKING:
    from collections.abc import Iterator

PLAN_CHARS = (450, 900)  # with headings about 2,000 bytes of UTF-8
PLANS = 50  # of a document
TICK = 0.5  # seconds between looks at the memory


def texts(plans: int, kind: str) -> Iterator[str]:
    """Yield clean compilations of :data:`PLANS` plans each."""
    sources = [take_apart(clean_file(recipe).read_text(encoding="utf-8")) for recipe in RECIPES]
    pool = bench_copies.clauses() if kind == "mixed" else []
    for number in range(0, plans, PLANS):
        rng = Random(f"{kind} {number}")
        source = sources[number // PLANS % len(sources)]
        if kind == "bulk" or number // PLANS % 10 == 0:
            yield compile_document(source, rng, chars=PLANS * 675, plan_chars=PLAN_CHARS)
            continue
        lines = [source.title]
        for plan in range(1, PLANS + 1):
            lines.append(f"{source.title[:20]} 篇{numeral(plan)}")
            left = rng.randint(*PLAN_CHARS)
            while left > 0:
                made = "".join(rng.choice(pool) + rng.choice(bench_copies.STOPS) for _ in range(4)).replace("\n", "")
                paragraph = rng.choice(rng.choice(source.plans)) if rng.random() < 0.15 else made
                lines.append(paragraph[:120])
                left -= len(lines[-1])
        yield "\n".join(lines) + "\n"


def write(plans: int, kind: str, out: Path) -> dict[str, int]:
    """Write a corpus as ``clean`` would leave it, but for the analysis; return its size."""
    knowledge, chars, sections = Knowledge(Settings()), 0, 0
    folder.prepare(out)
    finished = []
    with rare_collection():
        for number, text in enumerate(texts(plans, kind)):
            document = split.run(Document(f"d{number:05}", f"d{number:05}.txt", text, Evidence(), text=text))
            chars, sections = chars + len(text), sections + len(document.sections)
            result = deliver(document, out, knowledge)
            finished.append([result._replace(tables={name: table[:0] for name, table in result.tables.items()})])
    publish(finished, out, Teaching.of(knowledge), Summary(), map)
    return {"plans": sections, "characters": chars}


def memory(root: int) -> int:
    """Return the memory (bytes) of a process and its children, shared pages divided among them."""
    children: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(path.parent.name))
    total, waiting = 0, [root]
    while waiting:
        process = waiting.pop()
        waiting += children.get(process, [])
        try:
            lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += 1024 * sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total


def measure(out: Path, jobs: int) -> dict[str, float]:
    """Return seconds and memory (MB) of ``qinggao analyse``."""
    began = time.monotonic()
    command = [*bench_correct.COMMAND, "analyse", str(out), "--jobs", str(jobs)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    peak, done = 0, threading.Event()

    def watch() -> None:
        nonlocal peak
        while not done.wait(TICK):
            peak = max(peak, memory(process.pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    said, _ = process.communicate()
    done.set()
    watcher.join()
    if process.returncode:
        raise RuntimeError(f"qinggao analyse failed: {said}")
    print(said.splitlines()[0], file=sys.stderr)
    return {"seconds": time.monotonic() - began, "memory, MB": peak / 1e6}


def at_scale(plans: int, kind: str, jobs: int) -> dict[str, float]:
    """Return size, seconds and memory of one corpus."""
    with tempfile.TemporaryDirectory() as place:
        return write(plans, kind, Path(place)) | measure(Path(place), jobs)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--plans", type=int, default=100_000)
    parser.add_argument("--kind", choices=("mixed", "bulk"), default="mixed")
    parser.add_argument("--jobs", type=int, default=2)
    given = parser.parse_args()
    print(json.dumps(at_scale(given.plans, given.kind, given.jobs)))


if __name__ == "__main__":
    main()
