"""Documents as tables, and the files that hold them: CSV that is safe to open, Parquet, DuckDB."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, Self

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from pipeline.export.json_lines import to_line
from pipeline.export.schema import TABLES, make_table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from pipeline.model import Document, Edit
    from pipeline.rules.learned import Learned

GUARDED = "^(?:[=+\\-@\t\r]|'[=+\\-@\t\r'])"
"""A cell that starts like this could be read as a formula by a spreadsheet, or looks like one already guarded."""
EXCEL_LIMIT = 32_767
FLUSH = 2_000_000  # bytes of a table collected before they are written
DATABASE_MEMORY = 32  # MB; DuckDB spills what is more


def tabulate(document: Document) -> dict[str, pa.Table]:
    """Return the document's rows of every table."""
    return {
        "corpus": _corpus(document),
        "outline": _outline(document),
        "edits": _edits(document),
    }


def _corpus(document: Document) -> pa.Table:
    starts = sorted(start for batch in document.batches for start in batch.raw[:, 0].tolist())
    sections = document.sections
    texts = [document.text[s.start : s.end] for s in sections]
    return make_table(
        "corpus",
        {
            "doc_id": [document.doc_id] * len(sections),
            "source": [document.source] * len(sections),
            "section": [s.number for s in sections],
            "title": [s.title for s in sections],
            "text": texts,
            "chars": [len(text) for text in texts],
            "n_edits": [bisect_left(starts, s.raw_end) - bisect_left(starts, s.raw_start) for s in sections],
            "start": [s.start for s in sections],
            "end": [s.end for s in sections],
            "raw_start": [s.raw_start for s in sections],
            "raw_end": [s.raw_end for s in sections],
        },
    )


def _outline(document: Document) -> pa.Table:
    names = TABLES["outline"].names[1:]
    columns: dict[str, list[object]] = {"doc_id": [document.doc_id] * len(document.units)}
    columns |= {name: [getattr(unit, name) for unit in document.units] for name in names}
    return make_table("outline", columns)


def _edits(document: Document) -> pa.Table:
    parts = []
    for batch in document.batches:
        parts += [
            _edit_rows(document.doc_id, batch.stage, edits, raw, applied=applied)
            for edits, raw, applied in (
                (batch.edits, batch.raw, True),
                (batch.suggestions, batch.raw_suggested, False),
            )
            if edits
        ]
    return pa.concat_tables(parts) if parts else make_table("edits", {name: [] for name in TABLES["edits"].names})


def _edit_rows(doc_id: str, stage: str, edits: list[Edit], raw: NDArray[np.int64], *, applied: bool) -> pa.Table:
    _, _, before, after, kind, rule, confidence, why = zip(*edits, strict=True)
    return make_table(
        "edits",
        {
            "doc_id": pa.repeat(doc_id, len(edits)),
            "stage": pa.repeat(stage, len(edits)),
            "rule": rule,
            "kind": kind,
            "raw_start": raw[:, 0],
            "raw_end": raw[:, 1],
            "before": before,
            "after": after,
            "confidence": confidence,
            "applied": pa.repeat(applied, len(edits)),
            "why": why,
        },
    )


def plan_lines(document: Document, corpus: pa.Table) -> bytes:
    """Return the document's lines of ``corpus.jsonl``: one object per row of ``corpus``, its outline nested."""
    rows = corpus.to_pylist()
    for row in rows:
        units = [unit for unit in document.units if unit.section == row["section"] and unit.level > 0]
        row["outline"] = [
            {
                "unit": u.unit,
                "parent": u.parent,
                "level": u.level,
                "label": u.label,
                "heading": u.heading,
                "start": u.start,
                "end": u.end,
            }
            for u in units
        ]
    return b"".join(map(to_line, rows))


def guard(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a text column in which every cell that could start a formula has one leading ``'``."""
    risky = pc.match_substring_regex(column, GUARDED)
    if not pc.any(risky).as_py():
        return column
    return pc.if_else(risky, pc.binary_join_element_wise(pa.scalar("'"), column, ""), column)


class TableFiles:
    """All tables of a run, written as they come, in bounded memory; a context manager.

    Files are written under ``folder`` (a working folder); the caller moves them into place when all is well.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rows = dict.fromkeys(TABLES, 0)
        self._waiting: dict[str, list[pa.Table]] = {name: [] for name in TABLES}
        self._size = dict.fromkeys(TABLES, 0)
        self._longest = 0

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._lines = (self.folder / "corpus.jsonl").open("wb")
        self._parquet = {
            name: pq.ParquetWriter(self.folder / f"{name}.parquet", schema) for name, schema in TABLES.items()
        }
        self._streams = {name: (self.folder / f"{name}.csv").open("wb") for name in TABLES}
        for stream in self._streams.values():
            stream.write(b"\xef\xbb\xbf")  # Excel reads UTF-8 only with a byte-order mark
        self._csv = {name: pa_csv.CSVWriter(self._streams[name], schema) for name, schema in TABLES.items()}
        return self

    def add(self, tables: dict[str, pa.Table], lines: bytes) -> None:
        """Append one document's rows."""
        self._lines.write(lines)
        self._longest = max(self._longest, tables["corpus"]["text"].nbytes)
        for name, table in tables.items():
            self._waiting[name].append(table)
            self._size[name] += table.nbytes
            if self._size[name] >= FLUSH:
                self._flush(name)

    def add_learned(self, rows: Sequence[Learned]) -> None:
        """Write what the corpus taught."""
        names = TABLES["learned_table"].names
        table = make_table("learned_table", {name: [getattr(row, name) for row in rows] for name in names})
        self._waiting["learned_table"].append(table)

    def _flush(self, name: str) -> None:
        if self._waiting[name]:
            table = pa.concat_tables(self._waiting[name]).combine_chunks()
            self._parquet[name].write_table(table)
            self._csv[name].write_table(_guarded(table))
            self.rows[name] += len(table)
            self._waiting[name], self._size[name] = [], 0

    def __exit__(self, kind: object, *rest: object) -> None:
        if kind is None:
            for name in TABLES:
                self._flush(name)
        for writer in (*self._csv.values(), *self._parquet.values(), *self._streams.values(), self._lines):
            writer.close()
        if kind is None:
            write_database(self.folder, longest=self._longest)


def _guarded(table: pa.Table) -> pa.Table:
    for index, field in enumerate(table.schema):
        if pa.types.is_string(field.type):
            table = table.set_column(index, field, guard(table[field.name]))
    return table


def write_database(folder: Path, longest: int = 0) -> None:
    """Write ``corpus.duckdb`` from the Parquet files in ``folder``; ``longest`` is its largest row in bytes."""
    target = folder / "corpus.duckdb"
    target.unlink(missing_ok=True)
    # The tables may be larger than memory: DuckDB then spills into its own temporary folder beside the file.
    memory = f"{DATABASE_MEMORY + 16 * longest // 1_000_000}MB"
    pa.default_memory_pool().release_unused()
    with duckdb.connect(str(target), config={"memory_limit": memory, "threads": 1}) as connection:
        for name in TABLES:
            path = str(folder / f"{name}.parquet").replace("'", "''")
            connection.execute(f"CREATE TABLE {name} AS SELECT * FROM read_parquet('{path}')")  # noqa: S608 - names are ours


def long_cells(tables: dict[str, pa.Table]) -> int:
    """Return how many plans are longer than a spreadsheet cell holds."""
    lengths = tables["corpus"]["chars"].to_pylist()
    return len(lengths) - bisect_right(sorted(lengths), EXCEL_LIMIT)
