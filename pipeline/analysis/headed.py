"""Names of a plan out of its headings: each heading names its whole block by what it is about."""

from __future__ import annotations

import math
from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from pipeline.analysis.candidates import Candidate, adjoin, mask, pair, said
from pipeline.analysis.topics import topics
from pipeline.lexicons.plan_words import load_plan_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipeline.analysis.headings import Heading

DEPTHS = (1.5, 0.9, 0.5)  # what a heading of this depth counts, against the strongest term of the plan
VAGUE, BARE = 0.7, 0.5  # for a heading of general words that a term makes fuller, and that stays as it is
OFTEN = 3.0  # binary logarithm of how often a word stands in a plan that is about it
SHORT = 2  # characters of a topic that a term of its block makes fuller (税务: 税务筹划)
STEM = 3  # headings that begin alike: what they begin with is a name of its own


class _Told(NamedTuple):
    """A heading and what it is about; ``depth`` from 0, counted over headings that say something."""

    heading: Heading
    depth: int
    about: list[Candidate]


def headed(text: str, outline: Sequence[Heading], terms: Sequence[Candidate], number: int) -> Iterator[Candidate]:
    """Yield what the headings are about, and what goes on one tab of ``number``.

    That is two things of one heading (护士培训与考核), two small blocks side by side, and what several headings begin with.
    """
    told = list(_told(text, outline, terms))
    for one in told:
        yield from one.about
        if len(one.about) > 1 and (both := pair(*one.about[:2])):
            yield both
    for depth in range(len(DEPTHS)):
        yield from _neighbours([one for one in told if one.depth <= depth], depth, number)
    yield from _stems(told)


def _told(text: str, outline: Sequence[Heading], terms: Sequence[Candidate]) -> Iterator[_Told]:
    """Yield the headings that are about something.

    Only headings that say something make those below them deeper: 【附加篇】 and 工作重点 do not.
    """
    above: list[int] = []  # ends of the open blocks
    for heading in outline:
        above = [end for end in above if heading.start < end]
        if len(above) < len(DEPTHS):
            about = [one for topic in topics(heading.text) if (one := _topic(topic, heading, len(above), text, terms))]
            if about:
                yield _Told(heading, len(above), about)
            if any(said(one.words) for one in about):
                above.append(heading.end)


def _topic(
    topic: tuple[str, ...], heading: Heading, depth: int, text: str, terms: Sequence[Candidate]
) -> Candidate | None:
    """Return a heading's topic as a name; one that says nothing by itself (管理) is told by a term of the block."""
    name, words, vague = "".join(topic), said(topic), 1.0
    if not words or len(name) <= SHORT:
        block = text[heading.start : heading.end]
        fuller = [
            one
            for one in terms
            if name in one.text and len(one.text) > len(name) + 1 and "工作" not in one.text and one.text in block
        ]
        if fuller:
            best = max(fuller, key=lambda one: (one.score, one.text))
            name, topic = best.text, tuple(sorted(best.words))
            words, vague = best.said, 1.0 if words else VAGUE
        elif not words and (len(topic) > 1 or load_plan_words().weak.issuperset(topic)):
            words, vague = frozenset(topic), BARE
        elif not words:
            return None
    known = max((one.score for one in terms if one.said & words), default=0.0)
    often = min(1.0, math.log2(1 + max(text.count(word) for word in words)) / OFTEN)
    telling = vague * (0.4 + 0.3 * known + 0.3 * often)
    share = (heading.end - heading.start) / max(1, len(text))
    score, places = _score(depth, share, telling), mask(heading.start, heading.end, len(text))
    return Candidate(name, frozenset(topic), words, score, places, heading.start, share, telling, heads=True)


def _score(depth: int, share: float, telling: float) -> float:
    return DEPTHS[depth] * (0.6 + math.sqrt(share)) * telling


def _neighbours(told: Sequence[_Told], depth: int, number: int) -> Iterator[Candidate]:
    """Yield the first topics of neighbours that together are no larger than a tab's share of the plan."""
    for (_, above, one), (_, below, two) in pairwise(told):
        share = one[0].share + two[0].share
        if (
            above == below == depth
            and share <= 1 / number
            and adjoin(one[0], two[0])
            and (both := pair(one[0], two[0]))
        ):
            telling = (one[0].telling + two[0].telling) / 2
            yield both._replace(score=_score(depth, share, telling))


def _stems(told: Sequence[_Told]) -> Iterator[Candidate]:
    """Yield the two words with which at least :data:`STEM` headings begin."""
    alike: dict[str, list[tuple[int, Candidate]]] = defaultdict(list)
    for heading, depth, about in told:
        opening = topics(heading.text)[0][:2]
        name = "".join(opening)
        if len(opening) > 1 and about[0].text.startswith(name):
            alike[name].append((depth, about[0]))
    for name, group in alike.items():
        if len(group) >= STEM:
            places, share = 0, 0.0
            for _, one in group:
                share += 0.0 if one.places & places else one.share
                places |= one.places
            _, first = group[0]
            words = frozenset(word for word in first.words if word in name)
            telling = max(one.telling for _, one in group)
            score = _score(min(depth for depth, _ in group), min(1.0, share), telling)
            stem = first._replace(text=name, words=words, said=said(words) or words)
            yield stem._replace(score=score, places=places, share=share)
