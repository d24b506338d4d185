"""The exceptions of qinggao: a small tree; every message says what, where, and the next step."""

from __future__ import annotations

from pipeline.model.errors import EditError, QinggaoError

__all__ = [
    "EditError",
    "InputError",
    "LexiconError",
    "ModelError",
    "OutputError",
    "QinggaoError",
    "UsageError",
    "WorkerError",
]


class UsageError(QinggaoError):
    """The command or the call cannot run as asked (exit code 2)."""


class LexiconError(QinggaoError):
    """A lexicon, site pack or settings file is unusable; lists all its faults together."""

    def __init__(self, path: object, faults: list[str]) -> None:
        shown = "\n".join(f"  - {fault}" for fault in faults)
        super().__init__(f"{path}: {len(faults)} fault(s)\n{shown}\nCorrect the lines named and run again.")
        self.path, self.faults = path, faults

    def __reduce__(self) -> tuple[type[LexiconError], tuple[object, list[str]]]:
        """Come whole out of the process in which it was raised."""
        return type(self), (self.path, self.faults)


class InputError(QinggaoError):
    """One input cannot be read as text; the run goes on and the input is quarantined."""


class OutputError(QinggaoError):
    """A table does not have its declared shape, or an output folder is not what it should be."""


class ModelError(QinggaoError):
    """A model file cannot be read, or what runs it is not installed."""


class WorkerError(QinggaoError):
    """A worker process or a cluster was lost, and trying again did not help."""
