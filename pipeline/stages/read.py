"""read: paths and rows become raw documents: bytes, digest, and the text where a format needs extraction."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from pipeline.engines import here
from pipeline.inputs.files import list_files
from pipeline.inputs.raw import Quarantined, RawDocument
from pipeline.inputs.shards import cut

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["Quarantined", "RawDocument", "read"]


def read(
    inputs: Sequence[Path | str], text_column: str | None = None, *, exclude: Path | None = None
) -> Iterator[RawDocument | Quarantined]:
    """Yield what files and folders hold, in the order of a run; what cannot be read comes as quarantined.

    Raises :class:`pipeline.errors.UsageError` for a path that does not exist and for a table without a text column.
    """
    listing = list_files(inputs, exclude)
    with TemporaryDirectory(prefix="qinggao-") as place:
        shards, unread = cut(listing.files, Path(place), text_column, here)
        yield from (*listing.quarantined, *unread)
        for shard in shards:
            yield from map(shard.load, range(shard.size))


if __name__ == "__main__":
    from pipeline.pipe import read_stage

    read_stage()
