"""``qinggao correct``: the correct stage alone, one line in, one line out; for pipes and benchmarks."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipeline.batch.passes import knowledge_for
from pipeline.cli.options import build_settings, lexicon_options, tell_of_network
from pipeline.engines import rare_collection
from pipeline.stages.correct import correct_lines

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import BufferedReader

BLOCK = 1 << 16  # bytes read at a time


@click.command()
@click.argument("file", default="-", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path))
@lexicon_options
def correct(file: Path, config: Path | None, **options: Any) -> None:
    """Correct wrong characters of FILE (or standard input), line by line; nothing else is changed."""
    settings = build_settings(config, **options)
    tell_of_network(settings)
    knowledge = knowledge_for(settings)
    knowledge.check()
    with sys.stdin.buffer if str(file) == "-" else file.open("rb") as stream, rare_collection():
        for lines in _batches(stream):  # type: ignore[arg-type]
            texts = correct_lines([line.decode("utf-8", "surrogateescape") for line in lines], knowledge)
            sys.stdout.buffer.write(b"\n".join(text.encode("utf-8", "surrogateescape") for text in texts))
            sys.stdout.flush()


def _batches(stream: BufferedReader) -> Iterator[list[bytes]]:
    """Yield the lines that have arrived so far; joined by line feeds, the batches one after another are the input.

    Lines end at LF only. Every batch but the last ends in an empty line, to which the next one is appended.
    """
    rest: list[bytes] = []
    while block := stream.read1(BLOCK):
        head, found, tail = block.rpartition(b"\n")
        if found:
            yield [*(b"".join(rest) + head).split(b"\n"), b""]
            rest = []
        rest.append(tail)
    if last := b"".join(rest):
        yield [last]
