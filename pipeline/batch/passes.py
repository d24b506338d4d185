"""The passes over all documents, shard by shard: each takes a document and what is known, and says what comes of it.

``SIGHT`` and ``OBSERVE`` gather what the corpus teaches, ``CLEAN`` makes the documents. The same functions run on every
engine; what comes of a shard lies in files under a digest of all that it depends on (:mod:`pipeline.batch.state`).
"""

from __future__ import annotations

from functools import cache, lru_cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.batch import results
from pipeline.batch.evidence import save, whole
from pipeline.batch.isolation import allowance, limited, one_by_one
from pipeline.batch.lessons import read_lessons, taught
from pipeline.engines import rare_collection
from pipeline.errors import InputError, QinggaoError
from pipeline.export.schema import ALONE, empty_table, make_table
from pipeline.export.shelf import Files, Rows
from pipeline.finish import Result, finishing
from pipeline.inputs.raw import Quarantined
from pipeline.inputs.shards import key_of
from pipeline.knowledge import Knowledge
from pipeline.profile import Profile
from pipeline.route import observing, sighting
from pipeline.rules.recurrence import MarkEvidence
from pipeline.stages.decode import to_document
from pipeline.ways import alone, together

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from pipeline.batch.evidence import Evidence
    from pipeline.export.shelf import Shelf
    from pipeline.inputs.raw import RawDocument
    from pipeline.inputs.shards import Shard
    from pipeline.settings import Settings
    from pipeline.ways import Way

FAULTS = (QinggaoError, ArithmeticError, LookupError, TypeError, ValueError, RecursionError, MemoryError)
"""What a document may do to us without stopping the others (law 4)."""
EXCEL_LIMIT = 32_767  # characters of a spreadsheet cell
NOTES = 20  # of a shard that are told at once; all are in the table

TABLES = 32  # of documents, until they are put together
BUNCH, BUNCH_BYTES = 64, 100_000  # documents that go together, and their bytes

LeftOut = tuple[tuple[int, str], ...]


class Task(NamedTuple):
    """What one worker does at a time: a shard, by what is known, into ``target``.

    ``left_out`` are the documents, by number, that no pass takes, since one of them failed with them, with the reason;
    ``limit`` is in seconds (:func:`pipeline.batch.isolation.allowance`). ``out`` is the output folder where texts
    become files, ``earlier`` the parts of an earlier run that hold documents of this shard where they become rows.
    """

    shard: Shard
    target: Path
    settings: Settings
    lessons: Path | None = None
    left_out: LeftOut = ()
    limit: float | None = None
    out: Path | None = None
    earlier: tuple[Path, ...] = ()
    analysis: bool = True
    force: bool = False

    @property
    def place(self) -> Path:
        """Where what comes of the shard lies: elsewhere than ``target`` when documents are left out."""
        if not self.left_out:
            return self.target
        return self.target.with_name(key_of(self.target.name, self.left_out) + self.target.suffix)


class Outcome(NamedTuple):
    """What a pass did with a shard: where it lies, what was counted, what a person should be told, who is left out."""

    target: Path
    counts: dict[str, int]
    notes: list[str]
    left_out: LeftOut = ()


class Pass(NamedTuple):
    """One pass: what ``kind`` of thing it makes of a document, and what it leaves of a shard.

    ``gather`` gets an item for every document: what its way returned, or why there is nothing; it returns what
    writes all that to a place. ``kept`` returns the outcome of an earlier run where it still holds.
    """

    name: str
    kind: type[Any]
    document: Callable[[RawDocument, Task, Knowledge], Way[Any]]
    gather: Callable[[Task, Iterable[Any]], Callable[[Path], Outcome]]
    kept: Callable[[Task], Outcome | None]


@cache
def knowledge_for(settings: Settings) -> Knowledge:
    """Return the knowledge for these settings, built once per process."""
    return Knowledge(settings)


@lru_cache(maxsize=1)
def knowledge_of(settings: Settings, lessons: Path | None) -> Knowledge:
    """Return the knowledge for these settings and what the corpus taught."""
    knowledge = knowledge_for(settings)
    return knowledge if lessons is None else taught(knowledge, read_lessons(lessons))


