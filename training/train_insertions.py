"""Train what finds ordinary characters dropped into a word: writes ``pipeline/rules/insertions.json``.

usage: train_insertions.py CORPUS.zst [CORPUS.zst …] [--documents 2500]

In passages of clean text, half of them left as they are, a character is dropped into a few words of two characters, a
common one or a rare one; each character that the rule looks at is an example. The operating point is set by models that
did not see the passages.
"""

from __future__ import annotations

import random
from typing import Any

import jieba

from pipeline.knowledge import Knowledge
from pipeline.rules.insertions import FEATURES, SHIPPED
from pipeline.settings import Settings
from training.corpus import draw_documents
from training.damage import is_chinese
from training.trees import Bar, Examples, arguments

CLEAN_SHARE = 0.5
RATES = (0.002, 0.01)  # dropped-in characters per word
PRECISION = 0.994
SUGGESTED = 0.5  # of the threshold
SEED = 17
TREES: dict[str, Any] = {
    "max_iter": 100,
    "learning_rate": 0.08,
    "max_leaf_nodes": 15,
    "max_depth": 6,
    "min_samples_leaf": 40,
    "l2_regularization": 20.0,
    "random_state": SEED,
}


def drop_in(text: str, rate: float, pool: str, rng: random.Random) -> tuple[str, set[int]]:
    """Return the text with characters of ``pool`` dropped into words of two characters, and their offsets."""
    parts, places, size = [], set(), 0
    for word in jieba.cut(text, HMM=False):
        if len(word) == 2 and is_chinese(word) and rng.random() < rate:
            parts.append(word[0] + rng.choice(pool) + word[1])
            places.add(size + 1)
        else:
            parts.append(word)
        size += len(parts[-1])
    return "".join(parts), places


def main() -> None:
    """Drop in, look, fit, write."""
    given = arguments(__doc__, 2500, SHIPPED)
    knowledge, rng = Knowledge(Settings()), random.Random(SEED)
    finder, chars = knowledge.insertions, knowledge.proposer.tables.chars[6:]
    examples = Examples()
    for text in draw_documents(given.corpora, given.documents, SEED):
        pool = chars[:500] + chars[: rng.choice((500, 3500))]
        source, places = drop_in(text, 0.0 if rng.random() < CLEAN_SHARE else rng.choice(RATES), pool, rng)
        found, _, rows = finder.candidates(source)
        examples.add(rows, [at in places for at in found])
    examples.train(given.out, FEATURES, TREES, Bar(PRECISION, SUGGESTED))


if __name__ == "__main__":
    main()
