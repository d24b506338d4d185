"""Restoring words, masks and marks may not get worse: floors, the data they were measured on, no lowering in silence.

The real document and the clean news lie beside the checkout in ``../shared``; without them the floors themselves and
the scoring of the samples are checked.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import pipeline
from benchmarks import bench_restore
from benchmarks.bench_restore import Sample, exact, faults
from pipeline.model import Document, Edit
from tests.damage import UNLISTED_SITES, Damaged, DamagePlan, damage
from tests.damage.samples import SPUN

FLOORS = json.loads((Path(bench_restore.__file__).parent / "floors_restore.json").read_text(encoding="utf-8"))

LEAST = {
    "real document": {
        "synonyms P": 0.97,
        "synonyms R": 0.80,
        "masks right": 0.90,
        "marks right, no packs": 0.98,
        "junk right, no packs": 0.95,
    },
    "samples": {
        "synonyms P, known pairs": 0.97,
        "synonyms R, known pairs": 0.80,
        "masks right": 0.90,
        "marks removed": 0.98,
        "junk repaired": 0.95,
    },
}
MOST = {
    "real document": {"masks wrong": 0.03, "content lost": 0, "content lost, no packs": 0},
    "samples": {
        "masks wrong": 0.03,
        "blanks touched": 0,
        "content lost by insertions": 0,
        "content lost by marks": 0,
        "content lost by junk": 0,
    },
    "clean text": {
        "fpr_rmrb, one document": 0.001,
        "fpr_rmrb, 50 lines a document": 0.001,
        "negative cases, one document": 0.001,
        "negative cases, 50 lines a document": 0.001,
    },
}
"""What was promised to users of this version; the floors may only lie above ``LEAST`` and below ``MOST``."""


MISSED = {
    ("real document", "synonyms R"): 0.62,
    ("real document", "masks right"): 0.22,
    ("samples", "synonyms R, known pairs"): 0.47,
    ("samples", "masks right"): 0.18,
    ("samples", "masks wrong"): 0.035,
}
"""What is promised but not reached yet, with the figure that may not get worse (benchmarks/README.md tells more)."""


@pytest.fixture(scope="module")
def figures(shared: Path) -> dict[str, dict[str, float]]:
    assert (shared / "bench").is_dir()
    return bench_restore.quality("without")


def test_no_floor_was_lowered():
    for group, row in LEAST.items():
        for figure, promised in row.items():
            assert FLOORS["least"][group][figure] >= MISSED.get((group, figure), promised)
    for group, row in MOST.items():
        for figure, promised in row.items():
            assert FLOORS["most"][group][figure] <= MISSED.get((group, figure), promised)


def test_the_floors_were_measured_on_this_data(shared: Path):
    assert shared
    assert bench_restore.digest() == FLOORS["data"]


def test_every_figure_reaches_its_floor(figures: dict[str, dict[str, float]]):
    low = {
        f"{group} {figure}": (figures[group][figure], floor)
        for group, row in FLOORS["least"].items()
        for figure, floor in row.items()
        if figures[group][figure] < floor
    }
    high = {
        f"{group} {figure}": (figures[group][figure], ceiling)
        for group, row in FLOORS["most"].items()
        for figure, ceiling in row.items()
        if figures[group][figure] > ceiling
    }
    assert not low
    assert not high


@pytest.mark.xfail(strict=True, reason="promised, not reached yet")
@pytest.mark.parametrize(("group", "figure"), sorted(MISSED))
def test_a_missed_promise(group: str, figure: str, figures: dict[str, dict[str, float]]):
    least, most = LEAST.get(group, {}).get(figure, 0.0), MOST.get(group, {}).get(figure, 1.0)
    assert least <= figures[group][figure] <= most


@pytest.mark.parametrize("path", sorted(SPUN.glob("*.txt")), ids=lambda path: path.stem)
def test_nothing_is_restored_in_the_clean_original(path: Path):
    document = pipeline.clean(path.read_text(encoding="utf-8"))
    assert not bench_restore.changed_lines(document)


# The scoring itself.

TEXT = "仓库工作计划三篇\n" + "".join(
    f"仓库工作计划 篇{number}\n"
    "今年的重点是提高准确率，公司全体员工都要认真学习，抓住要点。20xx年由xx市xx公司负责检查，合格率达到xx%以上，"
    "遇到困难要及时沟通，帮助新来的员工尽快适应环境，切实解决大家关心的问题，对每月的数据进行分析，找出原因，提出办法。\n"
    for number in "一二三"
)
PLAN = DamagePlan(
    synonyms=0.05,
    synonym_table=(("要点", "重点"), ("提升", "提高"), ("遇见", "遇到"), ("真实", "切实")),
    synonyms_unseen=0.05,
    masks=3,
    insertions=0.01,
    half_width=1.0,
    junk=0.01,
    signatures=1.0,
    site=UNLISTED_SITES[0],
    intro=True,
    footer=True,
    mark_lines=0.5,
    mark_ends=0.5,
    notices=0.5,
)


def treated(damaged: Damaged, *edits: tuple[int, int, str, str], undone: bool = True) -> Sample:
    """Return a sample on which every injury was ``undone``, or none, and which got these edits."""
    document = Document("sample", "sample", damaged.text)
    places = {start for start, *_ in edits}
    right = [
        Edit(i.offset, i.offset + len(i.damaged), i.damaged, i.right, i.kind, "oracle", 1.0)
        for i in damaged.injuries
        if undone and i.offset not in places
    ]
    more = [Edit(start, end, damaged.text[start:end], after, kind, "more", 1.0) for start, end, after, kind in edits]
    document.revise("test", sorted([*right, *more]))
    return Sample(damaged, document)


@pytest.fixture(scope="module")
def damaged() -> Damaged:
    return damage(TEXT, PLAN, 1)


def test_all_undone_is_all_right(damaged: Damaged):
    sample = treated(damaged)
    assert sample.document.text == damaged.original
    figures = exact([sample])
    counts = {name for name in figures if name.endswith(" of")}
    assert all(figures[name] for name in counts)
    zero = {name for name in figures if "lost" in name or "touched" in name or name in {"masks wrong", "masks left"}}
    assert {figures[name] for name in zero} == {0}
    assert {figures[name] for name in figures.keys() - counts - zero} == {1}
    assert not list(faults(sample))


def test_nothing_done_is_nothing_right(damaged: Damaged):
    figures = exact([treated(damaged, undone=False)])
    assert (figures["masks left"], figures["masks right"], figures["masks wrong"]) == (1, 0, 0)
    done = ("synonyms R, known pairs", "synonyms R, unseen pairs", "insertions repaired", "marks removed")
    assert {figures[name] for name in (*done, "junk repaired")} == {0}
    assert figures["synonyms P, known pairs"] == 1


def test_a_synonym_that_stood_there_before_is_a_false_alarm(damaged: Damaged):
    spun = {injury.offset for injury in damaged.injuries if injury.kind == "synonym"}
    at = next(at for at in range(len(damaged.text)) if damaged.text.startswith("要点", at) and at not in spun)
    figures = exact([treated(damaged, (at, at + 2, "重点", "synonym"))])
    assert figures["synonyms P, known pairs"] < 1
    assert figures["synonyms R, known pairs"] == 1


def test_wrong_masks_and_touched_blanks(damaged: Damaged):
    mask = next(injury for injury in damaged.injuries if injury.cause == "masks")
    wrong = (mask.offset, mask.offset + len(mask.damaged), "银河", "mask")
    blank = damaged.text.index("20xx年") + 2
    figures = exact([treated(damaged, wrong, (blank, blank + 2, "公司", "mask"))])
    assert figures["masks wrong"] == 1 / figures["masks of"]
    assert figures["blanks touched"] == 1


@pytest.mark.parametrize(("kind", "name"), [("watermark", "marks"), ("noise", "insertions")])
def test_lost_content(damaged: Damaged, kind: str, name: str):
    at = damaged.text.index("合格率")
    figures = exact([treated(damaged, (at, at + 3, "", kind))])
    assert figures[f"content lost by {name}"] == 3
