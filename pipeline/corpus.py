"""Reading an output folder back: tables as data frames, documents, and the proof of law 1."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.errors import QinggaoError, UsageError
from pipeline.export import log
from pipeline.export.folder import inputs, is_parted, parquet_files, read_manifest
from pipeline.export.schema import TABLES
from pipeline.export.shelf import shelves
from pipeline.stages.decode import encode

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from pipeline.export.shelf import Shelf
    from pipeline.model import Document


def load_corpus(folder: Path | str) -> dict[str, pd.DataFrame]:
    """Return table name → data frame of an output folder: every table of :data:`pipeline.export.schema.TABLES`.

    Columns have the types of the schema, also where a table has no row, and a figure that is not there is NaN. Of a
    corpus in files the CSV is read, with the guard of formula cells undone. Raises :class:`UsageError` where
    there is no run.
    """
    base = Path(folder)
    if is_parted(read_manifest(base)):
        return {name: _read_parts(base, name) for name in TABLES}
    return {name: _read(base / f"{name}.csv", schema) for name, schema in TABLES.items()}


def _read_parts(base: Path, name: str) -> pd.DataFrame:
    parts = [pq.read_table(path) for path in parquet_files(base, name)]
    frame: pd.DataFrame = pa.concat_tables(parts).to_pandas()
    return frame


def _read(path: Path, schema: pa.Schema) -> pd.DataFrame:
    import pandas as pd  # noqa: PLC0415 - a quarter of the time that every command takes to start

    texts = [field.name for field in schema if pa.types.is_string(field.type)]
    kinds = {field.name: field.type.to_pandas_dtype() for field in schema} | dict.fromkeys(texts, str)
    empty = {field.name: [""] for field in schema if field.nullable}
    try:
        frame = pd.read_csv(path, encoding="utf-8-sig", keep_default_na=False, na_values=empty, dtype=kinds)
    except OSError as error:
        raise UsageError(f"{path.name}: {error.strerror}; run qinggao clean again to write it") from error
    for name in texts:
        guarded = frame[name].str.match("'[=+\\-@\t\r']")
        frame[name] = frame[name].where(~guarded, frame[name].str[1:])
    return frame


def load_document(folder: Path | str, name: str) -> Document:
    """Return a document of an output folder by its doc_id or source path, its source text rebuilt from the log."""
    folder = Path(folder)
    read_manifest(folder)
    for records, shelf in shelves(folder):
        for record in records:
            if name in {record["doc_id"], record["source"]}:
                return log.load(*shelf.pair(record["doc_id"]))[0]
    known = ", ".join(record["doc_id"] for record in islice(inputs(folder), 8))
    raise UsageError(f"{name}: no such document in {folder}; it holds {known or 'none'}")


class Verdict(NamedTuple):
    """The outcome for one document; ``fault`` is empty when its bytes came back."""

    doc_id: str
    fault: str


def verify(folder: Path) -> Iterator[Verdict]:
    """Yield a verdict per document: whether text and log alone give the input's bytes back (law 1)."""
    read_manifest(folder)
    for records, shelf in shelves(folder):
        yield from _verdicts({record["doc_id"]: record["sha256"] for record in records}, shelf)


def _verdicts(listed: dict[str, str], shelf: Shelf) -> Iterator[Verdict]:
    for doc_id in sorted({*shelf.names(), *listed}):
        if doc_id not in listed:
            yield Verdict(doc_id, "is not in the manifest")
            continue
        try:
            yield Verdict(doc_id, _fault(shelf, doc_id, listed[doc_id]))
        except (QinggaoError, UnicodeError, ValueError, LookupError, TypeError) as error:
            yield Verdict(doc_id, str(error))


def _fault(shelf: Shelf, doc_id: str, sha256: str) -> str:
    document, head = log.load(*shelf.pair(doc_id))
    if head["sha256"] != sha256:
        return "log and manifest name different inputs"
    if log.text_digest(document.source_text) != head["source_sha256"]:
        return "the rebuilt source text differs from what was read"
    if not document.evidence.extracted and log.digest(encode(document.source_text, document.evidence)) != sha256:
        return "the rebuilt bytes differ from the input's"
    return ""
