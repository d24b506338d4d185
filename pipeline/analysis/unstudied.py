"""What is known of plans before they are studied; nothing heavy is loaded for that."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pipeline.analysis import passages
from pipeline.analysis.copies import Groups
from pipeline.analysis.place import shards_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import pyarrow as pa
    from numpy.typing import NDArray

    from pipeline.analysis.themes import Theme


class Unstudied:
    """Findings that say nothing: no plan is a copy, none has a theme."""

    themes: tuple[Theme, ...] = ()

    def __init__(self, paths: Sequence[Path]) -> None:
        """Count the plans in Parquet files."""
        count = sum(shard.size for shard in shards_of(paths))
        self.groups = Groups(np.full(count, -1, np.int64), np.zeros(count))

    def duplicates(self) -> Iterator[pa.Table]:
        """Yield a table without rows."""
        yield from passages.read([])

    def duplicate_of(self, number: int) -> str:
        """Return that a plan stands for itself."""
        del number
        return ""

    def described(self, first: int, count: int) -> tuple[list[str], NDArray[np.float64]]:
        """Return no names and no themes for ``count`` plans."""
        del first
        return [""] * count, np.zeros((count, 0))
