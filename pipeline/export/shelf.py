"""Where clean texts and logs lie: a file each, or as rows of the parts of a large corpus."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.errors import OutputError
from pipeline.export.folder import inputs, is_parted, parquet_files, read_manifest, records, write_atomically
from pipeline.export.log import digest, read_pair
from pipeline.export.schema import make_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path


class Shelf(Protocol):
    """Takes finished documents and gives back those of an earlier run."""

    def pair(self, doc_id: str) -> tuple[bytes, bytes]:
        """Return (clean text, log) as an earlier run left them; raises :class:`OutputError` where it did not."""

    def names(self) -> list[str]:
        """Return the doc_ids of which there is a text or a log."""

    def put(self, doc_id: str, text: bytes, log: bytes, source: bytes | None, *, kept: bool) -> dict[str, pa.Table]:
        """Write a finished document, unless it is ``kept``; return it as rows where it becomes rows.

        ``source`` is the source text where it cannot be had from the input's bytes.
        """


class Files:
    """``text/``, ``log/`` and ``source/`` of an output folder."""

    def __init__(self, out: Path) -> None:
        """Use the files of ``out``."""
        self._out = out

    def pair(self, doc_id: str) -> tuple[bytes, bytes]:
        """Return (clean text, log)."""
        return read_pair(self._out, doc_id)

    def names(self) -> list[str]:
        """Return the names of the files."""
        texts = {path.name.removesuffix(".txt") for path in (self._out / "text").glob("*.txt")}
        return sorted(texts | {path.name.removesuffix(".jsonl") for path in (self._out / "log").glob("*.jsonl")})

    def put(self, doc_id: str, text: bytes, log: bytes, source: bytes | None, *, kept: bool) -> dict[str, pa.Table]:
        """Write the files of a document."""
        if source is not None and not (kept and self.holds_source(doc_id)):
            write_atomically(self._out / "source" / f"{doc_id}.txt", source)
        if not kept:
            write_atomically(self._out / "text" / f"{doc_id}.txt", text)
            write_atomically(self._out / "log" / f"{doc_id}.jsonl", log)
        return {"seals": make_table("seals", {"doc_id": [doc_id], "seal": [digest(text + log)]})}

    def holds(self, doc_id: str, seal: str) -> bool:
        """Return whether text and log are those that were sealed."""
        try:
            text, log = self.pair(doc_id)
        except OutputError:
            return False
        return digest(text + log) == seal

    def holds_source(self, doc_id: str) -> bool:
        """Return whether the source text of an extracted document is there."""
        return (self._out / "source" / f"{doc_id}.txt").exists()


class Rows:
    """Rows of the table ``documents``."""

    def __init__(self, earlier: Iterable[Path] = ()) -> None:
        """Take what is kept from the Parquet files ``earlier``."""
        self._earlier = list(earlier)
        self._pairs: dict[str, tuple[bytes, bytes]] | None = None

    def pair(self, doc_id: str) -> tuple[bytes, bytes]:
        """Return (clean text, log)."""
        if doc_id not in self._held():
            raise OutputError(f"{doc_id}: an earlier run left nothing of it; clean the input again")
        return self._held()[doc_id]

    def names(self) -> list[str]:
        """Return the doc_ids in order."""
        return list(self._held())

    def _held(self) -> dict[str, tuple[bytes, bytes]]:
        if self._pairs is None:
            self._pairs = {name: pair for path in self._earlier for name, pair in _pairs(path)}
        return self._pairs

    def put(self, doc_id: str, text: bytes, log: bytes, source: bytes | None, *, kept: bool) -> dict[str, pa.Table]:  # noqa: ARG002 - rows are written with their shard, kept or not
        """Return the row of a document."""
        row = {"doc_id": [doc_id], "text": [text], "log": [log], "source_text": [source]}
        return {"documents": make_table("documents", row)}


def shelves(folder: Path) -> Iterator[tuple[list[dict[str, Any]], Shelf]]:
    """Yield the records of a finished run's documents with the shelf that they lie on: all, or those of one part."""
    if not is_parted(read_manifest(folder)):
        yield list(inputs(folder)), Files(folder)
        return
    for about, documents in zip(parquet_files(folder, "inputs"), parquet_files(folder, "documents"), strict=True):
        yield records(about), Rows([documents])


def _pairs(path: Path) -> list[tuple[str, tuple[bytes, bytes]]]:
    try:
        rows = pq.read_table(path, columns=["doc_id", "text", "log"]).to_pylist()
    except (OSError, ValueError, pa.ArrowException):
        return []  # vanished or broken: its documents are cleaned again
    return [(row["doc_id"], (row["text"].encode(), row["log"].encode())) for row in rows]
