"""qinggao (清稿): a clean copy of scraped Chinese work plans, with a proof for every change.

``clean`` takes one text, ``clean_folder`` a folder, ``analyse_folder`` a cleaned one, ``learn`` and ``learn_sites``
tell what texts teach about their spinner and sites, ``load_corpus`` and ``load_document`` read what a run wrote.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline import arrow  # noqa: F401 - first: pyarrow reads what it sets when it is loaded
from pipeline.batch.passes import knowledge_for
from pipeline.corpus import load_corpus, load_document
from pipeline.errors import QinggaoError
from pipeline.export.database import open_database
from pipeline.inputs.raw import RawDocument
from pipeline.knowledge import SiteLessons
from pipeline.model import Document, Edit, LoggedEdit, Section, Unit
from pipeline.profile import Profile
from pipeline.publication import Summary
from pipeline.route import cleaning, observing, sighting
from pipeline.rules.learned import Learned
from pipeline.rules.recurrence import MarkEvidence
from pipeline.runner import Orders
from pipeline.runner import analyse_folder as _analyse_folder
from pipeline.runner import clean_folder as _clean_folder
from pipeline.settings import Settings
from pipeline.stages.decode import to_document
from pipeline.ways import alone

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

__all__ = [
    "Document",
    "Edit",
    "Learned",
    "LoggedEdit",
    "Orders",
    "QinggaoError",
    "Section",
    "Settings",
    "SiteLessons",
    "Summary",
    "Unit",
    "analyse_folder",
    "clean",
    "clean_folder",
    "learn",
    "learn_sites",
    "load_corpus",
    "load_document",
    "open_database",
]


def clean(
    text_or_bytes: str | bytes,
    settings: Settings | None = None,
    *,
    name: str = "document",
    learned: Sequence[Learned] | None = None,
    sites: SiteLessons | None = None,
) -> Document:
    """Return the cleaned document: ``.text``, ``.source_text``, ``.edits``, ``.sections``, ``.units``, ``.explain()``.

    Bytes are decoded by the same ladder as files; raises :class:`pipeline.errors.InputError` when they are no text.
    ``name`` becomes ``doc_id``. ``learned`` and ``sites`` are what a corpus taught (:func:`learn`,
    :func:`learn_sites`); without them the document itself is the corpus. Offsets count code points, half-open.
    """
    given = [text_or_bytes]
    marks = learn_sites(given, settings) if sites is None else sites
    lessons = learn(given, settings, sites=marks) if learned is None else learned
    knowledge = knowledge_for(settings or Settings()).taught(learned=tuple(lessons), sites=marks)
    return alone(cleaning(_document(text_or_bytes, name), knowledge))


def learn_sites(documents: Iterable[str | bytes], settings: Settings | None = None) -> SiteLessons:
    """Return the site marks that these documents show together, as they stand in ``learned_pack.toml``."""
    knowledge, evidence = knowledge_for(settings or Settings()), MarkEvidence()
    for given in documents:
        evidence.add(alone(sighting(_document(given, "document"), knowledge)))
    return knowledge.learn_sites(evidence)


def learn(
    documents: Iterable[str | bytes], settings: Settings | None = None, *, sites: SiteLessons | None = None
) -> list[Learned]:
    """Return the substitutions that these documents teach together, as they stand in ``learned_table.csv``.

    ``sites`` are the site marks that they show (:func:`learn_sites`), which are removed first.
    """
    knowledge = knowledge_for(settings or Settings()).taught(sites=sites)
    profile = Profile()
    for given in documents:
        profile.add(alone(observing(_document(given, "document"), knowledge)))
    return list(knowledge.learn(profile))


def _document(given: str | bytes, name: str) -> Document:
    return Document(name, name, given) if isinstance(given, str) else to_document(RawDocument.from_bytes(name, given))


def clean_folder(
    inputs: str | Path | Sequence[str | Path],
    out: str | Path,
    settings: Settings | None = None,
    *,
    dry_run: bool = False,
    progress: Callable[[int, int], None] | None = None,
    **orders: Any,
) -> Summary:
    """Clean files and folders, near or behind URLs, into ``out``; ``orders`` are those of :class:`Orders`.

    See :func:`pipeline.runner.clean_folder`.
    """
    given = [inputs] if isinstance(inputs, str | Path) else inputs
    return _clean_folder(given, Path(out), settings or Settings(), Orders(**orders), dry_run=dry_run, progress=progress)


def analyse_folder(folder: str | Path, settings: Settings | None = None, *, jobs: int = 1) -> Summary:
    """Make the tables of a cleaned corpus anew from its texts and logs, as ``qinggao analyse`` does."""
    return _analyse_folder(Path(folder), settings or Settings(), jobs=jobs)
