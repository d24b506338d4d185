"""``corpus.duckdb``: all tables, and the views that an analyst starts from."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.export.schema import TABLES

MEMORY = 32  # MB; DuckDB spills what is more
VIEWS = Path(__file__).with_name("views.sql")


def write_database(folder: Path) -> None:
    """Write ``corpus.duckdb`` from the Parquet files in ``folder``: a table each, and the views of ``views.sql``."""
    target = folder / "corpus.duckdb"
    target.unlink(missing_ok=True)
    # The tables may be larger than memory: DuckDB then spills into its own temporary folder beside the file.
    memory = f"{MEMORY + 16 * _longest(folder) // 1_000_000}MB"
    pa.default_memory_pool().release_unused()
    with duckdb.connect(str(target), config={"memory_limit": memory, "threads": 1}) as connection:
        for name in TABLES:
            path = str(folder / f"{name}.parquet").replace("'", "''")
            connection.execute(f"CREATE TABLE {name} AS SELECT * FROM read_parquet('{path}')")  # noqa: S608 - names are ours
        connection.execute(VIEWS.read_text(encoding="utf-8"))


def _longest(folder: Path) -> int:
    """Return the size in bytes of the longest plan, four to a character."""
    longest = 0
    with pq.ParquetFile(folder / "corpus.parquet") as stored:
        for batch in stored.iter_batches(columns=["chars"]):
            longest = max(longest, pc.max(batch["chars"]).as_py() or 0)
    return 4 * longest
