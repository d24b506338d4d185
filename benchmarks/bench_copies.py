"""Copies: pairs of plans found and false on the real document and on generated plans; time and peak memory.

usage: bench_copies.py [--plans 10000 100000] [--json]

The real document: its twelve plans as scraped and spun, and as ``qinggao clean`` leaves them; which plans share a text
is known from comparing all pairs of lines. Generated plans are halves of clauses in random order (of the training
text in ``../shared``, of the samples where that is absent), so that no two share a text but by the copies planted:
whole plans, and passages of 150 to 600 characters, as they are and spun. Each size runs in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import subprocess
import sys
import tempfile
import time
from itertools import accumulate, combinations, pairwise
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

import zstandard

from benchmarks import bench_restore
from pipeline.analysis.buckets import candidates
from pipeline.analysis.copies import body, compare, group
from pipeline.analysis.shingles import shingle
from pipeline.analysis.signatures import sign
from pipeline.model import Document
from pipeline.stages import split
from tests.conftest import GOLDEN

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

SHARED = bench_restore.SHARED
CORPUS = SHARED / "corpora" / "formal_zh.txt.zst"
CLAUSE = re.compile("[\u4e00-\u9fff]{6,24}")
CLAUSES = 200_000
CHARS = 2_000
STOPS = ("，", "，", "。", "；", "。\n")
SHARES = {"whole": 0.05, "whole spun": 0.05, "passage": 0.05, "passage spun": 0.05}
PASSAGE = (150, 600)
SPUN = 0.08  # share of characters that start a changed word: two characters swapped, one wrong, one more or one less
SHORTEST = 60  # characters of a line for the exhaustive comparison
ALIKE = 0.3  # of the shingles of the smaller of two lines: such lines are the same text
CROWD = 10_000


def spin(text: str, rng: Random, letters: str) -> str:
    """Return a text with words swapped, characters wrong, dropped in and lost, each kind as often."""
    pieces, at = [], 0
    for place in sorted(rng.sample(range(len(text)), round(SPUN * len(text)))):
        if place < at:
            continue
        pieces.append(text[at:place])
        kind = rng.randrange(4)
        pieces.append("".join(rng.choices(letters, k=(2, 1, 1, 0)[kind])))
        at = place + (2, 1, 0, 1)[kind]
    return "".join([*pieces, text[at:]])


def clauses() -> list[str]:
    """Return different clauses of the training text, of the samples where it is absent."""
    found: dict[str, None] = {}
    if CORPUS.exists():
        with CORPUS.open("rb") as stream:
            reader = zstandard.ZstdDecompressor(max_window_size=2**27).stream_reader(stream)
            while len(found) < CLAUSES:
                found.update(dict.fromkeys(CLAUSE.findall(reader.read(1 << 20).decode("utf-8", "ignore"))))
    else:
        for path in sorted(GOLDEN.glob("*.txt")):
            found.update(dict.fromkeys(CLAUSE.findall(path.read_text(encoding="utf-8"))))
    return list(found)[:CLAUSES]


class Texts:
    """The texts of plans in one file, read when asked for: a corpus need not lie in memory."""

    def __init__(self, stream: BinaryIO, lengths: Sequence[int]) -> None:
        self._stream = stream
        self.lengths = lengths
        self._starts = [0, *accumulate(2 * length for length in lengths)]

    def __call__(self, number: int) -> str:
        """Return a plan's text."""
        self._stream.seek(self._starts[number])
        return self._stream.read(2 * self.lengths[number]).decode("utf-16-le")


def generate(count: int, path: Path) -> tuple[list[int], dict[str, list[tuple[int, int]]]]:
    """Write so many plans and return their lengths, and by kind the pairs of which the second is copied."""
    rng, pool = Random(f"copies {count}"), clauses()
    letters = "".join(sorted(set("".join(pool[:5000]))))
    kinds = [kind for kind, share in SHARES.items() for _ in range(round(share * count))]
    originals = count - len(kinds)
    lengths: list[int] = []
    truth: dict[str, list[tuple[int, int]]] = {kind: [] for kind in SHARES}
    with path.open("w+b") as stream:

        def add(text: str) -> None:
            stream.seek(0, 2)
            stream.write(text.encode("utf-16-le"))
            lengths.append(len(text))

        for _ in range(originals):
            add(_plan(rng, pool))
        for kind, source in zip(kinds, rng.sample(range(originals), len(kinds)), strict=True):
            truth[kind].append((source, len(lengths)))
            add(_copy(kind, Texts(stream, lengths)(source), rng, pool, letters))
    return lengths, truth


