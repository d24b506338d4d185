"""Files and rows become raw documents: bytes, digest, and the text where a format needs extraction."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.errors import InputError
from pipeline.inputs.compression import open_unpacked
from pipeline.inputs.files import PAGES, WORD, reading
from pipeline.inputs.names import natural_name
from pipeline.inputs.pages import page_text
from pipeline.inputs.raw import Quarantined, RawDocument
from pipeline.inputs.word import word_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.inputs.files import InputFile
    from pipeline.inputs.tables import Row

LARGEST_DOCUMENT = 200 << 20  # bytes, unpacked


def load_file(file: InputFile) -> RawDocument | Quarantined:
    """Return the document that a file is, under its natural name, or the reason why it cannot be read."""
    try:
        with reading(file.place):
            return _document(file, _bytes_of(file))
    except InputError as error:
        return Quarantined(file.source, str(error))


def load_row(file: InputFile, row: Row) -> RawDocument | Quarantined:
    """Return the document that a table's row is, under its natural name, or the reason why it cannot be read."""
    source = f"{file.source}#{row.number}"
    if row.text is None:
        return Quarantined(source, row.fault)
    doc_id = natural_name(file.format.stem, row.name)
    digest = hashlib.sha256(row.text.encode()).hexdigest()
    return RawDocument(doc_id, source, b"", digest, row.text, f"row {row.number}")


def _bytes_of(file: InputFile) -> bytes:
    with open_unpacked(file) as stream:
        data = stream.read(LARGEST_DOCUMENT + 1)
    if len(data) > LARGEST_DOCUMENT:
        raise InputError(f"is larger than {LARGEST_DOCUMENT >> 20} MB; split the document")
    if not data.strip():
        raise InputError("is empty; remove it or fetch it again")
    return data


def _document(file: InputFile, data: bytes) -> RawDocument:
    raw = RawDocument(natural_name(file.format.stem), file.source, data, hashlib.sha256(data).hexdigest())
    kind = file.format.kind
    if kind in PAGES:
        return replace(raw, extracted=_extracted(page_text, data, kind), how="main content of HTML")
    if kind in WORD:
        return replace(raw, extracted=_extracted(word_text, data, kind), how="paragraphs of .docx")
    return raw


def _extracted(extract: Callable[[bytes], str], data: bytes, kind: str) -> str:
    try:
        return extract(data)
    except InputError:
        raise
    except Exception as error:
        # What a stranger's file makes of three libraries is past listing; none of it may stop the others (law 4).
        raise InputError(f"is no readable {kind} ({error or type(error).__name__}); save it again as {kind}") from error
