"""Hostile text: whether the time of every stage grows with the length of text that was made to be slow.

usage: bench_hostile.py [--size 100000] [--within 120] [TRAP…]

Every trap of ``tests/fuzz/traps.py`` goes the whole way twice, the second time four times as long, in a process of its
own. Growth is the time ratio over four: 1 is linear, above 1.5 is flagged, as is less than 5,000 characters/s.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import sys
import time
from typing import TYPE_CHECKING, Any, NamedTuple

from pipeline import route
from pipeline.analysis.quality import assess
from pipeline.engines import rare_collection
from pipeline.knowledge import Knowledge
from pipeline.profile import Profile
from pipeline.rules.recurrence import MarkEvidence
from pipeline.settings import Settings
from pipeline.stages import analyse, decode, split
from pipeline.stages.read import RawDocument
from pipeline.ways import alone
from tests.fuzz.traps import traps

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection

    from pipeline.model import Document

LONGER = 4
MOST_GROWTH, LEAST_SPEED = 1.5, 5_000
NOTICED = 0.5  # seconds: what takes less is not judged by its growth
STAGES = ("decode", "sites", "learn", *route.TEXT_STAGES, "settle", "split", "analyse", "assess")


class Measured(NamedTuple):
    """Seconds of processor time by stage, characters, and peak memory (MB) of one text."""

    seconds: dict[str, float]
    chars: int
    peak: float

    @property
    def total(self) -> float:
        """Seconds of all stages."""
        return sum(self.seconds.values())


def measure(text: str, knowledge: Knowledge) -> Measured:
    """Take one text the whole way, as :func:`pipeline.clean` does."""
    seconds = dict.fromkeys(STAGES, 0.0)

    def timed(stage: str, call: Callable[..., Any], *given: Any) -> Any:
        began = time.process_time()
        result = call(*given)
        seconds[stage] += time.process_time() - began
        return result

    raw = RawDocument.from_bytes("hostile", text.encode("utf-8", "surrogateescape"))
    document: Document = timed("decode", decode.to_document, raw)
    source = document.source_text
    marks, profile = MarkEvidence(), Profile()
    marks.add(timed("sites", alone, route.sighting(decode.to_document(raw), knowledge)))
    knowledge = knowledge.taught(sites=timed("sites", knowledge.learn_sites, marks))
    profile.add(timed("learn", alone, route.observing(decode.to_document(raw), knowledge)))
    knowledge = knowledge.taught(learned=timed("learn", knowledge.learn, profile))
    for stage in route.TEXT_STAGES:
        timed(stage, alone, route.revising(document, stage, knowledge))
    timed("settle", alone, route.settling(document, knowledge))
    timed("split", split.run, document)
    timed("analyse", analyse.run, document, knowledge.goal_types)
    for section in document.sections:
        units = [unit for unit in document.units if unit.section == section.number]
        timed("assess", assess, document.text[section.start : section.end], units)
    return Measured(seconds, len(source), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def _answer(there: Connection, text: str, knowledge: Knowledge) -> None:
    with rare_collection():  # as runs do
        there.send(measure(text, knowledge))


def apart(text: str, knowledge: Knowledge, within: float) -> Measured | None:
    """Measure in a process of its own; None where it took too long."""
    forked = multiprocessing.get_context("fork")
    here, there = forked.Pipe(duplex=False)
    child = forked.Process(target=_answer, args=(there, text, knowledge))
    child.start()
    there.close()
    try:
        return here.recv() if here.poll(within) else None
    except EOFError:
        return None
    finally:
        child.kill()
        child.join()


def compare(name: str, short: Measured | None, long: Measured | None) -> bool:
    """Print the row of a trap and what is wrong with it; return whether nothing is."""
    if short is None or long is None:
        print(f"{name[:32]:<32} too slow, or failed, at the {'long' if short else 'short'} size", flush=True)
        return False
    growth = {
        stage: (long.seconds[stage] / max(short.seconds[stage], 1e-9)) * short.chars / long.chars
        for stage in STAGES
        if long.seconds[stage] > NOTICED
    }
    whole, speed = long.total / short.total * short.chars / long.chars, long.chars / long.total
    steep = [f"{stage} × {growth[stage]:.1f}" for stage in growth if growth[stage] > MOST_GROWTH]
    slowest = max(STAGES, key=long.seconds.__getitem__)
    flags = [*steep, *(["slow"] if speed < LEAST_SPEED else [])]
    print(
        f"{name[:32]:<32} {long.chars:>9,} {speed:>11,.0f} {whole:>7.2f} {long.peak:>7,.0f}  "
        f"{slowest} {long.seconds[slowest]:.2f} s  {'; '.join(flags)}",
        flush=True,
    )
    return not flags


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=100_000, help="characters of the shorter text")
    parser.add_argument("--within", type=float, default=120, help="seconds that one text may take")
    parser.add_argument("names", nargs="*", metavar="TRAP", help="parts of the names of traps; all without")
    given = parser.parse_args()
    knowledge = Knowledge(Settings())
    knowledge.check()
    measure("为了题高服务质量,我们努厉工作.", knowledge)
    print(f"{'trap':<32} {'chars':>9} {'characters/s':>11} {'growth':>7} {'MB':>7}  slowest stage, flags")
    short, long = traps(given.size), traps(LONGER * given.size)
    names = [name for name in short if not given.names or any(part in name for part in given.names)]
    good = [compare(name, *(apart(texts[name], knowledge, given.within) for texts in (short, long))) for name in names]
    print(f"{sum(good)} of {len(good)} traps grow with their length")
    sys.exit(0 if all(good) else 1)


if __name__ == "__main__":
    main()
