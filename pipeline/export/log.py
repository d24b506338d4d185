"""The log of a document: decode evidence, then every batch; with the clean text, all that undo needs.

One JSON object a line: ``decode``, one per batch of edits, ``split``, and a seal: the digest of the clean text and
of the lines before it, so that one changed character of either is noticed.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.errors import OutputError
from pipeline.export.json_lines import from_line, to_line
from pipeline.model import Batch, Document, Edit, Evidence, Section, Unit, undo_edits

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PLAIN = len(Edit._fields) - 1  # fields of an edit before its ``why``, which few have


def digest(data: bytes) -> str:
    """Return the SHA-256 of ``data`` as hex."""
    return hashlib.sha256(data).hexdigest()


def text_digest(source_text: str) -> str:
    """Return the SHA-256 of a source text (UTF-8; bad bytes as surrogates)."""
    return digest(source_text.encode("utf-8", "surrogatepass"))


def dump(document: Document, passes: Mapping[str, str]) -> tuple[bytes, bytes]:
    """Return (clean text, log) as the bytes of their files; ``passes`` tells under what each pass was run."""
    text = document.text.encode("utf-8")
    head = {
        "stage": "decode",
        "doc_id": document.doc_id,
        "source": document.source,
        "passes": passes,
        "source_sha256": text_digest(document.source_text),
        **document.evidence._asdict(),
    }
    lines = [head, *map(batch_line, document.batches)]
    lines.append(
        {
            "stage": "split",
            "sections": [_values(section) for section in document.sections],
            "units": [_values(unit) for unit in document.units],
            "notes": document.notes,
        }
    )
    body = b"".join(map(to_line, lines))
    return text, body + seal(text, body)


def seal(text: bytes, body: bytes) -> bytes:
    """Return the last line of a log: the digest of the clean text and of the lines before it."""
    return to_line({"stage": "seal", "sha256": digest(text + body)})


def _values(record: Section | Unit) -> list[object]:
    return [getattr(record, name) for name in record.__slots__]


def batch_line(batch: Batch) -> dict[str, Any]:
    """Return a batch as JSON values: each edit, its span in the source text, and why where that is told."""
    return {
        "stage": batch.stage,
        "step": batch.step,
        "edits": [_row(edit, raw) for edit, raw in zip(batch.edits, batch.raw.tolist(), strict=True)],
        "suggestions": [
            _row(edit, raw) for edit, raw in zip(batch.suggestions, batch.raw_suggested.tolist(), strict=True)
        ],
    }


def _row(edit: Edit, raw: list[int]) -> tuple[object, ...]:
    return (*edit[:PLAIN], *raw, edit.why) if edit.why else (*edit[:PLAIN], *raw)


def load(text: bytes, log: bytes) -> tuple[Document, dict[str, Any]]:
    """Return the document (with its source text rebuilt) and its log's head; raises :class:`OutputError`.

    The seal is checked first: any change of either file is refused.
    """
    body = log[: log.rfind(b"\n", 0, len(log) - 1) + 1]
    if log != body + seal(text, body):
        raise OutputError("text and log do not belong together or were changed; clean the input again with --force")
    head, *batches, tail = map(from_line, body.split(b"\n")[:-1])
    source = clean = text.decode("utf-8")
    read = [read_batch(line) for line in batches]
    for batch in reversed(read):
        source = undo_edits(source, batch.edits)
    patches = tuple((at, length, raw) for at, length, raw in head["patches"])
    fields = {name: head[name] for name in Evidence._fields} | {"patches": patches}
    document = Document(head["doc_id"], head["source"], source, Evidence(**fields), batches=read)
    document.text = clean
    document.sections = [Section(*values) for values in tail["sections"]]
    document.units = [Unit(*values) for values in tail["units"]]
    document.notes = tail["notes"]
    return document, head


def read_batch(line: dict[str, Any]) -> Batch:
    """Return the batch that :func:`batch_line` wrote."""
    edits, suggestions = line["edits"], line["suggestions"]
    return Batch(
        line["stage"],
        [Edit(*row[:PLAIN], *row[PLAIN + 2 :]) for row in edits],
        [Edit(*row[:PLAIN], *row[PLAIN + 2 :]) for row in suggestions],
        np.array([row[PLAIN : PLAIN + 2] for row in edits], np.int64).reshape(-1, 2),
        np.array([row[PLAIN : PLAIN + 2] for row in suggestions], np.int64).reshape(-1, 2),
        line.get("step", 0),  # logs of before have none
    )


def read_pair(folder: Path, doc_id: str) -> tuple[bytes, bytes]:
    """Return (clean text, log) of a document of an output folder; raises :class:`OutputError` when one is missing."""
    try:
        text = (folder / "text" / f"{doc_id}.txt").read_bytes()
        log = (folder / "log" / f"{doc_id}.jsonl").read_bytes()
    except OSError as error:
        raise OutputError(
            f"{doc_id}: {error.strerror}; text/ and log/ must both hold it: clean the input again"
        ) from error
    return text, log
