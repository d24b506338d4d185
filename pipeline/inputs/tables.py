"""Tables row by row: .jsonl, .csv and .parquet in memory bounded by one row."""

from __future__ import annotations

import csv
import json
from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple, TextIO

from pipeline.errors import InputError, UsageError
from pipeline.inputs.compression import open_unpacked
from pipeline.inputs.files import open_file, reading
from pipeline.inputs.text import text_stream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pipeline.inputs.files import InputFile

TEXT_COLUMNS = ("text", "content", "body", "article", "正文", "内容", "文本")
ID_COLUMNS = ("doc_id", "id", "编号")
LARGEST_ROW = 200 << 20  # bytes of .jsonl and .parquet, characters of .csv
ROWS_THAT_TELL = 100  # rows of a .jsonl whose keys are its columns
ROWS_AT_ONCE = 8  # of a .parquet: a few bytes may say that a thousand rows are the same 100 MB, and more are not faster
TOO_LONG = f"is longer than {LARGEST_ROW >> 20} MB; split it"
NO_TEXT = "has no text in this row; remove the row or fill it"


class Row(NamedTuple):
    """One row: its number from 1, its name (the id column's value, else the number), and its text or what is wrong.

    ``text`` is None exactly where ``fault`` is not empty.
    """

    number: int
    name: str
    text: str | None
    fault: str = ""


class Columns(NamedTuple):
    """The columns that matter: the text's, and the id's where there is one."""

    text: str
    key: str | None


def read_rows(file: InputFile, text_column: str | None = None) -> Iterator[Row]:
    """Yield the rows of a table, in order.

    Where the table breaks off after some rows (a cut archive, a damaged page), these come out, and one last row tells
    the fault of all that follow. Raises :class:`InputError` for a table that cannot be read from its start on, and
    :class:`UsageError` for one without a text column.
    """
    number = 0
    try:
        with reading(file.place):
            columns = columns_of(file, text_column)
            for row in _READERS[file.format.kind](file, columns):
                number = row.number
                yield row
    except InputError as error:
        if not number:
            raise
        yield Row(number + 1, str(number + 1), None, f"{error}; the rows from this one on were not read")


def columns_of(file: InputFile, text_column: str | None = None) -> Columns:
    """Return the columns of a table that hold text and id; ``text_column`` names the first, whatever its case.

    Raises :class:`UsageError` for a table without a text column, :class:`InputError` for one that cannot be read.
    """
    with reading(file.place):
        names = list(dict.fromkeys(_NAMES[file.format.kind](file)))
    text = _pick(names, (text_column,) if text_column else TEXT_COLUMNS)
    if text is None:
        shown = ", ".join(names) or "none"
        raise UsageError(f"{file.source}: no text column; the columns are {shown}; name one with --text-column")
    return Columns(text, _pick(names, ID_COLUMNS))


def _pick(names: list[str], wanted: Iterable[str]) -> str | None:
    by_name = {name.casefold(): name for name in reversed(names)}
    return next((by_name[name.casefold()] for name in wanted if name.casefold() in by_name), None)


def _row(number: int, values: Mapping[str, Any], columns: Columns) -> Row:
    key = values.get(columns.key) if columns.key else None
    name = str(number) if key is None or key == "" else str(key)
    text = values.get(columns.text)
    if not isinstance(text, str) or not text.strip():
        return Row(number, name, None, NO_TEXT)
    if len(text) > LARGEST_ROW:
        return Row(number, name, None, TOO_LONG)
    # Characters that no text holds (a lone surrogate of a JSON escape) become the replacement character.
    return Row(number, name, text.encode("utf-8", "surrogatepass").decode("utf-8", "replace"))


# JSON lines


def _json_rows(file: InputFile, columns: Columns) -> Iterator[Row]:
    for number, value in _json_values(file):
        if isinstance(value, str):
            yield Row(number, str(number), None, value)
        else:
            yield _row(number, value, columns)


