"""The shipped samples: ``python -m tests.damage.samples`` writes them anew from the clean texts.

Three lie in ``data/raw``; those that are spun, masked and signed by sites without a pack in ``tests/golden/spun/raw``.
"""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.damage.characters import opencc_table
from tests.damage.generator import damage
from tests.damage.plan import DamagePlan
from tests.damage.sites import SITES, UNLISTED_SITES
from tests.damage.words import differing

if TYPE_CHECKING:
    from tests.damage.canvas import Damaged

ROOT = Path(__file__).parents[2]
CLEAN = ROOT / "tests" / "golden" / "samples"
RAW = ROOT / "data" / "raw"
SPUN = ROOT / "tests" / "golden" / "spun"
SPUN_RAW = SPUN / "raw"


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one sample is damaged; ``stem`` begins the name of the file in ``clean``, which ``raw`` gets as well."""

    stem: str
    seed: int
    plan: DamagePlan
    clean: Path = CLEAN
    raw: Path = RAW


RECIPES = (
    Recipe(
        "小学班主任",
        20240901,
        DamagePlan(
            typos=0.026,
            half_width=1.0,
            full_width=0.15,
            variants=0.4,
            invisible=0.0012,
            no_break=0.1,
            stray_questions=0.15,
            byte_loss=1.0,
            breaks=0.12,
            merges=0.15,
            junk=0.0008,
            site=SITES[0],
            intro=True,
            footer=True,
            mark_lines=0.04,
            mark_ends=0.06,
            mark_headings=0.5,
            mark_cuts=0.06,
            notices=0.3,
        ),
    ),
    Recipe(
        "护士长",
        20240902,
        DamagePlan(
            encoding="gb18030",
            crlf=True,
            typos=0.028,
            half_width=1.0,
            full_width=0.1,
            variants=0.5,
            invisible=0.0008,
            no_break=0.06,
            stray_questions=0.22,
            bad_bytes=3,
            byte_loss=1.0,
            breaks=0.1,
            merges=0.25,
            junk=0.001,
            site=SITES[1],
            intro=True,
            footer=True,
            mark_lines=0.05,
            mark_ends=0.05,
            mark_headings=0.6,
            mark_cuts=0.05,
            notices=0.3,
        ),
    ),
    # No zero-width characters and no-break spaces: Big5 has neither, they came out as question marks.
    Recipe(
        "物业经理",
        20240903,
        DamagePlan(
            encoding="big5",
            traditional=True,
            typos=0.024,
            half_width=0.9,
            full_width=0.12,
            stray_questions=0.18,
            byte_loss=1.0,
            breaks=0.1,
            merges=0.25,
            junk=0.0008,
            site=SITES[2],
            intro=True,
            footer=True,
            mark_lines=0.04,
            mark_ends=0.06,
            mark_headings=0.5,
            mark_cuts=0.06,
            notices=0.3,
        ),
    ),
)


SPUN_RECIPES = (
    # Spun as the real spinner was seen to do; the next two with any pair of the table.
    Recipe(
        "银行网点",
        20241001,
        DamagePlan(
            typos=0.012,
            synonyms=0.018,
            synonym_class="seen",
            synonyms_unseen=0.005,
            masks=4,
            blanks=0.3,
            insertions=0.0012,
            half_width=1.0,
            breaks=0.05,
            junk=0.0012,
            site=UNLISTED_SITES[0],
            intro=True,
            footer=True,
            mark_lines=0.08,
            mark_ends=0.15,
            mark_headings=0.5,
            mark_cuts=0.1,
            notices=0.2,
            signatures=0.3,
        ),
        SPUN,
        SPUN_RAW,
    ),
    Recipe(
        "仓库管理",
        20241002,
        DamagePlan(
            encoding="gb18030",
            crlf=True,
            typos=0.01,
            synonyms=0.02,
            synonyms_unseen=0.005,
            masks=4,
            blanks=0.2,
            insertions=0.0016,
            half_width=1.0,
            full_width=0.05,
            variants=0.2,
            stray_questions=0.1,
            merges=0.15,
            junk=0.0012,
            site=UNLISTED_SITES[1],
            intro=True,
            footer=True,
            mark_lines=0.08,
            mark_ends=0.12,
            mark_headings=0.6,
            mark_cuts=0.1,
            notices=0.3,
        ),
        SPUN,
        SPUN_RAW,
    ),
    # A light spinner and no wrong characters: the document's habits tell less.
    Recipe(
        "医药销售",
        20241003,
        DamagePlan(
            synonyms=0.009,
            synonyms_unseen=0.004,
            masks=3,
            insertions=0.0012,
            half_width=0.9,
            invisible=0.0006,
            junk=0.0012,
            site=UNLISTED_SITES[2],
            intro=True,
            footer=True,
            mark_lines=0.06,
            mark_ends=0.15,
            mark_headings=0.5,
            mark_cuts=0.1,
            notices=0.3,
        ),
        SPUN,
        SPUN_RAW,
    ),
    # The negative: a site has signed it, and nothing else has happened to it.
    Recipe(
        "幼儿园教师",
        20241004,
        DamagePlan(
            site=UNLISTED_SITES[0],
            intro=True,
            mark_lines=0.06,
            mark_ends=0.12,
            mark_headings=0.5,
            notices=0.15,
        ),
        SPUN,
        SPUN_RAW,
    ),
)


def clean_file(recipe: Recipe) -> Path:
    """Return the clean text of a recipe; raises FileNotFoundError when there is none, or more than one."""
    found = sorted(recipe.clean.glob(f"{recipe.stem}*.txt"))
    if len(found) != 1:
        raise FileNotFoundError(f"{recipe.clean} holds {len(found)} files {recipe.stem}*.txt: one is wanted")
    return found[0]


def raw_file(recipe: Recipe) -> Path:
    """Return where the damaged sample lies."""
    return recipe.raw / clean_file(recipe).name


def make(recipe: Recipe) -> Damaged:
    """Return the damaged sample."""
    text = clean_file(recipe).read_bytes().decode("utf-8")
    return damage(text, recipe.plan, recipe.seed)


def summary(name: str, damaged: Damaged) -> str:
    """Return the counts of a sample, for a person to read."""
    found = [injury for injury in damaged.injuries if injury.cause == "typos"]
    # Traditional forms are no wrong characters: they are counted with the script.
    wrong = sum(differing(opencc_table("t2s").convert(injury.damaged), injury.right) for injury in found)
    counts = Counter(f"{injury.kind}/{injury.cause}" for injury in damaged.injuries)
    head = f"{name}: {damaged.encoding}, {len(damaged.data)} bytes, {len(damaged.original)} clean characters, "
    rate = f"{wrong} wrong ({100 * wrong / len(damaged.original):.2f} in 100)"
    return "\n".join([head + rate, *(f"  {kind:28} {count:6}" for kind, count in sorted(counts.items()))])


def main() -> None:
    """Write the samples and print their counts."""
    for recipe in (*RECIPES, *SPUN_RECIPES):
        path, damaged = raw_file(recipe), make(recipe)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(damaged.data)
        sys.stdout.write(summary(path.stem, damaged) + "\n")


if __name__ == "__main__":
    main()
