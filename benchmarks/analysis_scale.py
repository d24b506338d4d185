"""A big corpus analysed by the command that a user types: seconds, and memory of all its processes at the peak.

usage: analysis_scale.py [--plans 100000] [--kind mixed|bulk] [--jobs 2]

The plans are those of :mod:`benchmarks.mixed_plans`, written as ``clean --no-analysis`` leaves them; cleaning is not
measured here.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from benchmarks import mixed_plans
from benchmarks.measure import qinggao
from pipeline.batch.passes import quarantined_table, write_documents
from pipeline.batch.state import NAME, State
from pipeline.engines import here, rare_collection
from pipeline.export import folder, log
from pipeline.export.shelf import Files
from pipeline.finish import Result, put, rows_of
from pipeline.knowledge import Knowledge
from pipeline.model import Document, Evidence
from pipeline.publication import Layout, Material, Summary, Teaching, publish
from pipeline.settings import Settings
from pipeline.stages import split
from tests.damage.samples import RECIPES


def write(plans: int, kind: str, out: Path) -> dict[str, int]:
    """Write a corpus as ``clean`` would leave it, but for the analysis; return its size."""
    knowledge, summary, chars = Knowledge(Settings()), Summary(), 0
    shelf, state, targets = Files(out), State(out / NAME), list[Path]()
    folder.prepare_files(out)
    state.prepare()
    with rare_collection():
        for number in range(-(-plans // mixed_plans.PLANS)):
            text = mixed_plans.compilation(number, kind, RECIPES)
            document = split.run(Document(f"d{number:05}", f"d{number:05}.txt", text, Evidence(), text=text))
            seals = put(document, shelf, *log.dump(document, knowledge.passes))
            rows = rows_of(document, knowledge, analysis=False) | seals
            targets.append(state.shard(f"{number:06}"))
            summary.add(write_documents(targets[-1], [Result(rows, kept=False)], "seals"))
            chars += len(text)
    material = Material(targets, quarantined_table([]), Teaching.of(knowledge))
    publish(material, out, Layout(analysis=False), summary, here)
    state.keep_only(targets)
    return {"plans": summary.counts["plans"], "characters": chars}


def at_scale(plans: int, kind: str, jobs: int) -> dict[str, float]:
    """Return size, seconds and memory (MB) of one corpus."""
    with tempfile.TemporaryDirectory() as place:
        size = write(plans, kind, Path(place))
        found = qinggao("analyse", place, "--jobs", jobs)
    print(found.said.splitlines()[0], file=sys.stderr)
    return size | {"seconds": found.seconds, "memory, MB": found.peak / 1e6}


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
