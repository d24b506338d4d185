"""Where the shards of a corpus find what they have to know of each other: files in a folder that all processes see.

A file is written by one task and read by later ones, never changed.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import pyarrow.parquet as pq

from pipeline.analysis.shelf import Row, Shelf

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

PLANS = "plans"


class Shard(NamedTuple):
    """A row group of a Parquet file of plans; ``first`` is the number of its first plan in corpus order."""

    path: Path
    group: int
    number: int
    first: int
    size: int

    def rows(self) -> list[Row]:
        """Return its plans."""
        with pq.ParquetFile(self.path) as stored:
            rows = stored.read_row_group(self.group, columns=list(Row._fields)).to_pylist()
        return [Row(**row) for row in rows]


def shards_of(paths: Sequence[Path]) -> Iterator[Shard]:
    """Yield the shards of files of plans, numbered from 0, the files one after the other."""
    number = first = 0
    for path in paths:
        with pq.ParquetFile(path) as stored:
            sizes = [stored.metadata.row_group(group).num_rows for group in range(stored.num_row_groups)]
        for group, size in enumerate(sizes):
            yield Shard(path, group, number, first, size)
            number, first = number + 1, first + size


class Place(NamedTuple):
    """The folder; what lies in it is named by what it is and the part that it is of."""

    folder: Path

    @classmethod
    def prepared(cls, folder: Path, shards: Sequence[Shard]) -> Place:
        """Return an empty folder as the place of a corpus."""
        Shelf.prepare(folder / PLANS, [shard.first for shard in shards])
        return cls(folder)

    def part(self, name: str, part: object) -> Path:
        """Return where a part lies, or is to be written."""
        (self.folder / name).mkdir(exist_ok=True)
        return self.folder / name / str(part)

    def parts(self, name: str) -> list[Path]:
        """Return the parts that have been written."""
        return sorted((self.folder / name).glob("*"))

    def put(self, shard: Shard, rows: Sequence[Row]) -> None:
        """Put the plans of a shard on the shelf."""
        Shelf.fill(self.folder / PLANS, shard.number, rows)

    def plan(self, number: int) -> Row:
        """Return a plan by its number, once its shard has been put there."""
        return _shelf(self.folder / PLANS)(number)


@lru_cache(maxsize=1)
def _shelf(folder: Path) -> Shelf:
    return Shelf(folder)
