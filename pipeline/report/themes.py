"""The themes as the pages show them: a list, and the heat map of themes by plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pipeline.report.cells import MOST_ROWS, Plan, number, parts, plan_of, text
from pipeline.report.charts import level, shares

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.report.data import Material
    from pipeline.report.places import Places

MOST_THEMES = 30  # columns of the heat map
MOST_SENTENCES = 3


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
        Theme(key, text(row["label"]), parts(row["terms"]), _sentences(row.get("sentences")), plans, docs, width)
        for (plans, docs, key, row), width in zip(rows, widths, strict=True)
    ]


def _sentences(value: object) -> tuple[str, ...]:
    return tuple(line.strip() for line in text(value).split("\n") if line.strip())[:MOST_SENTENCES]


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
    for doc_id, section in list(material.titles)[:MOST_ROWS]:
        values = [weights.get((doc_id, section, theme.number), 0.0) for theme in shown]
        cells = [(value, level(value, most)) for value in values]
        rows.append(HeatRow(plan_of(material, places, doc_id, section), cells))
    return rows
