"""Train the judge of the second opinion: writes ``pipeline/lm/opinion.json``.

usage: train_opinion.py CORPUS.zst [CORPUS.zst …] --pairs cscd_dev.tsv [--lines 48000] [--clean 120000] [--jobs 2]

Examples are the proposals that the corrector shows to the network when it is asked of every sentence:

- in lines of the corpora that the network was not trained on, half of them left as they are, others damaged;
- in further such lines, all left as they are, each counted :data:`CLEAN_WEIGHT` times: a right character that is
  changed is worse than a wrong one that is left;
- in the odd lines of the sentence pairs (source TAB target), each counted :data:`PAIR_WEIGHT` times.

The corpora have mistakes of their own: of the hundred changes of lines taken as clean that the trees believed in most,
half were right, and a quarter could be made or left. What a reader found of them is in ``errata.tsv``
(:mod:`training.errata`): right ones are right here, and what may be made or left is no example; so it is with what the
pairs leave wrong. ``--doubtful FILE`` writes what else in clean lines the trees believe in, to be read next.

The operating point is that of the first judge: the trees' baseline is moved so that its threshold is where so many
(:data:`CHANGED`) of the clean lines would be changed wrongly by trees that did not see them. What these make of pairs
that they did not see is printed.

The first judge has learnt on these pairs, too: what it makes of them is no feature, or the second one would trust it
blindly (on other lines it then found a quarter less).

Runs in about a quarter of an hour on two cores with wide instructions for 8-bit sums; the same input gives the same
file on the same kind of processor.
"""

from __future__ import annotations

import argparse
import json
import random
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from zlib import crc32

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

from pipeline.knowledge import Knowledge
from pipeline.lm.corrector import Corrector, LaidOut, pieces_of
from pipeline.lm.network import Network
from pipeline.lm.opinion import FEATURES, SHIPPED, OpinionModel, SecondOpinion, log_odds
from pipeline.lm.proposals import WIDE, Proposer
from pipeline.settings import Settings
from training.errata import COLUMNS, Verdict, digest, read_errata, shown
from training.network.data import unseen_lines
from training.train_acceptance import make_pairs, read_pairs
from training.trees import FOLDS, export, held_out_probability

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from training.errata import Errata

PAIR_WEIGHT, CLEAN_WEIGHT = 24.0, 12.0
CHANGED = 0.0015  # share of held-out clean lines: so that the floors of benchmarks/floors.json hold with a margin
DOUBTFUL = 0.2  # probability from which a change of a clean line is worth a reader's look
SEED, CLEAN_SEED = 7, 101
SHORTEST, LONGEST = 15, 400  # characters of a line
LOT = 50  # pairs looked at together
TREES: dict[str, Any] = {
    "max_iter": 500,
    "learning_rate": 0.04,
    "max_leaf_nodes": 15,
    "max_depth": 8,
    "max_features": 0.3,
    "min_samples_leaf": 100,
    "l2_regularization": 40.0,
    "random_state": SEED,
}


class Examples(NamedTuple):
    """Proposals: ``rows`` of features, whether each is ``right``, its ``line``; ``lines`` as they should be.

    ``changes`` says of each what it would change: ``3件建`` puts 建 for the 件 at offset 3, several stand with blanks.
    """

    rows: NDArray[np.float32]
    right: NDArray[np.bool_]
    line: NDArray[np.int64]
    lines: list[str]
    changes: list[str]

    def mended(self, errata: Errata) -> Examples:
        """Return them with what is known to be wrong in the corpora: right there, and without what is open."""
        known = [errata.get((digest(self.lines[n]), c)) for n, c in zip(self.line.tolist(), self.changes, strict=True)]
        right = self.right | np.array([verdict is Verdict.WRONG for verdict in known], bool)
        kept = np.flatnonzero([verdict is not Verdict.OPEN for verdict in known])
        changes = [self.changes[number] for number in kept.tolist()]
        return self._replace(rows=self.rows[kept], right=right[kept], line=self.line[kept], changes=changes)

    def fold(self) -> NDArray[np.int64]:
        """Return a number below :data:`FOLDS` for each proposal: the same for the same line, wherever it was drawn."""
        return np.array([crc32(line.encode()) % FOLDS for line in self.lines], np.int64)[self.line]


