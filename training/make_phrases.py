"""Writes the known phrases: what clean text shows to be a term, counted over its paragraphs; no text is kept.

usage: python -m training.make_phrases CORPUS.zst …
"""

from __future__ import annotations

import argparse
from collections import Counter
from itertools import islice
from pathlib import Path

from pipeline.analysis.terms import HAN, TermCounts, candidates, cohesion, tokeniser
from pipeline.lexicons.plan_words import load_plan_words
from pipeline.lexicons.tables import HERE
from training.corpus import read_lines

LEAST_COUNT, LEAST_COHESION = 15, 0.2
MOST_WORDS = 3
SHARE = 2  # every second paragraph
PRUNE_AT = 3_000_000  # candidates held while counting
HEADER = "# Known phrases of formal Chinese, written by training/make_phrases.py: see SOURCES.md\n"


def main() -> None:
    """Count, choose and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", nargs="+", type=Path)
    counts = TermCounts()
    words, cut = load_plan_words(), tokeniser()  # known phrases play no part in them
    for path in parser.parse_args().corpora:
        for line in islice(read_lines(path), 0, None, SHARE):
            counts.chars += len(line)
            for stretch in HAN.findall(line):
                pieces = cut.words(stretch)
                counts.words.update(piece for piece in pieces if len(piece) > 1)
                for run in cut.runs(pieces):
                    counts.phrases.update(
                        phrase
                        for phrase in candidates(run)
                        if len(phrase) <= MOST_WORDS and not any(word in words.verbs for word in phrase)
                    )
            if len(counts.phrases) > PRUNE_AT:
                counts.phrases = Counter({phrase: count for phrase, count in counts.phrases.items() if count > 1})
    found = {
        "".join(phrase): phrase
        for phrase, count in sorted(counts.phrases.items())
        if count >= LEAST_COUNT
        and phrase[-1] != "工作"
        and phrase[0] not in words.actions
        and cohesion(phrase, counts) >= LEAST_COHESION
    }
    (HERE / "plan_phrases.txt").write_text(
        HEADER + "".join(f"{' '.join(phrase)}\n" for _, phrase in sorted(found.items())), encoding="utf-8"
    )
    print(f"{len(found):,} phrases from {counts.chars:,} characters")


if __name__ == "__main__":
    main()
