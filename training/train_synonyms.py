"""Train what tells a spun synonym from a natural word: writes ``pipeline/rules/synonyms.json``.

usage: train_synonyms.py CORPUS.zst [CORPUS.zst …] [--documents 5000] [--network]

Passages of clean text are spun with tables drawn at random from the pairs of ``synonyms.tsv``, the same way all over a
passage and whatever the word borders, a third of them left as they are, some with other wrong characters besides; each
place at which a pair would gain is an example: right when the spinner put the word there. Passages with many spun words
count less, so that they do not speak for the others. The operating point is set by models that did not see a passage.

With ``--network`` it writes ``synonyms_opinion.json``, the judge of what the network says of those that the first judge
doubts; the passages are then of text that the network was not trained on. Its operating point is moved onto the first
judge's, so that one bar holds for both.
"""

from __future__ import annotations

import math
import random
import re
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.knowledge import Knowledge
from pipeline.lexicons.tables import load_synonyms
from pipeline.lm.network import Network
from pipeline.lm.opinion import log_odds
from pipeline.lm.trees import TreeModel
from pipeline.rules.synonyms import ASKED_FEATURES, FEATURES, OPEN, OPINION, SETTLED, SHIPPED, SynonymOpinion
from pipeline.settings import Settings
from training.corpus import draw_documents, read_lines
from training.network.data import unseen_lines
from training.trees import Bar, Examples, arguments

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pipeline.lexicons.tables import Synonym
    from pipeline.rules.synonyms import Candidate

HAN = re.compile("[\u4e00-\u9fff]")
SIZES = (1000, 2500, 6000, 16_000)  # characters of a passage
CLEAN_SHARE, KNOWN_SHARE = 0.35, 0.35  # of the passages: not spun, spun by a known spinner
SEEN_SHARES = (0.5, 0.8, 0.95)  # of the words of a known spinner's pairs that it replaces
COMMON_SHARES = (0.0, 0.0, 0.01, 0.05)  # the same of all other pairs
LEAST_SHARE, MOST_SHARE = 0.01, 0.7  # of all words that a spinner replaces which nobody knows
ONE_ORIGINAL = 0.85  # of the spinners put a word for one original only
NOISE = (0.0, 0.0, 0.005, 0.02)  # of the characters are wrong besides
HALF, MISTAKEN = 0.5, "他她它的地得是市式事试做作坐在再"
HEAVY = 0.025  # spun words per character in a passage that counts half
PRECISION, ASKED_PRECISION = 0.994, 0.985
SUGGESTED = 0.5  # of the threshold
SEED = 11
TREES: dict[str, Any] = {
    "max_iter": 150,
    "learning_rate": 0.08,
    "max_leaf_nodes": 24,
    "max_depth": 8,
    "min_samples_leaf": 60,
    "l2_regularization": 20.0,
    "random_state": SEED,
}


def draw_shares(rng: random.Random) -> tuple[float, float]:
    """Return the shares of the words of a known spinner's pairs, and of the others, that one spinner replaces."""
    kind = rng.random()
    if kind < CLEAN_SHARE:
        return 0.0, 0.0
    if kind < CLEAN_SHARE + KNOWN_SHARE:
        return rng.choice(SEEN_SHARES), rng.choice(COMMON_SHARES)
    share = math.exp(rng.uniform(math.log(LEAST_SHARE), math.log(MOST_SHARE)))
    return share, share


def spin(
    text: str, pairs: Sequence[Synonym], shares: tuple[float, float], rng: random.Random
) -> tuple[str, dict[tuple[int, int], str]]:
    """Return the text spun, and (start, end) → original of each word replaced.

    ``shares`` are those of the pairs of a known spinner and of the others that are used.
    """
    table: dict[str, str] = {}
    one = rng.random() < ONE_ORIGINAL
    for pair in rng.sample(pairs, len(pairs)):
        usable = pair.original not in table and not (one and pair.spun in table.values())
        if pair.original in text and rng.random() < shares[not pair.seen] and usable:
            table[pair.original] = pair.spun
    if not table:
        return text, {}
    pattern = re.compile("|".join(map(re.escape, sorted(table, key=lambda word: (-len(word), word)))))
    parts, places, at, size = [], {}, 0, 0
    for match in pattern.finditer(text):
        parts += [text[at : match.start()], table[match[0]]]
        size += match.start() - at
        places[size, size + len(parts[-1])] = match[0]
        size += len(parts[-1])
        at = match.end()
    return "".join([*parts, text[at:]]), places


def disturb(text: str, places: Iterable[tuple[int, int]], rng: random.Random) -> str:
    """Return the text with some characters outside ``places`` replaced by others of it, or by common mistakes."""
    share, han = rng.choice(NOISE), [char for char in text if HAN.match(char)]
    if not share or not han:
        return text
    chars = [
        rng.choice(han if rng.random() < HALF else MISTAKEN) if HAN.match(char) and rng.random() < share else char
        for char in text
    ]
    for start, end in places:
        chars[start:end] = text[start:end]
    return "".join(chars)


def right(found: Sequence[Candidate], places: dict[tuple[int, int], str]) -> list[bool]:
    """Return whether each candidate is what the spinner replaced."""
    return [places.get((start, end)) == pair.original for (start, end, pair), _ in found]


def main() -> None:
    """Spin, look, fit, write."""
    given = arguments(__doc__, 5000, SHIPPED, OPINION)
    table, pairs, rng = Knowledge(Settings(neural=False)).synonym_table, load_synonyms(), random.Random(SEED)
    examples = Examples()
    judge = TreeModel(SHIPPED, FEATURES, "training/train_synonyms.py") if given.network else None
    opinion = SynonymOpinion(Network(), judge) if judge else None
    for text in draw_documents(
        given.corpora, given.documents, SEED, SIZES, unseen_lines if given.network else read_lines
    ):
        source, places = spin(text, pairs, draw_shares(rng), rng)
        disturbed = disturb(source, places, rng)
        ((found, rows),) = table.candidates([disturbed])
        good = right(found, places)
        if opinion and judge:
            odds = log_odds(judge.probability(rows))
            doubted = np.flatnonzero((odds >= OPEN) & (odds < SETTLED))
            found, good = [found[n] for n in doubted], [good[n] for n in doubted]
            rows = opinion.rows(disturbed, found, rows[doubted], odds[doubted])
        examples.add(rows, good, 1 / (1 + len(places) / len(source) / HEAVY))
    if judge:
        bar = Bar(ASKED_PRECISION, judge.suggest / judge.threshold, judge.threshold)
        examples.train(given.out, ASKED_FEATURES, TREES, bar)
    else:
        examples.train(given.out, FEATURES, TREES, Bar(PRECISION, SUGGESTED))


if __name__ == "__main__":
    main()
