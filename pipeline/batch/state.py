"""What a run leaves for the next one, in the hidden folder of an output folder.

``evidence/`` holds what each shard taught, ``shards/`` what became of its documents, both under a digest of all that
it depends on: what is found under its name holds, whoever wrote it and however that run ended.
"""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any, NamedTuple

from pipeline.export.folder import sweep, write_atomically
from pipeline.inputs.shards import key_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

NAME = ".state"
FINISHED = "finished.json"
KEPT = ("evidence", "shards")


class State(NamedTuple):
    """The hidden folder of one output folder."""

    root: Path

    def prepare(self) -> Path:
        """Make the folders; return the one for what only this run needs, empty."""
        shutil.rmtree(self.work, ignore_errors=True)
        for path in (self.work, *(self.root / name for name in KEPT)):
            path.mkdir(parents=True, exist_ok=True)
            sweep(path)
        sweep(self.root)
        return self.work

    @property
    def work(self) -> Path:
        """The folder for what only one run needs."""
        return self.root / "work"

    def evidence(self, kind: str, key: str) -> Path:
        """Return where the evidence of a shard lies."""
        return self.root / "evidence" / f"{key}.{kind}"

    def shard(self, key: str) -> Path:
        """Return where the results of a shard lie."""
        return self.root / "shards" / key

    def shards(self) -> list[Path]:
        """Return where results of shards lie, of this run or others."""
        return sorted((self.root / "shards").glob("[!.]*"))

    def keep_only(self, used: Iterable[Path]) -> None:
        """Remove what a finished run did not use."""
        shutil.rmtree(self.work, ignore_errors=True)
        wanted = set(used)
        for path in self.root.glob("*/*"):
            if path in wanted:
                continue
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)

    def finish(self, record: dict[str, Any]) -> None:
        """Say of what the finished run is made."""
        sealed = {"seal": key_of(json.dumps(record)), "record": record}
        write_atomically(self.root / FINISHED, (json.dumps(sealed, ensure_ascii=False) + "\n").encode())

    def finished(self) -> dict[str, Any]:
        """Return what :meth:`finish` was told; empty where no run ended, or where it is damaged."""
        try:
            sealed: dict[str, Any] = json.loads((self.root / FINISHED).read_text(encoding="utf-8"))
            record: dict[str, Any] = sealed["record"]
            return record if sealed["seal"] == key_of(json.dumps(record)) else {}
        except (OSError, ValueError, LookupError, TypeError):
            return {}
