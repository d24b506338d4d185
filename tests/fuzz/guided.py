"""Fuzz the targets in turn, guided by coverage where atheris is installed, else by plain mutation of the seeds.

usage: python -m tests.fuzz.guided [--seconds 1200] [--out .fuzz] [TARGET…]

Every target has a child process of its own, which is started again after an input that kills it or does not end. What
is found lies in ``OUT/<target>``: the inputs that raise (``crash-…``, one for each place in the code), those that take
longer than two seconds (``hang-…``), the corpus (the next run goes on from it) and what the child said. Exit 1 when
anything was found.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import re
import signal
import subprocess
import sys
import time
import traceback
from importlib.util import find_spec
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

LIMIT = 2.0  # seconds of processor time that an input may take: others may be at work on the machine
PATIENCE = 20  # seconds after which a child is stopped by force
LONGEST = 3_000  # bytes of an input
MEMORY = 4_000  # MB
RESERVE = 300  # seconds that a child may take to start and to end


class Row(NamedTuple):
    """What came of a target; ``coverage`` counts the edges of the code that were reached, the new ones and all."""

    target: str
    executions: int = 0
    new: int = 0
    coverage: int = 0
    crashes: int = 0
    hangs: int = 0


class Findings:
    """Runs inputs, and keeps those that raise or take too long: of each place in the code the shortest."""

    def __init__(self, run: Callable[[bytes], None], folder: Path) -> None:
        self._run, self._folder = run, folder
        self.executions = 0

    def look(self, data: bytes) -> None:
        """Run one input."""
        self.executions += 1
        began = time.process_time()
        try:
            self._run(data)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what is looked for
            place = "".join(f"{step.filename}:{step.lineno}" for step in traceback.extract_tb(error.__traceback__)[-2:])
            self._keep("crash", f"{type(error).__name__} {place}", data, traceback.format_exc())
        if time.process_time() - began > LIMIT:
            self._keep("hang", "", data, f"{time.process_time() - began:.1f} s\n")

    def _keep(self, kind: str, place: str, data: bytes, story: str) -> None:
        key = hashlib.sha256(place.encode() if place else data).hexdigest()[:12]
        path = self._folder / f"{kind}-{key}"
        if not path.exists() or len(data) < path.stat().st_size:
            path.write_bytes(data)
            path.with_name(f"story-{key}.txt").write_text(f"{data!r}\n{story}", encoding="utf-8")


def child(name: str, folder: Path, seconds: int) -> None:
    """Fuzz one target in this process."""
    guide = _atheris()
    with guide.instrument_imports(include=["pipeline"]) if guide else contextlib.nullcontext():
        from tests.fuzz import targets, texts  # noqa: PLC0415 - what is imported here is what coverage is taken of
    targets.knowledge()
    found = Findings(lambda data: targets.run(name, data), folder)
    corpus = folder / "corpus"
    corpus.mkdir(exist_ok=True)
    for data in targets.TARGETS[name].seeds():
        found.look(data)  # loads what is loaded late, before the clock of the fuzzer runs
        if len(data) <= LONGEST:
            (corpus / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)
    words = [part.encode("utf-8", "surrogateescape") for part in (*texts.FRAGMENTS, *texts.MARKS)]
    if guide:
        _guided(guide, found, corpus, words, seconds)
    else:
        _mutated(found, corpus, words, seconds)


def _atheris() -> Any:
    if find_spec("atheris") is None:
        return None
    import atheris  # noqa: PLC0415 - where it is installed

    return atheris


def _guided(guide: Any, found: Findings, corpus: Path, words: Sequence[bytes], seconds: int) -> None:
    """Let libFuzzer choose the inputs; it ends the process."""
    dictionary = corpus.parent / "dictionary"
    escaped = ("".join(f"\\x{byte:02x}" for byte in word) for word in words)
    dictionary.write_text("".join(f'"{word}"\n' for word in escaped), encoding="ascii")
    options = {
        "max_total_time": seconds,
        "timeout": PATIENCE,
        "max_len": LONGEST,
        "rss_limit_mb": MEMORY,
        "dict": dictionary,
        "artifact_prefix": f"{corpus.parent}/",
        "print_final_stats": 1,
    }
    guide.Setup([sys.argv[0], *(f"-{key}={value}" for key, value in options.items()), str(corpus)], found.look)
    guide.Fuzz()


def _mutated(found: Findings, corpus: Path, words: Sequence[bytes], seconds: int) -> None:
    """Run seeds with random changes."""
    random, seeds = Random(0), [path.read_bytes() for path in sorted(corpus.iterdir())]

    def stop(*_: object) -> None:
        raise TimeoutError

    signal.signal(signal.SIGALRM, stop)
    ending = time.monotonic() + seconds
    while time.monotonic() < ending:
        signal.alarm(PATIENCE)
        found.look(mutated(random, seeds, words))
    signal.alarm(0)
    sys.stderr.write(f"stat::number_of_executed_units: {found.executions}\n")


def mutated(random: Random, seeds: Sequence[bytes], words: Sequence[bytes]) -> bytes:
    """Return a seed with one to eight changes: a stretch taken out, doubled, or replaced."""
    data = random.choice(seeds)
    for _ in range(random.randint(1, 8)):
        start = random.randint(0, len(data))
        end = min(len(data), start + random.choice((0, 1, 3, 12, 100)))
        other = random.choice(seeds)
        at = random.randint(0, len(other))
        new = random.choice((b"", 2 * data[start:end], random.choice(words), random.randbytes(2), other[at : at + 60]))
        data = (data[:start] + new + data[end:])[:LONGEST]
    return data


def fuzz(name: str, out: Path, seconds: int) -> Row:
    """Fuzz one target in child processes for so many seconds; return what came of it."""
    folder = out / name
    folder.mkdir(parents=True, exist_ok=True)
    for old in (*folder.glob("crash-*"), *folder.glob("hang-*"), *folder.glob("timeout-*"), *folder.glob("story-*")):
        old.unlink()
    row, ending = Row(name), time.monotonic() + seconds
    while (left := round(ending - time.monotonic())) > 0:
        command = [
            sys.executable,
            "-m",
            "tests.fuzz.guided",
            "--child",
            name,
            "--out",
            str(out),
            "--seconds",
            str(left),
        ]
        with (folder / "said.txt").open("wb") as said:
            try:
                done = subprocess.run(command, stderr=said, stdout=said, check=False, timeout=left + RESERVE)
                status = done.returncode
            except subprocess.TimeoutExpired:
                status = 1
        story = (folder / "said.txt").read_text(encoding="utf-8", errors="replace")
        row = _told(row, story)
        if status == 0:
            break
        if not re.search(r"libFuzzer: (?:timeout|out-of-memory|deadly signal)", story):
            sys.stderr.write(story[-2000:])
            return row._replace(crashes=row.crashes + 1)
    crashes = len(list(folder.glob("crash-*"))) + len(list(folder.glob("oom-*")))
    hangs = len(list(folder.glob("hang-*"))) + len(list(folder.glob("timeout-*")))
    return row._replace(crashes=crashes, hangs=hangs)


def _told(row: Row, story: str) -> Row:
    """Return the row with what a child said of itself."""
    executed = re.findall(r"number_of_executed_units: *(\d+)", story) or re.findall(r"^#(\d+)\t", story, re.MULTILINE)
    reached = [int(count) for count in re.findall(r"cov: (\d+)", story)]
    executions = row.executions + int(executed[-1]) if executed else row.executions
    if not reached:
        return row._replace(executions=executions)
    return row._replace(executions=executions, new=row.new + reached[-1] - reached[0], coverage=reached[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=1200, help="for all targets together")
    parser.add_argument("--out", type=Path, default=Path(".fuzz"))
    parser.add_argument("--child", help=argparse.SUPPRESS)
    parser.add_argument("names", nargs="*", metavar="TARGET", help="all without")
    given = parser.parse_args()
    if given.child:
        child(given.child, given.out / given.child, given.seconds)
        return
    from tests.fuzz.targets import TARGETS  # noqa: PLC0415 - a child imports it where coverage is taken

    unknown = sorted(set(given.names) - set(TARGETS))
    if unknown:
        parser.error(f"no target {', '.join(unknown)}; there are {', '.join(TARGETS)}")
    names = given.names or list(TARGETS)
    form = "{:<12} {:>12} {:>13} {:>10} {:>8} {:>6}"
    print(form.format("target", "executions", "new coverage", "coverage", "crashes", "hangs"), flush=True)  # noqa: T201
    rows = []
    for name in names:
        rows.append(fuzz(name, given.out, given.seconds // len(names)))
        print(form.format(*rows[-1]), flush=True)  # noqa: T201
    found = sum(row.crashes + row.hangs for row in rows)
    print(f"{sum(row.executions for row in rows)} executions, {found} findings; they lie in {given.out}")  # noqa: T201
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
