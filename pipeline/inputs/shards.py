"""Inputs cut into shards: what one worker takes at a time, so that memory is bounded by a shard and not by the corpus.

A shard is some files, or some rows of a table. Tables of any format are read once, as a stream, and their rows laid
down in files of the working folder: no worker reads a table from its start to come to its own rows.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.errors import InputError
from pipeline.inputs.documents import load_file, load_row
from pipeline.inputs.files import open_file, reading
from pipeline.inputs.names import NameHashes, Names, natural_name, survey
from pipeline.inputs.raw import Quarantined
from pipeline.inputs.tables import Row, read_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from pipeline.engines import Run
    from pipeline.inputs.files import InputFile
    from pipeline.inputs.raw import RawDocument

SMALLEST, LARGEST = 1 << 15, 1 << 20  # bytes of a shard, never cutting a document; a worker takes 40 times the largest
SHARDS = 64  # wanted at least, so that all workers are busy to the end
MOST = 256  # documents of a shard
_ROWS = pa.schema([("number", pa.int64()), ("name", pa.string()), ("text", pa.large_string()), ("fault", pa.string())])


class Shard(NamedTuple):
    """Some documents: ``files``, or the rows of a ``table`` that lie in the Parquet file ``rows``.

    ``key`` is a digest of all that they are: names, sources and bytes. ``hashes`` are those of their names, ``names``
    those that other documents of the corpus have, too.
    """

    key: str
    size: int
    hashes: NameHashes
    names: Names = Names.of([])
    files: tuple[InputFile, ...] = ()
    table: InputFile | None = None
    rows: Path | None = None

    def source(self, number: int) -> str:
        """Return the source of the document of this number (from 0)."""
        return f"{self.table.source}#{self._row(number).number}" if self.table else self.files[number].source

    def bytes(self, number: int) -> int:
        """Return about how many bytes the document of this number (from 0) has; they bound its time."""
        if self.table:
            return 3 * len(self._row(number).text or "")
        return self.files[number].unpacked

    def load(self, number: int) -> RawDocument | Quarantined:
        """Return the document of this number (from 0), or why it cannot be read."""
        file = self.table or self.files[number]
        raw = load_row(file, self._row(number)) if self.table else load_file(file)
        if isinstance(raw, Quarantined):
            return raw
        name = self.names.final_name(raw.doc_id, raw.source, file.position)
        if self.names.refuses(name):
            return Quarantined(raw.source, f"would be named {name} as another input is; give it another name")
        return replace(raw, doc_id=name)

    def documents(self) -> Iterator[tuple[str, str, int]]:
        """Yield the natural name, the source and the position of each document."""
        for number in range(self.size):
            file = self.table or self.files[number]
            row = self._row(number).name if self.table else None
            yield natural_name(file.format.stem, row), self.source(number), file.position

    def _row(self, number: int) -> Row:
        if self.rows is None:
            raise InputError("belongs to no table")
        return _read_rows(self.rows)[number]


@lru_cache(maxsize=1)
def _read_rows(path: Path) -> list[Row]:
    return [Row(**row) for row in pq.read_table(path).to_pylist()]


class Lot(NamedTuple):
    """What is surveyed at a time: some files that are documents, or one table; rows go into ``folder``."""

    files: tuple[InputFile, ...]
    folder: Path
    text_column: str | None
    size: int


class Surveyed(NamedTuple):
    """Shards whose names are not settled yet, and what cannot be read at all."""

    shards: list[Shard]
    quarantined: list[Quarantined]


def cut(
    files: Sequence[InputFile], folder: Path, text_column: str | None, run: Run
) -> tuple[list[Shard], list[Quarantined]]:
    """Return the shards of all files, in order, and the files that cannot be read; ``run`` does the reading.

    Raises :class:`pipeline.errors.UsageError` for a table without a text column.
    """
    shards: list[Shard] = []
    quarantined: list[Quarantined] = []
    for found in run(survey_lot, lots(files, folder, text_column)):
        shards += found.shards
        quarantined += found.quarantined
    names = Names.of([shard.hashes for shard in shards])
    finals = (names.final_hashes(shard.hashes, shard.documents()) for shard in shards)
    names = names._replace(refused=Names.colliding(finals))
    return [_named(shard, names) for shard in shards], quarantined


def key_of(*parts: object) -> str:
    """Return the digest by which something that depends on ``parts`` is known."""
    return hashlib.sha256(repr(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def digest_of(stream: BinaryIO) -> str:
    """Return the SHA-256 of what a stream holds."""
    digest = hashlib.sha256()
    while block := stream.read(1 << 20):
        digest.update(block)
    return digest.hexdigest()


def _named(shard: Shard, names: Names) -> Shard:
    """Return the shard with what it needs of the names that collide."""
    every = np.concatenate(shard.hashes)
    first, second = (array[np.isin(array, every)] for array in (names.first, names.second))
    mine = Names(first, second, names.refused)
    return shard._replace(names=mine, key=key_of(shard.key, *(array.tolist() for array in mine)))


def lots(files: Sequence[InputFile], folder: Path, text_column: str | None) -> Iterator[Lot]:
    """Yield what is surveyed at a time.

    Where files are parted depends on their names (and only then on a largest size), so that a new file moves few others
    to another shard: what is known of a shard is known by what it holds.
    """
    total = sum(file.unpacked for file in files)
    size = _power_of_two(total // SHARDS, SMALLEST, LARGEST)
    many = _power_of_two(len(files) // SHARDS, 1, MOST // 4)
    number = 0
    for table, group in groupby(files, key=lambda file: file.is_table):
        for part in ([file] for file in group) if table else _groups(group, size, many):
            yield Lot(tuple(part), folder / f"{number:06}", text_column, size)
            number += 1


def _power_of_two(wanted: int, least: int, most: int) -> int:
    """Return ``wanted`` coarsely: a corpus that grows a little is cut as before."""
    return min(max(1 << max(wanted, 1).bit_length() - 1, least), most)


def _groups(files: Iterable[InputFile], size: int, many: int) -> Iterator[list[InputFile]]:
    group: list[InputFile] = []
    bytes_ = 0
    for file in files:
        if group and (bytes_ + file.size > size or len(group) == MOST or _begins(file, many)):
            yield group
            group, bytes_ = [], 0
        group.append(file)
        bytes_ += file.size
    if group:
        yield group


def _begins(file: InputFile, many: int) -> bool:
    """Whether a shard begins with this file, as one in ``many`` does."""
    digest = hashlib.blake2b(file.source.encode("utf-8", "surrogateescape"), digest_size=8).digest()
    return int.from_bytes(digest, "little") % many == 0


def survey_lot(lot: Lot) -> Surveyed:
    """Return the shards of a lot."""
    first = lot.files[0]
    if not first.is_table:
        documents = [(natural_name(file.format.stem), file.source) for file in lot.files]
        key = key_of(*((file.source, _digest(file)) for file in lot.files))
        return Surveyed([Shard(key, len(documents), survey(documents), files=lot.files)], [])
    found = Surveyed([], [])
    try:
        for number, rows in enumerate(_row_groups(read_rows(first, lot.text_column), lot.size)):
            _add_rows(found, first, rows, lot.folder / f"{number:06}.parquet")
    except InputError as error:
        found.quarantined.append(Quarantined(first.source, str(error)))
    return found


def _digest(file: InputFile) -> str:
    """Return the digest of a file's bytes; what cannot be read is told when it is loaded."""
    try:
        with reading(file.place), open_file(file.place) as stream:
            return digest_of(stream)
    except InputError as error:
        return str(error)


def _row_groups(rows: Iterable[Row], size: int) -> Iterator[list[Row]]:
    group: list[Row] = []
    chars = 0
    for row in rows:
        length = len(row.text or "")
        if group and (chars + length > size // 3 or len(group) == MOST):  # a Chinese character is three bytes
            yield group
            group, chars = [], 0
        group.append(row)
        chars += length
    if group:
        yield group


def _add_rows(found: Surveyed, table: InputFile, rows: list[Row], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    columns = {name: [getattr(row, name) for row in rows] for name in _ROWS.names}
    pq.write_table(pa.table(columns, schema=_ROWS), path, compression="zstd")
    named = [(natural_name(table.format.stem, row.name), f"{table.source}#{row.number}") for row in rows]
    digest = hashlib.sha256(repr(rows).encode("utf-8", "surrogatepass")).hexdigest()
    found.shards.append(Shard(key_of(table.source, digest), len(rows), survey(named), table=table, rows=path))
