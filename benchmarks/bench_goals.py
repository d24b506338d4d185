"""Quality and speed of the analysis: goals, their types and numeric targets.

usage: bench_goals.py [--json] [--show]

The real document is cleaned and its goals are compared with the gold of its plans 1–5; the gold lies beside the
checkout in ``../shared`` and is no part of the project. Plans of other professions, written for the tests, are compared
whole: what the analysis finds beyond them counts as false.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import sys
import time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

import pipeline
from pipeline.analysis.goal_types import shipped_model
from pipeline.analysis.goals import Goal, find_goals

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.model import Document

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared"
CASES = ROOT / "tests" / "cases" / "analysis" / "plans.jsonl"
SAMPLES = ROOT / "tests" / "golden" / "samples"
PLANS = 5  # of the real document that the gold covers
NUMBER = re.compile(r"[0-9０-９]+(?:\.[0-9]+)?")

Figures = dict[str, int | float]


class Row(NamedTuple):
    """A goal with its place in the source text."""

    start: int
    end: int
    goal: Goal


class Wanted(NamedTuple):
    """A row of the gold."""

    start: int
    end: int
    text: str
    goal_type: str
    value: float | None
    unit: str
    status: str

    @property
    def written(self) -> bool:
        """Whether the row has a figure that stands in the text, a date and the 20/80 rule left out."""
        shown = "" if self.value is None else f"{self.value:.6f}".rstrip("0").rstrip(".")
        return shown != "" and shown in self.text and "20/80" not in self.text and not re.search(r"\d+日", self.text)


def number(written: str) -> float | None:
    match = NUMBER.search(written)
    return float(match[0]) if match else None


def first_word(unit: str) -> str:
    """Return the unit before /, 个 without its noun: 个小组 and 个 are one."""
    word = unit.partition("/")[0]
    return "个" if word.startswith("个") and word not in {"个月", "个百分点"} else word


@cache
def real_document() -> Document:
    path = next((SHARED / "raw").glob("*.txt"))
    return pipeline.clean(path.read_bytes(), name=path.stem)


@cache
def real_rows() -> list[Row]:
    """Return the goals of plans 1–5 of the real document."""
    document, model, rows = real_document(), shipped_model(), []
    for section in document.sections[:PLANS]:
        goals = find_goals(document.text[section.start : section.end], model)
        start = np.array([goal.start + section.start for goal in goals], np.int64)
        end = np.array([goal.end + section.start for goal in goals], np.int64)
        low, high = document.to_source(start, end)
        rows += [Row(*row) for row in zip(low.tolist(), high.tolist(), goals, strict=True)]
    return rows


@cache
def gold() -> list[Wanted]:
    lines = real_document().source_text.split("\n")
    starts = np.cumsum([0, *(len(line) + 1 for line in lines)]).tolist()
    wanted = []
    with (SHARED / "gold" / "goals.tsv").open(encoding="utf-8") as stream:
        for row in csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE):
            at = starts[int(row["line"]) - 1] + int(row["col"])
            wanted.append(
                Wanted(
                    at,
                    at + len(row["text"]),
                    row["text"],
                    row["goal_type"],
                    number(row["value"]),
                    row["unit"],
                    row["status"],
                )
            )
    return wanted


def best(wanted: Wanted, rows: list[Row]) -> Row | None:
    """Return the row that overlaps most, of equals the shortest."""
    found = [
        (min(wanted.end, row.end) - max(wanted.start, row.start), row.start - row.end, row.start, row) for row in rows
    ]
    hits = [hit for hit in found if hit[0] > 0]
    return max(hits, key=lambda hit: hit[:3])[3] if hits else None


def figure_right(wanted: Wanted, row: Row | None) -> bool:
    if row is None or number(row.goal.value) != wanted.value:
        return False
    return first_word(row.goal.unit) == first_word(wanted.unit)


def against_gold() -> Figures:
    """Return how much of the gold is found, and how much of what is found is in it."""
    rows, wanted = real_rows(), gold()
    hits = [(one, best(one, rows)) for one in wanted]
    figures = [row for row in rows if row.goal.value]
    written = [one for one in wanted if one.written]
    right = sum(figure_right(one, best(one, rows)) for one in written)
    meant = [one for one in wanted if one.value is not None]
    known = sum(
        any(figure_right(one, row) for one in meant if one.start < row.end and row.start < one.end) for row in figures
    )
    found = [(one, row.goal) for one, row in hits if row]
    return {
        "figures written in the text": len(written),
        "value and unit right, recall": right / len(written),
        "value and unit right, precision": known / len(figures),
        "goals": len(wanted),
        "goals found": len(found) / len(wanted),
        "type right": sum(goal.goal_type == one.goal_type for one, goal in found) / len(found),
        "status right": sum(goal.status == one.status for one, goal in found) / len(found),
        "rows of the analysis": len(rows),
    }


def own_plans() -> Iterator[tuple[list[dict[str, str]], list[Goal]]]:
    """Yield what is wanted and found in each plan of the tests."""
    for line in CASES.read_text(encoding="utf-8").splitlines():
        plan = json.loads(line)
        yield plan["goals"], find_goals(plan["text"], shipped_model())


def matches(wanted: list[dict[str, str]], goals: list[Goal]) -> list[tuple[dict[str, str], Goal]]:
    """Return the pairs of a goal wanted and the goal found whose quote shares its words."""
    pairs, left = [], list(goals)
    for one in wanted:
        same = [g for g in left if (one["words"] in g.quote or g.quote in one["words"]) and g.value == one["value"]]
        if same:
            pairs.append((one, same[0]))
            left.remove(same[0])
    return pairs


def against_own() -> Figures:
    """Return recall, precision, types, units and statuses over the plans of the tests."""
    plans = [(wanted, goals, matches(wanted, goals)) for wanted, goals in own_plans()]
    pairs = [pair for _, _, found in plans for pair in found]
    wanted, rows = sum(len(w) for w, _, _ in plans), sum(len(g) for _, g, _ in plans)
    return {
        "goals": wanted,
        "goals found": len(pairs) / wanted,
        "rows that are goals": len(pairs) / rows,
        "type right": sum(goal.goal_type == one["goal_type"] for one, goal in pairs) / len(pairs),
        "status right": sum(goal.status == one["status"] for one, goal in pairs) / len(pairs),
        "unit right": sum(goal.unit == one["unit"] for one, goal in pairs) / len(pairs),
    }


def speed() -> Figures:
    """Return characters a second on one core, best of five runs over the samples."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(SAMPLES.glob("*.txt"))]
    sections = [text[at : at + 2000] for text in texts for at in range(0, len(text), 2000)]
    seconds = []
    for _ in range(5):
        began = time.process_time()
        for section in sections:
            find_goals(section, shipped_model())
        seconds.append(time.process_time() - began)
    return {"goals and targets": sum(map(len, sections)) / min(seconds)}


