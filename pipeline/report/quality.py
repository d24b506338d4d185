"""The quality of the plans as the page shows it: what costs points, how plans are spread, the scores of each plan."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from pipeline.analysis.quality import WEIGHTS
from pipeline.model import KINDS
from pipeline.report.cells import Plan, number, parts, plan_of, records, text
from pipeline.report.charts import level, shares

if TYPE_CHECKING:
    import pandas as pd

    from pipeline.report.data import Material
    from pipeline.report.places import Places

FULL = 100.0  # points; the table holds 0…1
BIN = 10  # points that a bar of the spread spans


class Loss(NamedTuple):
    """What a sub-score costs a plan on average, in points of the whole; ``share`` is per cent of the dearest."""

    name: str
    points: float
    share: float


class Bin(NamedTuple):
    """How many plans have ``low`` to ``high`` points; ``share`` is per cent of the fullest bin."""

    low: int
    high: int
    plans: int
    share: float


class PlanQuality(NamedTuple):
    """A plan: points in all and (points, shade) of each sub-score, what is counted, (rate, shade) of each kind.

    Shades are the darker the worse; rates are edits per 1,000 characters.
    """

    plan: Plan
    points: float
    scores: list[tuple[float, int]]
    suggestions: int
    masks: int
    copied: float
    faults: tuple[str, ...]
    rates: list[tuple[float, int]]


class Quality(NamedTuple):
    """The page: names of sub-scores and kinds, the mean in points, and the rows of its tables of ``total``."""

    names: list[str]
    kinds: list[str]
    mean: float
    losses: list[Loss]
    spread: list[Bin]
    rows: list[PlanQuality]
    total: int


def quality(material: Material, places: Places) -> Quality:
    """Return the quality of the plans; the kinds are those of which any plan has damage."""
    frame = material.table("quality")
    kinds = [kind for kind in KINDS if f"{kind}_per_1000" in frame.columns and max(_rates(frame, kind), default=0) > 0]
    most = {kind: max(_rates(frame, kind), default=0.0) for kind in kinds}
    points = [_points(cell) for cell in frame["quality"]]
    rows = []
    for row in records(frame):
        plan = plan_of(material, places, str(row["doc_id"]), int(row["section"]))
        scores = [_points(row[f"{name}_score"]) for name in WEIGHTS]
        rates = [number(row[f"{kind}_per_1000"]) or 0.0 for kind in kinds]
        rows.append(
            PlanQuality(
                plan,
                _points(row["quality"]),
                [(score, level(FULL - score, FULL)) for score in scores],
                int(number(row["n_suggestions"]) or 0),
                int(number(row["n_masks"]) or 0),
                number(row["copied_share"]) or 0.0,
                parts(text(row["faults"])),
                [(rate, level(rate, most[kind])) for kind, rate in zip(kinds, rates, strict=True)],
            )
        )
    mean = sum(points) / len(points) if points else 0.0
    return Quality(list(WEIGHTS), kinds, mean, _losses(frame), _spread(points), rows, len(frame))


def _points(cell: object) -> float:
    return FULL * (number(cell) or 0.0)


def _rates(frame: pd.DataFrame, kind: str) -> list[float]:
    return [number(cell) or 0.0 for cell in frame[f"{kind}_per_1000"]]


def _losses(frame: pd.DataFrame) -> list[Loss]:
    """Return what each sub-score costs, the dearest first."""
    count = max(1, len(frame))
    lost = {
        name: weight * sum(FULL - _points(cell) for cell in frame[f"{name}_score"]) / count
        for name, weight in WEIGHTS.items()
    }
    widths = shares(list(lost.values()), max(lost.values()))
    losses = [Loss(name, points, width) for (name, points), width in zip(lost.items(), widths, strict=True)]
    return sorted(losses, key=lambda loss: -loss.points)


def _spread(points: list[float]) -> list[Bin]:
    """Return the bins from the highest to the lowest that holds a plan."""
    counts = Counter(min(int(value + 1e-9) // BIN, int(FULL) // BIN - 1) for value in points)
    most = max(counts.values(), default=0)
    if not counts:
        return []
    bins = range(max(counts), min(counts) - 1, -1)
    return [
        Bin(BIN * at, BIN * at + BIN - (at < FULL // BIN - 1), counts[at], width)
        for at, width in zip(bins, shares([counts[at] for at in bins], most), strict=True)
    ]
