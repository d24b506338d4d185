"""Corpora of spun plans of any size: ``python -m benchmarks.spun_corpus --plans 10000 --form rows --out DIR``.

Mixed compilations (:mod:`benchmarks.mixed_plans`) are damaged as the spun samples of the tests are. They come as files,
``compilations``, or cut at the headings of their plans as ``rows`` of .jsonl.zst, a plan each. The same number of plans
gives the same bytes; a larger corpus begins with a smaller one. A compilation lies in memory at a time.
"""

from __future__ import annotations

import argparse
import hashlib
import inspect
import multiprocessing
import shutil
import tempfile
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import zstandard

from benchmarks import mixed_plans
from pipeline.export.json_lines import to_line
from tests.damage.generator import damage
from tests.damage.layout import lines_of
from tests.damage.samples import SPUN_RECIPES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.damage.canvas import Damaged

FORMS = ("rows", "compilations")
LOT = 100  # compilations that one process makes at a time, and whose plans are the rows of one file
PROCESSES = 2
SPUN = tuple(recipe for recipe in SPUN_RECIPES if recipe.plan.synonyms)


def corpus(plans: int, form: str) -> Path:
    """Return the folder of a corpus of about so many plans, made once for this version of the generator."""
    about = "".join(inspect.getsource(module) for module in (mixed_plans, inspect.getmodule(damage)))
    digest = hashlib.sha256(
        repr((about, [(recipe.stem, recipe.plan) for recipe in SPUN], LOT, plans, form)).encode()
    ).hexdigest()[:16]
    folder = Path(tempfile.gettempdir()) / "qinggao-benchmarks" / f"{form}-{plans}-{digest}"
    if not folder.exists():
        folder.parent.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as place:
            made = Path(place) / "made"
            write(plans, form, made)
            made.replace(folder)
    return folder


def write(plans: int, form: str, folder: Path) -> None:
    """Write a corpus into a new folder."""
    folder.mkdir(parents=True)
    numbers = range(-(-plans // mixed_plans.PLANS))
    lots = [numbers[at : at + LOT] for at in range(0, len(numbers), LOT)]
    with multiprocessing.Pool(PROCESSES) as pool:
        for _ in pool.imap_unordered(partial(_WRITERS[form], folder), lots):
            pass


def _write_compilations(folder: Path, numbers: range) -> None:
    for number in numbers:
        (folder / f"compilation-{number:06}.txt").write_bytes(spun(number).data)


def _write_rows(folder: Path, numbers: range) -> None:
    packer = zstandard.ZstdCompressor()
    with (folder / f"plans-{numbers[0]:06}.jsonl.zst").open("wb") as file, packer.stream_writer(file) as lines:
        for number in numbers:
            for plan, text in enumerate(_cut(spun(number)), 1):
                lines.write(to_line({"id": f"{number:06}-{plan:02}", "text": text}))


_WRITERS: dict[str, Callable[[Path, range], None]] = {"rows": _write_rows, "compilations": _write_compilations}


def spun(number: int) -> Damaged:
    """Return a compilation of spun plans with what was done to it."""
    return damage(mixed_plans.compilation(number, "mixed", SPUN), SPUN[number % len(SPUN)].plan, number)


def _cut(damaged: Damaged) -> Iterator[str]:
    """Yield the damaged text of each plan; what stands before the first belongs to it."""
    headings = [line.start for line in lines_of(damaged.original) if line.heads_plan]
    cuts, shift, injuries = [], 0, iter(damaged.injuries)
    injury = next(injuries, None)
    for start in headings[1:]:
        while injury and injury.offset - shift < start:
            shift += len(injury.damaged) - len(injury.right)
            injury = next(injuries, None)
        cuts.append(start + shift)
    for start, end in pairwise([0, *cuts, len(damaged.text)]):
        yield damaged.text[start:end].strip()


def main() -> None:
    """Read the options and write a corpus."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--plans", type=int, default=10_000)
    parser.add_argument("--form", choices=FORMS, default="rows")
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    shutil.copytree(corpus(given.plans, given.form), given.out)


if __name__ == "__main__":
    main()
