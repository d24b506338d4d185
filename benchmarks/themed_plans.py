"""Plans of many professions with the themes written down for each: ``tests/cases/analysis/themes.toml``."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pipeline
from pipeline.analysis.themes import Plan
from tests.mini_plans import MINI_PLANS

TESTS = Path(__file__).parent.parent / "tests"
CASES = TESTS / "cases" / "analysis" / "themes.toml"
SAMPLES = TESTS / "golden" / "samples"


class Themed(NamedTuple):
    """A plan and its themes; ``held``: it was not looked at while the method was made."""

    plan: Plan
    themes: list[str]
    held: bool


def themed_plans() -> list[Themed]:
    """Return the plans in the order of the file."""
    with CASES.open("rb") as stream:
        rows = tomllib.load(stream)["plan"]
    found = []
    for number, row in enumerate(rows):
        if "sample" in row:
            plan = sample_plans(row["sample"])[row["section"] - 1]
        else:
            text = MINI_PLANS[row["mini"]] if "mini" in row else row["text"]
            plan = Plan(f"plan {number:02}", 1, text.partition("\n")[0], text)
        found.append(Themed(plan, row["themes"], row.get("held", False)))
    return found


@cache
def sample_plans(name: str) -> list[Plan]:
    """Return the plans of a sample."""
    document = pipeline.clean((SAMPLES / f"{name}.txt").read_text(encoding="utf-8"), name=name)
    return [Plan(name, s.number, s.title, document.text[s.start : s.end]) for s in document.sections]


def all_plans() -> list[Plan]:
    """Return the themed plans and the others of their samples: a corpus of many professions."""
    samples = [plan for path in sorted(SAMPLES.glob("*.txt")) for plan in sample_plans(path.stem)]
    themed = [one.plan for one in themed_plans()]
    return themed + [plan for plan in samples if plan not in themed]
