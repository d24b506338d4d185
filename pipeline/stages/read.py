"""read: paths and rows become raw documents: bytes, digest, and the text where a format needs extraction."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import re
import sys
import unicodedata
import zipfile
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from pipeline.errors import InputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

PLAIN = {".txt", ".md"}
PAGES = {".html", ".htm"}
WORD = {".docx"}
TABLES = {".jsonl", ".csv", ".parquet"}
SUPPORTED = PLAIN | PAGES | WORD | TABLES
TEXT_COLUMNS = ("text", "content", "body", "article", "正文", "内容", "文本")
ID_COLUMNS = ("doc_id", "id", "编号")
LONGEST_ID = 200  # bytes: file names end at 255, and a hash and an ending follow
LARGEST_WORD = 200 << 20  # bytes a .docx may unpack to


class Quarantined(NamedTuple):
    """An input that could not be read, and why."""

    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class InputEntry:
    """One document to be: a file, or row ``row`` (from 1) of a table."""

    path: Path
    source: str
    doc_id: str
    row: int | None = None
    text_column: str | None = None


@dataclass(frozen=True, slots=True)
class RawDocument:
    """The bytes of one document; ``extracted`` is its text where a format needs extraction."""

    doc_id: str
    source: str
    data: bytes
    sha256: str
    extracted: str | None = None
    how: str = ""

    @classmethod
    def from_bytes(cls, name: str, data: bytes) -> RawDocument:
        """Return the raw document of bytes that come from no file."""
        return cls(name, name, data, hashlib.sha256(data).hexdigest())


class InputPlan(NamedTuple):
    """What a run will read, in order, and what it cannot."""

    entries: list[InputEntry]
    quarantined: list[Quarantined]


def plan_inputs(paths: Sequence[Path], *, exclude: Path | None = None, text_column: str | None = None) -> InputPlan:
    """Return the documents of files and folders (read recursively, sorted by relative path).

    Raises :class:`UsageError` for a path that does not exist and for a table without a text column.
    """
    quarantined: list[Quarantined] = []
    found: list[tuple[Path, str, int]] = []
    for position, path in enumerate(paths):
        if not os.path.lexists(path):
            raise UsageError(f"{path}: no such file or folder; give the inputs that exist, or put files into data/raw")
        found += [(p, s, position) for p, s in _walk(path, exclude, quarantined)]
    entries: list[tuple[InputEntry, int]] = []
    for path, source, position in found:
        try:
            entries += [(entry, position) for entry in _entries(path, source, text_column)]
        except InputError as error:
            quarantined.append(Quarantined(source, str(error)))
        except OSError as error:
            quarantined.append(Quarantined(source, f"cannot be read: {error.strerror}; check its permissions"))
    return InputPlan(_distinct(entries), quarantined)


def _walk(path: Path, exclude: Path | None, quarantined: list[Quarantined]) -> Iterator[tuple[Path, str]]:
    if not path.is_dir():
        if _usable(path, path.name, path.parent, quarantined):
            yield path, path.name
        return
    skip = exclude.resolve() if exclude else None
    for source in sorted(_files(path, skip, quarantined)):
        if _usable(path / source, source, path, quarantined):
            yield path / source, source


def _files(root: Path, skip: Path | None, quarantined: list[Quarantined]) -> Iterator[str]:
    """Yield files and links under ``root`` (relative, hidden ones left out); quarantine folders that do not open."""

    def denied(error: OSError) -> None:
        folder = Path(error.filename)
        source = root.name if folder == root else folder.relative_to(root).as_posix()
        quarantined.append(Quarantined(source, f"cannot be read: {error.strerror}; check its permissions"))

    for folder, folders, files in os.walk(root, onerror=denied):
        here = Path(folder)
        links = [name for name in folders if (here / name).is_symlink()]
        folders[:] = [name for name in folders if name[0] != "." and (here / name).resolve() != skip]
        for name in (*files, *links):
            if name[0] != ".":
                yield (here / name).relative_to(root).as_posix()


def _usable(path: Path, source: str, root: Path, quarantined: list[Quarantined]) -> bool:
    reason = ""
    if path.is_symlink():
        target = path.resolve()
        if not target.exists():
            reason = "is a broken link; restore its target or remove it"
        elif root.resolve() not in target.parents or target.is_dir():
            reason = "links out of the input folder or to a folder; put the file itself there"
    if not reason and not path.is_file():
        reason = "is no regular file; remove it"
    if not reason and path.suffix.lower() not in SUPPORTED:
        reason = f"has an unsupported format; convert it to one of {', '.join(sorted(SUPPORTED))}"
    if reason:
        quarantined.append(Quarantined(source, reason))
    return not reason


def _entries(path: Path, source: str, text_column: str | None) -> Iterator[InputEntry]:
    if path.suffix.lower() not in TABLES:
        yield InputEntry(path, source, safe_name(path.stem))
        return
    columns = _columns(path)
    text = _pick(columns, (text_column,) if text_column else TEXT_COLUMNS)
    if text is None:
        raise UsageError(
            f"{source}: no text column; the columns are {', '.join(columns) or 'none'}; name one with --text-column"
        )
    key = _pick(columns, ID_COLUMNS)
    for number, row in _rows(path):
        name = str(row[key]) if isinstance(row, dict) and key and row.get(key) not in {None, ""} else str(number)
        yield InputEntry(path, f"{source}#{number}", safe_name(f"{path.stem}-{name}"), number, text)


def _pick(columns: list[str], wanted: Iterable[str]) -> str | None:
    by_name = {column.casefold(): column for column in reversed(columns)}
    return next((by_name[name.casefold()] for name in wanted if name.casefold() in by_name), None)


def safe_name(name: str) -> str:
    """Return ``name`` as a file name can be: no separators or control characters, not empty, not too long."""
    name = name.encode("utf-8", "backslashreplace").decode()
    name = re.sub(r'[/\\:*?"<>|\x00-\x1f\x7f]', "_", name).strip()
    return name.encode()[:LONGEST_ID].decode("utf-8", "ignore") or "_"


def _distinct(entries: list[tuple[InputEntry, int]]) -> list[InputEntry]:
    """Give every document that shares its name with another a hash of its path."""

    def fold(entry: InputEntry) -> str:
        return unicodedata.normalize("NFC", entry.doc_id).casefold()

    named = entries
    for prefix in ("", "{position}:"):
        count = Counter(fold(entry) for entry, _ in named)
        named = [
            (_hashed(entry, prefix.format(position=position)) if count[fold(entry)] > 1 else entry, position)
            for entry, position in named
        ]
    return [entry for entry, _ in named]


def _hashed(entry: InputEntry, prefix: str) -> InputEntry:
    digest = hashlib.sha256((prefix + entry.source).encode("utf-8", "surrogateescape")).hexdigest()[:8]
    return replace(entry, doc_id=f"{entry.doc_id}-{digest}")


def load_entries(entries: Sequence[InputEntry]) -> Iterator[RawDocument | Quarantined]:
    """Yield the raw documents of entries, reading each table once; what cannot be read comes as quarantined."""
    for path, group in groupby(entries, key=lambda entry: entry.path):
        some = list(group)
        try:
            yield from _load_rows(path, some) if some[0].row is not None else map(_load_file, some)
        except OSError as error:
            reason = f"cannot be read: {error.strerror}; check its permissions"
            yield from (Quarantined(entry.source, reason) for entry in some)


def _load_file(entry: InputEntry) -> RawDocument | Quarantined:
    data = entry.path.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    if not data.strip():
        return Quarantined(entry.source, "is empty; remove it or fetch it again")
    kind = entry.path.suffix.lower()
    try:
        if kind in PAGES:
            return RawDocument(entry.doc_id, entry.source, data, digest, _page_text(data), "main content of HTML")
        if kind in WORD:
            return RawDocument(entry.doc_id, entry.source, data, digest, _word_text(entry.path), "paragraphs of .docx")
    except InputError as error:
        return Quarantined(entry.source, str(error))
    return RawDocument(entry.doc_id, entry.source, data, digest)


def _load_rows(path: Path, entries: list[InputEntry]) -> Iterator[RawDocument | Quarantined]:
    wanted = {entry.row: entry for entry in entries}
    for number, row in _rows(path):
        entry = wanted.get(number)
        if entry is None:
            continue
        if isinstance(row, str):
            yield Quarantined(entry.source, row)
            continue
        text = row.get(entry.text_column or "")
        if not isinstance(text, str) or not text.strip():
            yield Quarantined(entry.source, "has no text in this row; remove the row or fill it")
            continue
        # Characters that no text holds (a lone surrogate of a JSON escape) become the replacement character.
        text = text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
        data = text.encode()
        yield RawDocument(entry.doc_id, entry.source, b"", hashlib.sha256(data).hexdigest(), text, f"row {number}")


def _text_of(data: bytes) -> str:
    from pipeline.stages.decode import decode  # noqa: PLC0415 - decode imports RawDocument from here

    return decode(data)[0].encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _rows(path: Path) -> Iterator[tuple[int, dict[str, Any] | str]]:
    """Yield (row number from 1, row or the reason why it is none)."""
    kind = path.suffix.lower()
    if kind == ".jsonl":
        yield from _json_rows(path)
    elif kind == ".csv":
        csv.field_size_limit(sys.maxsize)
        reader = csv.DictReader(io.StringIO(_text_of(path.read_bytes()), newline=""))
        for number, row in enumerate(reader, 1):
            yield number, {str(name): value for name, value in row.items()}
    else:
        number = 0
        for batch in _parquet(path).iter_batches(batch_size=1000):
            for record in batch.to_pylist():
                number += 1
                yield number, record


def _json_rows(path: Path) -> Iterator[tuple[int, dict[str, Any] | str]]:
    with path.open("rb") as stream:
        number = 0
        for line in stream:
            if not line.strip():
                continue
            number += 1
            try:
                row = json.loads(line.removeprefix(b"\xef\xbb\xbf"))
            except (ValueError, RecursionError) as error:
                yield number, f"is no JSON: {error}; correct the line"
                continue
            yield number, row if isinstance(row, dict) else "is no JSON object; give one object a line"


def _parquet(path: Path) -> Any:
    import pyarrow as pa  # noqa: PLC0415 - only for this format
    import pyarrow.parquet as pq  # noqa: PLC0415

    try:
        return pq.ParquetFile(path)
    except pa.ArrowInvalid as error:
        raise InputError(f"is no Parquet file: {error}; write it again") from error


def _columns(path: Path) -> list[str]:
    if path.suffix.lower() == ".parquet":
        return list(_parquet(path).schema_arrow.names)
    columns: dict[str, None] = {}
    for number, row in _rows(path):
        if isinstance(row, dict):
            columns |= dict.fromkeys(row)
            if path.suffix.lower() == ".csv" or number > 100:
                break
    if not columns and path.suffix.lower() == ".csv":
        first = _text_of(path.read_bytes()).splitlines()[:1]
        columns = dict.fromkeys(next(csv.reader(first), []))
    return list(columns)


def _page_text(data: bytes) -> str:
    import trafilatura  # noqa: PLC0415 - only for this format, 0.5 s to import

    hint = re.search(rb"<meta[^>]{0,200}charset=[\"']?([\w-]{3,20})", data[:4096], re.IGNORECASE)
    page = _text_of(data)
    if hint and b"\x00" not in data:
        with suppress(LookupError, UnicodeDecodeError):
            page = data.decode(re.sub("gbk|gb2312", "gb18030", hint[1].decode("ascii").lower()))
    text = trafilatura.extract(page, output_format="txt", include_comments=False, favor_recall=True)
    text = text or trafilatura.html2txt(page)
    if not text or not text.strip():
        raise InputError("holds no text that could be extracted; save the article as .txt")
    return str(text)


def _word_text(path: Path) -> str:
    import docx  # noqa: PLC0415 - only for this format
    from docx.opc.exceptions import PackageNotFoundError  # noqa: PLC0415
    from docx.table import Table  # noqa: PLC0415

    try:
        with zipfile.ZipFile(path) as archive:
            if sum(item.file_size for item in archive.infolist()) > LARGEST_WORD:
                raise InputError("unpacks to more than 200 MB; split the document")
        document = docx.Document(str(path))
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


if __name__ == "__main__":
    from pipeline.pipe import read_stage

    read_stage()
