"""What is remembered, forgotten, and asked for once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from pipeline.lm.memory import Memory

if TYPE_CHECKING:
    from collections.abc import Callable


def squares(asked: list[list[int]]) -> Callable[[list[int]], list[int]]:
    """Return what squares numbers and notes which it was asked for."""

    def work(numbers: list[int]) -> list[int]:
        asked.append(numbers)
        return [number**2 for number in numbers]

    return work


@given(st.lists(st.lists(st.integers(0, 20), max_size=12), max_size=12), st.integers(0, 8))
def test_the_answers_are_the_same_whatever_is_remembered(calls: list[list[int]], size: int):
    memory, asked = Memory[int, int](size), list[list[int]]()
    for keys in calls:
        assert memory.of(keys, squares(asked)) == [key**2 for key in keys]
    assert all(len(new) == len(set(new)) > 0 for new in asked)


def test_only_what_is_new_is_asked_for_and_each_once():
    memory, asked = Memory[int, int](10), list[list[int]]()
    memory.of([1, 2, 1], squares(asked))
    memory.of([2, 1], squares(asked))
    memory.of([3, 2, 3], squares(asked))
    assert asked == [[1, 2], [3]]


def test_the_oldest_are_forgotten_and_what_is_used_is_kept():
    memory, asked = Memory[int, int](2), list[list[int]]()
    memory.of([1, 2, 3], squares(asked))  # more than the size: they are the old ones now
    memory.of([1, 4, 5], squares(asked))  # 1 is used again, and with 4 and 5 the next old ones: 2 and 3 go
    memory.of([1, 2], squares(asked))
    assert asked == [[1, 2, 3], [4, 5], [2]]


def test_what_is_weighed_is_forgotten_by_weight():
    memory, asked = Memory[str, int](10, len), list[list[str]]()

    def work(keys: list[str]) -> list[int]:
        asked.append(keys)
        return [len(key) for key in keys]

    for key in ("a" * 6, "b" * 3, "a" * 6, "c" * 3, "b" * 3, "d" * 20, "a" * 6):
        assert memory.of([key], work) == [len(key)]
    assert [keys[0][0] for keys in asked] == [*"abcda"], "what weighs most pushes the rest out"
