"""What the report is made from: the tables and the manifest of a cleaned corpus, checked once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import pandas as pd
from pandas.api.types import is_bool_dtype, is_integer_dtype

from pipeline.analysis.quality import WEIGHTS
from pipeline.corpus import load_corpus
from pipeline.errors import UsageError
from pipeline.export.folder import SCHEMA, is_parted, read_manifest
from pipeline.export.folder import inputs as read_inputs
from pipeline.export.folder import quarantined as read_quarantined

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PlanKey: TypeAlias = tuple[str, int]
"""A plan: doc_id and section (1…n)."""

NEEDED: dict[str, frozenset[str]] = {
    "corpus": frozenset({"doc_id", "source", "section", "title", "chars", "start", "end", "raw_start", "raw_end"}),
    "edits": frozenset({"doc_id", "kind", "rule", "raw_start", "before", "after", "applied"}),
}
"""Tables without which there is no report, with the columns that it reads."""

ANALYSIS: dict[str, frozenset[str]] = {
    "goals": frozenset({"doc_id", "section", "goal_type", "status", "metric", "comparator", "value", "unit", "quote"}),
    "themes": frozenset({"theme_id", "label", "terms", "n_sections", "n_documents"}),
    "section_themes": frozenset({"doc_id", "section", "theme_id", "weight"}),
    "duplicates": frozenset(
        {"a_doc", "a_section", "a_start", "a_end", "b_doc", "b_section", "b_start", "b_end", "similarity"}
    ),
    "quality": frozenset({"doc_id", "section", "quality", "n_suggestions", "n_masks", "copied_share", "faults"})
    | {f"{name}_score" for name in WEIGHTS},
}
"""Tables that the analysis adds; one that is not there is taken for empty."""

PLAN_COLUMNS: dict[str, str | int] = {"themes": "", "goal_types": "", "n_goals": 0, "duplicate_of": "", "quality": ""}
"""What the analysis adds to ``corpus``, and what stands there without it."""

WHOLE = frozenset({"section", "chars", "start", "end", "raw_start", "raw_end"}) | frozenset(
    f"{side}_{name}" for side in "ab" for name in ("section", "start", "end")
)
"""Columns of whole numbers, in every table."""

INPUT_FIELDS = frozenset({"doc_id", "source", "source_chars", "chars", "plans", "edits", "suggestions"})


MOST_DOCUMENTS = 20_000  # of a corpus in parts: all its edits are read at once


@dataclass(frozen=True, slots=True)
class Material:
    """Everything the pages are made from.

    ``inputs`` and ``quarantined`` are the manifest's records; ``corpus`` and ``edits`` always hold the columns of
    :data:`NEEDED` and :data:`PLAN_COLUMNS`, the tables of the analysis those of :data:`ANALYSIS`. ``titles`` has every
    plan in the corpus's order; ``copies`` are those that ``duplicate_of`` names another plan for.
    """

    folder: Path
    inputs: list[dict[str, Any]]
    quarantined: list[dict[str, Any]]
    tables: dict[str, pd.DataFrame]
    titles: dict[PlanKey, str]
    copies: frozenset[PlanKey]

    @property
    def several(self) -> bool:
        """Whether a plan is told from others only by its document's name beside its own."""
        return len(self.inputs) > 1

    def table(self, name: str) -> pd.DataFrame:
        """Return the table ``name``."""
        return self.tables[name]


