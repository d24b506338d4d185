"""What a document is: no I/O, no rules; imports nothing of the rest of the project."""

from pipeline.model.document import Batch, Document, Evidence, LoggedEdit, Section, Unit
from pipeline.model.edit import KINDS, Applied, Edit, apply_edits, minimal, undo_edits
from pipeline.model.goal import Goal
from pipeline.model.offsets import SpanMap

__all__ = [
    "KINDS",
    "Applied",
    "Batch",
    "Document",
    "Edit",
    "Evidence",
    "Goal",
    "LoggedEdit",
    "Section",
    "SpanMap",
    "Unit",
    "apply_edits",
    "minimal",
    "undo_edits",
]
