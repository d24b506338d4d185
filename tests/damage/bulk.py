"""Many damaged documents for benchmarks: ``python -m tests.damage.bulk --megabytes 20 --out DIR``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from tests.damage.generator import damage
from tests.damage.layout import lines_of
from tests.damage.marks import numeral
from tests.damage.samples import RECIPES, clean_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tests.damage.canvas import Damaged

FILE_CHARS = 33_000  # about 100 KB of UTF-8
PLAN_CHARS = (1_500, 4_000)
MOST_PLANS = 99  # numerals go no further


class Source(NamedTuple):
    """A clean compilation taken apart: its title and the paragraphs of each plan."""

    title: str
    plans: tuple[tuple[str, ...], ...]


def take_apart(text: str) -> Source:
    """Return the title and the plans' paragraphs, headings left out."""
    title, *rest = lines_of(text)
    plans: list[list[str]] = [[]]
    for line in rest:
        if line.heads_plan:
            plans.append([])
        else:
            plans[-1].append(line.text)
    return Source(title.text, tuple(tuple(plan) for plan in plans if plan))


def compile_document(
    source: Source, rng: Random, chars: int = FILE_CHARS, plan_chars: tuple[int, int] = PLAN_CHARS
) -> str:
    """Return a clean compilation of about ``chars`` characters: the same paragraphs in a new order."""
    lines, length = [source.title], 0
    for number in range(1, MOST_PLANS + 1):
        lines.append(f"{source.title[:20]} 篇{numeral(number)}")
        wanted = rng.randint(*plan_chars)
        while wanted > 0 and length < chars:
            paragraphs = rng.choice(source.plans)
            # A run of neighbours keeps some of the order that headings and numbering have.
            start = rng.randrange(len(paragraphs))
            run = paragraphs[start : start + rng.randint(2, 8)]
            lines += run
            wanted -= sum(map(len, run))
            length += sum(map(len, run))
        if length >= chars:
            break
    return "\n".join(lines) + "\n"


def documents(sources: list[str], seed: int = 0) -> Iterator[Damaged]:
    """Yield damaged documents without end; the plans of the samples take turns."""
    parts = [take_apart(text) for text in sources]
    number = seed
    while True:
        rng = Random(f"bulk {number}")
        at = number % len(parts)
        yield damage(compile_document(parts[at], rng), RECIPES[at % len(RECIPES)].plan, number)
        number += 1


def write(found: Iterable[Damaged], size: int, out: Path) -> int:
    """Write documents until they hold ``size`` bytes; return how many there are."""
    out.mkdir(parents=True, exist_ok=True)
    written = count = 0
    for document in found:
        if written >= size:
            break
        count += 1
        (out / f"bulk-{count:05}.txt").write_bytes(document.data)
        written += len(document.data)
    return count


def main() -> None:
    """Read the options and write the documents."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=float, default=20.0)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    sources = [clean_file(recipe).read_bytes().decode("utf-8") for recipe in RECIPES]
    count = write(documents(sources, options.seed), round(options.megabytes * 1_000_000), options.out)
    sys.stdout.write(f"{count} documents in {options.out}\n")


if __name__ == "__main__":
    main()
