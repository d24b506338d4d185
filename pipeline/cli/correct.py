"""``qinggao correct``: the typo stage alone, one line in, one line out; for pipes and benchmarks."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import BinaryIO

import click

from pipeline.cli.options import build_settings, lexicon_options
from pipeline.model import Document
from pipeline.route import revise
from pipeline.runner import knowledge_for


@click.command()
@click.argument("file", default="-", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path))
@lexicon_options
def correct(file: Path, no_lexicon: bool, protect: Path | None, config: Path | None) -> None:
    """Correct wrong characters of FILE (or standard input), line by line; nothing else is changed."""
    knowledge = knowledge_for(build_settings(config, no_lexicon=no_lexicon, protect=protect))
    knowledge.check()
    with sys.stdin.buffer if str(file) == "-" else file.open("rb") as stream:
        _stream(stream, sys.stdout.buffer, lambda text: _corrected(text, knowledge))


def _corrected(text: str, knowledge: object) -> str:
    document = Document("line", "line", text)
    revise(document, "correct", knowledge)  # type: ignore[arg-type]
    return document.text


def _stream(source: BinaryIO, target: BinaryIO, change: object) -> None:
    """Lines end at LF only, and bytes that are not UTF-8 pass through."""
    for line in source:
        body = line.removesuffix(b"\n")
        text = change(body.decode("utf-8", "surrogateescape"))  # type: ignore[operator]
        target.write(text.encode("utf-8", "surrogateescape") + line[len(body) :])
        target.flush()
