"""Many documents: plan, clean each (in this process or a pool), write tables, manifest and verdicts."""

from __future__ import annotations

import time
from contextlib import suppress
from functools import cache, lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from pipeline.errors import InputError, QinggaoError
from pipeline.export import folder as output
from pipeline.export import log
from pipeline.knowledge import Knowledge, SiteLessons
from pipeline.pool import rare_collection, workers
from pipeline.profile import Profile
from pipeline.publication import Summary, Teaching, bring_up_to_date, collect, deliver, publish, result_of
from pipeline.route import clean_raw, observe_document, sight_document
from pipeline.rules.recurrence import MarkEvidence
from pipeline.stages.decode import to_document
from pipeline.stages.read import InputEntry, Quarantined, load_entries, plan_inputs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from pipeline.publication import Result
    from pipeline.rules.learned import Learned
    from pipeline.settings import Settings
    from pipeline.stages.read import RawDocument

ROWS_PER_TASK = 2000  # a task reads its table from the start
READ_AT_ONCE = 50  # documents
FAULTS = (QinggaoError, ArithmeticError, LookupError, TypeError, ValueError, RecursionError, MemoryError)
"""What a document may do to us without stopping the others (law 4)."""


class Task(NamedTuple):
    """What one worker does at a time: some entries of one file."""

    entries: list[InputEntry]
    out: Path
    settings: Settings
    learned: tuple[Learned, ...]
    sites: SiteLessons
    force: bool
    write: bool


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
    if task.write and not task.force:
        return bring_up_to_date(raw, task.out, knowledge)
    document = clean_raw(raw, knowledge)
    if task.write:
        return deliver(document, task.out, knowledge)
    return result_of(document, knowledge.goal_types)


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
    summary = Summary(jobs=jobs)
    output.check_output(out, inputs)
    knowledge = knowledge_for(settings)
    knowledge.check()
    plan = plan_inputs(inputs, exclude=out, text_column=settings.text_column)
    summary.quarantined += plan.quarantined
    tasks = _tasks(plan.entries, out, settings, force=force, write=not dry_run)

    def told(finished: Iterable[list[Result | Quarantined]]) -> Iterator[list[Result | Quarantined]]:
        done = 0
        for results in finished:
            yield results
            done += len(results)
            if progress is not None:
                progress(done, len(plan.entries))

    with workers(min(jobs, len(tasks))) as run:
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
                for _ in collect(results, summary):
                    pass
        else:
            publish(finished, out, Teaching.of(knowledge), summary, run)
    summary.seconds = time.monotonic() - summary.began
    return summary


def analyse_folder(folder: Path, settings: Settings, *, jobs: int = 1) -> Summary:
    """Make all tables of a cleaned corpus anew from its texts and logs, and return what was done; nothing is cleaned.

    Raises :class:`pipeline.errors.UsageError` where there is no finished run, :class:`OutputError` where a text or log
    is not as it was written.
    """
    manifest = output.read_manifest(folder)
    teaching = Teaching.kept(folder, manifest, knowledge_for(settings))
    summary = Summary(jobs=jobs, quarantined=[Quarantined(**row) for row in manifest["quarantined"]])
    doc_ids = [record["doc_id"] for record in manifest["inputs"]]
    cuts = [Reading(folder, doc_ids[at : at + READ_AT_ONCE], settings) for at in range(0, len(doc_ids), READ_AT_ONCE)]
    with workers(min(jobs, len(cuts))) as run:
        publish(run(read_again, cuts), folder, teaching, summary, run)
    return summary


class Reading(NamedTuple):
    """Documents of an output folder that are read back by one worker at a time."""

    folder: Path
    doc_ids: list[str]
    settings: Settings


def read_again(task: Reading) -> list[Result | Quarantined]:
    """Return the rows of cleaned documents."""
    types = knowledge_for(task.settings).goal_types
    documents = (log.load(*log.read_pair(task.folder, doc_id))[0] for doc_id in task.doc_ids)
    with rare_collection():
        return [result_of(document, types, kept=True) for document in documents]


def _tasks(entries: Sequence[InputEntry], out: Path, settings: Settings, *, force: bool, write: bool) -> list[Task]:
    tasks = []
    for _, group in groupby(entries, key=lambda entry: entry.path):
        rows = list(group)
        tasks += [
            Task(rows[at : at + ROWS_PER_TASK], out, settings, (), SiteLessons(), force, write)
            for at in range(0, len(rows), ROWS_PER_TASK)
        ]
    return tasks
