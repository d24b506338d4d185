"""What shards teach, kept in files: read back instead of being gathered again, merged as a tree.

Evidence adds up in any order, so that a merge of merges is the merge of all. A tree keeps what one process holds at a
time, and what one machine has to read, small.
"""

from __future__ import annotations

import hashlib
from contextlib import ExitStack
from functools import partial
from heapq import merge
from itertools import chain, groupby, islice
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeVar

from pipeline.export.folder import waiting_name
from pipeline.export.json_lines import from_line, to_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from pipeline.engines import Run

FAN = 32  # files merged into one


class Evidence(Protocol):
    """What adds up: :class:`MarkEvidence`, :class:`Profile`. A row begins with the two strings that it is about."""

    def add(self, other: Self, /) -> None:
        """Make this the evidence of both."""

    def rows(self) -> Iterator[list[Any]]:
        """Yield it as JSON values, sorted by what a row is about."""

    @classmethod
    def of_rows(cls, rows: Iterable[list[Any]]) -> Self:
        """Return the evidence of rows; those about the same add up."""

    def telling(self) -> Self:
        """Return it without what is too little to say anything, now that no more will come."""


E = TypeVar("E", bound=Evidence)


def save(rows: Iterable[list[Any]], path: Path) -> None:
    """Write rows of evidence under a seal, their digest, so that they are there whole or not at all."""
    waiting, digest = waiting_name(path), hashlib.sha256()
    with waiting.open("wb") as lines:
        lines.write(_seal(digest.hexdigest()))
        for line in map(to_line, rows):
            digest.update(line)
            lines.write(line)
        lines.seek(0)
        lines.write(_seal(digest.hexdigest()))
    waiting.replace(path)


def whole(path: Path) -> bool:
    """Whether a file of evidence is there as it was written."""
    try:
        with path.open("rb") as lines:
            return lines.readline() == _seal(hashlib.file_digest(lines, "sha256").hexdigest())
    except OSError:
        return False


def _seal(hexdigest: str) -> bytes:
    return f"{hexdigest}\n".encode()


def merged(kind: type[E], paths: Sequence[Path], work: Path, run: Run) -> E:
    """Return what the evidence in all files tells, merged :data:`FAN` at a time by ``run`` into files in ``work``."""
    level = 0
    while len(paths) > FAN:
        level += 1
        cuts = [paths[at : at + FAN] for at in range(0, len(paths), FAN)]
        targets = [work / f"{kind.__name__}-{level}-{number}.jsonl" for number in range(len(cuts))]
        paths = list(run(partial(_merge, kind), zip(cuts, targets, strict=True)))
    total = kind()
    for part in _parts(kind, paths):
        total.add(part.telling())
    return total


def _merge(kind: type[E], task: tuple[Sequence[Path], Path]) -> Path:
    paths, target = task
    save(chain.from_iterable(part.rows() for part in _parts(kind, paths)), target)
    return target


def _parts(kind: type[E], paths: Iterable[Path]) -> Iterator[E]:
    """Yield the evidence of all files for one subject after the other, in order: no file is held whole."""
    with ExitStack() as opened:
        rows = [map(from_line, islice(opened.enter_context(path.open("rb")), 1, None)) for path in paths]
        for _, group in groupby(merge(*rows, key=_subject), key=_subject):
            yield kind.of_rows(group)


def _subject(row: list[Any]) -> tuple[str, str]:
    return row[0], row[1]
