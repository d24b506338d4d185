"""``corpus.duckdb``: all tables, and the views that an analyst starts from."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.errors import UsageError
from pipeline.export.schema import TABLES

MEMORY = 32  # MB; DuckDB spills what is more
VIEWS = Path(__file__).with_name("views.sql")


def write_database(folder: Path, *, parts: bool = False) -> None:
    """Write ``corpus.duckdb`` from the Parquet files in ``folder``: every table, and the views of ``views.sql``.

    Of a corpus in ``parts`` the tables are views of the Parquet files beside the database, which is then opened by
    :func:`open_database`, or by DuckDB from within the folder. Raises :class:`OSError` where the disk is full.
    """
    target = folder / "corpus.duckdb"
    target.unlink(missing_ok=True)
    # The tables may be larger than memory: DuckDB then spills into its own temporary folder beside the file.
    memory = f"{MEMORY if parts else MEMORY + 16 * _longest(folder) // 1_000_000}MB"
    pa.default_memory_pool().release_unused()
    try:
        with duckdb.connect(str(target), config={"memory_limit": memory, "threads": 1}) as connection:
            connection.execute("SET file_search_path = ?", [str(folder)])
            for name in TABLES:
                files = f"{name}/part-*.parquet" if parts else f"{name}.parquet"
                kind = "VIEW" if parts else "TABLE"
                connection.execute(f"CREATE {kind} {name} AS SELECT * FROM read_parquet('{files}')")  # noqa: S608 - names are ours
            connection.execute(VIEWS.read_text(encoding="utf-8"))
    except duckdb.IOException as error:
        raise OSError(str(error)) from error


def open_database(folder: Path | str) -> duckdb.DuckDBPyConnection:
    """Return a connection to the database of an output folder, for reading, wherever the folder lies.

    Raises :class:`UsageError` where there is none.
    """
    target = Path(folder) / "corpus.duckdb"
    if not target.exists():
        raise UsageError(f"{folder}: holds no corpus.duckdb; run qinggao clean --out {folder} first")
    connection = duckdb.connect(str(target), read_only=True)
    connection.execute("SET file_search_path = ?", [str(Path(folder).resolve())])
    return connection


def _longest(folder: Path) -> int:
    """Return the size in bytes of the longest plan, four to a character."""
    longest = 0
    with pq.ParquetFile(folder / "corpus.parquet") as stored:
        for batch in stored.iter_batches(columns=["chars"]):
            longest = max(longest, pc.max(batch["chars"]).as_py() or 0)
    return 4 * longest
