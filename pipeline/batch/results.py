"""What became of the documents of a shard: a folder of tables, there whole or not at all."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.export.folder import waiting_name
from pipeline.inputs.shards import digest_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SEAL = "seal.json"


def write(folder: Path, tables: Mapping[str, pa.Table]) -> None:
    """Write the tables of a shard, sealed with their digests; another process may have done so."""
    waiting = waiting_name(folder)
    waiting.mkdir(parents=True)
    for name, table in tables.items():
        pq.write_table(table, waiting / f"{name}.parquet", compression="zstd")
    seal = {path.name: _digest(path) for path in sorted(waiting.iterdir())}
    (waiting / SEAL).write_text(json.dumps(seal), encoding="utf-8")
    try:
        waiting.rename(folder)
    except OSError:
        if not whole(folder):  # what lies there is broken: a new one takes its place
            shutil.rmtree(folder, ignore_errors=True)
            waiting.rename(folder)
        shutil.rmtree(waiting, ignore_errors=True)


def whole(folder: Path) -> bool:
    """Whether the tables of a shard are there as they were written."""
    try:
        seal: dict[str, Any] = json.loads((folder / SEAL).read_text(encoding="utf-8"))
        return all(_digest(folder / name) == digest for name, digest in seal.items())
    except (OSError, ValueError, AttributeError):
        return False


def read(folder: Path, name: str) -> pa.Table:
    """Return a table of a shard."""
    return pq.read_table(folder / f"{name}.parquet")


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return digest_of(stream)
