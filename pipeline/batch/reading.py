"""The documents of a finished corpus read back, to be analysed anew."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, NamedTuple

from pipeline.batch.passes import gather_documents, knowledge_for, quarantined_table
from pipeline.batch.state import NAME, State
from pipeline.engines import rare_collection
from pipeline.export import folder as output
from pipeline.export import log
from pipeline.export.shelf import Files, Rows
from pipeline.finish import Result, put, rows_of
from pipeline.inputs.shards import key_of
from pipeline.publication import Layout, Material, Teaching, publish

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from typing import Any

    from pipeline.batch.passes import Outcome
    from pipeline.engines import Run
    from pipeline.export.shelf import Shelf
    from pipeline.knowledge import Knowledge
    from pipeline.publication import Summary
    from pipeline.settings import Settings

AT_ONCE = 100  # documents


class Reading(NamedTuple):
    """Some documents of an output folder: files, or all of one part."""

    folder: Path
    doc_ids: tuple[str, ...]
    part: Path | None
    target: Path
    settings: Settings


def analyse_shards(folder: Path, manifest: dict[str, Any], knowledge: Knowledge, summary: Summary, run: Run) -> Summary:
    """Write all tables of ``folder`` anew from its texts and logs; complete and return ``summary``."""
    parts = output.is_parted(manifest)
    teaching, faults = Teaching.kept(folder, manifest, knowledge), quarantined_table(list(output.quarantined(folder)))
    state = State(folder / NAME)
    state.prepare()
    outcomes = []
    for outcome in run(read_again, _tasks(folder, state, knowledge, parts=parts)):
        outcomes.append(outcome)
        summary.add(outcome)
    targets = [outcome.target for outcome in outcomes]
    layout = Layout(parts, not parts or (folder / "corpus.csv").exists())
    publish(Material(targets, faults, teaching), folder, layout, summary, run)
    state.keep_only([*(state.root / "evidence").iterdir(), *targets])
    summary.finish()
    return summary


def _tasks(folder: Path, state: State, knowledge: Knowledge, *, parts: bool) -> list[Reading]:
    def task(doc_ids: list[str], part: Path | None, about: object) -> Reading:
        key = key_of("analysed", about, knowledge.analysis)
        return Reading(folder, tuple(doc_ids), part, state.shard(key), knowledge.settings)

    if parts:
        return [task([], part, part.name) for part in output.parquet_files(folder, "documents")]
    doc_ids = [record["doc_id"] for record in output.inputs(folder)]
    return [task(doc_ids[at : at + AT_ONCE], None, at) for at in range(0, len(doc_ids), AT_ONCE)]


def read_again(task: Reading) -> Outcome:
    """Make the rows of cleaned documents."""
    knowledge = knowledge_for(task.settings)
    if task.part is None:
        shelf: Shelf = Files(task.folder)
        names: Sequence[str] = task.doc_ids
    else:
        shelf = rows = Rows([task.part])
        names = rows.names()
    shutil.rmtree(task.target, ignore_errors=True)  # of a run that ended early, and of texts that are gone
    with rare_collection():
        items = (_again(shelf, name, knowledge) for name in names)
        return gather_documents(items, "documents" if task.part else "seals")(task.target)


def _again(shelf: Shelf, doc_id: str, knowledge: Knowledge) -> Result:
    text, lines = shelf.pair(doc_id)
    document, _ = log.load(text, lines)
    return Result(rows_of(document, knowledge) | put(document, shelf, text, lines, kept=True), kept=True)
