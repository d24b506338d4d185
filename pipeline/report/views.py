"""The tables of the analysis as what the pages show: plans, themes, goals, quality."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from pipeline.report.charts import Dots, dots, level, shares
from pipeline.report.damage import per_thousand

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd

    from pipeline.report.data import Material
    from pipeline.report.places import Places

MOST_ROWS = 2_000  # of a table on a page; the rest is in the table's file
MOST_THEMES = 30  # columns of the heat map
MOST_SENTENCES = 3
LEAST_DOTS = 3  # values that make a picture
MOST_UNITS = 12


class Plan(NamedTuple):
    """A plan as every table names it."""

    doc_id: str
    section: int
    title: str
    href: str


class PlanRow(NamedTuple):
    """A line of the table of plans; ``rate`` is edits per 1,000 characters."""

    plan: Plan
    chars: int
    edits: int
    rate: float
    goal_types: tuple[str, ...]
    themes: tuple[str, ...]
    goals: int
    copy_of: str
    quality: float | None


class Theme(NamedTuple):
    """A theme; ``share`` is per cent of the widest spread theme."""

    number: str
    label: str
    terms: tuple[str, ...]
    sentences: tuple[str, ...]
    plans: int
    documents: int
    share: float


class HeatRow(NamedTuple):
    """A plan of the heat map: (weight, shade) per theme."""

    plan: Plan
    cells: list[tuple[float, int]]


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


GOAL_CELLS = ("goal_type", "status", "metric", "comparator", "value", "unit", "period", "quote")


class Spread(NamedTuple):
    """The figures of one base unit on a scale; ``names`` tell each dot."""

    unit: str
    dots: Dots
    names: list[str]


class QualityTable(NamedTuple):
    """Sub-scores per plan: names of the columns, and rows of (plan, (value, shade) per column, faults)."""

    columns: list[str]
    rows: list[tuple[Plan, list[tuple[float | None, int]], tuple[str, ...]]]
    total: int


def plan_of(material: Material, places: Places, doc_id: str, section: int) -> Plan:
    """Return the plan; one that the corpus does not hold is named by its number."""
    title = material.titles.get((doc_id, section), "") or f"{doc_id} {section}"
    return Plan(doc_id, section, title, places.plan(doc_id, section) or places.document(doc_id))


def parts(value: object) -> tuple[str, ...]:
    """Return the values of a cell that joins them by ``;``."""
    return tuple(part.strip() for part in text(value).split(";") if part.strip())


def text(value: object) -> str:
    """Return a cell as text; nothing for a missing value."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    return f"{value:g}" if isinstance(value, float) else str(value)


def number(value: object) -> float | None:
    """Return a cell as a number, None where it is none."""
    try:
        found = float(text(value).replace(",", ""))
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a frame, at most :data:`MOST_ROWS`."""
    return [{str(name): value for name, value in row.items()} for row in frame.head(MOST_ROWS).to_dict("records")]


def plan_rows(material: Material, places: Places) -> list[PlanRow]:
    """Return the plans in the corpus's order, at most :data:`MOST_ROWS`."""
    rows = []
    for row in records(material.table("corpus")):
        plan = plan_of(material, places, row["doc_id"], int(row["section"]))
        edits, raw = int(row.get("n_edits", 0)), int(row["raw_end"]) - int(row["raw_start"])
        rows.append(
            PlanRow(
                plan,
                int(row["chars"]),
                edits,
                per_thousand(edits, raw),
                parts(row["goal_types"]),
                parts(row["themes"]),
                int(number(row["n_goals"]) or 0),
                text(row["duplicate_of"]),
                number(row["quality"]),
            )
        )
    return rows


def themes(material: Material) -> list[Theme]:
    """Return the themes, the most widely spread first; a plan and its copies count once (the table says so)."""
    frame = material.table("themes")
    rows = [
        (int(number(row["n_sections"]) or 0), int(number(row["n_documents"]) or 0), text(row["theme_id"]), row)
        for row in frame.to_dict("records")
    ]
    rows.sort(key=lambda row: (-row[0], -row[1], _natural(row[2])))
    widths = shares([row[0] for row in rows], max((row[0] for row in rows), default=0))
    return [
        Theme(key, text(row["label"]), parts(row["terms"]), _sentences(row.get("sentences", "")), plans, docs, width)
        for (plans, docs, key, row), width in zip(rows, widths, strict=True)
    ]


def _sentences(value: object) -> tuple[str, ...]:
    lines = value if isinstance(value, list | tuple) else text(value).split("\n" if "\n" in text(value) else ";")
    return tuple(str(line).strip() for line in lines if str(line).strip())[:MOST_SENTENCES]


