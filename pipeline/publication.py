"""Finished documents become an output folder: texts, logs, tables, what the corpus says, manifest."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import pyarrow.parquet as pq

from pipeline.export import folder as output
from pipeline.export import log
from pipeline.export.corpus_lines import write_lines
from pipeline.export.database import write_database
from pipeline.export.files import TableFiles
from pipeline.export.findings import ANALYSED, corpus_tables, plan_tables
from pipeline.export.schema import PARTS, TABLES, make_table
from pipeline.export.tables import tabulate
from pipeline.stages import analyse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    import pyarrow as pa

    from pipeline.analysis.goal_types import TypeModel
    from pipeline.knowledge import Knowledge
    from pipeline.model import Document
    from pipeline.pool import Run
    from pipeline.stages.read import Quarantined

DRAFT = "learned_pack.toml"
EXCEL_LIMIT = 32_767  # characters of a spreadsheet cell
ALONE = (*PARTS, *(name for name in TABLES if name not in ANALYSED))
"""The tables and parts of tables that need no other document."""


class Result(NamedTuple):
    """What comes back of one input: its rows and its line of the manifest."""

    tables: dict[str, pa.Table]
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
    jobs: int = 1
    began: float = field(default_factory=time.monotonic)
    seconds: float = 0.0

    @property
    def found(self) -> str:
        """What the analysis found, for a message."""
        names = {"goals": "goals", "themes": "themes", "duplicates": "shared passages"}
        return ", ".join(f"{self.rows[table]} {name}" for table, name in names.items())

    @property
    def listed(self) -> str:
        """The files for a message; of a table that is written twice, once."""
        tables = [f"{name}.csv/.parquet" for name in self.rows]
        return ", ".join([*tables, *(name for name in self.files if not name.endswith((".csv", ".parquet")))])


class Teaching(NamedTuple):
    """What the corpus taught while it was cleaned, and under what it was: all that a folder keeps beside documents."""

    learned: pa.Table
    draft: str
    about: dict[str, Any]

    @classmethod
    def of(cls, knowledge: Knowledge) -> Self:
        """Return what there is to keep of a run's knowledge."""
        names = TABLES["learned_table"].names
        rows = {name: [getattr(row, name) for row in knowledge.learned] for name in names}
        about = {
            "fingerprints": knowledge.fingerprints,
            "settings": {
                "min_confidence": knowledge.settings.min_confidence,
                "lexicon": knowledge.settings.lexicon,
                "packs": knowledge.settings.packs,
            },
            "learned": sum(row.decision == "apply" for row in knowledge.learned),
            "analysis": knowledge.analysis,
        }
        return cls(make_table("learned_table", rows), knowledge.sites.draft, about)

    @classmethod
    def kept(cls, folder: Path, manifest: dict[str, Any], knowledge: Knowledge) -> Self:
        """Return what a finished run left in its folder, to be analysed by what ``knowledge`` holds for that."""
        draft = folder / DRAFT
        text = draft.read_text(encoding="utf-8") if draft.exists() else ""
        about = {name: manifest[name] for name in ("fingerprints", "settings", "learned")}
        about["analysis"] = knowledge.analysis
        learned = pq.read_table(folder / "learned_table.parquet", schema=TABLES["learned_table"])
        return cls(learned, text, about)


def result_of(document: Document, types: TypeModel, *, kept: bool = False) -> Result:
    """Return the rows of a finished document, analysed if it is not; ``kept`` says that it was not cleaned anew."""
    if document.goals is None:
        analyse.run(document, types)
    return Result(tabulate(document), _record(document), kept)


def deliver(document: Document, out: Path, knowledge: Knowledge) -> Result:
    """Write a finished document's text and log, and return its rows."""
    text, lines = log.dump(document, knowledge.fingerprint)
    output.write_atomically(out / "text" / f"{document.doc_id}.txt", text)
    if document.evidence.extracted:
        source = document.source_text.encode("utf-8", "backslashreplace")
        output.write_atomically(out / "source" / f"{document.doc_id}.txt", source)
    output.write_atomically(out / "log" / f"{document.doc_id}.jsonl", lines)
    return result_of(document, knowledge.goal_types)


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


def collect(results: list[Result | Quarantined], summary: Summary) -> Iterator[Result]:
    """Enter results into the summary; yield those that have rows."""
    for result in results:
        if not isinstance(result, Result):
            summary.quarantined.append(result)
            continue
        summary.records.append(result.record)
        summary.kept += result.kept
        summary.long_cells += sum(chars > EXCEL_LIMIT for chars in result.tables["plans"]["chars"].to_pylist())
        yield result


def publish(
    finished: Iterable[list[Result | Quarantined]], out: Path, teaching: Teaching, summary: Summary, run: Run
) -> None:
    """Write the tables and the manifest of finished documents into ``out``; complete ``summary``."""
    from pipeline.analysis.corpus import study  # noqa: PLC0415 - scikit-learn takes a second to import

    work = output.prepare(out)
    with TableFiles(work, ALONE) as files:
        files.add({"learned_table": teaching.learned})
        for results in finished:
            for result in collect(results, summary):
                files.add(result.tables)
    plans, assessed = (work / f"{name}.parquet" for name in ("plans", "assessed"))
    with TableFiles(work, ANALYSED) as analysed, study([plans], run) as findings:
        for tables in chain(corpus_tables(findings), plan_tables(plans, assessed, findings)):
            analysed.add(tables)
    for name in PARTS:
        (work / f"{name}.parquet").unlink()
    write_lines(work)
    write_database(work)
    if teaching.draft:
        (work / DRAFT).write_text(teaching.draft, encoding="utf-8")
    else:
        (out / DRAFT).unlink(missing_ok=True)
    rows = files.rows | analysed.rows
    summary.rows = {name: rows[name] for name in TABLES}
    summary.removed = output.remove_vanished(out, {record["doc_id"] for record in summary.records})
    summary.seconds = time.monotonic() - summary.began
    summary.files = output.publish(out, work, _manifest(summary, teaching), _run(summary))


def _manifest(summary: Summary, teaching: Teaching) -> dict[str, Any]:
    return {
        "program": "qinggao",
        "schema": output.SCHEMA,
        **teaching.about,
        "inputs": summary.records,
        "quarantined": [{"source": q.source, "reason": q.reason} for q in sorted(summary.quarantined)],
        "tables": summary.rows,
    }


def _run(summary: Summary) -> dict[str, Any]:
    return {
        "finished": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "seconds": round(summary.seconds, 3),
        "jobs": summary.jobs,
        "kept": summary.kept,
        "cleaned": len(summary.records) - summary.kept,
        "removed": summary.removed,
    }
