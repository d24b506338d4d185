"""What candidate search needs beside the model: writes ``pipeline/lm/candidates.npz``.

usage: make_tables.py [--out FILE]

- ``chars``: the characters that may be proposed or stand as context: the most frequent ones of GB 2312, by the
  model's unigrams;
- for every character U+3400–U+9FFF its confusion set: same sound, near sound (pypinyin's readings), look-alikes
  (shapes.tsv),
  simplified and variant forms (opencc, variants.tsv), each with the kind of likeness and, for shapes, the similarity;
- the model's bigrams of ``chars``, for a first cheap look at a candidate's neighbours.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from pathlib import Path

import kenlm
import numpy as np

from pipeline.knowledge import Knowledge
from pipeline.lexicons.tables import load_shapes
from pipeline.lm.candidates import FIRST_CHAR, KINDS, LEVELS, SPECIAL, VOCABULARY
from pipeline.lm.model import SHIPPED, WORDS
from pipeline.lm.tokens import BEGIN
from pipeline.settings import Settings
from training.sounds import blurred, readings, slips

OUT = SHIPPED.with_name("candidates.npz")
NEAR_FROM = 2500  # the same for a sound that is only near
SLIP_FROM = 500  # only so many of the most frequent characters are proposed for a slip of one key


def vocabulary(model: kenlm.Model) -> list[str]:
    """Return the most frequent characters of GB 2312, most frequent first."""
    empty, out = kenlm.State(), kenlm.State()
    model.NullContextWrite(empty)
    score = {}
    for code in range(0x4E00, 0xA000):
        char = chr(code)
        try:
            char.encode("gb2312")
        except UnicodeEncodeError:
            continue
        full = model.BaseFullScore(empty, char, out)
        if not full.oov:
            score[char] = full.log_prob
    return sorted(score, key=lambda c: (-score[c], c))[: VOCABULARY - len(SPECIAL)]


def confusions(chars: list[str]) -> dict[str, dict[str, tuple[int, int]]]:
    """Return source → target → (kind, similarity in percent); the closest kind wins."""
    rank = {char: i for i, char in enumerate(chars)}
    by_sound, by_syllable, by_blur = defaultdict(set), defaultdict(set), defaultdict(set)
    for char in chars:
        for syllable, tone in readings(char):
            by_sound[syllable, tone].add(char)
            by_syllable[syllable].add(char)
            if rank[char] < NEAR_FROM:
                by_blur[blurred(syllable)].add(char)
    frequent = chars[:SLIP_FROM]
    spoken_as = {s: {c for c in frequent if s in {x for x, _ in readings(c)}} for s in by_syllable}
    by_slip = {s: set().union(*(spoken_as[other] for other in slips(s, by_syllable))) for s in by_syllable}
    shapes = load_shapes()
    simple = Knowledge(Settings()).script.single
    table: dict[str, dict[str, tuple[int, int]]] = {}
    for code in range(FIRST_CHAR, 0xA000):
        char, found = chr(code), {}
        alike = {c: s for c, s in shapes.get(char, {}).items() if c in rank}
        spoken = readings(char)
        layers = [
            ("variant", {simple[char]} & rank.keys() if char in simple else set()),
            ("sound", set().union(*(by_sound[r] for r in spoken)) if spoken else set()),
            ("syllable", set().union(*(by_syllable[s] for s, _ in spoken)) if spoken else set()),
            ("near", set().union(*(by_blur[blurred(s)] for s, _ in spoken)) if spoken else set()),
            ("shape", set(alike)),
            ("slip", set().union(*(by_slip.get(s, set()) for s, _ in spoken)) if spoken else set()),
        ]
        for kind, targets in layers:
            for target in targets - {char}:
                found.setdefault(target, (KINDS.index(kind), alike.get(target, 0)))
        table[char] = found
    return table


def bigrams(model: kenlm.Model, chars: list[str]) -> dict[str, np.ndarray]:
    """Return the seen bigrams over the vocabulary: steps between their numbers, scores; with unigrams and back-offs."""
    words = [*SPECIAL, *chars]
    empty, out, unused = kenlm.State(), kenlm.State(), kenlm.State()
    model.NullContextWrite(empty)
    unigram = np.array([model.BaseScore(empty, WORDS.get(word, word), out) for word in words], np.float32)
    keys, values, backoff = [], [], np.zeros(len(words), np.float32)
    for i, left in enumerate(words):
        state = kenlm.State()
        if left == BEGIN:
            model.BeginSentenceWrite(state)
        else:
            model.BaseScore(empty, WORDS.get(left, left), state)
        for j, right in enumerate(words):
            full = model.BaseFullScore(state, WORDS.get(right, right), unused)
            if full.ngram_length >= 2:
                keys.append(i * VOCABULARY + j)
                values.append(full.log_prob)
            else:
                backoff[i] = full.log_prob - unigram[j]
    quantised = np.clip(np.round(-np.array(values) * LEVELS), 0, 255).astype(np.uint8)
    steps = np.diff(np.array(keys, np.uint32), prepend=0).astype(np.uint32)
    return {"unigram": unigram, "backoff": backoff, "steps": steps, "scores": quantised}


def main() -> None:
    """Make all tables and write them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=OUT)
    given = parser.parse_args()
    model = kenlm.Model(str(SHIPPED))
    chars = vocabulary(model)
    place = {char: i + len(SPECIAL) for i, char in enumerate(chars)}
    table = confusions(chars)
    rows = [
        [(place[t], *kind) for t, kind in sorted(targets.items(), key=lambda x: place[x[0]])]
        for targets in table.values()
    ]
    flat = np.array([cell for row in rows for cell in row])
    np.savez_compressed(
        given.out,
        chars=np.array("".join(chars)),
        starts=np.cumsum([0, *map(len, rows)]).astype(np.uint32),
        targets=flat[:, 0].astype(np.uint16),
        kinds=flat[:, 1].astype(np.uint8),
        likeness=flat[:, 2].astype(np.uint8),
        **bigrams(model, chars),
    )
    print(f"{len(chars)} characters, {len(flat)} confusions, {given.out.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
