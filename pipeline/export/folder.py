"""An output folder: whose it is, atomic writes, what of an earlier run still holds."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

from pipeline.errors import OutputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

MANIFEST = "manifest.json"
MARK = ".qinggao"
WORK = ".work"
SCHEMA = 2
"""The form of the tables; a folder of another one is written anew by ``clean``."""


def check_output(out: Path, inputs: Iterable[Path]) -> None:
    """Raise :class:`UsageError` unless ``out`` is new, empty, or a folder that qinggao wrote, and no input."""
    target = out.resolve()
    for path in inputs:
        source = path.resolve()
        if target == source:
            raise UsageError(f"{out}: the output folder is the input folder; give another one with --out")
        if target in source.parents:
            raise UsageError(f"{out}: the output folder holds the input {path.name}; give another one with --out")
    if not out.exists():
        return
    if not out.is_dir():
        raise UsageError(f"{out}: is a file; give a folder with --out")
    if any(out.iterdir()) and not (out / MARK).exists():
        raise UsageError(f"{out}: was not written by qinggao and is not empty; give a new or empty folder with --out")


def prepare(out: Path) -> Path:
    """Make the folder ours and return its empty working folder."""
    try:
        for name in ("text", "log", "source"):
            (out / name).mkdir(parents=True, exist_ok=True)
        (out / MARK).write_text(
            "This folder is written by qinggao; files here are replaced at the next run.\n", encoding="utf-8"
        )
        work = out / WORK
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir()
    except OSError as error:
        raise OutputError(
            f"{out}: cannot be written ({error.strerror}); free space or choose another folder with --out"
        ) from error
    return work


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file so that a reader sees all of it or the one before."""
    waiting = path.with_name(f".{path.name}.part")
    waiting.write_bytes(data)
    waiting.replace(path)


def remove_vanished(out: Path, doc_ids: set[str]) -> int:
    """Remove text, log and kept source of documents that are no longer inputs; return how many."""
    gone = 0
    for folder, ending in (("text", ".txt"), ("log", ".jsonl"), ("source", ".txt")):
        for path in (out / folder).iterdir():
            name = path.name.removesuffix(ending)
            if path.is_file() and (name not in doc_ids or not path.name.endswith(ending)):
                path.unlink()
                gone += folder == "text"
    return gone


def publish(out: Path, work: Path, manifest: dict[str, Any], run: dict[str, Any]) -> list[str]:
    """Move the finished tables into place, the manifest last; return the file names."""
    names = sorted(path.name for path in work.iterdir())
    for name in names:
        (work / name).replace(out / name)
    work.rmdir()
    for name, value in (("run.json", run), (MANIFEST, manifest)):
        write_atomically(
            out / name,
            (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "backslashreplace"),
        )
    return [*names, MANIFEST, "run.json"]


def read_manifest(out: Path) -> dict[str, Any]:
    """Return the manifest of an output folder; raises :class:`UsageError` where there is none."""
    try:
        manifest: dict[str, Any] = json.loads((out / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(
            f"{out}: holds no finished run of qinggao (no readable {MANIFEST}); run qinggao clean --out {out} first"
        ) from error
    return manifest
