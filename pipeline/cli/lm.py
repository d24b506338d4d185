"""``qinggao lm``: what it takes to build a language model of one's own."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from pipeline.errors import UsageError
from pipeline.lm.prepare import training_lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

STANDARD = Path("-")
"""Stands for standard input among files, for standard output after ``--out``."""


@click.group()
def lm() -> None:
    """Build a language model of your own, to be used with --lm in place of the shipped one."""


@lm.command()
@click.argument(
    "files",
    nargs=-1,
    metavar="[FILE]...",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path),
)
@click.option(
    "--out",
    default=STANDARD,
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    help="Write to this file; standard output by default.",
)
def prepare(files: tuple[Path, ...], out: Path) -> None:
    """Turn text into training tokens of the model, one sentence a line, for KenLM's lmplz.

    FILE is UTF-8; standard input is read for - or without one. Give clean text: what is wrong in it the model takes
    for right.

    Exit code 0; 2 when a file cannot be read or is not UTF-8, or --out cannot be written.
    """
    sources = files or (STANDARD,)
    _check_apart(sources, out)
    with nullcontext(sys.stdout.buffer) if out == STANDARD else _opened(out, "wb") as target:
        for file in sources:
            target.writelines(f"{line}\n".encode() for line in _lines(file))
        target.flush()


def _lines(file: Path) -> Iterator[str]:
    if file == STANDARD:
        yield from training_lines(sys.stdin.buffer, "standard input")
        return
    with _opened(file, "rb") as source:
        yield from training_lines(source, str(file))


def _check_apart(sources: Sequence[Path], out: Path) -> None:
    if out == STANDARD or not out.exists():
        return
    for file in sources:
        if file != STANDARD and file.samefile(out):
            raise UsageError(f"{out} would be overwritten while it is read; give another file with --out")


def _opened(path: Path, mode: str) -> BinaryIO:
    """Return the file, open in the binary ``mode``; raises :class:`UsageError` that says what to check."""
    try:
        return path.open(mode)  # type: ignore[return-value]
    except OSError as error:
        raise UsageError(
            f"{path} cannot be opened: {error.strerror}; check the folder and your rights to it"
        ) from error