def gather(folder: Path, tables: Mapping[str, pd.DataFrame] | None = None) -> Material:
    """Return the material of an output folder; ``tables`` are taken instead of reading them from the folder.

    Raises :class:`UsageError` where there is no finished run, or one of another schema.
    """
    manifest = read_manifest(folder)
    _check_schema(folder, manifest)
    inputs, quarantined = _records(folder, manifest)
    found = dict(tables) if tables is not None else _load(folder, manifest)
    checked = {name: _checked(folder, name, found.get(name), columns) for name, columns in NEEDED.items()}
    for name, columns in ANALYSIS.items():
        frame = found.get(name)
        missing = frame is None or (frame.empty and not columns <= set(frame.columns))
        checked[name] = pd.DataFrame(columns=sorted(columns)) if missing else _checked(folder, name, frame, columns)
    corpus = checked["corpus"] = checked["corpus"].copy(deep=False)
    for name, value in PLAN_COLUMNS.items():
        if name not in corpus.columns:
            corpus[name] = value
    keys = list(zip(corpus["doc_id"].astype(str), corpus["section"].astype(int), strict=True))
    titles = dict(zip(keys, corpus["title"].astype(str), strict=True))
    originals = corpus["duplicate_of"].fillna("").astype(str)
    copies = frozenset(key for key, original in zip(keys, originals, strict=True) if original)
    return Material(folder, inputs, quarantined, checked, titles, copies)


def _check_schema(folder: Path, manifest: Any) -> None:
    """Raise where the tables are of another form than this version's; a manifest that is none is told later."""
    schema = manifest.get("schema", 1) if isinstance(manifest, dict) else SCHEMA
    if schema != SCHEMA:
        raise UsageError(
            f"{folder}: its tables{_written_by(manifest)} are of schema {schema}, this version reads {SCHEMA}; "
            f"{_next_step(folder)}"
        )


def _records(folder: Path, manifest: Any) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the records of the inputs and of the quarantined ones."""
    if isinstance(manifest, dict) and is_parted(manifest):
        if manifest["documents"] > MOST_DOCUMENTS:
            raise UsageError(
                f"{folder}: {manifest['documents']:,} documents are more than a report can show ({MOST_DOCUMENTS:,}); "
                "ask corpus.duckdb, or clean some of the inputs into a folder of their own and report on that"
            )
        return list(read_inputs(folder)), [fault._asdict() for fault in read_quarantined(folder)]
    try:
        inputs, quarantined = manifest["inputs"], manifest["quarantined"]
        fit = isinstance(inputs, list) and isinstance(quarantined, list)
        fit = fit and all(record.keys() >= INPUT_FIELDS for record in inputs)
        fit = fit and all({"source", "reason"} <= record.keys() for record in quarantined)
    except (AttributeError, KeyError, TypeError):
        fit = False
    if not fit:
        raise UsageError(f"{folder}: its manifest{_written_by(manifest)} has another form; {_next_step(folder)}")
    return inputs, quarantined


def _load(folder: Path, manifest: Any) -> dict[str, pd.DataFrame]:
    try:
        return load_corpus(folder)
    except (KeyError, ValueError, AttributeError) as error:  # columns or types that this version does not know
        raise UsageError(
            f"{folder}: its tables{_written_by(manifest)} have another form ({error}); {_next_step(folder)}"
        ) from error


def _checked(folder: Path, name: str, frame: pd.DataFrame | None, columns: frozenset[str]) -> pd.DataFrame:
    if frame is None:
        raise UsageError(f"{folder}: holds no table {name!r}; {_next_step(folder)}")
    if missing := sorted(columns - set(frame.columns)):
        raise UsageError(f"{folder}: table {name!r} lacks {', '.join(missing)}; {_next_step(folder)}")
    wrong = [column for column in sorted(WHOLE & columns) if not is_integer_dtype(frame[column])]
    wrong += ["applied"] if "applied" in columns and not is_bool_dtype(frame["applied"]) else []
    if len(frame) and wrong:
        raise UsageError(f"{folder}: table {name!r} has other values in {', '.join(wrong)}; {_next_step(folder)}")
    return frame


def _written_by(manifest: Any) -> str:
    try:
        return f" (written by version {manifest['fingerprints']['version']})"
    except (KeyError, TypeError):
        return ""


def _next_step(folder: Path) -> str:
    return f"run qinggao clean again with --out {folder}"
