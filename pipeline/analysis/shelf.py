"""The plans of a corpus on disk, each read by its number: a process holds those that it looks at."""

from __future__ import annotations

from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import orjson

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

KNOWN = 256  # shards whose places are remembered
FIRSTS = "firsts.npy"


class Row(NamedTuple):
    """A plan as it stands in the corpus: ``text`` begins at ``start`` in the document's clean text, with ``title``."""

    doc_id: str
    section: int
    start: int
    text: str
    title: str


class Shelf:
    """The plans in a folder, by their numbers in corpus order; raises ``IndexError`` for another number."""

    def __init__(self, folder: Path) -> None:
        """``folder`` has been laid out by :meth:`prepare` and filled by :meth:`fill`."""
        self._folder = folder
        self._firsts: NDArray[np.int64] = np.load(folder / FIRSTS, allow_pickle=False)
        self._places = lru_cache(KNOWN)(self._read_places)

    @staticmethod
    def prepare(folder: Path, firsts: Sequence[int]) -> None:
        """Lay out a folder for shards given by the numbers of their first plans."""
        folder.mkdir()
        np.save(folder / FIRSTS, np.array(firsts, np.int64), allow_pickle=False)

    @staticmethod
    def fill(folder: Path, shard: int, rows: Iterable[Row]) -> None:
        """Write the plans of a shard."""
        lines = [orjson.dumps(list(row)) for row in rows]
        (folder / f"{shard}.jsonl").write_bytes(b"".join(lines))
        places = np.array([0, *accumulate(map(len, lines))], np.int64)
        np.save(folder / f"{shard}.npy", places, allow_pickle=False)

    def __call__(self, number: int) -> Row:
        """Return a plan."""
        shard = int(np.searchsorted(self._firsts, number, "right")) - 1
        places = self._places(shard)
        at = number - int(self._firsts[shard])
        with (self._folder / f"{shard}.jsonl").open("rb") as stream:
            stream.seek(int(places[at]))
            return Row(*orjson.loads(stream.read(int(places[at + 1] - places[at]))))

    def _read_places(self, shard: int) -> NDArray[np.int64]:
        places: NDArray[np.int64] = np.load(self._folder / f"{shard}.npy", allow_pickle=False)
        return places
