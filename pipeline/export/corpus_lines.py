"""``corpus.jsonl``: a plan a line, its outline and goals nested."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq

from pipeline.export.folder import parquet_files
from pipeline.export.json_lines import to_line

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    Row = dict[str, Any]

BATCH = 1000  # rows read at a time
PLACE = ("doc_id", "section")
NESTED = {
    "outline": ("unit", "parent", "level", "label", "heading", "start", "end"),
    "goals": (
        *("goal_type", "confidence", "status", "metric", "comparator", "value", "unit", "value_base", "unit_base"),
        *("period", "quote", "start", "end"),
    ),
}
"""Tables whose rows stand in the line of their plan, and what of them; they lie in the order of the plans."""


def write_lines(folder: Path) -> None:
    """Write ``corpus.jsonl`` from the Parquet files in ``folder``."""
    nested = {name: _Nested(_rows(folder, name), columns) for name, columns in NESTED.items()}
    with (folder / "corpus.jsonl").open("wb") as lines:
        for row in _rows(folder, "corpus"):
            place = row["doc_id"], row["section"]
            lines.write(to_line(row | {name: rows.of(place) for name, rows in nested.items()}))


class _Nested:
    """Rows of a table by plan, asked for in the order in which they lie."""

    def __init__(self, rows: Iterator[Row], columns: tuple[str, ...]) -> None:
        self._groups = groupby(
            (row for row in rows if row.get("level", 1) > 0), key=lambda row: (row["doc_id"], row["section"])
        )
        self._columns = columns
        self._place: tuple[str, int] | None = None
        self._next()

    def _next(self) -> None:
        self._place, rows = next(self._groups, (None, iter(())))
        self._held = [{name: row[name] for name in self._columns} for row in rows]

    def of(self, place: tuple[str, int]) -> list[Row]:
        """Return the rows of a plan."""
        if self._place != place:
            return []
        found = self._held
        self._next()
        return found


def _rows(folder: Path, name: str) -> Iterator[Row]:
    for path in parquet_files(folder, name):
        with pq.ParquetFile(path) as stored:
            for batch in stored.iter_batches(BATCH):
                yield from batch.to_pylist()