class Collector:
    """Looks at pairs as the corrector does with ``--thorough`` and keeps what the second judge would be asked."""

    def __init__(self) -> None:
        knowledge = Knowledge(Settings(lexicon=False, neural=False))
        tables = knowledge.proposer.tables
        self.opinion = SecondOpinion(Network(), None, tables, thorough=True)
        proposer = Proposer(knowledge.proposer.model, tables, WIDE)
        self.corrector = Corrector(proposer, knowledge.features, knowledge.corrector.acceptance, self.opinion)

    def examples(self, pairs: list[tuple[str, str]]) -> Examples:
        """Return the proposals for some pairs; right is what the target says."""
        source, target = "\n".join(s for s, _ in pairs), "\n".join(t for _, t in pairs)
        places = list(pieces_of(source))
        laid = LaidOut([piece for _, piece in places])
        found, rows, first, asked = self.corrector.examine(laid)
        own = np.array([one.number for one in asked], np.int64)
        table = self.opinion.rows(asked, rows[own], log_odds(first[own]))
        starts = np.cumsum([0] + [len(line) + 1 for line, _ in pairs])
        right, lines, changes = [], [], []
        for proposal in (found.proposals[number] for number in own.tolist()):
            at = [int(found.tokens.offsets[token]) for token, _ in proposal.options]
            owner = laid.owner(at[0])
            shift = places[owner][0] - laid.starts[owner]
            after = {place + shift: option.symbol for place, (_, option) in zip(at, proposal.options, strict=True)}
            right.append(all(target[place] == char for place, char in after.items()))
            lines.append(int(np.searchsorted(starts, at[0] + shift, "right")) - 1)
            begin = int(starts[lines[-1]])
            changes.append(" ".join(f"{place - begin}{source[place]}{char}" for place, char in after.items()))
        worth = np.flatnonzero(~np.isnan(table[:, -1]))
        kept, line = [changes[number] for number in worth.tolist()], np.array(lines, np.int64)[worth]
        return Examples(table[worth], np.array(right, bool)[worth], line, [target for _, target in pairs], kept)


def collect(pairs: list[tuple[str, str]], jobs: int) -> Examples:
    """Return the examples of many pairs, looked at by so many processes."""
    same = [(source, target) for source, target in pairs if len(source) == len(target)]
    lots = [same[at : at + LOT] for at in range(0, len(same), LOT)]
    with ProcessPoolExecutor(jobs) as pool:
        parts = list(pool.map(_examples, lots))
    before = np.cumsum([0] + [len(part.lines) for part in parts])
    line = np.concatenate([part.line + first for part, first in zip(parts, before.tolist(), strict=False)])
    rows, right = (np.concatenate([part[column] for part in parts]) for column in (0, 1))
    changes = [change for part in parts for change in part.changes]
    return Examples(rows, right, line, [target for _, target in same], changes)


@cache
def _collector() -> Collector:
    return Collector()


def _examples(pairs: list[tuple[str, str]]) -> Examples:
    return _collector().examples(pairs)


