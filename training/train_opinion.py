"""Train the judge of the second opinion: writes ``pipeline/lm/opinion.json``.

usage: train_opinion.py CORPUS.zst [CORPUS.zst …] --pairs cscd_dev.tsv [--lines 16000] [--clean 30000]

Examples are the proposals that the corrector shows to the network when it is asked of every sentence:

- in lines of the corpora that the network was not trained on, half of them left as they are, others damaged;
- in further such lines, all left as they are, each counted :data:`CLEAN_WEIGHT` times: a right character that is
  changed is worse than a wrong one that is left;
- in the odd lines of the sentence pairs (source TAB target), each counted :data:`PAIR_WEIGHT` times.

The operating point is that of the first judge: the trees' baseline is moved so that its threshold is where proposals of
the pairs, judged by models that did not see them, are right as often as :data:`PRECISION`. (The first judge has seen
them, so that its odds there are better than elsewhere: what the bar is worth, other lines tell.)

Runs in about ten minutes on one core; the same input gives the same file on the same kind of processor.
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

from pipeline.knowledge import Knowledge
from pipeline.lm.corrector import LaidOut, pieces_of
from pipeline.lm.network import Network
from pipeline.lm.opinion import FEATURES, HOPELESS, SHIPPED, OpinionModel, SecondOpinion, log_odds
from pipeline.lm.proposals import WIDE, Proposer
from pipeline.settings import Settings
from training.network.data import unseen_lines
from training.train_acceptance import Examples, make_pairs, read_pairs
from training.trees import FOLDS, export

PAIR_WEIGHT, CLEAN_WEIGHT = 6.0, 2.0
PRECISION = 0.91
SEED, CLEAN_SEED = 7, 100
SHORTEST, LONGEST = 15, 400  # characters of a line
LOT = 50  # pairs looked at together
TREES: dict[str, Any] = {
    "max_iter": 400,
    "learning_rate": 0.05,
    "max_leaf_nodes": 31,
    "max_depth": 8,
    "max_features": 0.3,
    "min_samples_leaf": 60,
    "l2_regularization": 20.0,
    "random_state": SEED,
}


class Collector:
    """Looks at pairs as the corrector does and keeps what the second judge would be asked."""

    def __init__(self) -> None:
        self.knowledge = Knowledge(Settings(lexicon=False, neural=False))
        self.proposer = Proposer(self.knowledge.proposer.model, self.knowledge.proposer.tables, WIDE)
        self.opinion = SecondOpinion(Network(), None, thorough=True)

    def examples(self, pairs: list[tuple[str, str]]) -> Examples:
        """Return the features of the proposals, and whether each is what the target says."""
        source, target = "\n".join(s for s, _ in pairs), "\n".join(t for _, t in pairs)
        places = list(pieces_of(source))
        laid = LaidOut([piece for _, piece in places])
        found = self.proposer.look(laid.text)
        rows = self.knowledge.features.rows(laid.text, found)
        odds = log_odds(self.knowledge.corrector.acceptance.probability(rows))
        numbers, asked = laid.asked(found)
        open_ = [i for i, number in enumerate(numbers) if odds[number] >= HOPELESS]
        own = np.array([numbers[i] for i in open_], np.int64)
        table = self.opinion.rows([asked[i] for i in open_], rows[own], odds[own])
        right = []
        for proposal in (found.proposals[number] for number in own.tolist()):
            places_of = [int(found.tokens.offsets[at]) for at, _ in proposal.options]
            owner = laid.owner(places_of[0])
            shift = places[owner][0] - laid.starts[owner]
            right.append(
                all(target[at + shift] == o.symbol for at, (_, o) in zip(places_of, proposal.options, strict=True))
            )
        worth = ~np.isnan(table[:, -1])
        return table[worth], np.array(right, bool)[worth]

    def all_examples(self, pairs: list[tuple[str, str]]) -> Examples:
        """Return the same of many pairs."""
        same = [(source, target) for source, target in pairs if len(source) == len(target)]
        parts = [self.examples(same[at : at + LOT]) for at in range(0, len(same), LOT)]
        return np.vstack([rows for rows, _ in parts]), np.concatenate([right for _, right in parts])


def draw_unseen(paths: list[Path], count: int, seed: int) -> list[str]:
    """Return ``count`` lines of text that the network was not trained on, evenly from each corpus."""
    rng = random.Random(seed)
    drawn = []
    for path in paths:
        pool = [line for line in unseen_lines(path) if SHORTEST <= len(line) <= LONGEST]
        drawn += rng.sample(pool, min(len(pool), count // len(paths)))
    rng.shuffle(drawn)
    return drawn


def fit(made: Examples, clean: Examples, true: Examples, out: Path) -> None:
    """Fit the trees and write them."""
    each = ((made, 1.0), (clean, CLEAN_WEIGHT), (true, PAIR_WEIGHT))
    rows, right = (np.concatenate([examples[column] for examples, _ in each]) for column in (0, 1))
    weights = np.concatenate([np.full(len(examples[1]), weight) for examples, weight in each])
    first = len(made[1]) + len(clean[1])
    fold = np.concatenate([np.full(first, FOLDS), np.arange(len(true[1])) * FOLDS // len(true[1])])
    held_out = np.zeros(len(true[1]))
    for number in range(FOLDS):
        seen = fold != number
        model = HistGradientBoostingClassifier(**TREES).fit(rows[seen], right[seen], weights[seen])
        held_out[~seen[first:]] = model.predict_proba(rows[~seen])[:, 1]
    order = np.argsort(-held_out)
    precision = np.cumsum(true[1][order]) / np.arange(1, len(order) + 1)
    for bar in (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9):
        count = int((held_out >= bar).sum())
        print(f"held out, from {bar}: {count} proposals, {precision[count - 1]:.3f} right")
    point = float(held_out[order[np.flatnonzero(precision >= PRECISION)[-1]]])
    model = HistGradientBoostingClassifier(**TREES).fit(rows, right, weights)
    acceptance = Knowledge(Settings(neural=False)).corrector.acceptance
    stored = export(model, FEATURES, acceptance.threshold, acceptance.suggest)
    moved = log_odds(np.array([acceptance.threshold, point]))
    stored["baseline"] = round(stored["baseline"] + float(moved[0] - moved[1]), 6)
    out.write_text(json.dumps(stored, separators=(",", ":")), encoding="utf-8")
    print(f"{len(right):,} examples, {right.mean():.1%} right; {point:.3f} becomes {acceptance.threshold}")


def main() -> None:
    """Collect examples, fit, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", nargs="+", type=Path)
    parser.add_argument("--pairs", type=Path, required=True)
    parser.add_argument("--lines", type=int, default=16_000)
    parser.add_argument("--clean", type=int, default=30_000)
    parser.add_argument("--out", type=Path, default=SHIPPED)
    given = parser.parse_args()
    collector = Collector()
    made = collector.all_examples(make_pairs(draw_unseen(given.corpora, given.lines, SEED), SEED))
    clean = collector.all_examples([(line, line) for line in draw_unseen(given.corpora, given.clean, CLEAN_SEED)])
    fit(made, clean, collector.all_examples(read_pairs(given.pairs)), given.out)
    OpinionModel(given.out)  # what was written can be read


if __name__ == "__main__":
    main()