def misses() -> Iterator[str]:
    """Yield what is missed, of another type, or beside what was wanted."""
    rows = real_rows()
    for one in gold():
        row = best(one, rows)
        if row is None:
            yield f"gold\tmissed\t{one.text}\t{one.goal_type}"
        elif row.goal.goal_type != one.goal_type:
            yield f"gold\ttype {row.goal.goal_type} ({row.goal.confidence})\t{one.text}\t{one.goal_type}"
        if one.written and not figure_right(one, row):
            yield f"gold\tfigure {row and row.goal.value} {row and row.goal.unit}\t{one.text}\t{one.value} {one.unit}"
    for wanted, goals in own_plans():
        pairs = matches(wanted, goals)
        yield from (f"own\tmissed\t{one['words']}" for one in wanted if one not in [pair[0] for pair in pairs])
        yield from (f"own\tfalse\t{goal.quote}" for goal in goals if goal not in [pair[1] for pair in pairs])
        for one, goal in pairs:
            if goal.goal_type != one["goal_type"]:
                yield f"own\ttype {goal.goal_type} ({goal.confidence})\t{goal.quote}\t{one['goal_type']}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--show", action="store_true", help="only list what went wrong")
    given = parser.parse_args()
    if not (SHARED / "gold").is_dir():
        sys.exit("the real document and its gold lie beside the checkout in ../shared, which is not here")
    if given.show:
        print("\n".join(misses()))
        return
    figures: dict[str, Any] = {
        "real document": against_gold(),
        "plans of other professions": against_own(),
        "characters/s on one core": speed(),
    }
    if given.json:
        print(json.dumps(figures, indent=1))
        return
    for title, rows in figures.items():
        print(title)
        for name, value in rows.items():
            print(f"  {name:<52} {value:>10,.0f}" if value > 1 else f"  {name:<52} {value:>10.3f}")


if __name__ == "__main__":
    main()