def perform(which: Pass, task: Task) -> Outcome:
    """Take a shard through a pass, unless what comes of it is there already."""
    if not task.force and (kept := which.kept(task)) is not None:
        return kept
    with rare_collection():
        return _gathered(which, task, (item for bunch in _bunches(task) for item in _steps(which, task, bunch)))


def rescue(which: Pass, task: Task, _: int | None) -> Outcome:
    """Take a shard whose worker died through a pass, so that only the documents to blame are lost."""
    return _gathered(which, task, one_by_one(partial(_step, which), task, task.shard.size, task.limit))


def _gathered(which: Pass, task: Task, items: Iterable[Any]) -> Outcome:
    """Write what a pass makes of the documents of a shard.

    It lies under the documents that are left out: with which a pass fails may hang on the moment (time, memory), so
    that the next run tries them again.
    """
    failed: list[tuple[int, str]] = []

    def told() -> Iterator[Any]:
        for number, item in enumerate(items):
            if isinstance(item, str):
                failed.append((number, item))
                yield Quarantined(task.shard.source(number), item)
            else:
                yield item

    write = which.gather(task, told())
    task = task._replace(left_out=tuple(sorted((*task.left_out, *failed))))
    return write(task.place)._replace(left_out=task.left_out)


def _bunches(task: Task) -> Iterator[list[int]]:
    """Yield the numbers of documents that go together: many short ones, a long one by itself.

    They have the time of one, a second each at least: where documents have little, few go together.
    """
    most = BUNCH if task.limit is None else max(1, min(BUNCH, int(task.limit)))
    bunch, size = list[int](), 0
    for number in range(task.shard.size):
        more = task.shard.bytes(number) or BUNCH_BYTES  # how long a page of the web is may not be known
        if bunch and (len(bunch) == most or size + more > BUNCH_BYTES):
            yield bunch
            bunch, size = [], 0
        bunch.append(number)
        size += more
    if bunch:
        yield bunch


def _steps(which: Pass, task: Task, bunch: Sequence[int]) -> list[Any]:
    """Return what a pass makes of documents that go together; one that fails may do so for want of what others took."""
    knowledge = knowledge_of(task.settings, task.lessons)
    with limited(allowance(task.limit, sum(map(task.shard.bytes, bunch)))):
        items = together([_way(which, task, number, knowledge) for number in bunch], FAULTS)
    if len(bunch) == 1:
        return items
    return [
        _step(which, task, number) if isinstance(item, str) else item for number, item in zip(bunch, items, strict=True)
    ]


def _step(which: Pass, task: Task, number: int) -> Any:
    """Return what a pass makes of one document of a shard."""
    knowledge = knowledge_of(task.settings, task.lessons)
    with limited(allowance(task.limit, task.shard.bytes(number))):
        return alone(_way(which, task, number, knowledge))


def _way(which: Pass, task: Task, number: int, knowledge: Knowledge) -> Way[Any]:
    """Return what a pass makes of one document, or as a string why it fails; the others go on (law 4)."""
    source = task.shard.source(number)
    for left_out, reason in task.left_out:
        if left_out == number:
            return Quarantined(source, reason)
    try:
        raw = task.shard.load(number)
        return raw if isinstance(raw, Quarantined) else (yield from which.document(raw, task, knowledge))
    except InputError as error:
        return Quarantined(source, str(error))
    except FAULTS as error:
        return f"cleaning failed ({type(error).__name__}: {error}); please report it with this input"


# What the corpus teaches: a document that cannot be read or cleaned teaches nothing


def _sight(raw: RawDocument, _: Task, knowledge: Knowledge) -> Way[MarkEvidence]:
    return sighting(to_document(raw), knowledge)


def _observe(raw: RawDocument, _: Task, knowledge: Knowledge) -> Way[Profile]:
    return observing(to_document(raw), knowledge)


def _gather_evidence(kind: type[Evidence], _: Task, items: Iterable[Any]) -> Callable[[Path], Outcome]:
    total = kind()
    for item in items:
        if not isinstance(item, Quarantined):
            total.add(item)

    def write(place: Path) -> Outcome:
        save(total.rows(), place)
        return Outcome(place, {}, [])

    return write


