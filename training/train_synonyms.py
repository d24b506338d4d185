"""Train what tells a spun synonym from a natural word: writes ``pipeline/rules/synonyms.json``.

usage: train_synonyms.py CORPUS.zst [CORPUS.zst …] [--documents 1800]

Passages of clean text are spun with tables drawn at random from the pairs of ``synonyms.tsv``, the same way all over a
passage and whatever the word borders, nearly half of them left as they are; each place at which a pair would gain is an
example: right when the spinner put the word there. The operating point is set by models that did not see the passages.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

from pipeline.knowledge import Knowledge
from pipeline.lexicons.tables import load_synonyms
from pipeline.rules.synonyms import FEATURES, SHIPPED, Candidate, agreement, log_odds
from pipeline.settings import Settings
from training.corpus import draw_documents
from training.trees import FOLDS, export, held_out_probability, operating_point

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pipeline.rules.synonyms import Synonym

CLEAN_SHARE = 0.45
SEEN_SHARES = (0.3, 0.6, 0.8, 0.95)  # of the words of a known spinner's pairs that a spinner replaces
COMMON_SHARES = (0.0, 0.03, 0.15, 0.5)  # the same of the other pairs
PRECISION = 0.992
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


def spin(
    text: str, pairs: Sequence[Synonym], shares: tuple[float, float], rng: random.Random
) -> tuple[str, dict[tuple[int, int], str]]:
    """Return the text spun, and (start, end) → original of each word replaced.

    ``shares`` are those of the pairs of a known spinner and of the others that are used.
    """
    table: dict[str, str] = {}
    for pair in rng.sample(pairs, len(pairs)):
        if pair.original in text and rng.random() < shares[not pair.seen]:
            table.setdefault(pair.original, pair.spun)
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


def right(found: Sequence[Candidate], places: dict[tuple[int, int], str]) -> NDArray[np.bool_]:
    """Return whether each candidate is what the spinner replaced."""
    return np.array([places.get((start, end)) == pair.original for (start, end, pair), _ in found], bool)


def main() -> None:
    """Spin, look, fit, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", nargs="+", type=Path)
    parser.add_argument("--documents", type=int, default=1800)
    parser.add_argument("--out", type=Path, default=SHIPPED)
    given = parser.parse_args()
    table, pairs, rng = Knowledge(Settings()).synonym_table, load_synonyms(), random.Random(SEED)
    parts, goods, folds, pairs_of = [], [], [], []
    for number, text in enumerate(draw_documents(given.corpora, given.documents, SEED)):
        shares = (0.0, 0.0) if rng.random() < CLEAN_SHARE else (rng.choice(SEEN_SHARES), rng.choice(COMMON_SHARES))
        source, places = spin(text, pairs, shares, rng)
        found, rows = table.candidates(source)
        parts.append(rows)
        goods.append(right(found, places))
        pairs_of.append([pair for (_, _, pair), _ in found])
        folds.append(np.full(len(found), number % FOLDS))
    rows, good, fold = np.vstack(parts), np.concatenate(goods), np.concatenate(folds)
    cuts = np.cumsum([len(part) for part in parts])[:-1]
    model = HistGradientBoostingClassifier(**TREES).fit(rows, good)
    odds = log_odds(held_out_probability(rows, good, fold, TREES))
    both = np.column_stack(
        [odds, np.concatenate([agreement(p, o) for p, o in zip(pairs_of, np.split(odds, cuts), strict=True)])]
    )
    pooled = LogisticRegression().fit(both, good)
    threshold = operating_point(pooled.predict_proba(both)[:, 1], good, PRECISION)
    stored = export(model, FEATURES, threshold, round(threshold / 2, 2))
    stored["agreement"] = [round(float(weight), 4) for weight in (*pooled.coef_[0], pooled.intercept_[0])]
    given.out.write_text(json.dumps(stored, separators=(",", ":")), encoding="utf-8")
    print(f"{len(good):,} examples, {good.mean():.1%} right; threshold {threshold}")


if __name__ == "__main__":
    main()
