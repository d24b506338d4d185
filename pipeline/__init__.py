"""qinggao (清稿): a clean copy of scraped Chinese work plans, with a proof for every change.

``clean`` takes one text, ``clean_folder`` a folder, ``load_corpus`` reads what a run wrote.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.corpus import load_corpus
from pipeline.errors import QinggaoError
from pipeline.model import Document, Edit, LoggedEdit, Section, Unit
from pipeline.route import clean_document, clean_raw
from pipeline.runner import Summary, knowledge_for
from pipeline.runner import clean_folder as _clean_folder
from pipeline.settings import Settings
from pipeline.stages.read import RawDocument

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "Document",
    "Edit",
    "LoggedEdit",
    "QinggaoError",
    "Section",
    "Settings",
    "Summary",
    "Unit",
    "clean",
    "clean_folder",
    "load_corpus",
]


def clean(text_or_bytes: str | bytes, settings: Settings | None = None, *, name: str = "document") -> Document:
    """Return the cleaned document: ``.text``, ``.source_text``, ``.edits``, ``.sections``, ``.units``, ``.explain()``.

    Bytes are decoded by the same ladder as files; raises :class:`pipeline.errors.InputError` when they are no text.
    ``name`` becomes ``doc_id``. Offsets count code points, half-open.
    """
    knowledge = knowledge_for(settings or Settings())
    if isinstance(text_or_bytes, str):
        return clean_document(Document(name, name, text_or_bytes), knowledge)
    return clean_raw(RawDocument.from_bytes(name, text_or_bytes), knowledge)


def clean_folder(inputs: str | Path | Sequence[str | Path], out: str | Path, **options: Any) -> Summary:
    """Clean files and folders into ``out``; options as :func:`pipeline.runner.clean_folder`, ``settings`` optional."""
    given = [inputs] if isinstance(inputs, str | Path) else inputs
    settings = options.pop("settings", None) or Settings()
    return _clean_folder([Path(path) for path in given], Path(out), settings, **options)
