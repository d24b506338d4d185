"""What shards teach: written and read back, merged as a tree, whatever the cut."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.batch import evidence
from pipeline.batch.evidence import merged, save
from pipeline.engines import here
from pipeline.profile import Evidence, Profile
from pipeline.rules.recurrence import MarkEvidence, Surrounding, Trace

if TYPE_CHECKING:
    from pathlib import Path

FORMS = st.text(alphabet="努厉力题提柿市\udc80", min_size=1, max_size=3)
COUNTS = st.integers(0, 9)
PROFILES = st.dictionaries(
    st.tuples(FORMS, FORMS), st.builds(Evidence, COUNTS, COUNTS, COUNTS, COUNTS, COUNTS, COUNTS, FORMS), max_size=6
).map(Profile)
TRACES = st.builds(
    lambda places, sides, documents: Trace(places, tuple(sorted(sides)), tuple(sorted(documents))),
    COUNTS,
    st.sets(st.builds(Surrounding, FORMS, FORMS), max_size=3),
    st.sets(COUNTS, max_size=3),
)
MARKS = st.dictionaries(st.tuples(st.sampled_from(["site", "line"]), FORMS), TRACES, max_size=6).map(MarkEvidence)


def total(kind: type, parts: list) -> object:
    whole = kind()
    for part in parts:
        whole.add(part)
    return whole


@given(st.one_of(PROFILES, MARKS))
def test_rows_give_the_evidence_back(found: Profile | MarkEvidence):
    assert type(found).of_rows(list(found.rows())) == found


@pytest.mark.parametrize("count", [0, 1, 5, 40])
def test_a_tree_of_files_gives_the_sum(count: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(evidence, "FAN", 3)
    parts = [
        Profile(
            {
                ("努厉", "努力"): Evidence(1, n, n, 1, 0, 1, f"例{n}"),
                (f"错{n % 7}", "对"): Evidence(1, 1, 1, 1, 1, 1, ""),
            }
        )
        for n in range(count)
    ]
    paths = [tmp_path / f"{number}.observe" for number in range(count)]
    for part, path in zip(parts, paths, strict=True):
        save(part.rows(), path)
    (tmp_path / "work").mkdir()
    whole = total(Profile, parts)
    assert isinstance(whole, Profile)
    assert merged(Profile, paths, tmp_path / "work", here) == whole.telling()
    assert ("错6", "对") not in Profile().substitutions
    assert all(seen.support > 1 for seen in whole.telling().substitutions.values())


def test_marks_that_stand_once_are_kept(tmp_path: Path):
    found = MarkEvidence({("site", "甲\t乙.com"): Trace(1, (Surrounding("前", "后"),), (7,))})
    save(found.rows(), tmp_path / "a.sight")
    assert merged(MarkEvidence, [tmp_path / "a.sight"], tmp_path, here) == found
