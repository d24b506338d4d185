"""Train what tells a mask that stands for a known word from any other: writes ``pipeline/rules/masks.json``.

usage: train_masks.py CORPUS.zst [CORPUS.zst …] [--documents 3000] [--network]

In passages of clean text one or two words of ``masked.tsv`` are masked wherever they stand, and beside them names and
other words that the list does not hold, by the same mask; each mask is an example: right when the best word is the one
that stood there. The operating point is set by models that did not see the passages. With ``--network`` it writes
``masks_network.json``: the network has its say, and the passages are of text that it was not trained on.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from itertools import islice, takewhile
from typing import TYPE_CHECKING, Any

import jieba

from pipeline.knowledge import Knowledge
from pipeline.lexicons.tables import load_masked, load_words
from pipeline.rules.masks import FEATURES, HEARD_FEATURES, SHIPPED, WITH_NETWORK
from pipeline.settings import Settings
from training.corpus import draw_documents, read_lines
from training.damage import is_chinese
from training.network.data import unseen_lines
from training.trees import Bar, Examples, arguments

if TYPE_CHECKING:
    from collections.abc import Mapping


MASKS = ("xxx", "xx", "xxxx", "××", "×××", "**", "***", "□□", "某某")
NAMES, OTHERS = (0, 0, 0, 0, 0, 1, 3), (0, 0, 0, 0, 0, 0, 0, 1)  # masked beside the words of the list
LEAKS = (0.0, 0.0, 0.0, 0.05)  # share of the places that a filter overlooks
PRECISION, HEARD_PRECISION = 0.989, 0.996  # the second: with the network
SUGGESTED = 1 / 3  # of the threshold
SEED = 13
TREES: dict[str, Any] = {
    "max_iter": 100,
    "learning_rate": 0.08,
    "max_leaf_nodes": 15,
    "max_depth": 6,
    "min_samples_leaf": 40,
    "l2_regularization": 20.0,
    "random_state": SEED,
}


def mask(text: str, words: Mapping[str, float], rng: random.Random) -> tuple[str, dict[int, str]]:
    """Return the text with some words masked, and start → word of each mask."""
    standing = {word: weight for word, weight in words.items() if word in text}
    common = [w for w, n in Counter(jieba.cut(text, HMM=False)).items() if len(w) > 1 and is_chinese(w) and n < 20]
    names = [word for word in common if load_words().names.__contains__(word)]
    count = rng.choice((1, 1, 2, 2, 3))
    chosen = {rng.choices(list(standing), list(standing.values()))[0] for _ in range(count)} if standing else set()
    others = rng.sample(names, min(len(names), rng.choice(NAMES)))
    others += rng.sample(common, min(len(common), rng.choice(OTHERS)))
    if not chosen and not others:
        return text, {}
    form = rng.choice(MASKS)
    pattern = re.compile("|".join(map(re.escape, sorted({*chosen, *others}, key=lambda word: (-len(word), word)))))
    parts, places, at, size, leak = [], {}, 0, 0, rng.choice(LEAKS)
    for match in pattern.finditer(text):
        if rng.random() < leak:
            continue
        parts += [text[at : match.start()], form]
        size += match.start() - at
        places[size] = match[0]
        size += len(form)
        at = match.end()
    return "".join([*parts, text[at:]]), places


def main() -> None:
    """Mask, look, fit, write."""
    given = arguments(__doc__, 3000, SHIPPED, WITH_NETWORK)
    knowledge = Knowledge(Settings(neural=given.network))
    table, words, rng = knowledge.mask_table, load_masked(), random.Random(SEED)
    examples = Examples()
    lines_of = unseen_lines if given.network else read_lines
    texts = iter(draw_documents(given.corpora, given.documents, SEED, lines_of=lines_of))
    passages = ("\n".join(islice(texts, rng.choice((1, 1, 3, 6)))) for _ in range(given.documents))
    for text in takewhile(bool, passages):
        source, places = mask(text, words, rng)
        ((found, rows),) = table.slots([source])
        examples.add(rows, [places.get(slot.start) == slot.word for slot in found])
    if given.network:
        examples.train(given.out, HEARD_FEATURES, TREES, Bar(HEARD_PRECISION, SUGGESTED))
    else:
        examples.train(given.out, FEATURES, TREES, Bar(PRECISION, SUGGESTED))


if __name__ == "__main__":
    main()
