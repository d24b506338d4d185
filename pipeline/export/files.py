"""The files that hold the tables: CSV that is safe to open, Parquet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from pipeline.export.schema import PARTS, TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

GUARDED = "^(?:[=+\\-@\t\r]|'[=+\\-@\t\r'])"
"""A cell that starts like this could be read as a formula by a spreadsheet, or looks like one already guarded."""
FLUSH = 2_000_000  # bytes of a table collected before they are written


def guard(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a text column in which every cell that could start a formula has one leading ``'``."""
    risky = pc.match_substring_regex(column, GUARDED)
    if not pc.any(risky).as_py():
        return column
    return pc.if_else(risky, pc.binary_join_element_wise(pa.scalar("'"), column, ""), column)


class TableFiles:
    """Some tables of a run, written as their rows come, in bounded memory; a context manager.

    Files are written under ``folder`` (a working folder); the caller moves them into place when all is well. Parts of
    tables, from which the corpus makes whole ones, become Parquet only.
    """

    def __init__(self, folder: Path, names: Iterable[str]) -> None:
        self.folder, self._schemas = folder, {name: TABLES.get(name) or PARTS[name] for name in names}
        self.rows = dict.fromkeys(self._schemas, 0)
        self._waiting: dict[str, list[pa.Table]] = {name: [] for name in self._schemas}
        self._size = dict.fromkeys(self._schemas, 0)

    def __enter__(self) -> Self:
        self._parquet = {
            name: pq.ParquetWriter(self.folder / f"{name}.parquet", schema) for name, schema in self._schemas.items()
        }
        self._streams = {name: (self.folder / f"{name}.csv").open("wb") for name in self._schemas if name in TABLES}
        for stream in self._streams.values():
            stream.write(b"\xef\xbb\xbf")  # Excel reads UTF-8 only with a byte-order mark
        self._csv = {name: pa_csv.CSVWriter(stream, TABLES[name]) for name, stream in self._streams.items()}
        return self

    def add(self, tables: Mapping[str, pa.Table]) -> None:
        """Append rows of some of the tables."""
        for name, table in tables.items():
            self._waiting[name].append(table)
            self._size[name] += table.nbytes
            if self._size[name] >= FLUSH:
                self._flush(name)

    def _flush(self, name: str) -> None:
        if self._waiting[name]:
            table = pa.concat_tables(self._waiting[name]).combine_chunks()
            self._parquet[name].write_table(table)
            if name in self._csv:
                self._csv[name].write_table(_guarded(table))
            self.rows[name] += len(table)
            self._waiting[name], self._size[name] = [], 0

    def __exit__(self, kind: object, *rest: object) -> None:
        if kind is None:
            for name in self._schemas:
                self._flush(name)
        for writer in (*self._csv.values(), *self._parquet.values(), *self._streams.values()):
            writer.close()


def _guarded(table: pa.Table) -> pa.Table:
    for index, field in enumerate(table.schema):
        if pa.types.is_string(field.type):
            table = table.set_column(index, field, guard(table[field.name]))
    return table
