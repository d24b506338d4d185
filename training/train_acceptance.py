"""Train the acceptance model: writes ``pipeline/lm/acceptance.json``.

usage: train_acceptance.py CORPUS.zst [CORPUS.zst …] --pairs cscd_dev.tsv [--lines 44000]

Examples are the proposals that the corrector makes, right ones and wrong ones:

- in paragraphs of clean text, nearly half of them left as they are, the others damaged by
  :class:`training.damage.Damage` (one wrong word, or 1 to 4 in 100 characters);
- in the odd lines of the sentence pairs (source TAB target), each counted :data:`PAIR_WEIGHT` times.

The operating point is set on those lines too, by models that did not see them (:func:`operating_point`).

Runs in about three minutes on one core; the same input gives the same file.
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

from pipeline.knowledge import Knowledge
from pipeline.lm.acceptance import SHIPPED
from pipeline.lm.features import FEATURES
from pipeline.settings import Settings
from training.corpus import draw_lines
from training.damage import Damage
from training.trees import export

if TYPE_CHECKING:
    from numpy.typing import NDArray

CLEAN_SHARE = 0.45
DENSITIES = (0.01, 0.026, 0.04)  # wrong words per character
PAIR_WEIGHT = 8.0
PRECISION, FOLDS = 0.8, 5
SEED = 7
BLOCK = 2000  # lines examined at a time
TREES: dict[str, Any] = {
    "max_iter": 200,
    "learning_rate": 0.08,
    "max_leaf_nodes": 31,
    "max_depth": 8,
    "max_features": 0.3,
    "min_samples_leaf": 60,
    "l2_regularization": 20.0,
}
Examples = tuple["NDArray[np.float32]", "NDArray[np.bool_]"]


def make_pairs(lines: list[str], seed: int) -> list[tuple[str, str]]:
    """Return (source, target) of each line, damaged or not."""
    rng, damage = random.Random(seed), Damage(seed)
    pairs = []
    for line in lines:
        draw = rng.random()
        if draw < CLEAN_SHARE:
            pairs.append((line, line))
            continue
        count = 1 if draw < 0.7 else max(1, round(len(line) * rng.choice(DENSITIES)))
        pairs.append((damage.line(line, count), line))
    return pairs


def examples(pairs: list[tuple[str, str]], knowledge: Knowledge) -> Examples:
    """Return the features of all proposals in the sources, and whether each is what the target says."""
    source, target = "\n".join(s for s, _ in pairs), "\n".join(t for _, t in pairs)
    found = knowledge.proposer.look(source)
    offsets = found.tokens.offsets.tolist()
    right = [all(target[offsets[at]] == char for at, char in enumerate(p.after, p.start)) for p in found.proposals]
    return knowledge.features.rows(source, found), np.array(right, bool)


def read_pairs(path: Path) -> list[tuple[str, str]]:
    """Return the odd lines of a file of sentence pairs."""
    lines = path.read_text(encoding="utf-8").splitlines()[::2]
    return [(source, target) for source, _, target in (line.partition("\t") for line in lines)]


def operating_point(
    rows: NDArray[np.float32], right: NDArray[np.bool_], weights: NDArray[np.float64], made: int
) -> float:
    """Return the lowest threshold at which proposals in the pairs, judged by models that did not see them, are right
    as often as :data:`PRECISION`.
    """  # noqa: D205 - the first sentence needs two lines
    held_out = np.zeros(len(right) - made)
    fold = np.arange(len(held_out)) * FOLDS // len(held_out)  # neighbouring proposals share a sentence
    for number in range(FOLDS):
        learn = np.concatenate([np.ones(made, bool), fold != number])
        model = HistGradientBoostingClassifier(**TREES, random_state=SEED)
        model.fit(rows[learn], right[learn], sample_weight=weights[learn])
        held_out[fold == number] = model.predict_proba(rows[made:][fold == number])[:, 1]
    order = np.argsort(-held_out)
    precision = np.cumsum(right[made:][order]) / np.arange(1, len(order) + 1)
    for bar in (0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8):
        count = int((held_out >= bar).sum())
        print(f"held out, from {bar}: {count} proposals, {precision[count - 1]:.3f} right")
    last = np.flatnonzero(precision >= PRECISION)[-1]
    return round(float(held_out[order[last]]), 3)


def main() -> None:
    """Collect examples, fit, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", nargs="+", type=Path)
    parser.add_argument("--pairs", type=Path, required=True)
    parser.add_argument("--lines", type=int, default=44_000)
    parser.add_argument("--out", type=Path, default=SHIPPED)
    given = parser.parse_args()
    knowledge = Knowledge(Settings(lexicon=False))
    lines = draw_lines(given.corpora, given.lines, SEED)
    parts = [examples(make_pairs(lines[at : at + BLOCK], SEED + at), knowledge) for at in range(0, len(lines), BLOCK)]
    made = sum(len(right) for _, right in parts)
    parts.append(examples(read_pairs(given.pairs), knowledge))
    rows, right = np.vstack([x for x, _ in parts]), np.concatenate([y for _, y in parts])
    weights = np.where(np.arange(len(right)) < made, 1.0, PAIR_WEIGHT)
    model = HistGradientBoostingClassifier(**TREES, random_state=SEED).fit(rows, right, sample_weight=weights)
    threshold = operating_point(rows, right, weights, made)
    stored = export(model, FEATURES, threshold, round(threshold / 2, 2))
    given.out.write_text(json.dumps(stored, separators=(",", ":")), encoding="utf-8")
    print(f"{len(right):,} examples, {right.mean():.1%} right; {given.out.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
