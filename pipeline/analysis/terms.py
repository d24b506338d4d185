"""Terms of work plans: words, and phrases (词组) mined from runs of nouns.

A candidate is a run of neighbouring words that can stand in a term (no function word, no light verb, no mark between
them). It is kept when the vocabulary knows it, or when the corpus shows that it is one: often enough, more often than
chance (normalised pointwise mutual information, Bouma 2009), and not only as a piece of a longer phrase (C-value,
Frantzi, Ananiadou and Mima 2000).
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

import jieba

from pipeline.analysis.headings import headings
from pipeline.lexicons.plan_words import PlanWords, load_plan_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

HAN = re.compile("[\u4e00-\u9fff]+")
HEADING = re.compile(
    r"""^[ \t\u3000#>*]*
    (?:
      (?:                                                   # a label, and what follows it to the end of its clause
        第[一二三四五六七八九十百\d]{1,4}(?:章|节|条|部分|篇)
        | [一二三四五六七八九十]{1,3}[、.．]
        | [（(][一二三四五六七八九十\d]{1,3}[）)]
        | \d{1,2}(?:[、．）)]|\.(?!\d))
        | [①-⑳]
      )
      [^\n。：；:;]{2,40}
      | 【[^\n】]{2,20}】[ \t\u3000]*$
      | [^\n。：；:;，,！!？?、]{3,20}[：:]?$               # or a short line without marks
    )""",
    re.MULTILINE | re.VERBOSE,
)
HEADING_WORDS = 4  # of a run whose phrases one heading is enough to know
MOST_WORDS, MOST_CHARS = 4, 8  # of a phrase: what fits on a folder tab
LEAST_COHESION = 0.2  # normalised mutual information, 0 chance to 1 always together
VERB_COHESION, VERB_COUNT = 0.4, 3  # a phrase with a verb in it (客户收到) must show more
CHARS_PER_COUNT = 400_000  # a corpus this much longer must show an unknown phrase once more often


class Tokeniser:
    """jieba's segmentation without its guesses at unknown words, with the words of work plans added."""

    def __init__(self, words: PlanWords) -> None:
        self._words = words
        self._jieba = jieba.Tokenizer()
        # As jieba's own initialize(), without the cache file that it would read from and write to a shared folder.
        self._jieba.FREQ, self._jieba.total = self._jieba.gen_pfdict(self._jieba.get_dict_file())
        self._jieba.initialized = True
        for word in sorted(words.terms):
            if any(len(piece) == 1 for piece in self.words(word)):
                self._jieba.add_word(word)

    def words(self, text: str) -> list[str]:
        """Return the words of a text."""
        found: list[str] = self._jieba.lcut(text, HMM=False)
        return found

    def runs(self, words: Iterable[str]) -> Iterator[list[str]]:
        """Yield the longest runs of neighbouring words that can all stand in a term."""
        known = self._words
        kinds = (known.nouns, known.terms, known.weak, known.actions, known.verbs)
        run: list[str] = []
        for word in words:
            if any(word in kind for kind in kinds):
                run.append(word)
            elif run:
                yield run
                run = []
        if run:
            yield run


@cache
def tokeniser() -> Tokeniser:
    """Return the tokeniser of the shipped vocabulary (made once per process, 1.5 s)."""
    return Tokeniser(load_plan_words())


@dataclass(slots=True)
class TermCounts:
    """How often words (of two characters or more) and candidate phrases stand in texts.

    ``headings``: in short runs of headings. Counts of shards add up, in any order.
    """

    words: Counter[str] = field(default_factory=Counter)
    phrases: Counter[tuple[str, ...]] = field(default_factory=Counter)
    headings: Counter[tuple[str, ...]] = field(default_factory=Counter)
    chars: int = 0

    def add(self, other: TermCounts) -> None:
        """Make these the counts of both sets of texts."""
        self.words.update(other.words)
        self.phrases.update(other.phrases)
        self.headings.update(other.headings)
        self.chars += other.chars


def count_terms(texts: Iterable[str]) -> TermCounts:
    """Return the counts of words and of candidate phrases in ``texts``."""
    counts = TermCounts()
    cut = tokeniser()
    for text in texts:
        counts.chars += len(text)
        for stretch in HAN.findall(text):
            words = cut.words(stretch)
            counts.words.update(word for word in words if len(word) > 1)
            for run in cut.runs(words):
                counts.phrases.update(candidates(run))
        for heading in headings(text):
            if heading.runs_in:
                continue
            runs = (run for stretch in HAN.findall(heading.text) for run in cut.runs(cut.words(stretch)))
            counts.headings.update(phrase for run in runs if len(run) <= HEADING_WORDS for phrase in candidates(run))
    return counts


def candidates(run: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Yield the stretches of a run that are short enough for a phrase: at least two words."""
    for start in range(len(run) - 1):
        chars = len(run[start])
        for end in range(start + 1, min(start + MOST_WORDS, len(run))):
            chars += len(run[end])
            if chars > MOST_CHARS:
                break
            yield tuple(run[start : end + 1])


def mine_phrases(counts: TermCounts) -> dict[str, tuple[str, ...]]:
    """Return the phrases that the counts bear out: phrase → its words, the likeliest reading where there are two."""
    within = _counts_within_longer(counts.phrases)
    least = 2 + counts.chars // CHARS_PER_COUNT
    words = load_plan_words()
    found: dict[str, tuple[str, ...]] = {}
    for phrase, count in sorted(counts.phrases.items(), key=lambda item: (-item[1], item[0])):
        text = "".join(phrase)
        if text in found or text in words.stop:
            continue
        free = count - within.get(phrase, 0.0)
        if text in words.phrases or text in words.terms or _is_phrase(phrase, free, counts, words, least):
            found[text] = phrase
    return found


def _is_phrase(phrase: tuple[str, ...], free: float, counts: TermCounts, words: PlanWords, least: int) -> bool:
    """Whether the corpus bears out a phrase that no list holds; ``free``: how often it stands for itself."""
    if phrase[-1] == "工作" or phrase[0] in words.actions or all(word in words.weak for word in phrase):
        return False  # 护理工作 says no more than 护理
    if any(word in words.verbs for word in phrase):
        return (
            phrase[0] not in words.verbs
            and free >= max(VERB_COUNT, least)
            and cohesion(phrase, counts) >= VERB_COHESION
        )
    if counts.headings[phrase] >= max(1, least // 2):
        return True
    return free >= least and cohesion(phrase, counts) >= LEAST_COHESION


def cohesion(phrase: tuple[str, ...], counts: TermCounts) -> float:
    """Return the normalised pointwise mutual information of the words of a phrase, per gap between words."""
    count, total = counts.phrases[phrase], max(counts.words.total(), 2)
    chance = sum(math.log(max(counts.words[word], count) / total) for word in phrase)
    seen = math.log(count / total)
    return (seen - chance) / (-seen * (len(phrase) - 1)) if seen else 1.0


def _counts_within_longer(phrases: Mapping[tuple[str, ...], int]) -> dict[tuple[str, ...], float]:
    """Return for each candidate how often it stands inside a longer repeated one, on average over the longer ones."""
    total: Counter[tuple[str, ...]] = Counter()
    kinds: Counter[tuple[str, ...]] = Counter()
    for phrase, count in phrases.items():
        if count > 1:
            for piece in candidates(phrase):
                if piece != phrase:
                    total[piece] += count
                    kinds[piece] += 1
    return {piece: count / kinds[piece] for piece, count in total.items()}
