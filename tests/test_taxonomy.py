"""The taxonomy of goals and the words of goals: data that users replace, every fault of it reported together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pipeline.errors import LexiconError
from pipeline.lexicons.goals import load_goal_words, load_taxonomy

if TYPE_CHECKING:
    from pathlib import Path

IDS = [
    "deposit",
    "loan",
    "intermediate business",
    "e-banking/product rollout",
    "customer growth",
    "customer retention",
    "customer relations",
    "customer segmentation",
    "service quality",
    "marketing",
    "channel/outlet maintenance",
    "team performance",
    "team building",
    "recruitment",
    "training",
    "performance appraisal",
    "meeting & management system",
    "compliance-risk",
    "personal quality",
]


def test_the_shipped_taxonomy_has_these_ids():
    assert list(load_taxonomy().ids) == IDS


def test_the_shipped_words_are_sound():
    assert "力争" in load_goal_words().planned


def fault(tmp_path: Path, text: str) -> str:
    path = tmp_path / "types.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(LexiconError) as caught:
        load_taxonomy(path)
    return str(caught.value)


def test_all_faults_are_reported_together(tmp_path: Path):
    message = fault(
        tmp_path,
        """
        version = 1
        [[type]]
        id = "nursing"
        name = "护理"
        cues = ["护理", "护理"]
        colour = "red"
        [[type]]
        id = "nursing"
        name = "护理"
        cues = []
        [[type]]
        name = 3
        cues = ["", 1]
        weak = "查房"
        """,
    )
    for part in (
        "types.toml", "unknown field 'version'", "type 1: unknown field 'colour'", "the cue '护理' stands twice",
        "type 2: the id 'nursing' stands already", "type 2: the name '护理' stands already", "type 2: cues must be",
        "type 3: id must be a text", "type 3: name must be a text", "type 3: cues must be", "type 3: weak must be",
        "Correct the lines named and run again.",
    ):  # fmt: skip
        assert part in message


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("id = ", "cannot be read as TOML"),
        ("", "holds no [[type]] table"),
        ("type = 3", "holds no [[type]] table"),
        ('[[type]]\nid = "a;b"\nname = "甲"\ncues = ["乙"]', "without ;"),
    ],
)
def test_what_is_no_taxonomy(tmp_path: Path, text: str, part: str):
    assert part in fault(tmp_path, text)


def test_a_missing_file_and_another_encoding(tmp_path: Path):
    with pytest.raises(LexiconError, match="cannot be read"):
        load_taxonomy(tmp_path / "none.toml")
    path = tmp_path / "gb.toml"
    path.write_bytes('[[type]]\nname = "护理"'.encode("gb18030"))
    with pytest.raises(LexiconError, match="cannot be read"):
        load_taxonomy(path)


def test_words_of_goals_with_faults(tmp_path: Path):
    path = tmp_path / "words.toml"
    path.write_text('planned = []\nmood = ["乐"]', encoding="utf-8")
    with pytest.raises(LexiconError) as caught:
        load_goal_words(path)
    assert "unknown field 'mood'" in str(caught.value)
    assert "planned must be a list of words" in str(caught.value)
