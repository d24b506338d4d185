"""The study of a corpus: the same findings however the plans are cut into files and shards, and by whom they are done."""

from __future__ import annotations

from itertools import chain, pairwise
from random import Random
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from pipeline.analysis import buckets, passages, sharing, themes
from pipeline.analysis.buckets import CROWD, PARTNERS, candidates, meeting
from pipeline.analysis.copies import Plan, duplicate_rows, find_copies, group
from pipeline.analysis.corpus import study
from pipeline.analysis.place import Place, shards_of
from pipeline.analysis.runs import VALUES, between, stretches, write
from pipeline.analysis.shelf import Row
from pipeline.analysis.signatures import BANDS, sign
from pipeline.analysis.theme_model import Model, describe, draw, learn
from pipeline.engines.pool import workers
from pipeline.export.findings import OF_PLANS, tables_of
from pipeline.export.schema import PARTS, TABLES
from pipeline.export.tables import tabulate
from pipeline.model import Document, Evidence
from pipeline.stages import split
from tests.mini_plans import MINI_PLANS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pipeline.engines import Run

ROWS = [Row(f"d{at}", 1, 0, text, text.partition("\n")[0]) for at, text in enumerate(MINI_PLANS.values())]
CORPUS = [
    *ROWS,
    ROWS[0]._replace(doc_id="again", start=7),
    Row("both", 1, 0, f"{ROWS[1].text}\n{ROWS[2].text}", ROWS[1].title),
    Row("both", 2, 900, ROWS[2].text, ROWS[2].title),
    Row("empty", 1, 0, "", ""),
    Row("empty", 2, 0, "。。", "。。"),
    ROWS[0]._replace(doc_id="once more"),
]


def stored(folder: Path, cuts: Sequence[Sequence[int]]) -> list[Path]:
    """Write :data:`CORPUS` as files, each with row groups of the sizes given; the last group takes the rest."""
    paths, left = [], list(CORPUS)
    sizes = [list(sizes) for sizes in cuts]
    sizes[-1].append(len(left))
    for number, groups in enumerate(sizes):
        paths.append(folder / f"plans-{number}.parquet")
        table = pa.Table.from_pylist([row._asdict() for row in left])
        with pq.ParquetWriter(paths[-1], table.schema) as file:
            for size in groups:
                some, left = left[:size], left[size:]
                file.write_table(pa.Table.from_pylist([row._asdict() for row in some], table.schema))
    return paths


def told(paths: Sequence[Path], run: Run = map) -> list[object]:
    """Return all that findings say."""
    with study(paths, run) as found:
        names, weights = found.described(0, len(CORPUS))
        rows = pa.concat_tables(found.duplicates()).to_pylist()
        copies = [found.groups.copied.tolist(), [found.duplicate_of(number) for number in range(len(CORPUS))]]
        return [found.themes, names, weights.tolist(), rows, *copies]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> list[object]:
    return told(stored(tmp_path_factory.mktemp("whole"), [[]]))


def test_shards_say_what_the_corpus_in_memory_says(whole: list[object]):
    plans = [Plan.without_heading(*row) for row in CORPUS]
    copies = find_copies(sign((number, plan.text) for number, plan in enumerate(plans)), lambda at: plans[at].text)
    groups = group(copies, [len(plan.text) for plan in plans])
    once = groups.duplicate_of < 0
    found = themes.find_themes([themes.Plan(row.doc_id, row.section, row.title, row.text) for row in CORPUS], once)
    rows = duplicate_rows(sorted(copies, key=lambda copy: (copy.a, copy.b)), plans.__getitem__)
    assert whole == [
        found.themes,
        [";".join(names) for names in found.names],
        found.weights.tolist(),
        pa.table(rows).to_pylist(),
        groups.copied.tolist(),
        ["" if at < 0 else plans[at].name for at in groups.duplicate_of.tolist()],
    ]
    assert groups.duplicate_of.tolist().count(-1) < len(CORPUS) - 3
    assert found.themes


@given(cuts=st.lists(st.lists(st.integers(0, 6), max_size=3), min_size=1, max_size=5), later=st.integers(1, 5))
@settings(max_examples=6, deadline=None, phases=[Phase.explicit, Phase.generate])  # an example takes a second
def test_no_cut_changes_what_is_found(
    cuts: list[list[int]], later: int, whole: list[object], tmp_path_factory: pytest.TempPathFactory
):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sharing, "LATER", later)
        patch.setattr(passages, "ROWS", later)
        patch.setattr(passages, "EVERY", 1)
        assert told(stored(tmp_path_factory.mktemp("cut"), cuts)) == whole


def test_other_processes_find_the_same_and_nothing_is_left_behind(whole: list[object], tmp_path: Path):
    paths = stored(tmp_path, [[2, 3], [], [4]])
    with workers(2) as run:
        assert told(paths, run) == whole
    assert sorted(tmp_path.iterdir()) == paths


def test_no_plans():
    with study([], map) as found:
        assert found.themes == ()
        assert sum(map(len, found.duplicates())) == 0


STUDIED = ("plans", "assessed")


