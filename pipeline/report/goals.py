"""The goals as the pages show them: counts by type, a table, and the figures of a unit on a scale."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from pipeline.report.cells import Plan, number, plan_of, records, text
from pipeline.report.charts import Dots, dots, shares

if TYPE_CHECKING:
    import pandas as pd

    from pipeline.report.data import Material, PlanKey
    from pipeline.report.places import Places

LEAST_DOTS = 3  # values that make a picture
MOST_DOTS = 300
MOST_UNITS = 6
FIGURE = frozenset({"value_base", "unit_base"})
GOAL_CELLS = ("goal_type", "status", "metric", "comparator", "value", "unit", "period", "quote")


class GoalType(NamedTuple):
    """Goals of a type: planned, achieved and others, in how many plans; the shares are per cent of the commonest."""

    goal_type: str
    planned: int
    achieved: int
    other: int
    plans: int
    shares: list[float]


class Goal(NamedTuple):
    """A goal or figure; ``size`` sorts it among figures of its unit."""

    plan: Plan
    href: str
    size: float | None
    goal_type: str
    status: str
    metric: str
    comparator: str
    value: str
    unit: str
    period: str
    quote: str


class Spread(NamedTuple):
    """The figures of one base unit on a scale, ``total`` of them; each dot has a name and a status."""

    unit: str
    total: int
    dots: Dots
    names: list[str]
    statuses: list[str]


class GoalTables(NamedTuple):
    """Goals with a figure and those without, the first of each; and how many there are of each."""

    figures: list[Goal]
    others: list[Goal]
    total_figures: int
    total_others: int


def goal_types(material: Material) -> list[GoalType]:
    """Return the types of goals that occur, the commonest first; goals of copied plans count once."""
    counts: dict[str, Counter[str]] = {}
    plans: dict[str, set[PlanKey]] = {}
    frame = material.table("goals")
    for doc_id, section, kind, status in frame[["doc_id", "section", "goal_type", "status"]].itertuples(index=False):
        key = (str(doc_id), int(section))
        if key not in material.copies:
            counts.setdefault(text(kind), Counter())[text(status)] += 1
            plans.setdefault(text(kind), set()).add(key)
    most = max((row.total() for row in counts.values()), default=0)
    found = []
    for kind, row in counts.items():
        planned, achieved = row["planned"], row["achieved"]
        other = row.total() - planned - achieved
        widths = shares([planned, achieved, other], most)
        found.append(GoalType(kind, planned, achieved, other, len(plans[kind]), widths))
    return sorted(found, key=lambda row: (-(row.planned + row.achieved + row.other), row.goal_type))


def goals(material: Material, places: Places) -> GoalTables:
    """Return the goals in the table's order, at most :data:`MOST_ROWS` with a figure and as many without."""
    frame = material.table("goals")
    figures = frame["value"].map(text) != ""
    found, others = frame[figures], frame[~figures]
    return GoalTables(_rows(material, places, found), _rows(material, places, others), len(found), len(others))


def _rows(material: Material, places: Places, frame: pd.DataFrame) -> list[Goal]:
    rows = []
    for row in records(frame):
        plan = plan_of(material, places, str(row["doc_id"]), int(row["section"]))
        start, base = number(row.get("start")), number(row.get("value_base"))
        href = "" if start is None else places.character(plan.doc_id, int(start))
        cells = {name: text(row.get(name, "")) for name in GOAL_CELLS}
        rows.append(Goal(plan, href or plan.href, size=number(row["value"]) if base is None else base, **cells))
    return rows


def spreads(material: Material) -> list[Spread]:
    """Return the figures of the commonest base units, each on its scale; units of fewer than three are left out.

    Figures of copied plans count once; of very many, those at even distances in their order are drawn.
    """
    frame = material.table("goals")
    if not set(frame.columns) >= FIGURE:
        return []
    units: dict[str, list[tuple[float, str, str]]] = {}
    columns = ["doc_id", "section", "value_base", "unit_base", "quote", "status"]
    for doc_id, section, cell, unit_cell, quote, status in frame[columns].itertuples(index=False):
        value, unit = number(cell), text(unit_cell)
        if unit and value is not None and value > 0 and (str(doc_id), int(section)) not in material.copies:
            units.setdefault(unit, []).append((value, text(quote), text(status)))
    ranked = sorted(units.items(), key=lambda item: (-len(item[1]), item[0]))
    return [_spread(unit, found) for unit, found in ranked[:MOST_UNITS] if len(found) >= LEAST_DOTS]


def _spread(unit: str, figures: list[tuple[float, str, str]]) -> Spread:
    ranked = sorted(figures)
    if len(ranked) > MOST_DOTS:
        ranked = [ranked[round(at * (len(ranked) - 1) / (MOST_DOTS - 1))] for at in range(MOST_DOTS)]
    values, names, statuses = (list(column) for column in zip(*ranked, strict=True))
    return Spread(unit, len(figures), dots(values), names, statuses)
