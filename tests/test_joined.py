"""Texts as one: what lies in which."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.lm.joined import Joined


@given(st.lists(st.text("甲乙\n", max_size=5), min_size=1, max_size=6))
def test_every_place_of_a_text_is_told_as_its_own(texts: list[str]):
    joined = Joined(texts)
    places = np.array([at for start, text in zip(joined.starts, texts, strict=True) for at in start + range(len(text))])
    shares = list(joined.shares(places))
    assert [(start, len(places[own])) for start, own in shares] == list(
        zip(joined.starts.tolist(), map(len, texts), strict=True)
    )
    for text, (start, own) in zip(texts, shares, strict=True):
        assert "".join(joined.text[at] for at in places[own]) == text
        assert (places[own] - start).tolist() == list(range(len(text)))
