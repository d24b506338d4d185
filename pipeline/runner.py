"""Many documents: plan, clean each (in this process or a pool), write tables, manifest and verdicts."""

from __future__ import annotations

import gc
import time
from collections import deque
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache, lru_cache, partial
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from pipeline.errors import InputError, QinggaoError
from pipeline.export import folder as output
from pipeline.export import log
from pipeline.export.tables import TableFiles, long_cells, plan_lines, tabulate
from pipeline.knowledge import Knowledge, SiteLessons
from pipeline.profile import Profile
from pipeline.route import clean_raw, observe_document, sight_document
from pipeline.rules.recurrence import MarkEvidence
from pipeline.stages.decode import to_document
from pipeline.stages.read import InputEntry, Quarantined, load_entries, plan_inputs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path
    from typing import TypeVar

    import pyarrow as pa

    from pipeline.model import Document
    from pipeline.rules.learned import Learned
    from pipeline.settings import Settings
    from pipeline.stages.read import RawDocument

    T = TypeVar("T")

ROWS_PER_TASK = 2000  # a task reads its table from the start
FAULTS = (QinggaoError, ArithmeticError, LookupError, TypeError, ValueError, RecursionError, MemoryError)
"""What a document may do to us without stopping the others (law 4)."""
DRAFT = "learned_pack.toml"
WINDOW = 4  # tasks waiting per worker: bounds memory


class Task(NamedTuple):
    """What one worker does at a time: some entries of one file."""

    entries: list[InputEntry]
    out: Path
    settings: Settings
    learned: tuple[Learned, ...]
    sites: SiteLessons
    force: bool
    write: bool


class Result(NamedTuple):
    """What comes back of one input: its rows and its line of the manifest."""

    tables: dict[str, pa.Table]
    lines: bytes
    record: dict[str, Any]
    kept: bool


@dataclass(slots=True)
class Summary:
    """What a run did: inputs done, kept and quarantined, rows and files written, messages for the user."""

    records: list[dict[str, Any]] = field(default_factory=list)
    quarantined: list[Quarantined] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    learned: int = 0
    sites: int = 0
    kept: int = 0
    removed: int = 0
    long_cells: int = 0
    seconds: float = 0.0


@cache
def knowledge_for(settings: Settings) -> Knowledge:
    """Return the knowledge for these settings, built once per process."""
    return Knowledge(settings)


@lru_cache(maxsize=1)
def taught(settings: Settings, learned: tuple[Learned, ...], sites: SiteLessons) -> Knowledge:
    """Return the knowledge for these settings and what the corpus taught."""
    return knowledge_for(settings).taught(learned=learned, sites=sites)


def sight(task: Task) -> MarkEvidence:
    """Return the site marks that may stand in some entries (the first pass); one that cannot be read shows none."""
    knowledge, total = knowledge_for(task.settings), MarkEvidence()
    with rare_collection():
        for raw in load_entries(task.entries):
            if isinstance(raw, Quarantined):
                continue
            with suppress(*FAULTS):
                total.add(sight_document(to_document(raw), knowledge))
    return total


def observe(task: Task) -> Profile:
    """Return what some entries teach (the second pass); one that cannot be read or cleaned teaches nothing."""
    knowledge = taught(task.settings, (), task.sites)
    total = Profile()
    with rare_collection():
        for raw in load_entries(task.entries):
            if isinstance(raw, Quarantined):
                continue
            with suppress(*FAULTS):
                total.add(observe_document(to_document(raw), knowledge))
    return total


def work(task: Task) -> list[Result | Quarantined]:
    """Clean some entries and write their text and log; one bad entry does not touch the others."""
    with rare_collection():
        return _work(task, taught(task.settings, task.learned, task.sites))


