"""What only all plans together say: which are copies, what they are about. Shards of plans, in any process.

The plans lie in Parquet files with the columns of :class:`~pipeline.analysis.shelf.Row`; a shard is a row group of one
of them. What shards have to know of each other goes through a folder beside the files, sorted so that a task reads the
stretch that it works on: memory goes with the shard and not with the corpus, but for some fifty bytes a plan. What comes
back depends neither on who did which shard nor on where the shards are cut.
"""

from __future__ import annotations

from bisect import bisect_right
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import orjson

from pipeline.analysis import passages, sharing, themes
from pipeline.analysis.factors import normalised
from pipeline.analysis.place import Place, Shard, shards_of
from pipeline.analysis.terms import tokeniser
from pipeline.analysis.theme_model import SAMPLE_CHARS, Model, describe, digest, draw
from pipeline.engines import here

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

    from pipeline.analysis.copies import Groups
    from pipeline.analysis.shelf import Row
    from pipeline.engines import Run

MODEL, NAMES, WEIGHTS = "model", "names", "weights"


@dataclass(frozen=True, slots=True, eq=False)
class Findings:
    """What a corpus says; plans are given by their numbers in corpus order.

    ``found`` are the factors of the model that the themes are. What is said of each plan is read when it is asked for.
    """

    place: Place
    shards: Sequence[Shard]
    groups: Groups
    themes: tuple[themes.Theme, ...]
    found: Sequence[int]

    def duplicates(self) -> Iterator[pa.Table]:
        """Yield the table of passages, sorted by the plans, in pieces of a bounded size; at least one."""
        yield from passages.read(self.place.parts(sharing.PASSAGES))

    def duplicate_of(self, number: int) -> str:
        """Return the plan that stands for a plan, as ``doc_id/section``; empty where it stands for itself."""
        other = int(self.groups.duplicate_of[number])
        row = self.place.plan(other) if other >= 0 else None
        return f"{row.doc_id}/{row.section}" if row else ""

    def described(self, first: int, count: int) -> tuple[list[str], NDArray[np.float64]]:
        """Return of ``count`` plans from ``first`` on what names each, best first, joined by ``;``, and its themes.

        These are plans × themes; a row sums to 1, or to 0 for a plan without terms.
        """
        names: list[str] = []
        weights = [np.zeros((0, len(self.found)))]
        at = max(0, bisect_right(self.shards, first, key=lambda shard: shard.first) - 1)
        while at < len(self.shards) and self.shards[at].first < first + count:
            shard = self.shards[at]
            wanted = slice(max(0, first - shard.first), first + count - shard.first)
            names += orjson.loads(self.place.part(NAMES, shard.number).read_bytes())[wanted]
            stored = np.load(self.place.part(WEIGHTS, f"{shard.number}.npy"), mmap_mode="r", allow_pickle=False)
            weights.append(normalised(stored[wanted][:, self.found]))
            at += 1
        return names, np.concatenate(weights)


def load() -> None:
    """Load what :func:`study` needs, so that workers which are forked then share it: 60 MB and two seconds each."""
    tokeniser()


@contextmanager
def study(paths: Sequence[Path], run: Run, work: Path | None = None) -> Iterator[Findings]:
    """Give what the plans in Parquet files, one file after the other, say together.

    Findings hold while the context is open: they are read from a folder in ``work`` (which all workers see), which then
    goes.
    """
    shards = list(shards_of(paths))
    if len(shards) <= 1:
        run = here  # other processes would take longer to start
    with TemporaryDirectory(prefix="study-", dir=work) as folder:
        yield _study(Place.prepared(Path(folder), shards), shards, run)


def _study(place: Place, shards: Sequence[Shard], run: Run) -> Findings:
    signed = [_NOTHING, *run(partial(_sign, place), shards)]
    digests, sizes = (np.concatenate([getattr(one, name) for one in signed]) for name in ("digests", "sizes"))
    sharing.find_pairs(place, [one.signed for one in signed], run)
    groups = sharing.compare_all(place, len(digests), run)
    once = groups.duplicate_of < 0
    (counting,) = np.nonzero(once)
    drawn = counting[draw(digests[once], sizes[once], SAMPLE_CHARS)]
    model = themes.learn_from(_themed(place.plan(number)) for number in drawn.tolist())
    model.save(place.folder / MODEL)
    tally = themes.Tally(model, lambda number: _themed(place.plan(number)))
    cuts = ((shard, once[shard.first : shard.first + shard.size]) for shard in shards)
    for seen in run(partial(_describe, place), cuts):
        tally.add(seen)
    return Findings(place, shards, groups, *tally.themes())


class _Signed(NamedTuple):
    """What is remembered of a shard; of each plan the digest and the size of what is read of it."""

    signed: sharing.Signed
    digests: NDArray[np.uint64]
    sizes: NDArray[np.int64]


_NOTHING = _Signed(sharing.Signed(0, 0), np.zeros(0, np.uint64), np.zeros(0, np.int64))


def _sign(place: Place, shard: Shard) -> _Signed:
    rows = shard.rows()
    place.put(shard, rows)
    texts = [_themed(row).read for row in rows]
    digests, sizes = np.array(list(map(digest, texts)), np.uint64), np.array(list(map(len, texts)), np.int64)
    return _Signed(sharing.sign_shard(place, shard, rows), digests, sizes)


def _describe(place: Place, cut: tuple[Shard, NDArray[np.bool_]]) -> themes.Seen:
    shard, once = cut
    plans = [_themed(row) for row in shard.rows()]
    weights, names = describe([plan.read for plan in plans], _model(place.folder / MODEL))
    np.save(place.part(WEIGHTS, f"{shard.number}.npy"), weights, allow_pickle=False)
    place.part(NAMES, shard.number).write_bytes(orjson.dumps([";".join(one) for one in names]))
    return themes.see(plans, once, weights, shard.first)


def _themed(row: Row) -> themes.Plan:
    return themes.Plan(row.doc_id, row.section, row.title, row.text)


@lru_cache(maxsize=1)
def _model(folder: Path) -> Model:
    return Model.load(folder)
