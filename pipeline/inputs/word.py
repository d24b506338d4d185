"""The paragraphs and tables of a .docx."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from pipeline.errors import InputError

LARGEST_WORD = 200 << 20  # bytes a .docx may unpack to


def word_text(data: bytes) -> str:
    """Return the text of a .docx, a line a paragraph or table row; raises :class:`InputError` where there is none."""
    import docx  # noqa: PLC0415 - only for this format
    from docx.opc.exceptions import PackageNotFoundError  # noqa: PLC0415
    from docx.table import Table  # noqa: PLC0415

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(item.file_size for item in archive.infolist()) > LARGEST_WORD:
                raise InputError("unpacks to more than 200 MB; split the document")
        document = docx.Document(io.BytesIO(data))
        lines: list[str] = []
        for item in document.iter_inner_content():
            if isinstance(item, Table):
                lines += ["\t".join(_cells(row)) for row in item.rows]
            else:
                lines.append(item.text)
    except (zipfile.BadZipFile, KeyError, ValueError, PackageNotFoundError) as error:
        raise InputError(f"is no readable .docx ({error}); save it again as .docx") from error
    text = "\n".join(lines)
    if not text.strip():
        raise InputError("holds no text; save the document with its text")
    return text


def _cells(row: Any) -> list[str]:
    """Return the texts of a table row; a merged cell counts once."""
    merged = {id(cell._tc): cell for cell in row.cells}  # noqa: SLF001 - python-docx gives no other identity
    return [cell.text.replace("\n", " ") for cell in merged.values()]