def test_each_file_of_plans_has_its_tables(tmp_path: Path):
    documents = [
        Document(f"d{at}", f"d{at}.txt", text, Evidence(), text=text) for at, text in enumerate(MINI_PLANS.values())
    ]
    tables = [tabulate(split.run(document)) for document in documents]
    paths = {name: [tmp_path / f"{name}-{part}.parquet" for part in range(3)] for name in STUDIED}
    for part in range(3):
        for name in STUDIED:
            schema = PARTS[name]
            rows = [one[name] for one in tables[2 * part : 2 * part + 2]] if part != 1 else []
            pq.write_table(pa.concat_tables([schema.empty_table(), *rows]), paths[name][part])
    with study(paths["plans"], map) as findings:
        *whole, one, none, two = tables_of(paths["plans"], paths["assessed"], findings)
    assert [list(table) for table in whole] == [["themes"], ["duplicates"]]
    assert set(one) == set(none) == set(two) == set(OF_PLANS)
    assert one["corpus"]["doc_id"].unique().to_pylist() == ["d0", "d1"]
    assert two["quality"]["doc_id"].unique().to_pylist() == ["d4", "d5"]
    assert all(len(table) == 0 and table.schema == TABLES[name] for name, table in none.items())


# --- pairs ---


@given(
    bands=st.lists(
        st.lists(st.tuples(st.integers(0, 3), st.integers(0, 19)), max_size=60), min_size=BANDS, max_size=BANDS
    ),
    windows=st.integers(15, 60),
    later=st.integers(7, 20),
)
@settings(max_examples=8, deadline=None, phases=[Phase.explicit, Phase.generate])
def test_pairs_are_the_same_in_stretches(
    bands: list[list[tuple[int, int]]], windows: int, later: int, tmp_path_factory: pytest.TempPathFactory
):
    entries = [np.array([bucket << 62 | plan for bucket, plan in band], np.uint64) for band in bands]
    nothing = np.zeros(0, np.uint64)
    whole = buckets.choose([meeting(band) for band in entries], nothing, nothing)
    place = Place.prepared(tmp_path_factory.mktemp("pairs"), [])
    for band, numbers in enumerate(entries):
        for low, last in stretches(max(map(len, entries)), windows):
            stretch = numbers[(numbers >= np.uint64(low)) & (numbers <= np.uint64(last))]
            sharing._write_pairs(place, band, low, meeting(stretch))
    found = [sharing._pairs_of(place, first, later) for first in range(0, 20, later)]
    assert np.concatenate(found).tolist() == whole.tolist()


def test_a_crowded_bucket_gives_as_many_pairs_as_it_has_plans():
    plans = np.arange(100_000, dtype=np.uint64)
    assert len(meeting(plans)) == len(plans) - 1
    assert len(buckets.equal(np.zeros_like(plans), plans)) == len(plans) - 1


@pytest.mark.parametrize("shared", [1, 3], ids=["one passage", "three passages"])
def test_what_all_plans_say_gives_few_pairs_each(shared: int):
    rng, count = Random(4), 600
    letters = "".join(sorted(set("".join(MINI_PLANS.values()))))
    boilerplate = next(iter(MINI_PLANS.values()))[:200]
    texts = ["\n".join([boilerplate] * shared + ["".join(rng.choices(letters, k=150))]) for _ in range(count)]
    pairs = candidates(sign(enumerate(texts)))
    assert count - 1 <= len(pairs) <= (PARTNERS + CROWD) * count
    assert np.bincount(pairs[:, 1]).max() <= PARTNERS + CROWD


# --- what lies in the folder ---


@given(
    files=st.lists(st.lists(st.integers(0, VALUES - 1), max_size=20), max_size=4),
    count=st.integers(1, 100),
    most=st.integers(8, 50),
)
@settings(max_examples=20, deadline=None)
def test_stretches_hold_every_number_once(
    files: list[list[int]], count: int, most: int, tmp_path_factory: pytest.TempPathFactory
):
    place = Place.prepared(tmp_path_factory.mktemp("runs"), [])
    for number, values in enumerate(files):
        write(place.part("numbers", f"{number}.npy"), np.array([sorted(values)], np.uint64))
    cuts = list(stretches(count, most))
    assert all(one[1] + 1 == two[0] for one, two in pairwise(cuts))
    assert (cuts[0][0], cuts[-1][1]) == (0, VALUES - 1)
    found = [between(place.parts("numbers"), low, last).tolist() for low, last in cuts]
    assert sorted(chain.from_iterable(found)) == sorted(chain.from_iterable(files))


def test_a_plan_is_found_by_its_number(tmp_path: Path):
    paths = stored(tmp_path, [[3], [0, 2], [1]])
    shards = list(shards_of(paths))
    assert [shard.first for shard in shards] == [0, 3, 3, 5, 6]
    (tmp_path / "place").mkdir()
    place = Place.prepared(tmp_path / "place", shards)
    for shard in shards:
        place.put(shard, shard.rows())
    assert [place.plan(number) for number in range(len(CORPUS))] == CORPUS
    with pytest.raises(IndexError):
        place.plan(len(CORPUS))


def test_a_model_is_the_same_after_it_was_written(tmp_path: Path):
    texts = sorted(MINI_PLANS.values())
    model = learn(texts)
    model.save(tmp_path / "model")
    (weights, names), (again, same) = describe(texts, model), describe(texts, Model.load(tmp_path / "model"))
    assert names == same
    assert np.array_equal(weights, again)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=30), st.integers(1, 60), st.integers(0, 30))
def test_what_is_drawn_of_a_part_that_was_drawn_is_the_same(texts: list[tuple[int, int]], chars: int, more: int):
    digests, sizes = np.array([t[0] for t in texts], np.uint64), np.array([t[1] for t in texts], np.int64)
    part = draw(digests, sizes, chars + more)
    again = part[draw(digests[part], sizes[part], chars)]
    assert again.tolist() == draw(digests, sizes, chars).tolist()
    assert sizes[again].sum() >= min(chars, sizes.sum())
