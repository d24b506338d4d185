"""Names of documents: safe as file names, and distinct over any number of shards by their hashes.

A document has a natural name. Where several share it, each gets the hash of its source; where that still leaves two
alike (the same relative path in two inputs), each of these gets the hash of its input's position and source, too.
Survey every shard for its names' hashes (:func:`survey`), merge them (:meth:`Names.of`), and ask for each document's
final name: the order of the shards does not matter.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

LONGEST_ID = 200  # bytes: file names end at 255, and a hash and an ending follow
UNSAFE = re.compile(r'[/\\:*?"<>|\x00-\x1f\x7f]')
DEVICE = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³]) *(\..*)?", re.IGNORECASE | re.DOTALL)
"""What Windows takes for a device, with any ending."""


def safe_name(name: str) -> str:
    """Return ``name`` as a file name can be on any system, alone and with an ending.

    It has no separators or control characters, is no device, ends in neither dot nor space, is not empty, not too long.
    """
    name = UNSAFE.sub("_", name.encode("utf-8", "backslashreplace").decode()).strip()
    name = f"_{name}" if DEVICE.fullmatch(name) else name
    name = name.encode()[:LONGEST_ID].decode("utf-8", "ignore")
    kept = name.rstrip(". ")
    return kept + "_" * (len(name) - len(kept)) or "_"


def natural_name(stem: str, row: str | None = None) -> str:
    """Return the doc_id of a file, or of a table's row by its name, before others are known."""
    return safe_name(stem if row is None else f"{stem}-{row}")


def name_hash(doc_id: str) -> int:
    """Return a 64-bit hash that is the same for names that a file system may take for one (case, composition)."""
    folded = unicodedata.normalize("NFC", doc_id).casefold()
    return int.from_bytes(hashlib.blake2b(folded.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


class NameHashes(NamedTuple):
    """The hashes of documents' natural names, and of the names with the hash of their source, row for row."""

    natural: NDArray[np.uint64]
    hashed: NDArray[np.uint64]


def survey(documents: Iterable[tuple[str, str]]) -> NameHashes:
    """Return the hashes of a shard's documents, each given as (natural name, source): 16 bytes a document."""
    pairs = [(name_hash(natural), name_hash(_hashed(natural, source))) for natural, source in documents]
    columns = np.array(pairs, dtype=np.uint64).reshape(-1, 2)
    return NameHashes(columns[:, 0].copy(), columns[:, 1].copy())


class Names(NamedTuple):
    """The sorted hashes of names that more than one document has: natural ones, and those of the second level.

    ``refused`` are final names that still meet: only somebody who picks names to that end gets there.
    """

    first: NDArray[np.uint64]
    second: NDArray[np.uint64]
    refused: NDArray[np.uint64] = np.empty(0, np.uint64)

    @classmethod
    def of(cls, surveys: Iterable[NameHashes]) -> Names:
        """Return the names that collide in a corpus; the order of the surveys does not matter."""
        parts = list(surveys)
        first = cls.colliding(part.natural for part in parts)
        second = cls.colliding(np.where(np.isin(part.natural, first), part.hashed, part.natural) for part in parts)
        return cls(first, second)

    @staticmethod
    def colliding(arrays: Iterable[NDArray[np.uint64]]) -> NDArray[np.uint64]:
        """Return, sorted, the hashes that occur more than once in all arrays together."""
        hashes, counts = np.unique(np.concatenate([np.empty(0, np.uint64), *arrays]), return_counts=True)
        return hashes[counts > 1]

    def final_name(self, natural: str, source: str, position: int) -> str:
        """Return the doc_id of the document at ``source`` in the given input of ``position``."""
        name = _hashed(natural, source) if _holds(self.first, natural) else natural
        return _hashed(name, f"{position}:{source}") if _holds(self.second, name) else name

    def final_hashes(self, part: NameHashes, documents: Iterable[tuple[str, str, int]]) -> NDArray[np.uint64]:
        """Return the hashes of a shard's final names; ``documents`` (name, source, position) are rarely read."""
        names = np.where(np.isin(part.natural, self.first), part.hashed, part.natural)
        if np.isin(names, self.second).any():
            names = np.array([name_hash(self.final_name(*document)) for document in documents], np.uint64)
        return names

    def refuses(self, name: str) -> bool:
        """Return whether another document has the same final name."""
        return _holds(self.refused, name)


def _holds(hashes: NDArray[np.uint64], name: str) -> bool:
    wanted = np.uint64(name_hash(name))
    at = int(np.searchsorted(hashes, wanted))
    return at < len(hashes) and bool(hashes[at] == wanted)


def _hashed(name: str, place: str) -> str:
    return f"{name}-{hashlib.sha256(place.encode('utf-8', 'surrogateescape')).hexdigest()[:8]}"
