"""What only all plans together say: which are copies, what they are about. Shards of plans, in any process.

The plans lie in a Parquet file with the columns ``doc_id``, ``section``, ``title``, ``text`` and ``start``; a shard is
one of its row groups. What comes back does not depend on who did which shard.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow.parquet as pq

from pipeline.analysis import copies, themes
from pipeline.analysis.signatures import Signatures, candidates, sign

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path
    from typing import Any

    from numpy.typing import NDArray

    Run = Callable[[Callable[..., Any], Iterable[Any]], Iterable[Any]]
    """Maps a function over tasks, here or in other processes; results in the order of the tasks."""

COLUMNS = ["doc_id", "section", "title", "text", "start"]
PAIRS = 20_000  # compared at a time
CUTS = 16  # parts in which all plans are described: each needs the whole model


class Source(NamedTuple):
    """A file of plans; ``stamp`` tells it from another that lay in its place."""

    path: Path
    stamp: int


@dataclass(frozen=True, slots=True)
class Findings:
    """What a corpus says; plans are given by their numbers in corpus order.

    ``names`` are the plans' (doc_id/section), ``duplicates`` the columns of that table, ``groups`` what counts once,
    ``themes`` have a row for each plan.
    """

    names: list[str]
    duplicates: dict[str, list[object]]
    groups: copies.Groups
    themes: themes.Themes


def study(path: Path, run: Run) -> Findings:
    """Return what the plans in a Parquet file say together."""
    source = Source(path, path.stat().st_mtime_ns)
    if len(_shards(path)) <= 1:
        run = map  # other processes would take longer to start
    found = _find_copies(source, run)
    plans = _plans(source)
    groups = copies.group(found, [len(plan.text) for plan in plans])
    names = [plan.name for plan in plans]
    return Findings(names, copies.duplicate_rows(found, plans), groups, _find_themes(path, groups, run))


def _find_copies(source: Source, run: Run) -> list[copies.Copy]:
    signatures = Signatures()
    for part in run(partial(_sign, source.path), _shards(source.path)):
        signatures = signatures.merged(part)
    pairs = candidates(signatures)
    cuts = [pairs[at : at + PAIRS] for at in range(0, len(pairs), PAIRS)]
    return list(chain.from_iterable(run(partial(_compare, source), cuts)))


def _find_themes(path: Path, groups: copies.Groups, run: Run) -> themes.Themes:
    plans = [plan for group, _ in _shards(path) for plan in _themed(path, group)]
    once = np.array(groups.duplicate_of, np.int64) < 0
    model = themes.learn_from(plans, once)
    shards = _shards(path)
    size = -(-len(shards) // CUTS) or 1
    cuts = [shards[at : at + size] for at in range(0, len(shards), size)]
    parts = list(run(partial(_describe, path, model), cuts))
    weights = np.concatenate([np.zeros((0, len(model.factors))), *(part[0] for part in parts)])
    return themes.gather(plans, once, model, weights, [names for part in parts for names in part[1]])


def _shards(path: Path) -> list[tuple[int, int]]:
    """Return (row group, number of its first plan) of every shard."""
    with pq.ParquetFile(path) as stored:
        sizes = [stored.metadata.row_group(group).num_rows for group in range(stored.num_row_groups)]
    return list(zip(range(len(sizes)), np.cumsum([0, *sizes[:-1]]).tolist() if sizes else [], strict=True))


def _rows(path: Path, group: int) -> list[dict[str, Any]]:
    with pq.ParquetFile(path) as stored:
        rows: list[dict[str, Any]] = stored.read_row_group(group, columns=COLUMNS).to_pylist()
    return rows


def _themed(path: Path, group: int) -> list[themes.Plan]:
    return [themes.Plan(row["doc_id"], row["section"], row["title"], row["text"]) for row in _rows(path, group)]


@lru_cache(maxsize=1)
def _plans(source: Source) -> list[copies.Plan]:
    path = source.path
    return [
        copies.Plan.without_heading(row["doc_id"], row["section"], row["start"], row["text"], row["title"])
        for group, _ in _shards(path)
        for row in _rows(path, group)
    ]


def _sign(path: Path, shard: tuple[int, int]) -> Signatures:
    group, first = shard
    rows = _rows(path, group)
    return sign((first + at, copies.body(row["text"], row["title"])) for at, row in enumerate(rows))


def _compare(source: Source, pairs: NDArray[np.int64]) -> list[copies.Copy]:
    plans = _plans(source)
    return copies.compare(pairs, lambda number: plans[number].text)


def _describe(
    path: Path, model: themes.Model, shards: list[tuple[int, int]]
) -> tuple[NDArray[np.float64], list[tuple[str, ...]]]:
    plans = (plan for group, _ in shards for plan in _themed(path, group))
    return themes.describe([themes.text_of(plan) for plan in plans], model)
