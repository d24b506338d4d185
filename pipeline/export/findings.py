"""What the corpus says of its plans, as tables: the parts that each document gave become whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.analysis.quality import WEIGHTS, copied_score, overall
from pipeline.export.schema import TABLES, make_table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pipeline.analysis.corpus import Findings

ANALYSED = ("corpus", "themes", "section_themes", "duplicates", "quality")
"""The tables that need all plans."""
BATCH = 2000  # plans at a time
LEAST_WEIGHT = 0.01  # of a theme in a plan that has a row


def tables_of(folder: Path, findings: Findings) -> Iterator[dict[str, pa.Table]]:
    """Yield the rows of :data:`ANALYSED` from the findings and the parts in ``folder``."""
    yield {"themes": _themes(findings), "duplicates": make_table("duplicates", findings.duplicates)}
    first = 0
    for plans, assessed in zip(_batches(folder, "plans"), _batches(folder, "assessed"), strict=True):
        numbers = range(first, first + len(plans))
        yield _plan_tables(plans, assessed, numbers, findings)
        first += len(plans)


def _plan_tables(plans: pa.Table, assessed: pa.Table, numbers: range, findings: Findings) -> dict[str, pa.Table]:
    copied = [findings.groups.copied[number] for number in numbers]
    quality = _quality(assessed, [bool(chars) for chars in plans["chars"].to_pylist()], copied)
    columns: dict[str, Any] = {name: plans[name].combine_chunks() for name in plans.column_names}
    columns |= {
        "themes": [";".join(findings.themes.names[number]) for number in numbers],
        "duplicate_of": [_name(findings, findings.groups.duplicate_of[number]) for number in numbers],
        "quality": quality["quality"],
    }
    rated = {name: assessed[name].combine_chunks() for name in assessed.column_names} | quality
    return {
        "corpus": make_table("corpus", {name: columns[name] for name in TABLES["corpus"].names}),
        "section_themes": _weights(plans, numbers, findings),
        "quality": make_table("quality", {name: rated[name] for name in TABLES["quality"].names}),
    }


def _quality(assessed: pa.Table, filled: list[bool], copied: list[float]) -> dict[str, list[float]]:
    """Return the columns of ``quality`` that need all plans; a plan without text has none."""
    known = {name: assessed[f"{name}_score"].to_pylist() for name in WEIGHTS if name != "copied"}
    known["copied"] = [copied_score(share) for share in copied]
    rows = [dict(zip(known, scores, strict=True)) for scores in zip(*known.values(), strict=True)]
    return {
        "quality": [overall(row) if full else 0.0 for row, full in zip(rows, filled, strict=True)],
        "copied_score": known["copied"],
        "copied_share": [round(share, 4) for share in copied],
    }


def _name(findings: Findings, number: int) -> str:
    return findings.names[number] if number >= 0 else ""


def _weights(plans: pa.Table, numbers: range, findings: Findings) -> pa.Table:
    weights = findings.themes.weights[numbers.start : numbers.stop]
    rows, columns = np.nonzero(weights >= LEAST_WEIGHT)
    ids = np.array([theme.theme_id for theme in findings.themes.themes], np.int64)
    return make_table(
        "section_themes",
        {
            "doc_id": plans["doc_id"].combine_chunks().take(pa.array(rows)),
            "section": plans["section"].combine_chunks().take(pa.array(rows)),
            "theme_id": ids[columns] if len(ids) else [],
            "weight": weights[rows, columns].round(4),
        },
    )


def _themes(findings: Findings) -> pa.Table:
    themes = findings.themes.themes
    columns: dict[str, list[object]] = {
        "theme_id": [theme.theme_id for theme in themes],
        "label": [theme.label for theme in themes],
        "terms": [";".join(theme.terms) for theme in themes],
        "sentences": ["\n".join(sentence.text for sentence in theme.sentences) for theme in themes],
        "n_sections": [theme.n_sections for theme in themes],
        "n_documents": [theme.n_documents for theme in themes],
    }
    return make_table("themes", columns)


def _batches(folder: Path, name: str) -> Iterator[pa.Table]:
    with pq.ParquetFile(folder / f"{name}.parquet") as stored:
        for batch in stored.iter_batches(BATCH):
            yield pa.Table.from_batches([batch])
