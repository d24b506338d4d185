"""Train what finds ordinary characters dropped into a word: writes ``pipeline/rules/insertions.json``.

usage: train_insertions.py CORPUS.zst [CORPUS.zst …] [--documents 2500]

In passages of clean text, half of them left as they are, a character is dropped into a few words of two characters, a
common one or a rare one; each character that the rule looks at is an example. The operating point is set by models that
did not see the passages.
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path
from typing import Any

import jieba
import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

from pipeline.knowledge import Knowledge
from pipeline.rules.insertions import FEATURES, SHIPPED
from pipeline.settings import Settings
from training.corpus import draw_documents
from training.damage import is_chinese
from training.trees import FOLDS, export, held_out_probability, operating_point

CLEAN_SHARE = 0.5
RATES = (0.002, 0.01)  # dropped-in characters per word
PRECISION = 0.994
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
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", nargs="+", type=Path)
    parser.add_argument("--documents", type=int, default=2500)
    parser.add_argument("--out", type=Path, default=SHIPPED)
    given = parser.parse_args()
    knowledge, rng = Knowledge(Settings()), random.Random(SEED)
    finder, chars = knowledge.insertions, knowledge.proposer.tables.chars[6:]
    parts, goods, folds = [], [], []
    for number, text in enumerate(draw_documents(given.corpora, given.documents, SEED)):
        pool = chars[:500] + chars[: rng.choice((500, 3500))]
        source, places = drop_in(text, 0.0 if rng.random() < CLEAN_SHARE else rng.choice(RATES), pool, rng)
        found, _, rows = finder.candidates(source)
        parts.append(rows)
        goods.append(np.array([at in places for at in found], bool))
        folds.append(np.full(len(found), number % FOLDS))
    rows, good, fold = np.vstack(parts), np.concatenate(goods), np.concatenate(folds)
    model = HistGradientBoostingClassifier(**TREES).fit(rows, good)
    threshold = operating_point(held_out_probability(rows, good, fold, TREES), good, PRECISION)
    stored = export(model, FEATURES, threshold, round(threshold / 2, 2))
    given.out.write_text(json.dumps(stored, separators=(",", ":")), encoding="utf-8")
    print(f"{len(good):,} examples, {good.mean():.1%} right; threshold {threshold}")


if __name__ == "__main__":
    main()
