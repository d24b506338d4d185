"""Train what believes a substitution that a corpus teaches: writes ``pipeline/rules/agreement.json``.

usage: train_agreement.py CORPUS.zst [CORPUS.zst …] [--documents 300]

Passages of clean text are spun with tables drawn at random (half of them left as they are); each substitution that
stands at two places or more is an example: right when nine in ten of its occurrences are that substitution.
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from pipeline.knowledge import Knowledge
from pipeline.rules.learned import FEATURES, LEAST_SUPPORT, SHIPPED, features
from pipeline.settings import Settings
from training.corpus import draw_documents
from training.damage import Damage

CLEAN_SHARE = 0.5
SHARES = (0.05, 0.15, 0.3)  # of the words that a spinner's table holds
CONSISTENT = 0.9
SEED = 3


def consistency(wrong: str, right: str, source: str, target: str) -> float:
    """Return how many of the occurrences of ``wrong`` in ``source`` are ``right`` in ``target`` (equal lengths)."""
    at, places, hits = source.find(wrong), 0, 0
    while at >= 0:
        places += 1
        hits += target.startswith(right, at)
        at = source.find(wrong, at + 1)
    return hits / max(1, places)


def main() -> None:
    """Spin, observe, fit, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", nargs="+", type=Path)
    parser.add_argument("--documents", type=int, default=300)
    parser.add_argument("--out", type=Path, default=SHIPPED)
    given = parser.parse_args()
    knowledge, rng, damage = Knowledge(Settings(lexicon=False, neural=False)), random.Random(SEED), Damage(SEED)
    rows, right = [], []
    for target in draw_documents(given.corpora, given.documents, SEED):
        clean = rng.random() < CLEAN_SHARE
        source = target if clean else damage.spin(target, rng.choice(SHARES))[0]
        for pair, evidence in knowledge.observe(source).substitutions.items():
            if evidence.support >= LEAST_SUPPORT:
                rows.append(features(*pair, evidence, knowledge.words))
                right.append(consistency(*pair, source, target) >= CONSISTENT)
    model = LogisticRegression(max_iter=5000).fit(np.array(rows), right)
    weights = {name: round(float(weight), 4) for name, weight in zip(FEATURES, model.coef_[0], strict=True)}
    stored = {"weights": weights, "intercept": round(float(model.intercept_[0]), 4)}
    given.out.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")
    sure = model.predict_proba(np.array(rows))[:, 1] >= 0.95
    print(f"{len(rows):,} examples, {np.mean(right):.1%} right; of those believed {np.array(right)[sure].mean():.2%}")


if __name__ == "__main__":
    main()