def _json_names(file: InputFile) -> Iterator[str]:
    for number, value in _json_values(file):
        if isinstance(value, dict):
            yield from value
            if number > ROWS_THAT_TELL:
                return


def _json_values(file: InputFile) -> Iterator[tuple[int, dict[str, Any] | str]]:
    """Yield (row number from 1, object or the reason why it is none)."""
    numbers = count(1)
    with open_unpacked(file) as stream:
        for line in _lines(stream):
            if line is None:
                yield next(numbers), TOO_LONG
            elif line.strip():
                yield next(numbers), _json_value(line)


def _json_value(line: bytes) -> dict[str, Any] | str:
    try:
        value = json.loads(line.removeprefix(b"\xef\xbb\xbf"))
    except (ValueError, RecursionError) as error:
        return f"is no JSON: {error}; correct the line"
    return value if isinstance(value, dict) else "is no JSON object; give one object a line"


def _lines(stream: BinaryIO) -> Iterator[bytes | None]:
    """Yield lines; None for one that is too long, which is read over and not kept."""
    while line := stream.readline(LARGEST_ROW + 1):
        if len(line) <= LARGEST_ROW:
            yield line
            continue
        while line and not line.endswith(b"\n"):
            line = stream.readline(1 << 20)
        yield None


# CSV


def _csv_rows(file: InputFile, columns: Columns) -> Iterator[Row]:
    with text_stream(open_unpacked(file)) as stream:
        lines = _CsvLines(stream)
        for number, values in enumerate(lines.rows(), 1):
            lines.taken = 0
            yield _row(number, values, columns)


def _csv_names(file: InputFile) -> list[str]:
    with text_stream(open_unpacked(file)) as stream:
        return list(_CsvLines(stream).rows().fieldnames or [])


class _CsvLines:
    """The lines of a .csv; an endless row (a quotation mark that nothing closes) is refused."""

    def __init__(self, stream: TextIO) -> None:
        csv.field_size_limit(LARGEST_ROW + 1)  # the module's own limit is 128 KB
        self._stream = stream
        self.taken = 0  # characters since a row began

    def __iter__(self) -> Iterator[str]:
        while line := self._stream.readline(LARGEST_ROW + 1):
            self.taken += len(line)
            if self.taken > LARGEST_ROW:
                raise InputError(f"holds a row that {TOO_LONG}, or close its quotation mark")
            yield line

    def rows(self) -> csv.DictReader[str]:
        return csv.DictReader(self)


# Parquet


def _parquet_rows(file: InputFile, columns: Columns) -> Iterator[Row]:
    wanted = list(dict.fromkeys(filter(None, columns)))
    numbers = count(1)
    with _parquet(file) as table:
        for batch in table.iter_batches(ROWS_AT_ONCE, columns=wanted, use_threads=False):
            held = {name: batch.column(batch.schema.names.index(name)) for name in wanted}
            for at in range(batch.num_rows):
                number = next(numbers)
                try:
                    values = {name: column[at].as_py() for name, column in held.items()}
                except (ValueError, OverflowError) as error:
                    yield Row(number, str(number), None, f"cannot be read: {error}; correct the row")
                    continue
                yield _row(number, values, columns)


def _parquet_names(file: InputFile) -> list[str]:
    with _parquet(file) as table:
        return list(table.schema_arrow.names)


@contextmanager
def _parquet(file: InputFile) -> Iterator[Any]:
    """Yield an open .parquet that is read page by page."""
    import pyarrow as pa  # noqa: PLC0415 - only for this format
    import pyarrow.parquet as pq  # noqa: PLC0415

    with open_file(file.place) as stream:
        try:
            yield pq.ParquetFile(stream, buffer_size=1 << 20, pre_buffer=False)  # pages, not whole row groups
        except (pa.ArrowException, OSError) as error:
            raise InputError(f"is no readable Parquet file: {error}; write it again") from error


_READERS = {".jsonl": _json_rows, ".csv": _csv_rows, ".parquet": _parquet_rows}
_NAMES = {".jsonl": _json_names, ".csv": _csv_names, ".parquet": _parquet_names}