@contextmanager
def rare_collection() -> Iterator[None]:
    """Let Python's cycle collector run rarely: walking the many small edits, none in a cycle, costs a third."""
    usual = gc.get_threshold()
    gc.set_threshold(500_000, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _work(task: Task, knowledge: Knowledge) -> list[Result | Quarantined]:
    results: list[Result | Quarantined] = []
    for raw in load_entries(task.entries):
        if isinstance(raw, Quarantined):
            results.append(raw)
            continue
        try:
            results.append(_one(raw, task, knowledge))
        except InputError as error:
            results.append(Quarantined(raw.source, str(error)))
        except FAULTS as error:
            # Law 4: whatever a document does to us, the others go on, and it is not lost.
            reason = f"cleaning failed ({type(error).__name__}: {error}); please report it with this input"
            results.append(Quarantined(raw.source, reason))
    return results


def _one(raw: RawDocument, task: Task, knowledge: Knowledge) -> Result:
    kept = not task.force and task.write and output.sealed(task.out, raw.doc_id, raw.sha256, knowledge.fingerprint)
    if kept:
        return _result(log.load(*log.read_pair(task.out, raw.doc_id))[0], kept=True)
    document = clean_raw(raw, knowledge)
    if task.write:
        return deliver(document, task.out, knowledge.fingerprint)
    return _result(document)


def _result(document: Document, *, kept: bool = False) -> Result:
    tables = tabulate(document)
    return Result(tables, plan_lines(document, tables["corpus"]), _record(document), kept)


def deliver(document: Document, out: Path, fingerprint: str) -> Result:
    """Write a finished document's text and log, and return its rows."""
    text, lines = log.dump(document, fingerprint)
    output.write_atomically(out / "text" / f"{document.doc_id}.txt", text)
    if document.evidence.extracted:
        source = document.source_text.encode("utf-8", "backslashreplace")
        output.write_atomically(out / "source" / f"{document.doc_id}.txt", source)
    output.write_atomically(out / "log" / f"{document.doc_id}.jsonl", lines)
    return _result(document)


def _record(document: Document) -> dict[str, Any]:
    evidence = document.evidence
    return {
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
        "notes": document.notes,
    }


def clean_folder(
    inputs: Sequence[Path],
    out: Path,
    settings: Settings,
    *,
    jobs: int = 1,
    force: bool = False,
    dry_run: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Summary:
    """Clean all inputs into ``out`` and return what was done.

    Unchanged inputs are kept, results of vanished inputs removed. ``progress`` is told (done, total) documents.
    Raises :class:`pipeline.errors.UsageError` or :class:`LexiconError` before anything is written.
    """
    began = time.monotonic()
    output.check_output(out, inputs)
    knowledge = knowledge_for(settings)
    knowledge.check()
    plan = plan_inputs(inputs, exclude=out, text_column=settings.text_column)
    summary = Summary(quarantined=list(plan.quarantined))
    tasks = _tasks(plan.entries, out, settings, force=force, write=not dry_run)

    def told(finished: Iterable[list[Result | Quarantined]]) -> Iterator[list[Result | Quarantined]]:
        done = 0
        for results in finished:
            yield results
            done += len(results)
            if progress is not None:
                progress(done, len(plan.entries))

    with _workers(min(jobs, len(tasks))) as run:
        sighted = MarkEvidence()
        for seen in run(sight, tasks):
            sighted.add(seen)
        sites = knowledge.learn_sites(sighted)
        tasks = [task._replace(sites=sites) for task in tasks]
        profile = Profile()
        for part in run(observe, tasks):
            profile.add(part)
        knowledge = taught(settings, knowledge.learn(profile), sites)
        summary.sites = sum(len(pack.entries) for pack in sites.packs)
        summary.learned = sum(row.decision == "apply" for row in knowledge.learned)
        finished = told(run(work, [task._replace(learned=knowledge.learned) for task in tasks]))
        if dry_run:
            for results in finished:
                for _ in _collect(results, summary):
                    pass
        else:
            publish(finished, out, knowledge, summary, jobs)
    summary.seconds = time.monotonic() - began
    return summary


def publish(
    finished: Iterator[list[Result | Quarantined]],
    out: Path,
    knowledge: Knowledge,
    summary: Summary,
    jobs: int = 1,
) -> None:
    """Write the tables and the manifest of finished documents into ``out``; complete ``summary``."""
    began = time.monotonic()
    workplace = output.prepare(out)
    with TableFiles(workplace) as files:
        files.add_learned(knowledge.learned)
        for results in finished:
            for result in _collect(results, summary):
                files.add(result.tables, result.lines)
    if knowledge.sites.draft:
        (workplace / DRAFT).write_text(knowledge.sites.draft, encoding="utf-8")
    else:
        (out / DRAFT).unlink(missing_ok=True)
    summary.rows = dict(files.rows)
    summary.removed = output.remove_vanished(out, {record["doc_id"] for record in summary.records})
    summary.seconds = time.monotonic() - began
    summary.files = output.publish(out, workplace, _manifest(summary, knowledge), _run(summary, jobs))


def _tasks(entries: Sequence[InputEntry], out: Path, settings: Settings, *, force: bool, write: bool) -> list[Task]:
    tasks = []
    for _, group in groupby(entries, key=lambda entry: entry.path):
        rows = list(group)
        tasks += [
            Task(rows[at : at + ROWS_PER_TASK], out, settings, (), SiteLessons(), force, write)
            for at in range(0, len(rows), ROWS_PER_TASK)
        ]
    return tasks


def _collect(results: list[Result | Quarantined], summary: Summary) -> Iterator[Result]:
    """Enter results into the summary; yield those that have rows."""
    for result in results:
        if isinstance(result, Quarantined):
            summary.quarantined.append(result)
            continue
        summary.records.append(result.record)
        summary.kept += result.kept
        summary.long_cells += long_cells(result.tables)
        yield result


@contextmanager
def _workers(jobs: int) -> Iterator[Callable[[Callable[[Task], T], Iterable[Task]], Iterable[T]]]:
    """Yield what runs a function over tasks, here or in a pool, and gives the results in the tasks' order (law 3)."""
    if jobs <= 1:
        yield map
        return
    with ProcessPoolExecutor(jobs) as pool:
        yield partial(_in_pool, pool, WINDOW * jobs)


def _in_pool(pool: ProcessPoolExecutor, window: int, call: Callable[[Task], T], tasks: Iterable[Task]) -> Iterator[T]:
    waiting: deque[Future[T]] = deque()
    for task in tasks:
        waiting.append(pool.submit(call, task))
        if len(waiting) >= window:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def _manifest(summary: Summary, knowledge: Knowledge) -> dict[str, Any]:
    return {
        "program": "qinggao",
        "fingerprints": knowledge.fingerprints,
        "settings": {
            "min_confidence": knowledge.settings.min_confidence,
            "lexicon": knowledge.settings.lexicon,
            "packs": knowledge.settings.packs,
        },
        "inputs": summary.records,
        "quarantined": [{"source": q.source, "reason": q.reason} for q in sorted(summary.quarantined)],
        "learned": sum(row.decision == "apply" for row in knowledge.learned),
        "tables": summary.rows,
    }


def _run(summary: Summary, jobs: int) -> dict[str, Any]:
    return {
        "finished": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "seconds": round(summary.seconds, 3),
        "jobs": jobs,
        "kept": summary.kept,
        "cleaned": len(summary.records) - summary.kept,
        "removed": summary.removed,
    }
