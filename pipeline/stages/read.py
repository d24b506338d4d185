"""read: paths and rows become raw documents: bytes, digest, and the text where a format needs extraction."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from pipeline.errors import InputError
from pipeline.inputs.documents import load_file, load_row
from pipeline.inputs.files import InputFile, list_files
from pipeline.inputs.names import Names, natural_name, survey
from pipeline.inputs.raw import Quarantined, RawDocument
from pipeline.inputs.tables import read_rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

__all__ = ["InputEntry", "InputPlan", "Quarantined", "RawDocument", "load_entries", "plan_inputs"]


@dataclass(frozen=True, slots=True)
class InputEntry:
    """One document to be: a file, or row ``row`` (from 1) of a table."""

    file: InputFile
    source: str
    doc_id: str
    row: int | None = None
    text_column: str | None = None

    @property
    def path(self) -> str:
        """The place of the entry's file."""
        return self.file.place


class InputPlan(NamedTuple):
    """What a run will read, in order, and what it cannot."""

    entries: list[InputEntry]
    quarantined: list[Quarantined]


def plan_inputs(
    paths: Sequence[Path | str], *, exclude: Path | None = None, text_column: str | None = None
) -> InputPlan:
    """Return the documents of files and folders (read recursively, sorted by relative path).

    Raises :class:`UsageError` for a path that does not exist and for a table without a text column.
    """
    files, quarantined = list_files(paths, exclude)
    entries: list[InputEntry] = []
    for file in files:
        try:
            entries += _entries(file, text_column)
        except InputError as error:
            quarantined.append(Quarantined(file.source, str(error)))
    names = Names.of([survey((entry.doc_id, entry.source) for entry in entries)])
    return InputPlan(
        [replace(entry, doc_id=names.final_name(entry.doc_id, entry.source, entry.file.position)) for entry in entries],
        quarantined,
    )


def _entries(file: InputFile, text_column: str | None) -> Iterator[InputEntry]:
    stem = file.format.stem
    if not file.is_table:
        yield InputEntry(file, file.source, natural_name(stem))
        return
    for row in read_rows(file, text_column):
        yield InputEntry(file, f"{file.source}#{row.number}", natural_name(stem, row.name), row.number, text_column)


def load_entries(entries: Sequence[InputEntry]) -> Iterator[RawDocument | Quarantined]:
    """Yield the raw documents of entries, reading each table once; what cannot be read comes as quarantined."""
    for file, group in groupby(entries, key=lambda entry: entry.file):
        for entry, raw in _loaded(file, list(group)):
            yield replace(raw, doc_id=entry.doc_id) if isinstance(raw, RawDocument) else raw


def _loaded(file: InputFile, entries: list[InputEntry]) -> Iterator[tuple[InputEntry, RawDocument | Quarantined]]:
    if not file.is_table:
        yield from ((entry, load_file(file)) for entry in entries)
        return
    wanted = {entry.row: entry for entry in entries}
    try:
        for row in read_rows(file, entries[0].text_column):
            if entry := wanted.pop(row.number, None):
                yield entry, load_row(file, row)
            if not wanted:
                return
    except InputError as error:
        yield from ((entry, Quarantined(entry.source, str(error))) for entry in wanted.values())


if __name__ == "__main__":
    from pipeline.pipe import read_stage

    read_stage()
