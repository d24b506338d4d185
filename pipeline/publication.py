"""The results of shards become an output folder: tables, what the corpus says, database, manifest."""

from __future__ import annotations

import time
from collections import Counter
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.analysis.unstudied import Unstudied
from pipeline.batch import results
from pipeline.export import folder as output
from pipeline.export.corpus_lines import write_lines
from pipeline.export.database import write_database
from pipeline.export.files import PartedTables, WholeTables
from pipeline.export.findings import tables_of
from pipeline.export.folder import parquet_files
from pipeline.export.schema import ALONE, TABLES, make_table
from pipeline.inputs.raw import Quarantined

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from pipeline.analysis.corpus import Findings
    from pipeline.batch.passes import Outcome
    from pipeline.engines import Run
    from pipeline.knowledge import Knowledge

DRAFT = "learned_pack.toml"
NOTES = 100  # told at once; all are in the tables ``inputs`` and ``quarantined``


class Layout(NamedTuple):
    """How results lie: ``parts`` are Parquet files of many shards, with texts and logs in them, for large corpora.

    Without ``analysis`` nothing is sought that only all plans together say.
    """

    parts: bool = False
    as_csv: bool = True
    analysis: bool = True


class Material(NamedTuple):
    """What there is to publish: the results of ``shards``, inputs that belong to none, what the corpus taught."""

    shards: Sequence[Path]
    faults: pa.Table
    teaching: Teaching

    def quarantined(self) -> pa.Table:
        """Return the rows of all inputs that could not be read or cleaned."""
        found = pa.concat_tables([self.faults, *(results.read(shard, "quarantined") for shard in self.shards)])
        return found.sort_by([("source", "ascending"), ("reason", "ascending")])

    def parts(self, name: str) -> list[Path]:
        """Return the files of a table or part of one, in order."""
        return [shard / f"{name}.parquet" for shard in self.shards]


@dataclass(slots=True)
class Summary:
    """What a run did: counts of inputs and rows, files written, messages for the user.

    It is not ``settled`` when documents were left out that another run may manage, or inputs changed meanwhile.
    """

    counts: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
    faults: list[Quarantined] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    folder: Path | None = None
    learned: int = 0
    sites: int = 0
    removed: int = 0
    jobs: int = 1
    unchanged: bool = False
    settled: bool = True
    began: float = field(default_factory=time.monotonic)
    seconds: float = 0.0

    def add(self, outcome: Outcome) -> None:
        """Count what became of a shard."""
        self.counts.update(outcome.counts)
        self.notes += outcome.notes[: max(0, NOTES - len(self.notes))]

    def tell_of(self, quarantined: pa.Table) -> None:
        """Count what is quarantined; the first are told at once."""
        self.counts["quarantined"] = len(quarantined)
        self.faults = [Quarantined(**row) for row in quarantined.slice(0, NOTES).to_pylist()]

    def finish(self) -> None:
        """Stop the clock."""
        self.seconds = time.monotonic() - self.began

    @property
    def documents(self) -> int:
        """How many documents there are."""
        return self.counts["documents"]

    @property
    def kept(self) -> int:
        """How many of them are as an earlier run left them."""
        return self.counts["kept"]

    @property
    def records(self) -> list[dict[str, Any]]:
        """The manifest's record of each document; none where nothing was written."""
        return [] if self.folder is None else list(output.inputs(self.folder))

    @property
    def quarantined(self) -> list[Quarantined]:
        """Which inputs could not be read or cleaned, and why; none where nothing was written."""
        return [] if self.folder is None else list(output.quarantined(self.folder))

    @property
    def found(self) -> str:
        """What the analysis found, for a message."""
        names = {"goals": "goals", "themes": "themes", "duplicates": "shared passages"}
        return ", ".join(f"{self.rows[table]} {name}" for table, name in names.items())

    @property
    def listed(self) -> str:
        """The files for a message; of a table that is written twice, once."""
        whole = {name for name in self.rows if f"{name}.parquet" in self.files}
        tables = [f"{name}.csv/.parquet" if name in whole else f"{name}/" for name in self.rows]
        beside = [name for name in self.files if "." in name and name.split(".")[0] not in whole]
        texts = ["text/", "log/"] if whole else ["documents/"]
        return ", ".join([*tables, *beside, *texts])


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
        (path,) = parquet_files(folder, "learned_table")
        return cls(pq.read_table(path, schema=TABLES["learned_table"]), text, about)


def publish(material: Material, out: Path, layout: Layout, summary: Summary, run: Run) -> None:
    """Make the tables and the manifest of ``out``; complete ``summary``."""
    work = output.prepare(out)
    quarantined, teaching = material.quarantined(), material.teaching
    with PartedTables(work, as_csv=layout.as_csv) if layout.parts else WholeTables(work) as tables:
        for name in (name for name in TABLES if name in ALONE and name != "quarantined"):
            tables.take(name, material.parts(name))
        tables.add({"quarantined": quarantined, "learned_table": teaching.learned})
        if layout.parts:
            tables.take("documents", material.parts("documents"))
        _analyse(material, tables, work, layout, run)
    summary.tell_of(quarantined)
    if layout.as_csv:
        write_lines(work)
    write_database(work, parts=layout.parts)
    if teaching.draft:
        (work / DRAFT).write_text(teaching.draft, encoding="utf-8")
    summary.rows = {name: tables.rows[name] for name in TABLES}
    known = set[str]() if layout.parts else {record["doc_id"] for record in output.inputs(work)}
    summary.removed = output.remove_vanished(out, known)
    summary.finish()
    summary.files = output.publish(out, work, _manifest(work, summary, teaching, layout), _run(summary))
    summary.folder = out


def _analyse(material: Material, tables: WholeTables | PartedTables, work: Path, layout: Layout, run: Run) -> None:
    """Add the tables that need all plans."""
    plans, assessed = material.parts("plans"), material.parts("assessed")
    with _studied(plans, run, work) if layout.analysis else nullcontext(Unstudied(plans)) as findings:
        for part in tables_of(plans, assessed, findings):
            tables.add(part)


def _studied(plans: Sequence[Path], run: Run, work: Path) -> AbstractContextManager[Findings]:
    from pipeline.analysis.corpus import study  # noqa: PLC0415 - scikit-learn takes a second and 80 MB to import

    return study(plans, run, work)


def _manifest(work: Path, summary: Summary, teaching: Teaching, layout: Layout) -> dict[str, Any]:
    about = {"program": "qinggao", "schema": output.SCHEMA, "layout": "parts" if layout.parts else "files"}
    about |= {**teaching.about, "documents": summary.documents}
    if not layout.parts:
        about["inputs"] = list(output.inputs(work))
        about["quarantined"] = [fault._asdict() for fault in output.quarantined(work)]
    return about | {"tables": summary.rows}


def _run(summary: Summary) -> dict[str, Any]:
    return {
        "finished": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "seconds": round(summary.seconds, 3),
        "jobs": summary.jobs,
        "kept": summary.kept,
        "cleaned": summary.documents - summary.kept,
        "removed": summary.removed,
    }
