"""One document finished: kept from an earlier run or cleaned, laid down, and told in the rows of every table."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pipeline.errors import OutputError
from pipeline.export import log
from pipeline.export.schema import make_table
from pipeline.export.tables import tabulate
from pipeline.route import cleaning, cleaning_again
from pipeline.stages import analyse, decode

if TYPE_CHECKING:
    import pyarrow as pa

    from pipeline.export.shelf import Shelf
    from pipeline.inputs.raw import RawDocument
    from pipeline.knowledge import Knowledge
    from pipeline.model import Document
    from pipeline.ways import Way


class Result(NamedTuple):
    """What comes of one input: its rows by table, and whether it was kept as an earlier run left it."""

    tables: dict[str, pa.Table]
    kept: bool


def finishing(
    raw: RawDocument, shelf: Shelf, knowledge: Knowledge, *, force: bool = False, analysis: bool = True
) -> Way[Result]:
    """Return the rows of an input's document, and put it on the shelf unless it is there.

    Raises :class:`pipeline.errors.InputError` when the bytes are no text.
    """
    earlier = None if force else _earlier(raw, shelf)
    if earlier is None:
        document = yield from cleaning(decode.to_document(raw), knowledge, analysis=analysis)
    elif earlier.passes == knowledge.passes:
        document = earlier.document
    else:
        way = cleaning_again(raw, knowledge, earlier.document, earlier.passes, analysis=analysis)
        document = yield from way
    kept = earlier is not None and document is earlier.document
    text, lines = (earlier.text, earlier.log) if earlier and kept else log.dump(document, knowledge.passes)
    return Result(rows_of(document, knowledge, analysis=analysis) | put(document, shelf, text, lines, kept=kept), kept)


class _Earlier(NamedTuple):
    """A document as an earlier run left it, with the digests of what its passes read."""

    document: Document
    passes: dict[str, str]
    text: bytes
    log: bytes


def _earlier(raw: RawDocument, shelf: Shelf) -> _Earlier | None:
    try:
        text, lines = shelf.pair(raw.doc_id)
        document, head = log.load(text, lines)
    except OutputError:  # there is none, or it is not as it was written
        return None
    if (head["sha256"], head["source"]) != (raw.sha256, raw.source):
        return None
    return _Earlier(document, head.get("passes", {}), text, lines)


def put(document: Document, shelf: Shelf, text: bytes, lines: bytes, *, kept: bool = False) -> dict[str, pa.Table]:
    """Lay a document down by its text and log; return the rows that the shelf keeps of it."""
    source = document.source_text.encode("utf-8", "backslashreplace") if document.evidence.extracted else None
    return shelf.put(document.doc_id, text, lines, source, kept=kept)


def rows_of(document: Document, knowledge: Knowledge, *, analysis: bool = True) -> dict[str, pa.Table]:
    """Return the rows of a finished document in every table that it can fill by itself."""
    if document.goals is None and analysis:
        analyse.run(document, knowledge.goal_types)
    if not analysis:
        document.goals = None
    return tabulate(document) | {"inputs": _inputs(document)}


def _inputs(document: Document) -> pa.Table:
    """Return the row of a document in ``inputs``: how it was decoded, and its counts."""
    evidence = document.evidence
    row = {
        "doc_id": document.doc_id,
        "source": document.source,
        "sha256": evidence.sha256,
        "encoding": evidence.encoding,
        "how": evidence.how,
        "confidence": evidence.confidence,
        "bom": evidence.bom,
        "bad_bytes": evidence.bad_bytes,
        "extracted": evidence.extracted,
        "source_chars": len(document.source_text),
        "chars": len(document.text),
        "plans": len(document.sections),
        "edits": sum(len(batch.edits) for batch in document.batches),
        "suggestions": sum(len(batch.suggestions) for batch in document.batches),
        "notes": "\n".join(document.notes),
    }
    return make_table("inputs", {name: [value] for name, value in row.items()})