def draw_unseen(paths: list[Path], count: int, seed: int) -> list[str]:
    """Return up to ``count`` lines that the network was not trained on, each once, evenly from each corpus."""
    rng = random.Random(seed)
    drawn = []
    for path in paths:
        pool = [line for line in unseen_lines(path) if SHORTEST <= len(line) <= LONGEST]
        drawn += rng.sample(pool, min(len(pool), count // len(paths)))
    rng.shuffle(drawn)
    return list(dict.fromkeys(drawn))


def fit(made: Examples, clean: Examples, true: Examples, out: Path) -> NDArray[np.float64]:
    """Fit the trees and write them; return what trees that did not see them make of the clean lines' proposals."""
    each = ((made, 1.0), (clean, CLEAN_WEIGHT), (true, PAIR_WEIGHT))
    rows, right = (np.concatenate([examples[column] for examples, _ in each]) for column in (0, 1))
    weights = np.concatenate([np.full(len(examples.right), weight) for examples, weight in each])
    # A line may be among those made and the clean ones: it is in one fold all the same.
    fold = np.concatenate([examples.fold() for examples, _ in each])
    held_out = held_out_probability(rows, right, fold, TREES, weights)
    first = len(made.right)
    of_clean, of_true = held_out[first : first + len(clean.right)], held_out[first + len(clean.right) :]
    surest, wrong = np.zeros(len(clean.lines)), ~clean.right
    np.maximum.at(surest, clean.line[wrong], of_clean[wrong])
    points = {share: _bar(surest, share) for share in (CHANGED / 2, CHANGED, 2 * CHANGED)}
    for share, point in points.items():
        taken = of_true > point
        found = true.right[taken].sum() / true.right.sum()
        print(
            f"held out, from {point:.3f}: {share:.2%} of clean lines changed; of the {taken.sum()} proposals for pairs "
            f"{true.right[taken].mean():.3f} are right, {found:.3f} of the right ones are found"
        )
    model = HistGradientBoostingClassifier(**TREES).fit(rows, right, weights)
    acceptance = Knowledge(Settings(neural=False)).corrector.acceptance
    stored = export(model, FEATURES, acceptance.threshold, acceptance.suggest)
    moved = log_odds(np.array([acceptance.threshold, points[CHANGED]]))
    stored["baseline"] = round(stored["baseline"] + float(moved[0] - moved[1]), 6)
    out.write_text(json.dumps(stored, separators=(",", ":")), encoding="utf-8")
    print(f"{len(right):,} examples, {right.mean():.1%} right; {points[CHANGED]:.3f} becomes {acceptance.threshold}")
    return of_clean


def write_doubtful(clean: Examples, chances: NDArray[np.float64], out: Path) -> None:
    """Write what the trees would change in clean lines and the errata do not list, the surest first."""
    order = np.argsort(-chances, kind="stable")
    rows = ["\t".join((*COLUMNS, "probability", "text"))]
    for number in order[(chances >= DOUBTFUL)[order] & ~clean.right[order]].tolist():
        line, change = clean.lines[clean.line[number]], clean.changes[number]
        rows.append(f"{digest(line)}\t{change}\t\t{chances[number]:.2f}\t{shown(line, change)}")
    out.write_text("\n".join(rows) + "\n", encoding="utf-8")


def _bar(surest: NDArray[np.float64], share: float) -> float:
    """Return the probability that so large a share lies above."""
    return float(np.sort(surest)[::-1][int(share * len(surest))])


def main() -> None:
    """Collect examples, fit, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", nargs="+", type=Path)
    parser.add_argument("--pairs", type=Path, required=True)
    parser.add_argument("--lines", type=int, default=48_000)
    parser.add_argument("--clean", type=int, default=120_000)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--doubtful", type=Path, help="write what a reader might judge next")
    parser.add_argument("--out", type=Path, default=SHIPPED)
    given = parser.parse_args()
    errata = read_errata()
    made = collect(make_pairs(draw_unseen(given.corpora, given.lines, SEED), SEED), given.jobs).mended(errata)
    lines = draw_unseen(given.corpora, given.clean, CLEAN_SEED)
    clean = collect([(line, line) for line in lines], given.jobs).mended(errata)
    chances = fit(made, clean, collect(read_pairs(given.pairs), given.jobs).mended(errata), given.out)
    if given.doubtful:
        write_doubtful(clean, chances, given.doubtful)
    OpinionModel(given.out)  # what was written can be read


if __name__ == "__main__":
    main()
