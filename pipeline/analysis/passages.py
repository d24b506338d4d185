"""The rows of the table of passages on disk: written by the later plan of a pair, read by the earlier."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from pipeline.analysis.copies import COLUMNS, duplicate_rows
from pipeline.analysis.runs import VALUES, stretch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from pipeline.analysis.copies import Copy, Plan
    from pipeline.analysis.runs import Numbers

ROWS = 50_000  # read at a time, about
EVERY = 100  # of these rows one tells where the next are cut
PAIR = "pair"
_KINDS = {"doc": pa.string(), "similarity": pa.float64()}
SCHEMA = pa.schema(
    {PAIR: pa.uint64()} | {name: _KINDS.get(name.removeprefix("a_").removeprefix("b_"), pa.int64()) for name in COLUMNS}
)


def write(path: Path, copies: Sequence[Copy], plan_of: Callable[[int], Plan]) -> None:
    """Write passages; no other file may have any of the same pair of plans."""
    copies = sorted(copies, key=lambda copy: (copy.a, copy.b))
    pairs = np.array([copy.a << 32 | copy.b for copy in copies], np.uint64)
    with pa.ipc.new_file(path, SCHEMA) as stream:
        stream.write_table(pa.table({PAIR: pairs, **duplicate_rows(copies, plan_of)}, SCHEMA))


def read(paths: Sequence[Path]) -> Iterator[pa.Table]:
    """Yield the rows of all files, sorted by the pair of plans: at least one table, and a bounded number of rows each."""
    some = np.sort(np.concatenate([np.zeros(0, np.uint64), *(_pairs(_mapped(path))[::EVERY].copy() for path in paths)]))
    cuts = [0, *np.unique(some[ROWS // EVERY :: ROWS // EVERY]).tolist(), VALUES]
    for low, high in pairwise(cuts):
        yield _between(paths, low, high - 1)


def _mapped(path: Path) -> pa.Table:
    with pa.memory_map(str(path)) as stream:
        return pa.ipc.open_file(stream).read_all()


def _pairs(rows: pa.Table) -> Numbers:
    pairs: Numbers = rows[PAIR].to_numpy()
    return pairs


def _between(paths: Sequence[Path], low: int, last: int) -> pa.Table:
    found = [SCHEMA.empty_table()]
    for rows in map(_mapped, paths):
        start, end = stretch(_pairs(rows), low, last)
        found.append(rows.slice(start, end - start))
    table = pa.concat_tables(found)
    return table.take(np.argsort(_pairs(table), kind="stable")).drop_columns(PAIR)
