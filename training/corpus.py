"""Clean text to learn from: paragraphs of zstd-compressed files, drawn by a seed."""

from __future__ import annotations

import io
import random
from itertools import islice
from typing import TYPE_CHECKING

import zstandard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

LONG_WINDOW = 1 << 27  # the files are compressed with --long=27


def read_lines(path: Path) -> Iterator[str]:
    """Yield the paragraphs of a compressed text file."""
    with path.open("rb") as stream:
        reader = zstandard.ZstdDecompressor(max_window_size=LONG_WINDOW).stream_reader(stream)
        for line in io.TextIOWrapper(reader, encoding="utf-8"):
            yield line.rstrip("\n")


def draw_lines(paths: list[Path], count: int, seed: int, least: int = 15, most: int = 400) -> list[str]:
    """Return ``count`` paragraphs of ``least`` to ``most`` characters, drawn evenly from each file, in random order."""
    rng = random.Random(seed)
    drawn = []
    for path in paths:
        pool = [line for line in read_lines(path) if least <= len(line) <= most and rng.random() < 0.25]
        drawn += rng.sample(pool, min(len(pool), count // len(paths)))
    rng.shuffle(drawn)
    return drawn


def draw_documents(
    paths: list[Path],
    count: int,
    seed: int,
    sizes: tuple[int, ...] = (600, 1500, 4000, 8000),
    lines_of: Callable[[Path], Iterator[str]] = read_lines,
) -> list[str]:
    """Return ``count`` passages of about ``sizes`` characters: neighbouring paragraphs, evenly from each file.

    ``lines_of`` gives the paragraphs of a file: all of them or, say, those that the network was not trained on.
    """
    rng = random.Random(seed)
    drawn = []
    for path in paths:
        waiting = list(islice(lines_of(path), 900_000))
        for _ in range(count // len(paths)):
            at, size, lines = rng.randrange(len(waiting) - 200), rng.choice(sizes), []
            while sum(map(len, lines)) < size and at < len(waiting):
                lines.append(waiting[at])
                at += 1
            drawn.append("\n".join(lines))
    rng.shuffle(drawn)
    return drawn
