"""The analysis in one table: goals, targets, themes, copies on the gold; the same result again; a big corpus.

usage: bench_analyse.py [--plans 10000] [--json]

The figures of the real document are those of what ``qinggao clean`` writes. The parts by themselves, with what goes
wrong: ``bench_goals``, ``bench_themes``, ``bench_copies``, ``analysis_scale``.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import duckdb

from benchmarks import analysis_scale, bench_copies, bench_correct, bench_goals, bench_themes
from pipeline.corpus import load_corpus
from pipeline.export.schema import TABLES

ROOT, SHARED = bench_correct.ROOT, bench_correct.SHARED
RUNS = (("1", "0"), ("2", "0"), ("2", "4711"))  # workers, seed of hashing
LIMITS = {"seconds": 900.0, "memory, MB": 3000.0}
"""What 100,000 plans may take at most."""


class Line(NamedTuple):
    """One line of the table."""

    measure: str
    must: str
    reached: float


def goals_and_targets() -> list[Line]:
    """Return what of the gold's goals and figures is found."""
    found = bench_goals.against_gold()
    return [
        Line("targets: value and first unit word right, recall", "0.85", found["value and unit right, recall"]),
        Line("targets: value and first unit word right, precision", "0.85", found["value and unit right, precision"]),
        Line("goal rows found", "0.75", found["goals found"]),
        Line("goal type right", "0.80", found["type right"]),
    ]


def themes_and_copies() -> list[Line]:
    """Return which gold themes the column ``themes`` names, and which pairs of plans the table ``duplicates`` has."""
    with tempfile.TemporaryDirectory() as place:
        bench_themes.clean_real(Path(place))
        tables, named = load_corpus(place), bench_themes.on_gold(Path(place), show=False)
    pairs = {(row.a_section, row.b_section) for row in tables["duplicates"].itertuples()}
    found = {(a - 1, b - 1) for a, b in pairs if a != b}
    true = bench_copies.shared_by_passages(list(tables["corpus"].text))
    return [
        Line("gold themes named by a plan's top five, strictly matched", "0.70", named["named"]),
        Line("  the same by the names of another plan (chance)", "", named["named by the names of another plan"]),
        Line("  matched by any word", "", named["named by any word"]),
        Line("copies: plan pairs that share a text, found", "1", len(found & true) / len(true)),
        Line("copies: false pairs", "1 at most", len(found - true)),
    ]


def same_again() -> Line:
    """Return whether the samples give the same bytes for every number of workers and seed of hashing."""
    digests = set()
    for jobs, seed in RUNS:
        with tempfile.TemporaryDirectory() as place:
            command = [
                *bench_correct.COMMAND,
                "clean",
                "data/raw",
                "tests/golden/spun/raw",
                "--out",
                place,
                "--jobs",
                jobs,
            ]
            environment = os.environ | {"PYTHONHASHSEED": seed}
            subprocess.run(command, check=True, capture_output=True, cwd=ROOT, env=environment)
            digests.add(digest(Path(place)))
    return Line("same bytes on every run and for every number of workers", "yes", len(digests) == 1)


def digest(folder: Path) -> str:
    """Return one digest of all files of an output folder, the database by its rows, the times of the run left out."""
    total = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name not in {"run.json", "corpus.duckdb"}:
            total.update(path.name.encode() + path.read_bytes())
    with duckdb.connect(str(folder / "corpus.duckdb"), read_only=True) as connection:
        for name in TABLES:
            total.update(repr(connection.table(name).fetchall()).encode())
    return total.hexdigest()


def big_corpus(plans: int) -> list[Line]:
    """Return the time and memory of ``qinggao analyse`` with two workers."""
    found = analysis_scale.at_scale(plans, "mixed", 2)
    size = f"{found['plans']:,} plans, {found['characters'] / 1e6:.0f} million characters"
    return [Line(f"{size}: {name}", f"{most:,.0f} for 100,000", found[name]) for name, most in LIMITS.items()]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--plans", type=int, default=10_000, help="of the big corpus; 0 for none")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    given = parser.parse_args()
    if not (SHARED / "gold").is_dir():
        sys.exit("the real document and its gold lie beside the checkout in ../shared, which is not here")
    lines = [*goals_and_targets(), *themes_and_copies(), same_again()]
    lines += big_corpus(given.plans) if given.plans else []
    if given.json:
        print(json.dumps([line._asdict() for line in lines], indent=1))
        return
    for line in lines:
        shown = f"{line.reached:,.3f}" if line.reached <= 1 else f"{line.reached:,.0f}"
        print(f"{line.measure:<62} {line.must:>20} {shown:>10}")


if __name__ == "__main__":
    main()
