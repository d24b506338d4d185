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
    from collections.abc import Sequence
    from pathlib import Path
    from typing import Any

    from numpy.typing import NDArray

    from pipeline.engines import Run

    Shard = tuple[int, int]
    """A row group and the number of its first plan."""

COLUMNS = ("doc_id", "section", "start", "text", "title")
PAIRS = 20_000  # compared at a time
CUTS = 16  # parts in which all plans are described: each needs the whole model


class Source(NamedTuple):
    """A file of plans; ``stamp`` tells it from another that lay in its place."""

    path: Path
    stamp: int

    def shards(self) -> list[Shard]:
        """Return the shards in order."""
        with pq.ParquetFile(self.path) as stored:
            sizes = [stored.metadata.row_group(group).num_rows for group in range(stored.num_row_groups)]
        return list(enumerate(np.cumsum([0, *sizes])[:-1].tolist()))

    def rows(self, group: int) -> list[dict[str, Any]]:
        """Return the plans of a row group."""
        with pq.ParquetFile(self.path) as stored:
            rows: list[dict[str, Any]] = stored.read_row_group(group, columns=list(COLUMNS)).to_pylist()
        return rows


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
    shards = source.shards()
    if len(shards) <= 1:
        run = map  # other processes would take longer to start
    found = _find_copies(source, shards, run)
    plans = _plans(source)
    groups = copies.group(found, [len(plan.text) for plan in plans])
    names, duplicates = [plan.name for plan in plans], copies.duplicate_rows(found, plans)
    return Findings(names, duplicates, groups, _find_themes(source, shards, groups, run))


def _find_copies(source: Source, shards: Sequence[Shard], run: Run) -> list[copies.Copy]:
    signatures = Signatures()
    for part in run(partial(_sign, source), shards):
        signatures = signatures.merged(part)
    pairs = candidates(signatures)
    cuts = [pairs[at : at + PAIRS] for at in range(0, len(pairs), PAIRS)]
    return list(chain.from_iterable(run(partial(_compare, source), cuts)))


def _find_themes(source: Source, shards: Sequence[Shard], groups: copies.Groups, run: Run) -> themes.Themes:
    plans = _themed(source, shards)
    once = np.array(groups.duplicate_of, np.int64) < 0
    model = themes.learn_from(plans, once)
    size = -(-len(shards) // CUTS) or 1
    cuts = [shards[at : at + size] for at in range(0, len(shards), size)]
    parts = list(run(partial(_describe, source, model), cuts))
    weights = np.concatenate([np.zeros((0, len(model.factors))), *(part[0] for part in parts)])
    return themes.gather(plans, once, model, weights, [names for part in parts for names in part[1]])


def _themed(source: Source, shards: Sequence[Shard]) -> list[themes.Plan]:
    rows = (row for group, _ in shards for row in source.rows(group))
    return [themes.Plan(row["doc_id"], row["section"], row["title"], row["text"]) for row in rows]


@lru_cache(maxsize=1)
def _plans(source: Source) -> list[copies.Plan]:
    rows = (row for group, _ in source.shards() for row in source.rows(group))
    return [copies.Plan.without_heading(*(row[name] for name in COLUMNS)) for row in rows]


def _sign(source: Source, shard: Shard) -> Signatures:
    group, first = shard
    return sign((first + at, copies.body(row["text"], row["title"])) for at, row in enumerate(source.rows(group)))


def _compare(source: Source, pairs: NDArray[np.int64]) -> list[copies.Copy]:
    plans = _plans(source)
    return copies.compare(pairs, lambda number: plans[number].text)


def _describe(
    source: Source, model: themes.Model, shards: Sequence[Shard]
) -> tuple[NDArray[np.float64], list[tuple[str, ...]]]:
    return themes.describe([themes.text_of(plan) for plan in _themed(source, shards)], model)
