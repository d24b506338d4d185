"""Where an earlier run has the documents of a shard that is cut or cleaned anew."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.inputs.names import name_hash

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from pipeline.batch.state import State
    from pipeline.inputs.shards import Shard


class Earlier:
    """The parts of earlier runs, by the names of their documents; read only when a shard is not there."""

    def __init__(self, state: State, targets: Sequence[Path]) -> None:
        """Look among all results but ``targets``."""
        self._parts = [path / "documents.parquet" for path in state.shards() if path not in set(targets)]

    def of(self, shard: Shard, target: Path) -> tuple[Path, ...]:
        """Return the parts that hold documents of ``shard``, unless ``target`` is there."""
        if target.exists() or not self._parts:
            return ()
        names, numbers = self._index
        mine = np.isin(names, np.concatenate(shard.hashes))
        return tuple(self._parts[number] for number in np.unique(numbers[mine]).tolist())

    @cached_property
    def _index(self) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
        """The hash of each document's name, and the number of its part."""
        names = [_names(path) for path in self._parts]
        return np.concatenate(names), np.repeat(np.arange(len(names)), [len(part) for part in names])


def _names(path: Path) -> NDArray[np.uint64]:
    try:
        found = pq.read_table(path, columns=["doc_id"])["doc_id"].to_pylist()
    except (OSError, LookupError, ValueError, pa.ArrowException):  # of another layout, or broken
        found = []
    return np.array([name_hash(name) for name in found], np.uint64)