def _natural(key: str) -> tuple[int, str]:
    return (int(key) if key.isdecimal() else -1, key)


def heat(material: Material, places: Places, shown: Sequence[Theme]) -> list[HeatRow]:
    """Return weight and shade of every plan of the corpus in the ``shown`` themes, at most :data:`MOST_ROWS` plans."""
    frame = material.table("section_themes")
    weights: dict[tuple[str, int, str], float] = {}
    for doc_id, section, theme, weight in frame[["doc_id", "section", "theme_id", "weight"]].itertuples(index=False):
        weights[str(doc_id), int(section), text(theme)] = number(weight) or 0.0
    most = max(weights.values(), default=0.0)
    rows = []
    for doc_id, section in _keys(material.table("corpus").head(MOST_ROWS)):
        values = [weights.get((doc_id, section, theme.number), 0.0) for theme in shown]
        cells = [(value, level(value, most)) for value in values]
        rows.append(HeatRow(plan_of(material, places, doc_id, section), cells))
    return rows


def _keys(frame: pd.DataFrame) -> Iterable[tuple[str, int]]:
    return ((str(doc_id), int(section)) for doc_id, section in zip(frame["doc_id"], frame["section"], strict=True))


def goal_types(material: Material) -> list[GoalType]:
    """Return the types of goals that occur, the commonest first."""
    counts: dict[str, Counter[str]] = {}
    plans: dict[str, set[tuple[str, int]]] = {}
    frame = material.table("goals")
    for doc_id, section, kind, status in frame[["doc_id", "section", "goal_type", "status"]].itertuples(index=False):
        counts.setdefault(text(kind), Counter())[text(status)] += 1
        plans.setdefault(text(kind), set()).add((str(doc_id), int(section)))
    most = max((row.total() for row in counts.values()), default=0)
    found = []
    for kind, row in counts.items():
        planned, achieved = row["planned"], row["achieved"]
        other = row.total() - planned - achieved
        widths = shares([planned, achieved, other], most)
        found.append(GoalType(kind, planned, achieved, other, len(plans[kind]), widths))
    return sorted(found, key=lambda row: (-(row.planned + row.achieved + row.other), row.goal_type))


def goals(material: Material, places: Places) -> list[Goal]:
    """Return the goals and figures in the table's order, at most :data:`MOST_ROWS`."""
    rows = []
    for row in records(material.table("goals")):
        plan = plan_of(material, places, str(row["doc_id"]), int(row["section"]))
        start, base = number(row.get("start")), number(row.get("value_base"))
        href = "" if start is None else places.character(plan.doc_id, int(start))
        cells = {name: text(row.get(name, "")) for name in GOAL_CELLS}
        rows.append(Goal(plan, href or plan.href, size=number(row["value"]) if base is None else base, **cells))
    return rows


def spreads(material: Material) -> list[Spread]:
    """Return the figures of the commonest base units, each on its scale; units of fewer than three are left out."""
    frame = material.table("goals")
    if not {"value_base", "unit_base"} <= set(frame.columns):
        return []
    units: dict[str, list[tuple[float, str]]] = {}
    for row in frame.to_dict("records"):
        value, unit = number(row["value_base"]), text(row["unit_base"])
        if unit and value is not None and value > 0:
            units.setdefault(unit, []).append(
                (value, " ".join(text(row[n]) for n in ("metric", "comparator", "quote")))
            )
    ranked = sorted(units.items(), key=lambda item: (-len(item[1]), item[0]))
    return [
        Spread(unit, dots([value for value, _ in found]), [name for _, name in found])
        for unit, found in ranked[:MOST_UNITS]
        if len(found) >= LEAST_DOTS
    ]


def quality(material: Material, places: Places) -> QualityTable:
    """Return the numeric columns of the table ``quality`` and its faults, per plan."""
    frame = material.table("quality")
    columns = [
        str(name)
        for name in frame.columns
        if name not in {"doc_id", "section", "faults"} and all(number(cell) is not None for cell in frame[name])
    ]
    most = {name: max((number(cell) or 0.0 for cell in frame[name]), default=0.0) for name in columns}
    rows = []
    for row in records(frame):
        plan = plan_of(material, places, str(row["doc_id"]), int(row["section"]))
        cells = [(number(row[name]), level(number(row[name]) or 0.0, most[name])) for name in columns]
        rows.append((plan, cells, parts(row.get("faults", ""))))
    return QualityTable(columns, rows, len(frame))
