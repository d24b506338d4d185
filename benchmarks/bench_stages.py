"""Speed of every stage on one core, and how time and memory grow from 2 to 20 MB.

usage: bench_stages.py [--megabytes 20]

The input is made by the damage generator of the tests: compilations of about 100 KB in every kind of damage.
Each size runs in a process of its own, so that its peak memory is its own.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pyarrow as pa

from pipeline import route
from pipeline.batch import results
from pipeline.engines import rare_collection
from pipeline.export import folder, log
from pipeline.export.shelf import Files
from pipeline.finish import put, rows_of
from pipeline.inputs.documents import load_file
from pipeline.inputs.files import list_files
from pipeline.knowledge import Knowledge
from pipeline.settings import Settings
from pipeline.stages import decode, split
from pipeline.ways import alone

ROOT = Path(__file__).parent.parent
STAGES = ("read", "decode", *route.TEXT_STAGES, "settle", "split", "rows", "export")


def measure(source: Path, out: Path) -> dict[str, float]:
    """Return seconds per stage, characters, edits and peak memory (MB) of cleaning ``source`` into ``out``."""
    knowledge = Knowledge(Settings())
    knowledge.check()
    spent = dict.fromkeys(STAGES, 0.0)
    chars = edits = 0
    files, shelf, tables = list_files([source]).files, Files(out), list[dict[str, pa.Table]]()
    out.mkdir()
    folder.prepare_files(out)

    def timed(stage, call, *given):  # noqa: ANN001, ANN002, ANN202
        began = time.perf_counter()
        result = call(*given)
        spent[stage] += time.perf_counter() - began
        return result

    with rare_collection():
        for file in files:
            raw = timed("read", load_file, file)
            document = timed("decode", decode.to_document, raw)
            for stage in route.TEXT_STAGES:
                timed(stage, alone, route.revising(document, stage, knowledge))
            timed("settle", alone, route.settling(document, knowledge))
            timed("split", split.run, document)
            text, lines = timed("export", log.dump, document, knowledge.passes)
            laid = timed("export", put, document, shelf, text, lines)
            tables.append(timed("rows", rows_of, document, knowledge) | laid)
            chars += len(document.source_text)
            edits += sum(len(batch.edits) for batch in document.batches)
    whole = {name: pa.concat_tables([rows[name] for rows in tables]) for name in tables[0]}
    timed("export", results.write, out / "shard", whole)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {**spent, "chars": chars, "edits": edits, "peak": peak, "total": sum(spent.values())}


def one_size(megabytes: int) -> dict[str, float]:
    """Measure one size in a fresh process."""
    with tempfile.TemporaryDirectory() as place:
        source, out = Path(place) / "in", Path(place) / "out"
        subprocess.run(
            [sys.executable, "-m", "tests.damage.bulk", "--megabytes", str(megabytes), "--out", str(source)],
            check=True,
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
        )
        done = subprocess.run(
            [sys.executable, __file__, "--measure", str(source), str(out)],
            check=True,
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
        result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
        return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=20)
    parser.add_argument("--measure", nargs=2, type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        print(json.dumps(measure(*given.measure)))
        return
    small, large = one_size(max(1, given.megabytes // 10)), one_size(given.megabytes)
    dense = 100 * large["edits"] / large["chars"]
    print(f"{large['chars']:,.0f} characters, {large['edits']:,.0f} edits ({dense:.1f} per 100 characters)")
    print(f"{'stage':<10} {'seconds':>8} {'characters/s':>14} {'growth':>7}")
    for stage in (*STAGES, "total"):
        speed = large["chars"] / max(large[stage], 1e-9)
        growth = (large[stage] / large["chars"]) / max(small[stage] / small["chars"], 1e-12)
        print(f"{stage:<10} {large[stage]:8.2f} {speed:14,.0f} {growth:7.2f}")
    print("growth: time per character at the large size over the small one (1 = linear)")
    small_peak, large_peak = small["peak"], large["peak"]
    print(f"peak memory: {small_peak:.0f} MB small, {large_peak:.0f} MB large (× {large_peak / small_peak:.2f})")


if __name__ == "__main__":
    main()
