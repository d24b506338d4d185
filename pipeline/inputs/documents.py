"""Files and rows become raw documents: bytes, digest, and the text where a format needs extraction."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from pipeline.errors import InputError
from pipeline.inputs.compression import open_unpacked
from pipeline.inputs.files import PAGES, WORD, reading
from pipeline.inputs.names import natural_name
from pipeline.inputs.pages import page_text
from pipeline.inputs.raw import Quarantined, RawDocument
from pipeline.inputs.word import word_text

if TYPE_CHECKING:
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
    doc_id, kind = natural_name(file.format.stem), file.format.kind
    digest = hashlib.sha256(data).hexdigest()
    if kind in PAGES:
        return RawDocument(doc_id, file.source, data, digest, page_text(data), "main content of HTML")
    if kind in WORD:
        return RawDocument(doc_id, file.source, data, digest, word_text(data), "paragraphs of .docx")
    return RawDocument(doc_id, file.source, data, digest)
