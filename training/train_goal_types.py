"""Train what tells the types of goals apart where cues do not: writes ``pipeline/analysis/goal_types.json``.

usage: train_goal_types.py CORPUS.zst [CORPUS.zst …] [--taxonomy FILE.toml] [--lines 600000] [--out FILE.json]

Examples are clauses of clean text in which the cues of one type alone stand. A tenth of them, without their cues, tells
how often the model is right; it is then trained on all.
"""

from __future__ import annotations

import argparse
from collections import Counter
from itertools import islice
from pathlib import Path

from pipeline.analysis.examples import choose, sure_cases, teach
from pipeline.analysis.goal_types import SHIPPED
from pipeline.lexicons.goals import HERE, load_taxonomy
from training.corpus import read_lines

HELD = 0.1


def main() -> None:
    """Gather, measure, fit, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", nargs="+", type=Path)
    parser.add_argument("--taxonomy", type=Path, default=HERE / "goal_types.toml")
    parser.add_argument("--lines", type=int, default=600_000)
    parser.add_argument("--out", type=Path, default=SHIPPED)
    given = parser.parse_args()
    taxonomy = load_taxonomy(given.taxonomy)
    lines = (line for path in given.corpora for line in islice(read_lines(path), given.lines))
    examples = choose(sure_cases(lines, taxonomy))
    held = [one for one in examples if one.draw * 13 % 1 < HELD]
    model = teach((one for one in examples if one.draw * 13 % 1 >= HELD), taxonomy)
    counts, right = Counter(one.goal_type for one in held), Counter[str]()
    for one in held:
        scores = model.scores(one.bare)
        right[one.goal_type] += taxonomy.ids[scores.index(max(scores))] == one.goal_type
    for name in taxonomy.ids:
        print(f"{name:<28} {right[name]:>4} of {counts[name]:>4} right without their cues")
    print(f"all {sum(right.values()) / max(1, len(held)):.3f} of {len(held)}")
    given.out.write_bytes(teach(examples, taxonomy).dump())


if __name__ == "__main__":
    main()
