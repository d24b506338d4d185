"""Reading an output folder back: tables as data frames, documents, and the proof of law 1."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd
import pyarrow as pa

from pipeline.errors import QinggaoError, UsageError
from pipeline.export import log
from pipeline.export.folder import read_manifest
from pipeline.export.schema import TABLES
from pipeline.stages.decode import encode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.model import Document


def load_corpus(folder: Path | str) -> dict[str, pd.DataFrame]:
    """Return table name → data frame of an output folder: every table of :data:`pipeline.export.schema.TABLES`.

    The CSV files are read with the guard of formula cells undone; columns have the types of the schema, also where a
    table has no row, and a figure that is not there is NaN. Raises :class:`UsageError` where there is no run.
    """
    base = Path(folder)
    read_manifest(base)
    return {name: _read(base / f"{name}.csv", schema) for name, schema in TABLES.items()}


def _read(path: Path, schema: pa.Schema) -> pd.DataFrame:
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
    for record in read_manifest(folder)["inputs"]:
        if name in {record["doc_id"], record["source"]}:
            return log.load(*log.read_pair(folder, record["doc_id"]))[0]
    known = ", ".join(record["doc_id"] for record in read_manifest(folder)["inputs"][:8])
    raise UsageError(f"{name}: no such document in {folder}; it holds {known or 'none'}")


class Verdict(NamedTuple):
    """The outcome for one document; ``fault`` is empty when its bytes came back."""

    doc_id: str
    fault: str


def verify(folder: Path) -> Iterator[Verdict]:
    """Yield a verdict per document: whether text and log alone give the input's bytes back (law 1)."""
    manifest = read_manifest(folder)
    listed = {record["doc_id"]: record for record in manifest["inputs"]}
    present = {path.name.removesuffix(".txt") for path in (folder / "text").glob("*.txt")}
    present |= {path.name.removesuffix(".jsonl") for path in (folder / "log").glob("*.jsonl")}
    for doc_id in sorted(present | set(listed)):
        if doc_id not in listed:
            yield Verdict(doc_id, "is not in the manifest")
            continue
        try:
            yield Verdict(doc_id, _fault(folder, doc_id, listed[doc_id]["sha256"]))
        except (QinggaoError, UnicodeError, ValueError, LookupError, TypeError) as error:
            yield Verdict(doc_id, str(error))


def _fault(folder: Path, doc_id: str, sha256: str) -> str:
    document, head = log.load(*log.read_pair(folder, doc_id))
    if head["sha256"] != sha256:
        return "log and manifest name different inputs"
    if log.text_digest(document.source_text) != head["source_sha256"]:
        return "the rebuilt source text differs from what was read"
    if not document.evidence.extracted and log.digest(encode(document.source_text, document.evidence)) != sha256:
        return "the rebuilt bytes differ from the input's"
    return ""
