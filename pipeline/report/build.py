"""Writing the report: the pages of the documents first, then those of the corpus, then all of it into place."""

from __future__ import annotations

import shutil
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from pipeline.corpus import load_document
from pipeline.errors import OutputError, UsageError
from pipeline.report import MOST_DOCUMENTS, copies, damage, goals, plans, quality, themes
from pipeline.report.alignment import align
from pipeline.report.cells import MOST_ROWS
from pipeline.report.data import gather
from pipeline.report.pages import Pages
from pipeline.report.places import Places
from pipeline.report.rows import cut_parts, cut_rows
from pipeline.report.sides import make_sheet

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas as pd

    from pipeline.report.data import Material

REPORT = "report"
WORK = ".report.part"
OLD = ".report.old"
START = "index.html"


class Summary(NamedTuple):
    """What was written: the page to open, how many pages, how many documents side by side and how many not."""

    start: Path
    pages: int
    documents: int
    left_out: int


def write_report(
    folder: Path,
    tables: Mapping[str, pd.DataFrame] | None = None,
    *,
    goal_names: Mapping[str, str] | None = None,
    documents: int = MOST_DOCUMENTS,
) -> Summary:
    """Write ``folder/report`` and return what was written; an earlier report is replaced as a whole.

    ``tables`` are taken instead of the folder's own; ``goal_names`` maps a goal type's id to its Chinese name; at most
    ``documents`` documents are shown side by side. The same corpus gives the same bytes. Raises :class:`UsageError`
    where the folder holds no run that can be shown, and :class:`OutputError` where a log was altered or the report
    cannot be written.
    """
    material = gather(folder, tables)
    target, work = folder / REPORT, folder / WORK
    if target.exists() and not _ours(target):
        raise UsageError(f"{target}: is there and no report of qinggao; move it away and run again")
    try:
        shutil.rmtree(work, ignore_errors=True)
        pages = Pages(work, goal_names or {}, several=material.several)
        places = _documents(material, pages, documents)
        _corpus(material, pages, places)
        _into_place(work, target)
    except OSError as error:
        raise OutputError(f"{target}: cannot be written ({error.strerror}); free space or check your rights") from error
    finally:
        shutil.rmtree(work, ignore_errors=True)
    shown = len(places.pages)
    return Summary(target / START, pages.written, shown, len(material.inputs) - shown)


def _ours(target: Path) -> bool:
    """Whether what is in the report's place may be replaced: an earlier report, or an empty folder."""
    if (target / START).is_file() and (target / "assets" / "report.css").is_file():
        return True
    return target.is_dir() and not any(target.iterdir())


def _documents(material: Material, pages: Pages, most: int) -> Places:
    """Write the pages of the documents and return where everything is."""
    places = Places()
    for number, record in enumerate(material.inputs[:most], 1):
        document = load_document(material.folder, record["doc_id"])
        logged = document.edits
        parts = cut_parts(cut_rows(align(document, logged)), document.sections)
        written = places.add(document.doc_id, number, parts)
        for at, part in enumerate(parts):
            pages.document(record, make_sheet(part, logged), written, at)
    return places


def _corpus(material: Material, pages: Pages, places: Places) -> None:
    """Write the pages that show the corpus."""
    found, types, shared = themes.themes(material), goals.goal_types(material), copies.sharing(material)
    size = len(material.table("corpus"))
    told, scores = goals.goals(material, places), quality.quality(material, places)
    pages.write(
        "index",
        inputs=material.inputs,
        quarantined=material.quarantined,
        plans=size,
        copies=len(material.copies),
        goals=told.total_figures + told.total_others,
        figures=told.total_figures,
        quality=scores.mean if scores.total else None,
        kinds=damage.by_kind(material),
        sites=damage.by_site(material),
        changes=damage.common_changes(material),
        themes=found,
        goal_types=types,
        shared=shared,
    )
    pages.write("documents", inputs=material.inputs[:MOST_ROWS], total=len(material.inputs), places=places)
    pages.write("plans", plans=plans.plan_rows(material, places), total=size)
    columns = found[: themes.MOST_THEMES]
    pages.write("themes", themes=found, columns=columns, heat=themes.heat(material, places, columns), total=size)
    pages.write(
        "goals",
        goal_types=types,
        goals=told,
        spreads=goals.spreads(material),
    )
    pages.write(
        "copies",
        groups=copies.groups(material, places),
        total_groups=len(shared),
        pairs=copies.pairs(material, places),
        total=len(material.table("duplicates")),
    )
    pages.write("quality", quality=scores)


def _into_place(work: Path, target: Path) -> None:
    """Put the finished report where the one before is."""
    old = target.with_name(OLD)
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        target.replace(old)
    try:
        work.replace(target)
    except OSError:
        with suppress(OSError):
            old.replace(target)
        raise
    shutil.rmtree(old, ignore_errors=True)