def _plan(rng: Random, pool: list[str]) -> str:
    pieces = []
    for _ in range(CHARS // 10):
        one, two = rng.choice(pool), rng.choice(pool)
        pieces.append(one[: len(one) // 2] + two[len(two) // 2 :] + rng.choice(STOPS))
    return "".join(pieces)[: rng.randint(CHARS // 2, CHARS * 3 // 2)]


def _copy(kind: str, source: str, rng: Random, pool: list[str], letters: str) -> str:
    part = source
    if kind.startswith("passage"):
        length = rng.randint(*PASSAGE)
        start = rng.randrange(max(1, len(source) - length))
        part = source[start : start + length]
    if kind.endswith("spun"):
        part = spin(part, rng, letters)
    if kind.startswith("whole"):
        return part
    own = _plan(rng, pool)
    at = rng.randrange(len(own))
    return own[:at] + part + own[at:]


class Timed(NamedTuple):
    """What finding the copies took (seconds, processor), and what was found."""

    sign: float
    candidates: float
    compare: float
    group: float
    pairs: dict[tuple[int, int], int]
    n_candidates: int


def find(texts: Texts) -> Timed:
    """Find the copies in one process and time each step."""
    clock = [time.process_time()]
    signatures = sign((number, texts(number)) for number in range(len(texts.lengths)))
    clock.append(time.process_time())
    pairs = candidates(signatures)
    clock.append(time.process_time())
    copies = compare(pairs, texts)
    clock.append(time.process_time())
    group(copies, texts.lengths)
    clock.append(time.process_time())
    found: dict[tuple[int, int], int] = {}
    for copy in copies:
        found[copy.a, copy.b] = found.get((copy.a, copy.b), 0) + copy.b_end - copy.b_start
    return Timed(*(after - before for before, after in pairwise(clock)), found, len(pairs))


def generated(count: int) -> dict[str, float]:
    """Return the figures of so many generated plans, found in a fresh process."""
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "texts"
        lengths, truth = generate(count, path)
        (Path(place) / "truth.json").write_text(json.dumps([lengths, truth]))
        command = [sys.executable, "-m", "benchmarks.bench_copies", "--measure", place]
        done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=bench_restore.ROOT)
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def measure(place: Path) -> dict[str, float]:
    lengths, truth = json.loads((place / "truth.json").read_text())
    idle = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    with (place / "texts").open("rb") as stream:
        timed = find(Texts(stream, lengths))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    planted = {tuple(pair) for pairs in truth.values() for pair in pairs}
    found = {pair for pair in timed.pairs if pair[0] != pair[1]}
    figures = {f"{kind} found": len(found & {tuple(p) for p in pairs}) / len(pairs) for kind, pairs in truth.items()}
    seconds = {f"{step}, s": getattr(timed, step) for step in ("sign", "candidates", "compare", "group")}
    return {
        "plans": len(lengths),
        "pairs planted": len(planted),
        **figures,
        "false pairs": len(found - planted),
        "pairs compared": timed.n_candidates,
        **seconds,
        "all, s": sum(seconds.values()),
        "MB before": idle,
        "MB at the peak": peak,
    }


def identical(count: int) -> dict[str, float]:
    """Return the figures of so many copies of one plan."""
    text = _plan(Random("identical"), clauses())
    began = time.process_time()
    copies = compare(candidates(sign((number, text) for number in range(count))), lambda _: text)
    repeated = sum(plan == 0 for plan in group(copies, [len(text)] * count).duplicate_of)
    return {"plans": count, "rows": len(copies), "duplicates": repeated, "s": time.process_time() - began}


# --- the real document ---


def shared_by_passages(plans: Sequence[str]) -> set[tuple[int, int]]:
    """Return the pairs of plans that have a line in common, from comparing the shingles of all pairs of long lines."""
    lines = [
        [set(map(int, shingle(line).hashes)) for line in text.split("\n") if len(line) >= SHORTEST] for text in plans
    ]
    return {
        (a, b)
        for a, b in combinations(range(len(plans)), 2)
        if any(len(one & two) >= ALIKE * min(len(one), len(two)) for one in lines[a] for two in lines[b])
    }


def plans_of(document: Document) -> list[str]:
    """Return the plans of a document without their heading lines."""
    return [body(document.text[s.start : s.end], s.title) for s in document.sections]


def real_document() -> Iterable[tuple[str, dict[str, float]]]:
    """Yield the figures of the real document as scraped and as cleaned."""
    path = next((SHARED / "raw").glob("*.txt"))
    cleaned = bench_restore.cleaned({path.stem: path.read_bytes()})[path.stem]
    scraped = Document(path.stem, path.name, path.read_text(encoding="utf-8"))
    split.run(scraped)
    for name, document in (("as scraped", scraped), ("cleaned", cleaned)):
        plans = plans_of(document)
        copies = compare(candidates(sign(enumerate(plans))), plans.__getitem__)
        found = {(copy.a, copy.b) for copy in copies if copy.a != copy.b}
        true = shared_by_passages(plans)
        yield (
            f"real document, {name}",
            {
                "plans": len(plans),
                "pairs that share a text": len(true),
                "found": len(found & true),
                "false": len(found - true),
            },
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--plans", type=int, nargs="*", default=[10_000, 100_000])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        print(json.dumps(measure(given.measure)))
        return
    figures = dict(real_document()) if (SHARED / "raw").is_dir() else {}
    figures |= {f"generated, {count:,} plans": generated(count) for count in given.plans}
    figures["copies of one plan"] = identical(CROWD)
    if given.json:
        print(json.dumps(figures, ensure_ascii=False))
        return
    for name, rows in figures.items():
        print(name)
        for what, value in rows.items():
            print(f"  {what:<24} {value:>12,.3f}".removesuffix(".000"))


if __name__ == "__main__":
    main()
