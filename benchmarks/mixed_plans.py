"""Clean compilations without end for corpora of any size.

``bulk``: every plan is made of paragraphs of the samples in a new order, so that each repeats many others: the worst
case for copies. ``mixed``: of every ten documents one is such a one; the plans of the others are made of clauses of
clean text in random order, which no two share, with sentences of the samples between them, so that there are goals and
figures to find.
"""

from __future__ import annotations

from functools import cache
from random import Random
from typing import TYPE_CHECKING

from benchmarks import bench_copies
from tests.damage.bulk import Source, compile_document, take_apart
from tests.damage.marks import numeral
from tests.damage.samples import Recipe, clean_file

if TYPE_CHECKING:
    from collections.abc import Sequence

PLANS = 50  # of a compilation
PLAN_CHARS = (450, 900)  # with headings about 2,000 bytes of UTF-8
REPEATING = 10  # of so many mixed compilations one repeats others
TAKEN = 0.15  # share of the paragraphs that are taken from a sample
LONGEST = 120  # characters of a paragraph


def compilation(number: int, kind: str, recipes: Sequence[Recipe]) -> str:
    """Return the compilation of a number, about one of the recipes' samples; :data:`PLANS` plans."""
    rng, source = Random(f"{kind} {number}"), _source(recipes[number % len(recipes)])
    if kind == "bulk" or number % REPEATING == 0:
        return compile_document(source, rng, chars=PLANS * sum(PLAN_CHARS) // 2, plan_chars=PLAN_CHARS)
    lines = [source.title]
    for plan in range(1, PLANS + 1):
        lines += [f"{source.title[:20]} 篇{numeral(plan)}", *_paragraphs(source, rng)]
    return "\n".join(lines) + "\n"


def _paragraphs(source: Source, rng: Random) -> list[str]:
    pool, lines, left = _clauses(), list[str](), rng.randint(*PLAN_CHARS)
    while left > 0:
        made = "".join(rng.choice(pool) + rng.choice(bench_copies.STOPS) for _ in range(4)).replace("\n", "")
        paragraph = rng.choice(rng.choice(source.plans)) if rng.random() < TAKEN else made
        lines.append(paragraph[:LONGEST])
        left -= len(lines[-1])
    return lines


@cache
def _source(recipe: Recipe) -> Source:
    return take_apart(clean_file(recipe).read_text(encoding="utf-8"))


@cache
def _clauses() -> list[str]:
    return bench_copies.clauses()
