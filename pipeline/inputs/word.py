"""The paragraphs and tables of a .docx, which may be hostile: nothing outside it is read, nothing in it is believed."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, Any

from pipeline.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LARGEST_WORD = 200 << 20  # bytes a .docx may unpack to, and characters of its text
MOST_PARTS = 4000  # files in a .docx, pictures among them
MOST_MARKUP = 5_000_000  # tags and attributes: what 80 MB of a real one hold; each takes 100 bytes of memory


def word_text(data: bytes) -> str:
    """Return the text of a .docx, a line for each paragraph or table row.

    Raises :class:`InputError` for one without text or beyond the limits, and whatever its readers find wrong.
    """
    import docx  # noqa: PLC0415 - only for this format
    from docx.table import Table  # noqa: PLC0415

    lines: list[str] = []
    size = 0
    for item in docx.Document(_stored(data)).iter_inner_content():
        for line in _table_lines(item) if isinstance(item, Table) else (item.text,):
            lines.append(line)
            size += len(line)
            if size > LARGEST_WORD:  # a cell merged over many rows is repeated in each
                raise InputError(f"holds more than {LARGEST_WORD >> 20} million characters; split the document")
    text = "\n".join(lines)
    if not text.strip():
        raise InputError("holds no text; save the document with its text")
    return text


def _stored(data: bytes) -> io.BytesIO:
    """Return the archive with its parts unpacked: their sizes are counted, for what it says of them may be a lie."""
    left, markup, whole = LARGEST_WORD, 0, io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(whole, "w") as stored:
        for name, part in _parts(archive.infolist()):
            with archive.open(part) as stream:
                content = stream.read(left + 1)
            left -= len(content)
            markup += content.count(b"<") + content.count(b"=")
            if left < 0:
                raise InputError(f"unpacks to more than {LARGEST_WORD >> 20} MB; split the document")
            if markup > MOST_MARKUP:
                raise InputError(f"holds more than {MOST_MARKUP:,} tags and attributes; split the document")
            stored.writestr(name, content)
    return whole


def _parts(members: Iterable[zipfile.ZipInfo]) -> Iterable[tuple[str, zipfile.ZipInfo]]:
    parts = {member.filename: member for member in members}
    if len(parts) > MOST_PARTS:
        raise InputError(f"holds more than {MOST_PARTS:,} parts; split the document")
    # Other methods unpack without a bound, and the format knows none.
    if any(part.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED} for part in parts.values()):
        raise InputError("is packed in a way that .docx does not know; save it again as .docx")
    return parts.items()


def _table_lines(table: Any) -> Iterator[str]:
    """Yield the texts of a table's rows; a cell merged over columns counts once, one merged over rows in each.

    A span is added, never walked: it may claim any number of columns.
    """
    from docx.table import _Cell  # noqa: PLC0415

    above: dict[int, str] = {}
    for row in table.rows:
        here: dict[int, str] = {}
        column = row.grid_cols_before
        for cell in row._tr.tc_lst:  # noqa: SLF001 - python-docx repeats a cell for every column it spans
            continued = above.get(column) if cell.vMerge == "continue" else None
            here[column] = _Cell(cell, table).text.replace("\n", " ") if continued is None else continued
            column += max(1, cell.grid_span)
        yield "\t".join(here.values())
        above = here