def _kept_evidence(task: Task) -> Outcome | None:
    return Outcome(task.place, {}, []) if whole(task.place) else None


SIGHT = Pass("sight", MarkEvidence, _sight, partial(_gather_evidence, MarkEvidence), _kept_evidence)
"""The site marks that may stand in documents."""
OBSERVE = Pass("observe", Profile, _observe, partial(_gather_evidence, Profile), _kept_evidence)
"""The substitutions that documents speak for."""


# Documents


def _clean(raw: RawDocument, task: Task, knowledge: Knowledge) -> Way[Result]:
    return finishing(raw, _shelf(task), knowledge, force=task.force, analysis=task.analysis)


def _shelf(task: Task) -> Shelf:
    return _rows(task.earlier) if task.out is None else Files(task.out)


@lru_cache(maxsize=1)
def _rows(earlier: tuple[Path, ...]) -> Rows:
    """Return what is kept of a shard, read once for all of its documents."""
    return Rows(earlier)


def _gather_documents(task: Task, items: Iterable[Result | Quarantined]) -> Callable[[Path], Outcome]:
    return gather_documents(items, "documents" if task.out is None else "seals")


def gather_documents(items: Iterable[Result | Quarantined], laid_down: str) -> Callable[[Path], Outcome]:
    """Return what writes the rows of documents into a folder; ``laid_down`` is the part that tells where they lie."""
    tables: dict[str, list[pa.Table]] = {}
    faults: list[Quarantined] = []
    kept = 0
    for item in items:
        if isinstance(item, Quarantined):
            faults.append(item)
            continue
        kept += item.kept
        for name, table in item.tables.items():
            _add(tables.setdefault(name, []), table)
    tables["quarantined"] = [quarantined_table(faults)]
    rows = {name: pa.concat_tables(tables.get(name, [empty_table(name)])) for name in (*ALONE, laid_down)}

    def write(place: Path) -> Outcome:
        results.write(place, rows)
        return _told(place, rows["inputs"], rows["plans"], kept, len(faults))

    return write


def _add(tables: list[pa.Table], table: pa.Table) -> None:
    """Add the rows of a document; each table by itself would take thirty times the memory of its rows."""
    tables.append(table)
    if len(tables) > TABLES:
        tables[:] = [pa.concat_tables(tables).combine_chunks()]


def quarantined_table(faults: Sequence[Quarantined]) -> pa.Table:
    """Return the rows of inputs that could not be read or cleaned."""
    names = Quarantined._fields
    return make_table("quarantined", {name: [getattr(fault, name) for fault in faults] for name in names})


def _kept_documents(task: Task) -> Outcome | None:
    """Return the outcome of a shard that an earlier run finished, where all of it is as that run left it."""
    place = task.place
    if not results.whole(place):
        return None
    inputs = results.read(place, "inputs")
    if task.out is not None:
        shelf, extracted = Files(task.out), pc.filter(inputs["doc_id"], inputs["extracted"]).to_pylist()
        seals = results.read(place, "seals")
        if not all(map(shelf.holds, seals["doc_id"].to_pylist(), seals["seal"].to_pylist())):
            return None
        if not all(map(shelf.holds_source, extracted)):
            return None
    faults = len(results.read(place, "quarantined"))
    return _told(place, inputs, results.read(place, "plans"), len(inputs), faults)


CLEAN = Pass("documents", Result, _clean, _gather_documents, _kept_documents)
"""The documents themselves: clean texts and logs, and the rows of all tables that need no other document."""


def _told(target: Path, inputs: pa.Table, plans: pa.Table, kept: int, faults: int) -> Outcome:
    rows = inputs.to_pylist()
    counts = {name: sum(row[name] for row in rows) for name in ("plans", "edits", "suggestions")}
    long_cells = sum(chars > EXCEL_LIMIT for chars in plans["chars"].to_pylist())
    counts |= {"documents": len(rows), "quarantined": faults, "kept": kept, "long_cells": long_cells}
    notes = [f"{row['source']}: {note}" for row in rows for note in row["notes"].splitlines()]
    return Outcome(target, counts, notes[:NOTES])
