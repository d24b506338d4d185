"""Sorted numbers on disk, in any number of files: what lies between two values is read without the rest.

A file holds an array with rows of 64-bit numbers. Whoever makes numbers sorts them and writes a file of its own; whoever
needs a stretch of them all searches every file. So what is collected in many shards is seen together by value, and no
process holds more than its stretch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from typing import TypeAlias

    from numpy.typing import NDArray

    Numbers: TypeAlias = NDArray[np.uint64]

VALUES = 1 << 64


def write(path: Path, rows: Numbers) -> None:
    """Write an array of two dimensions; :func:`between` can search each row that is sorted."""
    np.save(path, rows, allow_pickle=False)


def between(paths: Iterable[Path], low: int, last: int, *, key: int = 0, row: int = 0) -> Numbers:
    """Return of all files the numbers in ``row`` that stand where those in ``key`` are from ``low`` to ``last``."""
    found = [np.zeros(0, np.uint64)]
    for path in paths:
        rows = np.load(path, mmap_mode="r", allow_pickle=False)
        start, end = stretch(rows[key], low, last)
        found.append(np.array(rows[row, start:end]))
    return np.concatenate(found)


def stretch(numbers: Numbers, low: int, last: int) -> tuple[int, int]:
    """Return where in sorted numbers those from ``low`` to ``last`` stand, half-open."""
    return int(np.searchsorted(numbers, np.uint64(low))), int(np.searchsorted(numbers, np.uint64(last), "right"))


def stretches(count: int, most: int) -> Iterator[tuple[int, int]]:
    """Yield (low, last) of even stretches of all values, so that each has about ``most`` of ``count`` hashes.

    Their number is a power of two: values that differ in their lower half alone are never parted.
    """
    number = 1 << (max(0, count - 1) // most).bit_length()
    size = VALUES // number
    yield from ((low, low + size - 1) for low in range(0, VALUES, size))
