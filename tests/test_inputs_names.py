"""Names that no file system takes amiss, and that no two documents share."""

from __future__ import annotations

import hashlib
import unicodedata
from collections import Counter
from pathlib import PurePosixPath, PureWindowsPath

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.inputs.names import DEVICE, LONGEST_ID, Names, name_hash, natural_name, safe_name, survey

Document = tuple[str, str, int]  # natural name, source, position


def fold(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def distinct_in_memory(documents: list[Document]) -> list[str]:
    """Return what the first version of this project, which held all names, made of them."""
    names = [natural for natural, _, _ in documents]
    for prefix in ("", "{position}:"):
        count = Counter(map(fold, names))
        names = [
            f"{name}-{hashlib.sha256((prefix.format(position=position) + source).encode()).hexdigest()[:8]}"
            if count[fold(name)] > 1
            else name
            for name, (_, source, position) in zip(names, documents, strict=True)
        ]
    return names


@given(
    st.lists(st.tuples(st.sampled_from("aAbéé"), st.sampled_from(["x", "y", "z/x"]), st.integers(0, 2)), unique=True)
)
def test_hashes_give_what_lists_gave(documents: list[Document]):
    # A name that equals another's hashed one meets the second level, too.
    documents += [(f"a-{hashlib.sha256(b'x').hexdigest()[:8]}", "trap", 0)]
    shards = [documents[at : at + 2] for at in range(0, len(documents), 2)]
    names = Names.of(survey((natural, source) for natural, source, _ in shard) for shard in reversed(shards))
    assert [names.final_name(*document) for document in documents] == distinct_in_memory(documents)


def test_hashes_of_names():
    assert name_hash("计划A") == name_hash("计划a") != name_hash("计划b")
    assert name_hash("é") == name_hash("é") < 1 << 64
    assert Names.of([]).final_name("a", "a.txt", 0) == "a"
    arrays = [np.array([3, 1], np.uint64), np.array([1, 3, 2], np.uint64)]
    assert Names.colliding(arrays).tolist() == [1, 3]


@given(st.one_of(st.text(), st.text(alphabet='./\\: \0CONau1?\n"\udc80')))
def test_no_name_leads_out_of_its_folder(name: str):
    safe = safe_name(name)
    assert len(safe.encode()) <= LONGEST_ID
    assert not DEVICE.fullmatch(safe)
    assert safe.rstrip(". ") == safe
    for ending in ("", ".txt", ".jsonl"):
        for kind in (PurePosixPath, PureWindowsPath):
            path = kind("out") / (safe + ending)
            assert path.parent == kind("out")
            assert path.name == safe + ending
    assert not set(safe) & set('/\\:\0\n*?"<>|')


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("..", "__"),
        ("../../etc/passwd", ".._.._etc_passwd"),
        ("/etc/passwd", "_etc_passwd"),
        ("C:\\x", "C__x"),
        ("a\0b", "a_b"),
        ("CON", "_CON"),
        ("nul.tar", "_nul.tar"),
        ("com1", "_com1"),
        ("console", "console"),
        ("计划.", "计划_"),
        (" 计划 ", "计划"),
        ("", "_"),
        ("第一章：计划", "第一章：计划"),
    ],
)
def test_safe_names(name: str, expected: str):
    assert safe_name(name) == expected


def test_a_row_is_named_after_its_table():
    assert natural_name("x", "a/b") == "x-a_b"
    assert natural_name("x") == "x"
