"""An output folder: whose it is, atomic writes, what of an earlier run still holds."""

from __future__ import annotations

import json
import shutil
from contextlib import contextmanager
from secrets import token_hex
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
from portalocker import Lock, LockException

from pipeline.errors import OutputError, UsageError
from pipeline.export.schema import TABLES
from pipeline.inputs.raw import Quarantined

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

MANIFEST = "manifest.json"
RUN = "run.json"
MARK = ".qinggao"
WORK = ".work"
FILED = {"text": ".txt", "log": ".jsonl", "source": ".txt"}
"""Folders with a file for each document, and what its name ends with."""
LOCK = ".lock"
PATIENCE = 600  # seconds
SCHEMA = 3
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
    """Return the empty working folder of an output folder."""
    work = out / WORK
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    return work


def prepare_files(out: Path) -> None:
    """Make the folders for texts and logs."""
    for name in FILED:
        (out / name).mkdir(exist_ok=True)


def cannot_write(out: Path, error: OSError) -> OutputError:
    """Return what to tell of a folder that the system refuses to write."""
    return OutputError(
        f"{out}: cannot be written ({error.strerror or error}); free space or choose another folder with --out, "
        "then run the same command again: what is finished is kept"
    )


@contextmanager
def locked(out: Path) -> Iterator[None]:
    """Make ``out`` ours, and let no other run write there; one at work, or what is left of one, is waited for.

    Processes of a run that was killed hold its lock until they have ended. Raises :class:`UsageError` after
    :data:`PATIENCE` seconds, and :class:`OutputError` for what the system refuses to write meanwhile.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        # Before anything else, so that a run that is killed can be repeated.
        (out / MARK).write_text(
            "This folder is written by qinggao; files here are replaced at the next run.\n", encoding="utf-8"
        )
        with Lock(out / LOCK, timeout=PATIENCE):  # forked processes inherit it, as they would not that of filelock
            for folder in (out, *(out / name for name in FILED)):
                sweep(folder)
            yield
    except LockException as error:
        raise UsageError(f"{out}: another run of qinggao writes here; wait for it, or give another --out") from error
    except OSError as error:
        raise cannot_write(out, error) from error


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file so that a reader sees all of it or the one before."""
    waiting = waiting_name(path)
    try:
        waiting.write_bytes(data)
        waiting.replace(path)
    except OSError:
        waiting.unlink(missing_ok=True)  # on a full disk it takes room
        raise


def waiting_name(path: Path) -> Path:
    """Return the name under which ``path`` is written: another each time: two processes may do the same work."""
    return path.with_name(f".{path.name}.{token_hex(4)}.part")


def sweep(folder: Path) -> None:
    """Remove what a run that was killed left half written."""
    for path in folder.glob(f".*.{'[0-9a-f]' * 8}.part"):
        _remove(path)


def remove_vanished(out: Path, doc_ids: set[str]) -> int:
    """Remove text, log and kept source of documents that are no longer inputs; return how many."""
    gone = 0
    for folder, ending in FILED.items():
        if not (out / folder).is_dir():
            continue
        for path in (out / folder).iterdir():
            name = path.name.removesuffix(ending)
            if path.is_file() and (name not in doc_ids or not path.name.endswith(ending)):
                path.unlink()
                gone += folder == "text" and path.name.endswith(ending)
        if not any((out / folder).iterdir()) and not doc_ids:
            (out / folder).rmdir()
    return gone


def publish(out: Path, work: Path, manifest: dict[str, Any], run: dict[str, Any]) -> list[str]:
    """Move the finished tables into place, the manifest last; return the names. What an earlier run alone had goes.

    All is written before anything is moved; without a manifest, what is half moved is no finished run.
    """
    names = sorted(path.name for path in work.iterdir())
    for name, value in ((RUN, run), (MANIFEST, manifest)):
        text = json.dumps(value, ensure_ascii=False, indent=1) + "\n"
        (work / name).write_bytes(text.encode("utf-8", "backslashreplace"))
    for name in {MANIFEST} | written_names() - set(names):
        _remove(out / name)
    for name in (*names, RUN, MANIFEST):
        _remove(out / name)
        (work / name).replace(out / name)
    work.rmdir()
    return [*names, MANIFEST, RUN]


def written_names() -> set[str]:
    """Return the names of all files and folders of tables that a run may write."""
    tables = {name + ending for name in (*TABLES, "documents") for ending in ("", ".csv", ".parquet")}
    return tables | {"corpus.jsonl", "corpus.duckdb", "learned_pack.toml"}


def _remove(path: Path) -> None:
    """Remove a folder; a file is replaced by what comes in its place, where something does."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def parquet_files(folder: Path, name: str) -> list[Path]:
    """Return the Parquet files of a table in order: one, or the parts of a large corpus."""
    whole = folder / f"{name}.parquet"
    return [whole] if whole.exists() else sorted((folder / name).glob("part-*.parquet"))


def inputs(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield the record of each document that was cleaned, in the order of the corpus."""
    for path in parquet_files(folder, "inputs"):
        yield from records(path)


def records(path: Path) -> list[dict[str, Any]]:
    """Return the records of a file of ``inputs``."""
    return [row | {"notes": row["notes"].splitlines()} for row in pq.read_table(path).to_pylist()]


def is_parted(manifest: dict[str, Any]) -> bool:
    """Return whether a corpus lies in parts: Parquet files of many documents, in place of a file for each text."""
    return manifest.get("layout") == "parts"


def quarantined(folder: Path) -> Iterator[Quarantined]:
    """Yield the inputs that could not be read or cleaned, with the reasons."""
    for path in parquet_files(folder, "quarantined"):
        yield from (Quarantined(**row) for row in pq.read_table(path).to_pylist())


def read_manifest(out: Path) -> dict[str, Any]:
    """Return the manifest of an output folder; raises :class:`UsageError` where there is none."""
    try:
        manifest: dict[str, Any] = json.loads((out / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(
            f"{out}: holds no finished run of qinggao (no readable {MANIFEST}); run qinggao clean --out {out} first"
        ) from error
    return manifest
