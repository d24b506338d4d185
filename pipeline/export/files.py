"""Tables as files: one CSV that is safe to open and one Parquet file each, or many Parquet parts of a large corpus."""

from __future__ import annotations

import os
import shutil
from contextlib import ExitStack
from typing import TYPE_CHECKING, Self

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from pipeline.export.schema import TABLES, empty_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

GUARDED = "^(?:[=+\\-@\t\r]|'[=+\\-@\t\r'])"
"""A cell that starts like this could be read as a formula by a spreadsheet, or looks like one already guarded."""
ROWS = {"corpus": 500}  # of a table with whole texts, written together
FEWER_ROWS = 20_000  # of any other; fixed, so that a file does not depend on how its rows came


def guard(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a text column in which every cell that could start a formula has one leading ``'``."""
    risky = pc.match_substring_regex(column, GUARDED)
    if not pc.any(risky).as_py():
        return column
    return pc.if_else(risky, pc.binary_join_element_wise(pa.scalar("'"), column, ""), column)


def _guarded(table: pa.Table) -> pa.Table:
    for index, field in enumerate(table.schema):
        if pa.types.is_string(field.type):
            table = table.set_column(index, field, guard(table[field.name]))
    return table


class CsvFile:
    """A table as CSV, written as its rows come; a context manager."""

    def __init__(self, folder: Path, name: str) -> None:
        """Write ``name.csv`` in ``folder``."""
        self._stream = (folder / f"{name}.csv").open("wb")
        self._stream.write(b"\xef\xbb\xbf")  # Excel reads UTF-8 only with a byte-order mark
        self._writer = pa_csv.CSVWriter(self._stream, TABLES[name])

    def __enter__(self) -> Self:
        return self

    def add(self, table: pa.Table) -> None:
        """Append rows."""
        self._writer.write_table(_guarded(table))

    def __exit__(self, *_: object) -> None:
        self._writer.close()
        self._stream.close()


class TableFile:
    """A table as CSV and Parquet, written as its rows come, in bounded memory; a context manager."""

    def __init__(self, folder: Path, name: str) -> None:
        """Write ``name.csv`` and ``name.parquet`` in ``folder`` (a working folder)."""
        self.rows = 0
        self._size = ROWS.get(name, FEWER_ROWS)
        self._waiting: list[pa.Table] = []
        self._count = 0
        self._csv = CsvFile(folder, name)
        self._parquet = pq.ParquetWriter(folder / f"{name}.parquet", TABLES[name])

    def __enter__(self) -> Self:
        return self

    def add(self, table: pa.Table) -> None:
        """Append rows."""
        self._waiting.append(table)
        self._count += len(table)
        if self._count >= self._size:
            self._flush(self._count - self._count % self._size)

    def _flush(self, count: int) -> None:
        if not count:
            return
        rows = pa.concat_tables(self._waiting)
        self._waiting = [rows.slice(count).combine_chunks()]
        self._count -= count
        for at in range(0, count, self._size):
            table = rows.slice(at, min(self._size, count - at)).combine_chunks()
            self._parquet.write_table(table)
            self._csv.add(table)
        self.rows += count

    def __exit__(self, kind: object, *rest: object) -> None:
        if kind is None:
            self._flush(self._count)
        self._csv.__exit__()
        self._parquet.close()


class WholeTables:
    """A CSV and a Parquet file of every table."""

    def __init__(self, folder: Path) -> None:
        """Write into ``folder``."""
        self.rows: dict[str, int] = {}
        self._folder, self._open, self._files = folder, ExitStack(), dict[str, TableFile]()

    def __enter__(self) -> Self:
        return self

    def take(self, name: str, parts: Sequence[Path]) -> None:
        """Copy the rows of Parquet files."""
        for part in parts:
            self.add({name: pq.read_table(part)})

    def add(self, tables: Mapping[str, pa.Table]) -> None:
        """Append rows of some tables."""
        for name, table in tables.items():
            if name not in self._files:
                self._files[name] = self._open.enter_context(TableFile(self._folder, name))
            self._files[name].add(table)

    def __exit__(self, kind: object, *rest: object) -> None:
        if kind is None:
            self.add({name: empty_table(name) for name in TABLES})  # a table without rows is there, too
        self._open.__exit__(kind, *rest)  # type: ignore[arg-type]
        self.rows = {name: file.rows for name, file in self._files.items()}


class PartedTables:
    """A folder of Parquet parts for every table; CSV on request."""

    def __init__(self, folder: Path, *, as_csv: bool) -> None:
        """Write into ``folder``; ``as_csv`` also as one CSV file a table."""
        self.rows: dict[str, int] = {}
        self._folder, self._as_csv = folder, as_csv
        self._parts: dict[str, int] = {}

    def __enter__(self) -> Self:
        return self

    def take(self, name: str, parts: Sequence[Path]) -> None:
        """Link to Parquet files that lie on the same disk: they are not written twice."""
        for part in parts:
            with pq.ParquetFile(part) as stored:
                self._count(name, stored.metadata.num_rows)
            target = self._next(name)
            try:
                os.link(part, target)
            except OSError:  # a file system without links
                shutil.copyfile(part, target)

    def add(self, tables: Mapping[str, pa.Table]) -> None:
        """Write a part of some tables; a part without rows only where there is no other."""
        for name, table in tables.items():
            self._count(name, len(table))
            if len(table) or name not in self._parts:
                pq.write_table(table, self._next(name), compression="zstd")

    def _count(self, name: str, rows: int) -> None:
        self.rows[name] = self.rows.get(name, 0) + rows

    def _next(self, name: str) -> Path:
        number = self._parts.get(name, 0)
        self._parts[name] = number + 1
        (self._folder / name).mkdir(exist_ok=True)
        return self._folder / name / f"part-{number:05}.parquet"

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self.add({name: empty_table(name) for name in TABLES})
        if kind is None and self._as_csv:
            for name in TABLES:
                with CsvFile(self._folder, name) as file:
                    for part in sorted((self._folder / name).iterdir()):
                        file.add(pq.read_table(part))
