"""What the corpus says of its plans, as tables: the parts that each document gave become whole.

Plans and passages come in pieces, in order, so that no more lies in memory than is being written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.analysis.quality import WEIGHTS, copied_score, overall
from pipeline.export.schema import TABLES, make_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from pipeline.analysis.corpus import Findings
    from pipeline.analysis.unstudied import Unstudied

Said: TypeAlias = "Findings | Unstudied"

OF_PLANS = ("corpus", "section_themes", "quality")
"""The tables whose rows belong to a plan, and follow the order of the plans."""
ANALYSED = ("themes", "duplicates", *OF_PLANS)
"""The tables that need all plans."""
BATCH = 2000  # plans at a time
LEAST_WEIGHT = 0.01  # of a theme in a plan that has a row


def tables_of(plans: Sequence[Path], assessed: Sequence[Path], findings: Said) -> Iterator[dict[str, pa.Table]]:
    """Yield the tables of the corpus (:func:`corpus_tables`), then one set of :data:`OF_PLANS` for each file of plans.

    ``plans`` are the files that were studied; ``assessed`` has the rows of the same plans, file by file.
    """
    yield from corpus_tables(findings)
    first = 0
    for path, rated in zip(plans, assessed, strict=True):
        batches = list(plan_tables(path, rated, findings, first))
        yield {name: pa.concat_tables([TABLES[name].empty_table(), *(b[name] for b in batches)]) for name in OF_PLANS}
        first += sum(len(batch["corpus"]) for batch in batches)


def corpus_tables(findings: Said) -> Iterator[dict[str, pa.Table]]:
    """Yield the tables that no file of plans has to itself: themes, then passages in pieces of a bounded size."""
    yield {"themes": _themes(findings)}
    for rows in findings.duplicates():
        yield {
            "duplicates": make_table("duplicates", {name: rows[name].combine_chunks() for name in rows.column_names})
        }


def plan_tables(plans: Path, assessed: Path, findings: Said, first: int = 0) -> Iterator[dict[str, pa.Table]]:
    """Yield :data:`OF_PLANS` for a file of plans, some plans at a time; ``first`` is the number of its first plan."""
    for batch, rated in zip(_batches(plans), _batches(assessed), strict=True):
        yield _plan_tables(batch, rated, first, findings)
        first += len(batch)


def _plan_tables(plans: pa.Table, assessed: pa.Table, first: int, findings: Said) -> dict[str, pa.Table]:
    numbers = range(first, first + len(plans))
    names, weights = findings.described(first, len(plans))
    copied = findings.groups.copied[first : numbers.stop].tolist()
    quality = _quality(assessed, [bool(chars) for chars in plans["chars"].to_pylist()], copied)
    columns: dict[str, Any] = {name: plans[name].combine_chunks() for name in plans.column_names}
    columns |= {
        "themes": names,
        "duplicate_of": [findings.duplicate_of(number) for number in numbers],
        "quality": quality["quality"],
    }
    rated = {name: assessed[name].combine_chunks() for name in assessed.column_names} | quality
    return {
        "corpus": make_table("corpus", {name: columns[name] for name in TABLES["corpus"].names}),
        "section_themes": _weights(plans, weights, findings),
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


def _weights(plans: pa.Table, weights: NDArray[np.float64], findings: Said) -> pa.Table:
    rows, columns = np.nonzero(weights >= LEAST_WEIGHT)
    ids = np.array([theme.theme_id for theme in findings.themes], np.int64)
    return make_table(
        "section_themes",
        {
            "doc_id": plans["doc_id"].combine_chunks().take(pa.array(rows)),
            "section": plans["section"].combine_chunks().take(pa.array(rows)),
            "theme_id": ids[columns] if len(ids) else [],
            "weight": weights[rows, columns].round(4),
        },
    )


def _themes(findings: Said) -> pa.Table:
    themes = findings.themes
    columns: dict[str, list[object]] = {
        "theme_id": [theme.theme_id for theme in themes],
        "label": [theme.label for theme in themes],
        "terms": [";".join(theme.terms) for theme in themes],
        "sentences": ["\n".join(sentence.text for sentence in theme.sentences) for theme in themes],
        "n_sections": [theme.n_sections for theme in themes],
        "n_documents": [theme.n_documents for theme in themes],
    }
    return make_table("themes", columns)


def _batches(path: Path) -> Iterator[pa.Table]:
    with pq.ParquetFile(path) as stored:
        for batch in stored.iter_batches(BATCH):
            yield pa.Table.from_batches([batch])
